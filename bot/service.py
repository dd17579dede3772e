"""RecallService: the only code that moves a recall on a person's behalf.

Every method checks rights first, works out the move with `bot.recall.step` and writes it by compare-and-set.
Who loses a race is told who won: `NotNowError` carries the recall as it is now.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from bot.by_hand import Word, word_of
from bot.errors import CannotRecallError, WindowClosedError
from bot.looking import Looking, insist
from bot.lookup import Lookup
from bot.planning import due_at, must_fit
from bot.ports import TOLD, Card, CardId, Clock, NoticeKind, OpenRecallError, People, Records, Work
from bot.proposal import (
    AlreadyRecalledError,
    NeverTwiceError,
    NothingToRecallError,
    Proposal,
    Terms,
    asked_for,
)
from bot.recall import (
    RETRYABLE,
    WORD_COUNTS,
    Actor,
    Event,
    Kind,
    NotNowError,
    Place,
    Recall,
    RecallId,
    State,
    Step,
    step,
)
from bot.target import Reason, Status, Target, TargetRef

RACES = 5
"""How often a move is worked out anew when a note came between."""


class RecallService(Looking):
    """Propose, confirm, approve, decline, stop, retry."""

    def __init__(
        self,
        *,
        records: Records,
        work: Work,
        lookup: Lookup,
        people: People,
        terms: Terms,
        clock: Clock,
        new_id: Callable[[], str],
        wake: Callable[[], None],
    ) -> None:
        """Wire the service. `wake` rouses the engine and the outbox after a move."""
        super().__init__(records=records, work=work, lookup=lookup, people=people, policy=terms.policy)
        self._card_end = terms.card_end
        self._clock = clock
        self._new_id = new_id
        self._wake = wake

    # The card -----------------------------------------------------------------------------------------

    async def propose(self, actor: Actor, ref: TargetRef, place: Place) -> Proposal:
        """Put up a card for a target, or lead to the one that is open already.

        A card of the same recall in another channel is added at `place`, so that who can't see the first one
        can follow too.

        Raises:
            NotAllowedError: nobody, or not this person, may recall it.
            NothingToRecallError: it can't be taken back; the sentence says why.
            AlreadyRecalledError: it is gone already.
            NotFoundError: the vendor does not know it.
            ProviderError: the vendor could not be asked.
        """
        person = await self._must(actor, ref.provider)
        ref = self._lookup.own(ref, self._policy.viewer(person, ref.provider))
        await self.sweep()  # a card that is too old is not joined
        if (opened := await self._records.open_recall(ref)) is not None:
            self._must_this(person, opened.target)
            return await self._join(opened, actor, place)
        target = await self._lookup.fetch(ref)
        self._must_this(person, target)
        await self._must_be_possible(target)
        now = self._clock.now()
        recall = asked_for(
            RecallId(self._new_id()), target, actor, self._policy, at=now, until=self._card_end(target, now)
        )
        card = self._new_card(recall.id, actor, place)
        first = Event(recall=recall.id, seq=1, kind=Kind.PROPOSED, at=recall.asked_at, by=actor)
        try:
            await self._records.propose(Step(before=recall, after=recall, event=first), card)
        except OpenRecallError as taken:
            return await self._join(await self.recall(taken.recall), actor, place)
        self._wake()
        return Proposal(recall=recall, card=card, existing=False)

    async def choose_reason(self, actor: Actor, recall: RecallId, reason: Reason, text: str = "") -> Recall:
        """Note why. Anyone who may recall it may choose, as long as nobody has said yes."""
        now = await self.recall(recall)
        await self._must_for(actor, now)
        return await self._write(
            now,
            Kind.REASON,
            (NoticeKind.REFRESH,),
            by=actor,
            data={"reason": reason, "text": text},
            reason=reason,
            reason_text=text,
        )

    async def prepare_correction(self, actor: Actor, recall: RecallId, text: str) -> Recall:
        """Keep what shall be sent instead; it is offered in the thread once the recall has ended. Empty: none."""
        now = await self.recall(recall)
        await self._must_for(actor, now)
        return await self._write(
            now,
            Kind.CORRECTION,
            (NoticeKind.REFRESH,),
            by=actor,
            data={"text": text},
            correction=text,
            corrected_by=actor,
        )

    async def confirm(
        self,
        actor: Actor,
        recall: RecallId,
        *,
        due: datetime | None = None,
        decided: datetime | None = None,
        request: str | None = None,
    ) -> Recall:
        """Say yes. Checks rights, the card's age and the window; then claims the recall, or plans it for `due`.

        `request` is the kept request that this carries out: it is marked answered in the same transaction. `decided` is
        when it was made, if earlier: what was planned for between begins at once. Raises UnfitTimeError.
        """
        now = await self.recall(recall)
        if now.state is not State.PROPOSED:
            raise NotNowError(now)
        await self._must_for(actor, now)
        at = self._clock.now()
        if now.expires_at is not None and at >= now.expires_at:
            raise NotNowError(await self._expire(now))
        await self._must_be_open(now, at)
        must_fit(now.target, decided or at, due)
        alone = Kind.SCHEDULED if due else Kind.CONFIRMED
        return await self._write(
            now,
            Kind.APPROVAL_ASKED if now.needs_second else alone,
            TOLD,
            by=actor,
            answers=request,
            data=due_at(due),
            confirmed_by=actor,
            confirmed_at=at,
            expires_at=self._card_end(now.target, at) if now.needs_second else None,
            not_before=due,
        )

    async def approve(self, actor: Actor, recall: RecallId, *, request: str | None = None) -> Recall:
        """Give the second yes; what is planned for later waits for its time."""
        now = await self.recall(recall)
        if now.state is not State.APPROVING:
            raise NotNowError(now)
        insist(self._policy.may_approve(await self._people.person(actor), now.confirmed_by or now.asked_by))
        at = self._clock.now()
        if now.expires_at is not None and at >= now.expires_at:
            raise NotNowError(await self._expire(now))
        await self._must_be_open(now, at)
        due = now.not_before if now.not_before is not None and now.not_before > at else None
        return await self._write(
            now,
            Kind.SCHEDULED if due else Kind.APPROVED,
            TOLD,
            by=actor,
            answers=request,
            data=due_at(due),
            approved_by=actor,
            expires_at=None,
            not_before=due,
        )

    async def decline(self, actor: Actor, recall: RecallId, *, request: str | None = None) -> Recall:
        """Say no: to a card, the asker or anyone who may recall; to an approval, also who may approve."""
        now = await self.recall(recall)
        if now.state not in {State.PROPOSED, State.APPROVING}:
            raise NotNowError(now)
        person = await self._people.person(actor)
        involved = actor in {now.asked_by, now.confirmed_by}
        approver = now.state is State.APPROVING and self._policy.may_approve(person, now.asked_by).allowed
        if not (involved or approver):
            self._must_this(person, now.target)
        return await self._write(now, Kind.DECLINED, TOLD, by=actor, answers=request, expires_at=None)

    # While it runs, and afterwards --------------------------------------------------------------------

    async def stop(self, actor: Actor, recall: RecallId, *, request: str | None = None) -> Recall:
        """Interrupt: what waits is taken off the queue; of what runs, nothing further is sent."""
        now = await self.recall(recall)
        await self._must_for(actor, now)
        if now.stopping:
            raise NotNowError(now)
        stopping = now.state is State.RUNNING or (now.state is State.QUEUED and now.did_before)
        kind = Kind.STOPPING if stopping else Kind.CANCELLED
        move = self._write(now, kind, TOLD, by=actor, answers=request, stopping=stopping, not_before=None)
        try:
            return await move
        except NotNowError as refused:
            if refused.recall.state is now.state:
                raise
        return await self.stop(actor, recall, request=request)  # it began in the very moment of the click

    async def retry(self, actor: Actor, recall: RecallId, *, request: str | None = None) -> Recall:
        """Begin a new attempt of the same recall, for the items that failed or whose fate is unknown."""
        now = await self.recall(recall)
        if not now.can_retry:
            if now.state in RETRYABLE and now.counts.unknown:
                raise NeverTwiceError(now.target)
            raise NotNowError(now)
        await self._must_for(actor, now)
        await self._must_be_open(now, self._clock.now())
        return await self._write(
            now,
            Kind.RETRIED,
            TOLD,
            by=actor,
            answers=request,
            attempt=now.attempt + 1,
            not_before=None,
            deadline=None,
            checks=0,
            stopping=False,
            detail="",
        )

    async def report(
        self, actor: Actor, recall: RecallId, *, done: bool, said: str = "", request: str | None = None
    ) -> Recall:
        """Take a person's word for what became of something that is taken back by hand; `said`: why not, if they say."""
        now = await self.recall(recall)
        for _ in range(RACES):
            if not (now.by_hand and now.state in WORD_COUNTS):
                break
            await self._must_for(actor, now)
            given = Word(by=actor, done=done, why=said, at=self._clock.now())
            word = await word_of(self._work, now, given, answers=request)
            if word is not None:
                self._wake()
                return word
            now = await self.recall(recall)
        raise NotNowError(now)

    async def check_now(self, recalls: tuple[Recall, ...]) -> None:
        """Bring forward the next outcome check of recalls whose confirmation is awaited."""
        for each in recalls:
            if each.state in {State.SUBMITTED, State.UNKNOWN} and not each.by_hand:
                move = step(each, Kind.CHECKED, at=self._clock.now(), not_before=self._clock.now())
                await self._records.move(move)
        self._wake()

    async def sweep(self) -> None:
        """Close what has run out of time. Called by every tick."""
        for each in await self._records.overdue(self._clock.now()):
            with suppress(NotNowError):  # somebody decided at the last moment, and that is fine
                if each.state in {State.PROPOSED, State.APPROVING}:
                    await self._expire(each)
                elif each.state is State.SCHEDULED:
                    await self._write(each, Kind.DUE, TOLD, not_before=None)

    # Below: the parts ---------------------------------------------------------------------------------

    async def _must_be_possible(self, target: Target) -> None:
        if target.capability.operation is not None:
            closes = target.capability.closes_at
            if closes is not None and closes <= self._clock.now():
                raise NothingToRecallError(WindowClosedError().sentence, target=target)
            earlier = await self._records.last_recall(target.ref)
            if earlier is None or earlier.target.fingerprint() != target.fingerprint():
                return
            if earlier.state is State.DONE:
                # Vendors that can't tell go on offering it; our own record shows that it is gone.
                raise AlreadyRecalledError("It has been recalled already.", target=target, earlier=earlier)
            if earlier.counts.unknown and not (target.capability.repeatable or earlier.by_hand):
                raise NothingToRecallError(NeverTwiceError(target).sentence, target=target)
            return
        refusal = target.capability.refusal or CannotRecallError().sentence
        if target.status in {Status.RECALLED, Status.HALTED}:
            earlier = await self._records.last_recall(target.ref)
            raise AlreadyRecalledError(refusal, target=target, earlier=earlier)
        raise NothingToRecallError(refusal, target=target)

    async def _must_be_open(self, recall: Recall, at: datetime) -> None:
        closes = recall.target.capability.closes_at
        if closes is None or at < closes:
            return
        sentence = WindowClosedError().sentence
        if recall.state is State.PROPOSED:
            await self._write(recall, Kind.REFUSED, TOLD, detail=sentence)
        elif recall.state is State.APPROVING:
            await self._expire(recall)
        raise WindowClosedError

    async def _join(self, recall: Recall, actor: Actor, place: Place) -> Proposal:
        cards = await self._records.cards(recall.id)
        for card in cards:
            if card.place.channel == place.channel:
                return Proposal(recall=recall, card=card, existing=True)
        card = self._new_card(recall.id, actor, place)
        await self._records.add_card(card)
        self._wake()
        return Proposal(recall=recall, card=card, existing=True)

    async def _expire(self, recall: Recall) -> Recall:
        return await self._write(recall, Kind.EXPIRED, (NoticeKind.REFRESH,), expires_at=None)

    async def _write(
        self,
        now: Recall,
        kind: Kind,
        notices: tuple[NoticeKind, ...],
        *,
        by: Actor | None = None,
        answers: str | None = None,
        data: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> Recall:
        """Make a move. A note that came between (a reason was chosen) is no reason to refuse it."""
        for _ in range(RACES):
            move = step(now, kind, at=self._clock.now(), by=by, data=data, **changes)
            if await self._records.move(move, notices, answers=answers):
                self._wake()
                return move.after
            fresh = await self.recall(now.id)
            if (fresh.state, fresh.stopping) != (now.state, now.stopping):
                raise NotNowError(fresh)
            now = fresh
        raise NotNowError(now)

    def _new_card(self, recall: RecallId, actor: Actor, place: Place) -> Card:
        return Card(id=CardId(self._new_id()), recall=recall, place=place, asked_by=actor)
