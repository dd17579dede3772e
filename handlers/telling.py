"""One notice, told to Slack: in its turn, looked for where an earlier try may have left it, and what a refusal means."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeAlias

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import StorageError
from bot.ports import Card, CardId, Clock, Notice, NoticeKind, Outbox, Records
from bot.recall import Place, Recall, RecallId
from handlers.folding import folded, late
from handlers.pace import Edits, Posts
from handlers.places import THREAD_GONE, NoPlaceError, Places
from handlers.posting import Posting, render, standing_ts
from handlers.trouble import FAILURES, Trouble, trouble

log = logging.getLogger(__name__)

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
READ_AGAIN: Final = 1.0
"""Seconds until a notice whose recall could not be read is tried again."""

Write: TypeAlias = Callable[[], Awaitable[None]]
"""What has to be written down about a notice that was tried."""


class Teller:
    """Tells one notice at a time for each card; `ailing` says since when Slack takes nothing, and why."""

    def __init__(
        self, *, outbox: Outbox, records: Records, places: Places, client: AsyncWebClient, clock: Clock
    ) -> None:
        """Wire it. `client` must have `retry_handlers=[]`."""
        self._outbox = outbox
        self._records = records
        self._places = places
        self._posting = Posting(client=client)
        self._clock = clock
        self._edits = Edits()
        self._posts = Posts()
        self._without_image: set[RecallId] = set()
        self.ailing: tuple[datetime, str] | None = None

    async def tell(self, notice: Notice) -> Write:
        """Tell a notice; returns what has to be written down about it. Raises StorageError before the call only."""
        if notice.kind is NoticeKind.CARD and notice.card.place.channel == notice.card.asked_by.user:
            return await self._into_their_messages(notice)
        if (wait := self._turn(notice)) is not None:
            return partial(self._outbox.later, notice.id, wait, ambiguous=notice.ambiguous)
        lost = standing_ts(notice) is None and notice.ambiguous
        if lost and (known := await self._look(notice)) is not None:
            return known
        return await self._send(notice)

    async def later(self, notice: Notice, seconds: float, *, ambiguous: bool) -> None:
        """Try a notice again after a while."""
        until = self._clock.now() + timedelta(seconds=seconds)
        await self._outbox.later(notice.id, until, ambiguous=ambiguous)

    async def _into_their_messages(self, notice: Notice) -> Write:
        """A card for one person stands in their conversation with the bot; until that is open nothing is posted."""
        try:
            place = await self._places.messages_of(notice.card.asked_by)
        except NoPlaceError as error:
            return partial(self._outbox.drop, notice.id, error.code)
        except FAILURES as error:
            what = trouble(error)
            if what.refused is None or what.refused in OURS:
                return self._wait(notice, what, looking=False)
            return partial(self._outbox.drop, notice.id, what.code)
        return partial(self._outbox.moved, notice.id, place)

    async def _send(self, notice: Notice) -> Write:
        """Post or edit, unless it is told by something else by now."""
        ts = standing_ts(notice)
        await self._outbox.sending(notice.id)
        try:  # read only now: whatever changes from here on asks for another refresh
            recall = await self._records.recall(notice.card.recall)
        except StorageError:
            return partial(self.later, notice, READ_AGAIN, ambiguous=False)
        now = self._clock.now()
        if recall is not None and folded(notice, recall, now):
            return partial(self._outbox.drop, notice.id, "what came after it says it better")
        image = notice.card.recall not in self._without_image
        message = render(notice, recall, image=image, late=late(notice, now)) if recall else None
        if recall is None or message is None:
            return partial(self._outbox.drop, notice.id, "the card alone tells it")
        call = self._posting.edit(notice, ts, message) if ts else self._posting.post(notice, message)
        try:
            stands = await call
        except FAILURES as error:
            return self._failed(notice, recall, trouble(error), looking=False)
        self.ailing = None
        return partial(self._outbox.sent, notice.id, channel=stands.channel, ts=stands.ts)

    def _turn(self, notice: Notice) -> datetime | None:
        """Take a turn; None: go ahead, else the instant at which to come back."""
        now = self._clock.now()
        if standing_ts(notice) is None:
            return self._posts.turn(notice.id, notice.card.place.channel, now)
        take = self._edits.count if notice.kind is NoticeKind.PROGRESS else self._edits.card
        return take(notice.id, now)

    def _hold(self, notice: Notice, seconds: float) -> None:
        """Heed a 429: Slack counts edits for the whole workspace, posts for each channel."""
        until = self._clock.now() + timedelta(seconds=seconds)
        if standing_ts(notice) is None:
            self._posts.hold(notice.card.place.channel, until)
        else:
            self._edits.hold(until)

    async def _look(self, notice: Notice) -> Write | None:
        """Look for what an earlier try may have left; None: it left nothing."""
        recall = await self._records.recall(notice.card.recall)
        if recall is None:
            return None
        try:
            stands = await self._posting.find(notice, recall)
        except FAILURES as error:
            return self._failed(notice, recall, trouble(error), looking=True)
        return partial(self._outbox.sent, notice.id, channel=stands.channel, ts=stands.ts) if stands else None

    def _failed(self, notice: Notice, recall: Recall, what: Trouble, *, looking: bool) -> Write:
        log.warning("notice %s (%s): Slack says %s", notice.id, notice.kind, what.code)
        gone = what.refused in PLACE_GONE
        if what.refused is None or what.refused in OURS or (looking and not gone):
            return self._wait(notice, what, looking=looking)
        if what.refused in BLOCKS and notice.card.recall not in self._without_image:
            # A picture that Slack can't fetch refuses the whole card.
            self._without_image.add(notice.card.recall)
            self.ailing = None
            return partial(self.later, notice, 0.0, ambiguous=False)
        if notice.kind is NoticeKind.CARD:  # whatever Slack has against it: somebody waits for a card
            return partial(self._unless_away, notice, partial(self._elsewhere, notice, what.refused))
        if gone and not _only_an_edit(notice, recall, what.refused):
            return partial(self._unless_away, notice, partial(self._rehome, notice, what.refused))
        self.ailing = None
        log.error("notice %s is given up: %s %s", notice.id, what.code, "; ".join(what.details))
        return partial(self._outbox.drop, notice.id, what.code)

    def _wait(self, notice: Notice, what: Trouble, *, looking: bool) -> Write:
        """Come back later: Slack is away, wants a pause, or somebody has to mend something first."""
        if what.wait is not None and not looking:
            self._hold(notice, what.wait)
        return partial(self.later, notice, self._pause(notice, what), ambiguous=looking or what.unclear)

    def _pause(self, notice: Notice, what: Trouble) -> float:
        """How many seconds a notice waits; also notes since when nothing gets through."""
        if what.wait is not None:
            return what.wait
        self.ailing = self.ailing or (self._clock.now(), what.code)
        return min(LONGEST_REST, 2.0 ** min(notice.tries, 6))

    async def _unless_away(self, notice: Notice, write: Write) -> None:
        """Find another place, or come back: a Slack that is away, or that somebody has to mend, has refused nobody."""
        try:
            await write()
        except FAILURES as error:  # of opening a conversation; the notice itself was clearly refused
            await self.later(notice, self._pause(notice, trouble(error)), ambiguous=False)
        else:
            self.ailing = None

    async def _elsewhere(self, notice: Notice, refused: str) -> None:
        """A card can't stand where it was meant to: post it where it can."""
        place = await self._other_place(notice.card, refused)
        if place is None:
            await self._outbox.drop(notice.id, refused)
        else:
            await self._outbox.moved(notice.id, place)

    async def _other_place(self, card: Card, refused: str) -> Place | None:
        """Find one; None: Slack allows no other. Raises what the Slack client raises where it may do so later."""
        try:
            return await self._places.instead(card.place, card.asked_by, refused=refused)
        except FAILURES as error:
            what = trouble(error)
            if what.refused is None or what.refused in OURS:
                raise
            log.warning("card %s has no place: %s", card.id, what.code)
            return None

    async def _rehome(self, notice: Notice, refused: str) -> None:
        """A thread is lost: a new card shows the present state, and has what the thread was still to hear below it."""
        lost = notice.card
        deleted = notice.kind is NoticeKind.REFRESH and refused == "message_not_found"
        place: Place | None = lost.place if deleted else None
        if place is None:
            place = await self._other_place(lost, refused)
        fresh = None
        if place is not None and not await self._shown_at(lost, place):
            name = CardId(f"{lost.id}+")
            fresh = Card(id=name, recall=lost.recall, place=place, asked_by=lost.asked_by)
        await self._outbox.rehome(lost.id, fresh, refused)

    async def _shown_at(self, lost: Card, place: Place) -> bool:
        others = [each for each in await self._records.cards(lost.recall) if each.id != lost.id]
        return any(each.place.channel == place.channel and each.place.thread is None for each in others)


def _only_an_edit(notice: Notice, recall: Recall, refused: str) -> bool:
    """Say whether what is gone is missed by nobody: a count that somebody deleted, a card that nobody had said yes on."""
    if notice.kind is NoticeKind.PROGRESS:
        return notice.ts is not None and refused == "message_not_found"
    return notice.kind is NoticeKind.REFRESH and recall.confirmed_at is None
