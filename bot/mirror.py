"""The mirror: what vendors tell of by themselves, copied to where the team sees it, and marked once it is recalled.

A copy is kept before anybody is told; a recall that is done marks its copy in the same transaction. So each copy is
posted once, and says in the end what became of the original.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.errors import NotFoundError
from bot.lookup import Lookup
from bot.ports import Clock, Letter, Listener, Sighting
from bot.recall import Recall
from bot.target import ProviderName, Target, TargetRef

SETTLE = timedelta(seconds=15)
"""How long a deletion that a vendor tells of is kept back: if it is our own recall's, the copy says whose it was."""


GONE = "gone"
"""What a copy says whose original was deleted at the vendor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One copy that the channel has yet to be told of: posted, or brought up to date."""

    id: int
    key: str  # unique and stable; goes into the message's metadata, to find it again
    target: Target  # as it was first seen
    channel: str
    at: datetime  # when it was first seen
    ts: str | None = None  # None until it has been posted
    recall: Recall | None = None  # the recall that took the original back
    gone: datetime | None = None  # when the vendor told that the original was deleted there
    tries: int = 0
    ambiguous: bool = False  # an earlier try may have reached the channel: look for the key before posting

    @property
    def says(self) -> str:
        """Name what the copy has to say besides the text itself: nothing, that it is gone, or whose recall it was."""
        if self.recall is not None:
            return self.recall.id
        return GONE if self.gone is not None else ""


class Copies(Protocol):
    """Memory of the copies. Implemented by storage."""

    async def keep_copy(self, sighting: Sighting, at: datetime) -> bool:
        """Write down that something shall be copied; False: its target is known already. Raises StorageError."""
        ...

    async def copies_due(self, now: datetime, limit: int = 50) -> Sequence[Copy]:
        """List copies to be posted or brought up to date now, oldest first."""
        ...

    async def copy_sending(self, copy: int) -> None:
        """Note durably that a try begins. After a crash it is ambiguous."""
        ...

    async def copy_gone(self, ref: TargetRef, at: datetime, *, not_before: datetime) -> None:
        """Note that the vendor deleted an original; its copy says so then, unless a recall turns out to have done it."""
        ...

    async def copy_stands(self, copy: int, ts: str, *, says: str) -> None:
        """Note that it stands, and what it says (`Copy.says`); where it has more to say by now, it is due again."""
        ...

    async def copy_later(self, copy: int, not_before: datetime, *, ambiguous: bool) -> None:
        """Try again at that time."""
        ...

    async def drop_copy(self, copy: int, why: str) -> None:
        """Give up on a copy. Kept with the reason."""
        ...


class Mirror:
    """Takes in what vendors send by themselves."""

    def __init__(self, *, lookup: Lookup, copies: Copies, clock: Clock, wake: Callable[[], None]) -> None:
        """Wire it. `wake` rouses whoever posts the copies."""
        self._lookup = lookup
        self._copies = copies
        self._clock = clock
        self._wake = wake

    async def heard(self, provider: str, letter: Letter) -> None:
        """Keep what a vendor says was sent. A repeated letter changes nothing.

        Raises:
            NotFoundError: no provider of that name listens.
            NotAllowedError: the letter is not proven to come from the vendor.
            ProviderConfusingError: it does, and can't be understood.
            StorageError: it could not be kept.
        """
        listener = self._lookup.provider(ProviderName(provider))
        if not isinstance(listener, Listener):
            raise NotFoundError(f"{provider} is sent nothing.")
        for sighting in listener.hear(letter):
            now = self._clock.now()
            if sighting.gone:
                await self._copies.copy_gone(sighting.target.ref, now, not_before=now + SETTLE)
            else:
                await self._copies.keep_copy(sighting, now)
        self._wake()
