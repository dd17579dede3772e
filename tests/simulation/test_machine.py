"""People, Recall, vendors and Slack in any order, with anything going wrong, and what must hold all the same."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.recall import Actor
from bot.target import ItemState
from tests.simulation.checks import always, in_the_end, quiet
from tests.simulation.house import ANN, BOB, CAT, EVE
from tests.simulation.weather import Sky
from tests.simulation.world import World

people = st.sampled_from([ANN, BOB, CAT, EVE])
which = st.integers(0, 5)
shares = st.sampled_from([0.15, 0.5, 1.0])
moments = st.sampled_from([0.0, 0.01, 0.1, 0.3, 1.0, 3.0, 20.0])
turns = st.integers(0, 12)
skies = st.sampled_from([each for each in Sky if each is not Sky.FINE])
maybe_skies = st.just(Sky.FINE) | skies
confirmations = st.sampled_from([0.0, 40.0, 600.0, 1e9])


class Everything(RuleBasedStateMachine):
    """One world, and everything that can happen in it."""

    @initialize(
        seed=st.integers(0, 2**16),
        confirmed=st.lists(which, min_size=1, max_size=5, unique=True),
        moment=moments,
        slack=st.tuples(maybe_skies, shares),
        others=st.tuples(maybe_skies, shares),
        after=confirmations,
        read=st.sets(st.integers(0, 4), max_size=3),
    )
    def begins(
        self,
        seed: int,
        confirmed: list[int],
        moment: float,
        slack: tuple[Sky, float],
        others: tuple[Sky, float],
        after: float,
        read: set[int],
    ) -> None:
        """Recalls are under way, and something may be wrong already."""
        self.world = World(seed)
        for vendor in self.world.vendors.values():
            self.world.refs += [vendor.sent(1, 500), vendor.sent(5, 50_000)]
            vendor.confirms_after = after
        for number in range(len(self.world.refs)):
            for item in read:
                self.an_item_is_read(number, item, stubborn=True)
        for number in confirmed:
            self.asks_and_confirms(ANN, number, BOB)
        self.world.slack.weather.changes(*slack)
        for vendor in self.world.vendors.values():
            vendor.weather.changes(*others)
        self.world.passes(moment)

    # People

    @rule(who=people, number=which, channel=st.sampled_from(["C1", "C2"]))
    def asks(self, who: Actor, number: int, channel: str) -> None:
        self.world.asks(who, self.world.refs[number], channel)

    @rule(who=st.sampled_from([ANN, BOB]), number=which, other=st.sampled_from([None, BOB, CAT]))
    def asks_and_confirms(self, who: Actor, number: int, other: Actor | None) -> None:
        """The way that most recalls go, so that much is under way."""
        self.world.asks(who, self.world.refs[number], "C1")
        for recall in self.world.recalls():
            if recall.target.ref == self.world.refs[number] and recall.state.value == "proposed":
                self.world.presses(who, "confirm", recall)
                if recall.needs_second and other:
                    self.world.passes(0.1)
                    self.world.presses(other, "approve", recall)

    @precondition(lambda self: self.world.recalls())
    @rule(
        who=people,
        verb=st.sampled_from(["confirm", "decline", "approve", "stop", "retry"]),
        number=which,
        times=st.integers(1, 2),
    )
    def presses(self, who: Actor, verb: str, number: int, times: int) -> None:
        self._press(who, verb, number, times)

    @precondition(lambda self: self.world.recalls())
    @rule(first=people, second=people, verb=st.sampled_from(["confirm", "approve", "retry"]), number=which)
    def press_at_once(self, first: Actor, second: Actor, verb: str, number: int) -> None:
        self._press(first, verb, number, 1)
        self._press(second, verb, number, 1)

    # Time

    @rule(seconds=moments, turns=turns)
    def a_moment_passes(self, seconds: float, turns: int) -> None:
        self.world.passes(seconds, turns)

    @rule(minutes=st.sampled_from([1, 5, 16, 45]))
    def minutes_pass(self, minutes: int) -> None:
        self.world.passes(minutes * 60)

    @rule(hours=st.integers(1, 5))
    def the_machine_sleeps(self, hours: int) -> None:
        self.world.loop.skip(hours * 3600)

    @rule(seconds=st.sampled_from([-240, -20, 0, 45, 240]))
    def the_clock_is_wrong(self, seconds: float) -> None:
        self.world.clock.off = seconds

    # The process and its disk

    @rule(seconds=moments, turns=turns)
    def crashes(self, seconds: float, turns: int) -> None:
        self.world.passes(seconds, turns)
        self.world.crashes()

    @rule(writing=st.booleans())
    def the_disk(self, writing: bool) -> None:
        self.world.disk.takes(writing=writing)

    # Others

    @rule(sky=skies, share=shares)
    def slack_clouds_over(self, sky: Sky, share: float) -> None:
        self.world.slack.weather.changes(sky, share)

    @rule()
    def slack_clears(self) -> None:
        self.world.slack.weather.clears()

    @rule(name=st.sampled_from("abc"), sky=skies, share=shares)
    def a_vendor_clouds_over(self, name: str, sky: Sky, share: float) -> None:
        self.world.vendors[name].weather.changes(sky, share)

    @rule(name=st.sampled_from("abc"))
    def a_vendor_clears(self, name: str) -> None:
        self.world.vendors[name].weather.clears()

    @rule(name=st.sampled_from("abc"), after=confirmations)
    def a_vendor_confirms_later(self, name: str, after: float) -> None:
        self.world.vendors[name].confirms_after = after

    @rule(number=which, item=st.integers(0, 4), stubborn=st.booleans())
    def an_item_is_read(self, number: int, item: int, stubborn: bool) -> None:
        ref = self.world.refs[number]
        things = list(self.world.vendors[ref.provider].sendings[ref.id].things.values())
        things[item % len(things)].stubborn = stubborn

    @precondition(lambda self: any(each.key for each in self.world.slack.posts))
    @rule(number=st.integers(0, 9))
    def a_message_is_deleted(self, number: int) -> None:
        ours = [each for each in self.world.slack.posts if each.key]
        ours[number % len(ours)].deleted = True

    @rule(channel=st.sampled_from(["C1", "C2"]))
    def a_channel_is_archived(self, channel: str) -> None:
        self.world.slack.closed.add(channel)

    # What must hold

    @invariant()
    def nothing_that_must_not_be(self) -> None:
        if hasattr(self, "world"):
            always(self.world)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self._settles()
            in_the_end(self.world)
            self._are_retried()
            in_the_end(self.world)
        finally:
            self.world.close()

    def _settles(self) -> None:
        """Everything is well again, and two hours pass."""
        world = self.world
        world.slack.weather.clears()
        for vendor in world.vendors.values():
            vendor.weather.clears()
        world.disk.takes(writing=True)
        world.clock.off = 0
        world.crashes()
        self._comes_to_rest()

    def _are_retried(self) -> None:
        """Ann presses Retry wherever something is left; what is gone is not asked for again."""
        world = self.world
        gone = {each.id: world.asked_for(each, ItemState.DONE) for each in world.recalls()}
        for recall in world.recalls():
            if recall.can_retry:
                world.presses(ANN, "retry", recall)
        self._comes_to_rest()
        for recall in world.recalls():
            asked = world.asked_for(recall, ItemState.DONE)
            before = gone[recall.id]
            assert {each: asked[each] for each in before} == before, (
                f"{recall.id} took back again what was gone"
            )

    def _comes_to_rest(self) -> None:
        for _ in range(24):
            self.world.passes(300)
            if quiet(self.world):
                break

    def _press(self, who: Actor, verb: str, number: int, times: int) -> None:
        recalls = self.world.recalls()
        recall = recalls[-1 - number % len(recalls)]
        self.world.presses(who, verb, recall, times=times)
        if verb == "stop":
            self.world.passes(0.05)
            now = next(each for each in self.world.recalls() if each.id == recall.id)
            if now.stopping:
                self.world.stopped_at.setdefault(f"{recall.id}", self.world.loop.time())
            else:
                self.world.stopped_at.pop(recall.id, None)


PROFILES = {
    "recall": settings(max_examples=25, stateful_step_count=25, derandomize=True),
    "unshrunk": settings(
        max_examples=25, stateful_step_count=25, derandomize=True, phases=[Phase.explicit, Phase.generate]
    ),  # for who only wants to know whether it fails
    "soak": settings(max_examples=int(os.environ.get("EXAMPLES", "2000")), stateful_step_count=50),
}
Everything.TestCase.settings = settings(
    PROFILES[os.environ.get("HYPOTHESIS_PROFILE", "recall")],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestEverything = pytest.mark.timeout(0)(Everything.TestCase)
