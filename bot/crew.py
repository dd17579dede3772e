"""A crew: one recall's requests while they go out, as far as its vendor's lane lets them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from bot.dispatch import Dispatch
from bot.errors import ProviderBusyError, ProviderError, ProviderSlowError
from bot.hand import Duty, Hand
from bot.lanes import IN_A_ROW, Call, Lane
from bot.ports import Clock, Work, Written
from bot.recall import Recall
from bot.stock import TICK, Begun, Stock
from bot.target import ItemState, Outcome, RepeatClass

BEAT = 0.5
"""Seconds between two looks at whether somebody pressed Stop."""


class Crew:
    """Carries out one recall's requests until all went, somebody stops it, or the vendor is not well."""

    def __init__(
        self,
        *,
        work: Work,
        clock: Clock,
        dispatch: Dispatch,
        lane: Lane,
        recall: Recall,
        owner: str,
        last: bool,
        begun: Begun | None = None,
    ) -> None:
        """Wire it.

        `last`: the time to try is over, so what goes wrong now has failed. `begun`: what is claimed already.
        """
        self.repeat = dispatch.repeat
        self._stock = Stock(
            work=work,
            clock=clock,
            recall=recall.id,
            owner=owner,
            least=4 * dispatch.concurrency * dispatch.batch,
            intend=dispatch.repeat
            is not RepeatClass.NEITHER,  # else the intent of each request is written by itself
        )
        self._begun = begun
        self._clock = clock
        self._dispatch = dispatch
        self._size = dispatch.batch
        self._lane = lane
        self._recall = recall.id
        self._alone = recall.target.items == 1
        self.last = last
        self._plain: Outcome | None = None  # the last outcome that said nothing beside its state
        self._carried = 0  # calls of `carry` that go on, or are about to begin
        self._closing = False
        self._wrong = 0  # clear refusals in a row
        self._broken: Exception | None = None
        self._bell = self._stock.bell
        self._asked_to_look = False
        self._patience: float | None = None  # when what is under way is cut off, by the loop's time
        self.went = False  # a request went through
        self.went_lately = False  # one did since the thread was told last
        self.halted = False  # it ended before all went, by the vendor's doing
        self.trouble: ProviderError | None = None  # why something is left
        self.single: Outcome | None = None  # what became of a recall that is one call

    # The lane's side ----------------------------------------------------------------------------------

    def next(self) -> Duty | None:
        """Give the next request to be made; None where there is none just now. Whoever takes it calls `carry` with it."""
        duty = self._stock.take(self._size)
        if duty is not None:
            self._carried += 1
        return duty

    async def carry(self, duty: Duty, call: Call) -> None:
        """Make a request, and as long as the lane is smooth one after another; note what came of them.

        The hot path: a million times for a million items. Between two calls of a vendor that answers at once all our
        code is cold, and ten of Python's instructions are a thousandth of the whole (bench/gate.py).
        """
        lane, now, size = self._lane, call.now, self._size
        send, take, note = self._dispatch.send, self._stock.take, self._note
        turns, room = lane.turns, lane.room
        turn: Duty | None = duty
        try:
            while turn is not None:
                hand, numbers, doubtful = turn
                call.since, seen = now(), lane.narrowings
                if doubtful or not hand.intended:
                    await self._carefully(hand, numbers, seen, doubtful=doubtful)
                else:
                    try:
                        note(hand, numbers, await send(hand.chunk, numbers))
                    except asyncio.CancelledError:
                        hand.flying -= 1
                        self._failed(hand, numbers, ProviderSlowError(self._dispatch.late), seen)
                        raise
                    except Exception as error:  # noqa: BLE001 - whatever a provider does wrong leaves doubt
                        self._failed(hand, numbers, self._dispatch.error(error), seen)
                    hand.flying -= 1
                if not lane.calm or lane.shared or room.crowded:
                    return
                if turns.free:
                    turns.free -= 1
                elif turns.crowded():
                    await turns.wait()
                turn = take(size)
        finally:
            self._carried -= 1
            if not self._carried and (self._closing or not self._stock.unsent):
                self._bell.set()

    async def _carefully(self, hand: Hand, numbers: Sequence[int], seen: int, *, doubtful: bool) -> None:
        """Make a request that something has to come before: the look at an earlier one, or its own intent on disk."""
        asked = False
        unsure = doubtful and self.repeat is RepeatClass.HARMLESS  # nobody looks what an earlier request did
        try:
            if doubtful:
                numbers = await self._resolved(hand, numbers)
            elif not hand.intended and not await self._stock.intended(hand, numbers):
                numbers = ()
            if numbers:
                asked = True
                self._note(hand, numbers, await self._dispatch.send(hand.chunk, numbers))
        except asyncio.CancelledError:
            if asked or doubtful:
                late = ProviderSlowError(self._dispatch.late)
                self._failed(hand, numbers, late, seen, asked=asked, unsure=unsure)
            else:
                hand.put_back(numbers)
            raise
        except Exception as error:  # noqa: BLE001 - whatever a provider does wrong leaves doubt
            self._failed(hand, numbers, self._dispatch.error(error), seen, asked=asked, unsure=unsure)
        finally:
            hand.flying -= 1

    def break_off(self, error: Exception) -> None:
        """Begin no more after an error of our own: it goes to the engine, which logs it and rests."""
        self._broken = error
        self._close()

    def halt(self, error: ProviderError) -> None:
        """Begin no more: the vendor is not well."""
        self.halted = self.halted or self._stock.unsent > 0
        self.trouble = error
        self._close()

    def heed(self) -> None:
        """Look at once whether somebody pressed Stop."""
        self._asked_to_look = True
        self._bell.set()

    # The recall's side --------------------------------------------------------------------------------

    async def run(self, look: Callable[[], Awaitable[None]]) -> None:
        """Ask until it is over. `look` is called now and then; it may stop this.

        Raises StorageError where not even the first chunk could be claimed, and whatever a bug raises.
        """
        time = asyncio.get_running_loop().time
        if self._begun is not None:
            self._stock.begin(self._begun)
        else:
            await self._stock.turn()
        self._lane.enter(self)
        try:
            looked = time()
            while not self._over:
                await self._rest(TICK if self._stock.urgent else looked + BEAT - time())
                if self._asked_to_look or time() >= looked + BEAT:
                    self._asked_to_look, looked = False, time()
                    self._lane.abandon_overdue()
                    self._stock.renew()
                    await look()
                if self._patience is not None and time() >= self._patience:
                    self._lane.abandon(self)
                if not self._over:
                    await self._stock.turn()
                    self._lane.fill()
        finally:
            self._lane.leave(self)
        if self._broken is not None:
            raise self._broken

    def stop(self, patience: float) -> None:
        """Begin no more; cut off what is under way after so many seconds."""
        self._close()
        if self._patience is None:
            self._patience = asyncio.get_running_loop().time() + patience

    @property
    def stopped(self) -> bool:
        """Whether somebody pressed Stop, or this process ends."""
        return self._patience is not None

    def rest(self) -> list[Written]:
        """Give what has not been written, with all claims given back."""
        return self._stock.rest()

    async def give_up(self) -> None:
        """Let everything fail that is left: the time to try is over, and the vendor takes nothing."""
        why, code = (self.trouble.sentence, self.trouble.code) if self.trouble else (None, "not_asked")
        await self._stock.all_left(lambda hand: hand.give_up(why, code))

    @property
    def _over(self) -> bool:
        return not self._carried and (self._closing or self._stock.used_up)

    def _close(self) -> None:
        self._closing = True
        self._stock.close()

    async def _rest(self, seconds: float) -> None:
        """Wait until something has to be done, or so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                await self._bell.wait()
        self._bell.clear()

    # What came of a request ---------------------------------------------------------------------------

    def _note(self, hand: Hand, numbers: Sequence[int], outcomes: Sequence[Outcome]) -> None:
        """Note what became of items. Raises ProviderError where the answer is not about exactly what was asked for.

        Where a whole batch went as the last one did, it is written in one go: 20 items in 0.5 µs instead of 5.
        """
        plain, many = self._plain, len(numbers)
        if len(outcomes) != many:
            raise self._dispatch.miscounted(outcomes, many)
        if outcomes[0] is plain and (many == 1 or outcomes.count(plain) == many):
            hand.settle_alike(numbers, plain.state)
        else:
            self._note_each(hand, numbers, outcomes)
        self.went = self.went_lately = True
        self._wrong = 0
        if self._alone:
            self.single = outcomes[0]
        if not self._lane.calm:
            self._lane.went()

    def _note_each(self, hand: Hand, numbers: Sequence[int], outcomes: Sequence[Outcome]) -> None:
        codes = hand.codes
        for n, outcome in zip(numbers, outcomes, strict=True):
            if outcome.state <= ItemState.INTENT:
                codes[n] = outcome.state
                hand.left = True
            elif outcome.says_more:
                hand.settle(n, outcome)
            else:
                codes[n] = outcome.state
                self._plain = outcome
        hand.dirty = True

    async def _resolved(self, hand: Hand, numbers: Sequence[int]) -> Sequence[int]:
        """Find out about requests that may have gone out earlier; returns what may be sent (again)."""
        found = await self._dispatch.resolve(hand.chunk, numbers)
        if known := [n for n in numbers if n in found]:
            self._note(hand, known, [found[n] for n in known])
        return [n for n in numbers if n not in found]

    def _failed(
        self,
        hand: Hand,
        numbers: Sequence[int],
        error: ProviderError,
        seen: int,
        *,
        asked: bool = True,
        unsure: bool = False,
    ) -> None:
        """Judge a call that raised: a clear no is final, an unclear one leaves doubt, the rest is tried again.

        `asked`: the request itself went wrong; else the look at an earlier one, which is as doubtful as before.
        `unsure`: an earlier request for these items may have taken effect, whatever this one did.
        """
        lane = self._lane
        lane.calm = False
        if isinstance(error, ProviderBusyError):
            self._busy(hand, numbers, error, seen, asked=asked, unsure=unsure)
            return
        doubt = error.maybe_applied or not asked
        if not (doubt or error.passing):
            self._refused(hand, numbers, error, unsure=unsure)
            return
        doubt = doubt or unsure
        if self.last and not self.went:
            final = ItemState.UNKNOWN if doubt else ItemState.FAILED
            self._settle(hand, numbers, Outcome(state=final, reason=error.sentence, code=error.code))
        else:
            self.trouble = error
            (hand.doubt if doubt else hand.put_back)(numbers)
        item = (self._recall, hand.chunk.number, numbers[0])
        if lane.breaker.failed(item, error.sentence, self._clock.now()):
            lane.halt(error)

    def _busy(
        self,
        hand: Hand,
        numbers: Sequence[int],
        error: ProviderBusyError,
        seen: int,
        *,
        asked: bool,
        unsure: bool,
    ) -> None:
        """Ask for less at a time where the vendor says only that it is too much; else wait as it asks."""
        if error.retry_after is None and asked and self._lane.narrow(seen) and not self._closing:
            self._stock.again(hand, numbers, doubtful=unsure)
            return
        (hand.doubt if unsure or not asked else hand.put_back)(numbers)
        self.halt(error)
        self.halted = True

    def _refused(self, hand: Hand, numbers: Sequence[int], error: ProviderError, *, unsure: bool) -> None:
        """Let items fail that were refused; where all are, let the chunk's others fail without asking for each.

        A vendor that says no is there.
        """
        self._lane.went()
        state = ItemState.UNKNOWN if unsure else ItemState.FAILED
        refused = Outcome(state=state, reason=error.sentence, code=error.code)
        self._settle(hand, numbers, refused)
        self._wrong += 1
        if self._wrong >= IN_A_ROW * self._dispatch.concurrency and hand.unsent:
            self._stock.skip(hand, error.sentence)
            self._wrong = 0

    def _settle(self, hand: Hand, numbers: Sequence[int], outcome: Outcome) -> None:
        for n in numbers:
            hand.settle(n, outcome)
        if self._alone:
            self.single = outcome
