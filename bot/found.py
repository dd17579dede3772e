"""What a look-up brought, and how sure it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.errors import ProviderOffError, ProviderRefusedError
from bot.ports import Match
from bot.target import ProviderName, Target, TargetRef

NEAREST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a look-up brought."""

    targets: tuple[Target, ...] = ()  # newest first; for a search: best first
    certain: bool = False  # exactly one, and not by misspelling: straight to its card
    nearest: tuple[Target, ...] = ()  # "did you mean", when nothing was found
    silent: tuple[str, ...] = ()  # vendors that did not answer, by name
    refusing: tuple[str, ...] = ()  # what vendors said that answered with a no, as sentences
    slow: Mapping[ProviderName, str] = field(
        default_factory=dict
    )  # the silent that may still answer, for `find_again`
    meant: TargetRef | None = (
        None  # nothing came yet, but an id names just this: to be fetched with more time
    )
    older: datetime | None = None  # ask again with `before` = this for more
    by_hand: tuple[Target, ...] = ()  # when nothing was found: what a person could take back by hand instead

    @property
    def whole(self) -> bool:
        """Whether every vendor that was asked has had its say."""
        return not self.silent and not self.refusing


def judged(index: Sequence[Match], answers: Iterable[Target], limit: int, *, whole: bool) -> Found:
    """Weigh what the index and the vendors found: what fits surely, else the nearest misspellings.

    `whole`: every vendor has answered; one that has not may know another one, so a single match is not certain.
    """
    sure = unique([*(match.target for match in index if not match.fuzzy), *answers])
    if sure:
        return Found(targets=tuple(sure[:limit]), certain=len(sure) == 1 and whole)
    return Found(nearest=tuple(match.target for match in index if match.fuzzy)[:NEAREST])


def refusals(failed: Mapping[ProviderName, Exception]) -> dict[ProviderName, str]:
    """Pick those that asking again will not help: the vendor says no, a token is void, an address is wrong."""
    no = (ProviderRefusedError, ProviderOffError)
    return {name: error.sentence for name, error in failed.items() if isinstance(error, no)}


def unique(targets: Iterable[Target]) -> list[Target]:
    """Keep each target once, as it was named last."""
    return list({each.ref: each for each in reversed(list(targets))}.values())[::-1]
