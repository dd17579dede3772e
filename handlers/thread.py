"""Status notifications: drains the outbox into Slack, each notice once, in order within its thread.

Each card has a lane of its own, so a slow or refused channel holds up nobody else's thread. A try is noted
durably before the call; after an unclear failure, or a crash, the message is looked for before it is posted again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeAlias

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import StorageError
from bot.ports import Card, CardId, Clock, Notice, NoticeKind, Outbox, Records
from bot.recall import Place, RecallId
from handlers.pace import Pace
from handlers.places import THREAD_GONE, Places
from handlers.posting import Posting, render, standing_ts
from handlers.trouble import FAILURES, Trouble, trouble

log = logging.getLogger(__name__)

LANES: Final = 16
"""Cards that are told about at the same time."""

LOOK: Final = 1.0
"""Seconds after which the outbox is looked at again unasked: for what waits for its time."""

PLACE_GONE: Final = THREAD_GONE | {
    "channel_not_found",
    "not_in_channel",
    "is_archived",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
    "restricted_action_non_threadable_channel",
    "messages_tab_disabled",
    "user_disabled",
}
OURS: Final = frozenset(
    {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "missing_scope"}
)
"""Refusals that somebody has to mend; what is to be told waits for that."""

BLOCKS: Final = frozenset({"invalid_blocks", "invalid_blocks_format"})
LONGEST_REST: Final = 60.0
OWN_FAULT: Final = 30.0
"""Seconds until a notice that a bug of ours kept back is tried again."""

Write: TypeAlias = Callable[[], Awaitable[None]]
"""What has to be written down about a notice that was tried."""


class Threads:
    """Tells Slack what the outbox holds."""

    def __init__(
        self, *, outbox: Outbox, records: Records, places: Places, client: AsyncWebClient, clock: Clock
    ) -> None:
        """Wire it. `client` must have `retry_handlers=[]`."""
        self._outbox = outbox
        self._records = records
        self._places = places
        self._posting = Posting(client=client)
        self._clock = clock
        self._pace = Pace()
        self._lanes: dict[CardId, asyncio.Task[None]] = {}
        self._without_image: set[RecallId] = set()
        self._resting: dict[CardId, datetime] = {}
        self._owed: dict[int, Write] = {}
        self._bell = asyncio.Event()

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
            return 0
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
            await write()
            del self._owed[number]

    def _ended(self, card: CardId, lane: asyncio.Task[None]) -> None:
        del lane
        self._lanes.pop(card, None)
        self.wake()

    async def _lane(self, notice: Notice) -> None:
        try:
            write = await self._tell(notice)
        except StorageError as error:  # nothing was sent: it waits as it did
            log.warning("notice %s waits: %s", notice.id, error.code)
            write = partial(self._nothing, notice)
        except Exception:  # the boundary: one notice that can't be told must not end the others
            log.exception("notice %s could not be told", notice.id)
            write = partial(self._later, notice, OWN_FAULT, ambiguous=True)
        try:
            await write()
        except StorageError as error:
            log.warning("what became of notice %s can't be written yet: %s", notice.id, error.code)
            self._owed[notice.id] = write

    async def _tell(self, notice: Notice) -> Write:
        """Tell one notice; returns what has to be written down about it. Raises StorageError before the call only."""
        ts = standing_ts(notice)
        if ts is None and notice.ambiguous and (known := await self._look(notice)) is not None:
            return known
        if ts is not None and (wait := self._pace.take(self._clock.now())) is not None:
            return partial(self._outbox.later, notice.id, wait, ambiguous=False)
        await self._outbox.sending(notice.id)
        try:  # read only now: whatever changes from here on asks for another refresh
            recall = await self._records.recall(notice.card.recall)
        except StorageError:
            return partial(self._later, notice, LOOK, ambiguous=False)
        message = render(notice, recall, image=recall.id not in self._without_image) if recall else None
        if recall is None or message is None:
            return partial(self._outbox.drop, notice.id, "the card alone tells it")
        call = self._posting.edit(notice, ts, message) if ts else self._posting.post(notice, message)
        try:
            stands = await call
        except FAILURES as error:
            return self._failed(notice, trouble(error), looking=False)
        return partial(self._outbox.sent, notice.id, channel=stands.channel, ts=stands.ts)

    async def _look(self, notice: Notice) -> Write | None:
        """Look for what an earlier try may have left; None: it left nothing."""
        recall = await self._records.recall(notice.card.recall)
        if recall is None:
            return None
        try:
            stands = await self._posting.find(notice, recall)
        except FAILURES as error:
            return self._failed(notice, trouble(error), looking=True)
        return partial(self._outbox.sent, notice.id, channel=stands.channel, ts=stands.ts) if stands else None

    def _failed(self, notice: Notice, what: Trouble, *, looking: bool) -> Write:
        log.warning("notice %s (%s): Slack says %s", notice.id, notice.kind, what.code)
        gone = what.refused in PLACE_GONE and notice.kind is not NoticeKind.REFRESH
        if what.refused is None or what.refused in OURS or (looking and not gone):
            if what.wait is not None and standing_ts(notice) is not None:
                # Slack counts edits for the whole workspace.
                self._pace.hold(self._clock.now() + timedelta(seconds=what.wait))
            pause = what.wait if what.wait is not None else min(LONGEST_REST, 2.0 ** min(notice.tries, 6))
            return partial(self._later, notice, pause, ambiguous=looking or what.unclear)
        if what.refused in BLOCKS and notice.card.recall not in self._without_image:
            # A picture that Slack can't fetch refuses the whole card.
            self._without_image.add(notice.card.recall)
            return partial(self._later, notice, 0.0, ambiguous=False)
        if gone or notice.kind is NoticeKind.CARD:  # whatever Slack has against it: somebody waits for a card
            return partial(self._elsewhere, notice, what.refused or what.code)
        log.error("notice %s is given up: %s %s", notice.id, what.code, "; ".join(what.details))
        return partial(self._outbox.drop, notice.id, what.code)

    async def _later(self, notice: Notice, seconds: float, *, ambiguous: bool) -> None:
        until = self._clock.now() + timedelta(seconds=seconds)
        await self._outbox.later(notice.id, until, ambiguous=ambiguous)

    async def _nothing(self, notice: Notice) -> None:
        """The database did not take the intent: leave it a moment, since it would be listed again at once."""
        self._resting[notice.card.id] = self._clock.now() + timedelta(seconds=LOOK)

    async def _elsewhere(self, notice: Notice, refused: str) -> None:
        """The place is gone: the card moves; a thread that was lost gets a new card with the present state."""
        place = await self._places.instead(notice.card.place, notice.card.asked_by, refused=refused)
        if notice.kind is NoticeKind.CARD and place is not None:
            await self._outbox.moved(notice.id, place)
            return
        await self._outbox.drop(notice.id, refused)
        if place is not None and not await self._shown_at(notice.card.recall, place):
            fresh = Card(
                id=CardId(f"{notice.card.id}+"),
                recall=notice.card.recall,
                place=place,
                asked_by=notice.card.asked_by,
            )
            await self._records.add_card(fresh)

    async def _shown_at(self, recall: RecallId, place: Place) -> bool:
        cards = await self._records.cards(recall)
        return any(each.place.channel == place.channel and each.place.thread is None for each in cards)
