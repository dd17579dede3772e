"""What a tale is, how a run of it ends, and what must be true then of every one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sandbox.slack.values import Message
from sandbox.vendors.faults import Faults
from sandbox.world import World
from tests.crash.invariants import (
    Kept,
    assert_counts_are_sums,
    assert_each_told_once,
    assert_kept_whole,
)
from tests.crash.stage import Stage
from tests.stories.conftest import Story, buttons

RESUMED: Final = "Recall was restarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How one recall of a run ended: what people see, and what was kept."""

    stage: Stage
    card: Message
    kept: Kept
    recall: dict[str, Any]  # its row

    @property
    def replies(self) -> list[str]:
        """What stands in the thread."""
        return self.stage.story.thread(self.card)

    def said(self, name: str) -> list[str]:
        """What the record's events say about the recall under a name."""
        told = [json.loads(each["data"]) for each in self.kept.events if each["recall"] == self.recall["id"]]
        return [str(each[name]) for each in told if name in each]

    @property
    def undisturbed(self) -> bool:
        """Whether nothing went wrong: nobody was killed, and no vendor was ill."""
        return not (self.stage.deaths or self.stage.ills.vendors)


class Tale(Protocol):
    """Recalls, from the command to their end."""

    name: str
    chunk: int
    late: bool  # kill points count only from where the tale says so

    async def opens(self, story: Story) -> None:
        """Fill the world, and add to the settings what the bot needs."""
        ...

    def vendors(self, world: World) -> Mapping[str, Faults]:
        """Name the vendors that it recalls at, with what they can do wrong."""
        ...

    async def goes(self, stage: Stage) -> Sequence[Message]:
        """Do what people do; returns the cards, one for each recall."""
        ...

    def holds(self, end: End) -> None:
        """Assert what must be true of one of this tale's recalls."""
        ...

    async def closes(self) -> None:
        """End what `opens` began."""
        ...


async def assert_holds(stage: Stage, tale: Tale, cards: Sequence[Message]) -> None:
    """Assert everything that must be true once nothing is left to do."""
    file = stage.story.folder / "recall.db"
    await assert_kept_whole(file)
    kept = Kept(file)
    assert_each_told_once(kept, stage.story.world.slack.workspace)
    assert len(kept.recalls) == len(cards)
    for card in cards:
        recall = kept.recall_of(card)
        assert_counts_are_sums(kept, recall, json.loads(recall["body"])["counts"])
        end = End(stage=stage, card=card, kept=kept, recall=recall)
        assert sum(RESUMED in each for each in end.replies) <= stage.deaths, end.replies
        assert "Yes, recall" not in buttons(stage.story.fresh(card))
        tale.holds(end)
    if not (stage.plan.ailing and stage.plan.ailing.grumbles):
        assert "Traceback" not in stage.log(), stage.log()
