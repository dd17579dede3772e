"""Customers who were offline when a message was taken back: the thread is told once they have lost it too.

Where the vendor tells who is online, it is asked for as long as outcomes are looked for; where it does not, the thread
has said already that it can't be known.
"""

import logging
from contextlib import suppress

from bot.errors import NotFoundError, ProviderError
from bot.lookup import Lookup
from bot.ports import TOLD, Clock, Provider, Reaching, Records
from bot.recall import Kind, NotNowError, Recall, RecallId, State, step

log = logging.getLogger(__name__)

MOST = 100
"""How many of the newest recalls are looked at; whose window has gone by is among older ones."""


class Reconnecting:
    """Looks again at what is done, but was not yet gone from everybody's window."""

    def __init__(self, *, records: Records, lookup: Lookup, clock: Clock) -> None:
        """Wire it. Which recalls need no further look is only remembered to spare requests."""
        self._records = records
        self._lookup = lookup
        self._clock = clock
        self._settled: set[RecallId] = set()

    async def sweep(self) -> None:
        """Ask once about everything that may still be seen, and tell what has changed. Raises StorageError."""
        recent = await self._records.recalls(limit=MOST)
        self._settled &= {each.id for each in recent}
        for recall in recent:
            if recall.state is State.DONE and recall.remains and recall.id not in self._settled:
                await self._look(recall)

    async def _look(self, recall: Recall) -> None:
        try:
            provider = self._lookup.provider(recall.target.ref.provider)
            if not isinstance(provider, Reaching) or self._is_late(recall, provider):
                reached = recall.remains  # what was said stays all that is known
            else:
                reached = await provider.reached(recall.target) or ""
        except NotFoundError:
            reached = recall.remains
        except ProviderError as error:
            log.info("who is online is not known: %s", error.code)
            return
        if not reached:
            return
        if reached != recall.remains:
            with suppress(NotNowError):
                now = self._clock.now()
                move = step(recall, Kind.REACHED, at=now, data={"remains": reached}, remains=reached)
                if not await self._records.move(move, TOLD):
                    return
        self._settled.add(recall.id)

    def _is_late(self, recall: Recall, provider: Provider) -> bool:
        passed = (self._clock.now() - recall.moved_at).total_seconds()
        return passed > provider.traits.outcome_deadline
