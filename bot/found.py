"""What a look-up brought, and how sure it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

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
    slow: Mapping[ProviderName, str] = field(
        default_factory=dict
    )  # the silent that may still answer, for `find_again`
    meant: TargetRef | None = (
        None  # nothing came yet, but an id names just this: to be fetched with more time
    )
    older: datetime | None = None  # ask again with `before` = this for more
    by_hand: tuple[Target, ...] = ()  # when nothing was found: what a person could take back by hand instead


def judged(index: Sequence[Match], answers: Iterable[Target], silent: tuple[str, ...], limit: int) -> Found:
    """Weigh what the index and the vendors found: what fits surely, else the nearest misspellings."""
    sure = unique([*(match.target for match in index if not match.fuzzy), *answers])
    if sure:
        # A vendor that did not answer may know another one, so a single match is not certain then.
        return Found(targets=tuple(sure[:limit]), certain=len(sure) == 1 and not silent, silent=silent)
    near = tuple(match.target for match in index if match.fuzzy)[:NEAREST]
    return Found(nearest=near, silent=silent)


def unique(targets: Iterable[Target]) -> list[Target]:
    """Keep each target once, as it was named last."""
    return list({each.ref: each for each in reversed(list(targets))}.values())[::-1]
