"""Looking after the memory while the bot runs: damage is looked for piece by piece, and what is old is let go.

Sweeps, called by the schedule. None of them is in a hurry: while recalls run, damage is not looked for.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.ports import Clock, Upkept

log = logging.getLogger(__name__)

BREATH = 0.05
"""Seconds between two pieces that are let go, so that whoever else wants to write comes first."""

ROUND = timedelta(days=7)
"""How long after one look at everything the next one begins."""


@dataclass(slots=True, kw_only=True)
class Upkeep:
    """Keeps an eye on the memory. `damage` is what was found, as a full sentence."""

    memory: Upkept
    clock: Clock
    busy: Callable[[], bool]  # whether recalls run just now
    keep: timedelta | None = None  # what is older is let go; None: nothing is
    breath: float = BREATH
    damage: str | None = None
    _left: list[str] = field(default_factory=list)
    _next_round: datetime | None = None

    async def tidy(self) -> None:
        """Let go of what is old, piece by piece, until nothing is left or a recall begins."""
        await self.memory.forget_old()
        if self.keep is None:
            return
        before = self.clock.now() - self.keep
        while not self.busy() and await self.memory.forget(before):  # noqa: ASYNC110 - a breath, no waiting for anything
            await asyncio.sleep(self.breath)

    async def look_on(self) -> None:
        """Look through the next piece of the memory; after the last one rest for a week. Twice at a time is not meant."""
        now = self.clock.now()
        if self.busy() or self.damage is not None:
            return
        if not self._left:
            if self._next_round is not None and now < self._next_round:
                return
            self._left, self._next_round = list(await self.memory.pieces()), now + ROUND
        piece = self._left[0]
        self.damage = await self.memory.damage(piece)
        self._left.remove(piece)
        if self.damage is not None:
            log.error("%s", self.damage)
