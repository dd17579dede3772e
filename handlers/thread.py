"""Status notifications: drains the outbox into Slack, each notice once, in order within its thread.

Each card has a lane of its own, so a slow or refused channel holds up nobody else's thread. A try is noted
durably before the call; after an unclear failure, or a crash, the message is looked for before it is posted again.
What one try is, and what a refusal means, is in `handlers.telling`.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import StorageError
from bot.ports import CardId, Clock, Notice, Outbox, Records
from handlers.places import Places
from handlers.telling import Teller, Write

log = logging.getLogger(__name__)

LANES: Final = 16
"""Cards that are told about at the same time."""

LOOK: Final = 1.0
"""Seconds after which the outbox is looked at again unasked: for what waits for its time."""

OWN_FAULT: Final = 30.0
"""Seconds until a notice that a bug of ours kept back is tried again."""

PATIENCE: Final = timedelta(seconds=30)
"""How long Slack may take nothing until health says so."""


class Threads:
    """Tells Slack what the outbox holds."""

    def __init__(
        self, *, outbox: Outbox, records: Records, places: Places, client: AsyncWebClient, clock: Clock
    ) -> None:
        """Wire it. `client` must have `retry_handlers=[]`."""
        self._outbox = outbox
        self._clock = clock
        self._teller = Teller(outbox=outbox, records=records, places=places, client=client, clock=clock)
        self._lanes: dict[CardId, asyncio.Task[None]] = {}
        self._resting: dict[CardId, datetime] = {}
        self._owed: dict[int, Write] = {}
        self._unread: datetime | None = None  # since when the outbox itself can't be used
        self._bell = asyncio.Event()

    def trouble(self) -> str | None:
        """Say in a sentence since when nothing can be told, and why; None while all is well."""
        ailing = self._teller.ailing
        if self._unread is not None:
            ailing = (self._unread, "the database can't be used")
        if ailing is None or self._clock.now() - ailing[0] < PATIENCE:
            return None
        return f"Nothing could be told in Slack since {ailing[0]:%Y-%m-%d %H:%M:%S} UTC: {ailing[1]}."

    def wake(self) -> None:
        """Look at the outbox soon."""
        self._bell.set()

    async def run(self) -> None:
        """Tell what is due, until cancelled; then what is under way is ended, not broken off."""
        try:
            while True:
                self._bell.clear()
                await self._fill_or_say_why()
                try:
                    async with asyncio.timeout(LOOK):
                        await self._bell.wait()
                except TimeoutError:
                    continue
        finally:
            if self._lanes:
                await asyncio.wait(self._lanes.values())

    async def drain(self) -> None:
        """Tell everything that is due now, and what becomes due by it."""
        while await self._fill() or self._lanes:
            await asyncio.wait(self._lanes.values(), return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)  # lets ended lanes clear themselves away

    async def _fill_or_say_why(self) -> None:
        try:
            await self._fill()
        except Exception:  # the boundary: a bug must not end the threads for good
            log.exception("the outbox could not be looked at")

    async def _fill(self) -> int:
        """Start a lane for each card with something to tell; returns how many."""
        try:
            await self._pay()
            notices = await self._outbox.pending(self._clock.now())
        except StorageError as error:
            log.warning("the outbox can't be used: %s", error.code)
            self._unread = self._unread or self._clock.now()
            return 0
        self._unread = None
        started = 0
        for notice in notices:
            card = notice.card.id
            if card not in self._lanes and len(self._lanes) < LANES and self._rested(card):
                lane = asyncio.get_running_loop().create_task(self._lane(notice), name=f"lane {card}")
                self._lanes[card] = lane
                lane.add_done_callback(partial(self._ended, card))
                started += 1
        return started

    def _rested(self, card: CardId) -> bool:
        until = self._resting.get(card)
        if until is not None and self._clock.now() < until:
            return False
        self._resting.pop(card, None)
        return True

    async def _pay(self) -> None:
        """Write down what became of notices when the database would not take it at once."""
        for number, write in list(self._owed.items()):
            try:
                await write()
            except StorageError:
                raise
            except Exception:  # the boundary: one notice whose write goes wrong must not keep the others back
                log.exception("what became of notice %s can't be written", number)
                self._owed[number] = self._looked_for_later(number)
            else:
                self._owed.pop(number, None)

    def _ended(self, card: CardId, lane: asyncio.Task[None]) -> None:
        del lane
        self._lanes.pop(card, None)
        self.wake()

    async def _lane(self, notice: Notice) -> None:
        try:
            write = await self._teller.tell(notice)
        except StorageError as error:  # nothing was sent: it waits as it did
            log.warning("notice %s waits: %s", notice.id, error.code)
            write = partial(self._nothing, notice)
        except Exception:  # the boundary: one notice that can't be told must not end the others
            log.exception("notice %s could not be told", notice.id)
            write = partial(self._teller.later, notice, OWN_FAULT, ambiguous=True)
        try:
            await write()
        except StorageError as error:
            log.warning("what became of notice %s can't be written yet: %s", notice.id, error.code)
            self._owed[notice.id] = write
        except Exception:  # the boundary: it stands as being sent, and would until the next start
            log.exception("what became of notice %s can't be written", notice.id)
            self._owed[notice.id] = self._looked_for_later(notice.id)

    def _looked_for_later(self, number: int) -> Write:
        """After a bug of ours: it may stand in Slack, so it is looked for before anything is posted."""
        until = self._clock.now() + timedelta(seconds=OWN_FAULT)
        return partial(self._outbox.later, number, until, ambiguous=True)

    async def _nothing(self, notice: Notice) -> None:
        """The database did not take the intent: leave it a moment, since it would be listed again at once."""
        self._resting[notice.card.id] = self._clock.now() + timedelta(seconds=LOOK)
