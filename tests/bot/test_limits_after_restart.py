"""A vendor's limits go on over a restart: what the process before asked for is told to its provider."""

from dataclasses import dataclass, field
from pathlib import Path

from bot.policy import Policy, Rule
from bot.ports import Paced
from bot.target import Target
from tests.bot.conftest import build, restarted
from tests.builders import ANN, FixedClock
from tests.vendor import MemoryVendor


@dataclass
class PacedVendor(MemoryVendor):
    """Lets only so much through in a time, and notes what it hears of an earlier process."""

    heard: list[tuple[str, int, float]] = field(default_factory=list)

    def seconds_for(self, target: Target, calls: int) -> float:
        return 60.0 * calls if target.ref.id in self.campaigns else 0.0

    def went(self, target: Target, calls: int, seconds_ago: float) -> None:
        self.heard.append((target.ref.id, calls, seconds_ago))


async def test_what_an_earlier_process_asked_for_is_counted_from_when_it_was_asked_for(
    tmp_path: Path,
) -> None:
    vendor = PacedVendor(confirms=False)
    assert isinstance(vendor, Paced)
    policy = Policy(allow=(Rule(who=frozenset({"S_MARKETING"})),))
    house = await build(tmp_path / "recall.db", FixedClock(), vendor, policy)
    for number in ("1", "2", "3"):
        vendor.sent(number)
    await house.confirmed(ANN, "1")
    await house.engine.run_due()
    house.passes(7_200)
    await house.confirmed(ANN, "2")
    await house.engine.run_due()
    house.passes(240)
    await house.confirmed(ANN, "3")  # nothing of it has been asked for yet

    again = await restarted(house)

    asked = {id_: (calls, ago) for id_, calls, ago in vendor.heard}
    assert asked["1"] == (1, 7_440.0), "long ago, though its outcome was given up a moment ago"
    assert asked["2"] == (1, 240.0)
    assert asked["3"] == (0, 0.0)
    await again.store.close()
