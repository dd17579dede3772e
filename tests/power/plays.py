"""What is recalled while a disk is watched: a push campaign, a mail-merge in chunks, and parts of a bulletin in batches."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.recall import State
from sandbox.vendors.bulletin import BulletinBoard
from sandbox.vendors.graph_seed import FINN, mail
from sandbox.vendors.rest import Asked, Reply
from tests.crash.merges import MAIL_RULES, mail_table
from tests.power.witness import Witness
from tests.providers.http_vendors import ENVIRONMENT, written
from tests.stories.conftest import RULES, Story

MANY: Final = 60
CHUNK: Final = 8
BATCH: Final = 5
BOARD_RULES: Final = """
[[policy.allow]]
who = ["S0MARKETING"]
providers = ["board"]
"""
ONE_CALL: Final = """method = "POST"
url = "https://api.board.example.com/api/bulletins/{id}/recall"
accepted = { status = [202] }
"""
IN_BATCHES: Final = """method = "POST"
url = "https://api.board.example.com/api/bulletins/messages/recall"
body = { ids = "{items}" }
accepted = { status = [200] }
done_items = "/done"
failed_items = "/failed"
"""

Play = Callable[[Story, Witness], Awaitable[None]]
"""Recalls something, from the command to the last status."""


async def push(story: Story, _witness: Witness) -> None:
    """One vendor call."""
    await story.starts()
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)
    await story.told(card, 3)


async def letters(story: Story, _witness: Witness) -> None:
    """Many mails, one call each; a chunk's intents are written as it is claimed."""
    begin = story.world.clock.now() - timedelta(minutes=20)
    for n in range(MANY):
        story.world.graph.post(mail(500 + n, "Letter to members", f"Dear {n}", (FINN,), begin))
    story.vendors = mail_table(story.world)
    await story.starts(RULES + MAIL_RULES)
    card = await story.asks(story.ann, "letter to members", about="Letter to members")
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.SUBMITTED)
    for _ in range(3):
        await story.passes(30)
    await story.ends(State.DONE)
    await story.told(card, 3)
    assert story.world.graph.count("recall") == MANY


@dataclass
class WatchedBoard:
    """Counts, beside what a board does, how far the disk was when each part of a bulletin was asked for."""

    board: BulletinBoard
    witness: Witness
    answers: Callable[[Asked], Reply] = field(init=False)

    def __post_init__(self) -> None:
        self.answers = self.board.answer
        self.board.answer = self._answer  # type: ignore[method-assign]

    def _answer(self, asked: Asked) -> Reply:
        if asked.call == "recall_messages":
            self.witness.left += [(len(self.witness.disk.deeds), each) for each in asked.body["ids"]]
        return self.answers(asked)


async def batches(story: Story, witness: Witness) -> None:
    """Many parts, some in each call, at a vendor that must not be asked twice: each call's intents are written before it."""
    board = BulletinBoard(clock=story.world.clock)
    WatchedBoard(board, witness)
    board.bulletins["b-300"].messages = [f"part-{n}" for n in range(MANY)]
    await board.start()
    try:
        story.vendors, story.environ = in_batches(board), dict(ENVIRONMENT)
        await story.starts(RULES + BOARD_RULES)
        card = await story.asks(story.ann, "b-300", about="New prices")
        await story.ann.presses("Yes, recall", card)
        await story.ends(State.DONE)
        await story.told(card, 2)
        assert MANY / BATCH <= board.times("recall_messages") < MANY / 2
        await story.stops()
    finally:
        await board.stop()


def in_batches(board: BulletinBoard) -> str:
    """The settings of docs/http.md, with several parts to a call."""
    table = written("board", board)
    one, many = (each.replace("https://api.board.example.com", board.url) for each in (ONE_CALL, IN_BATCHES))
    assert one in table
    table = table.replace(one, many).replace("window_minutes", f"batch = {BATCH}\nwindow_minutes", 1)
    return table.replace('id = "/id"', 'id = "/id"\nitems = "/messages"', 1)


PLAYS: Final[dict[str, Play]] = {"push": push, "letters": letters, "batches": batches}
