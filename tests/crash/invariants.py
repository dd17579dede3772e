"""What must hold when a recall has ended, however often the bot was killed on the way (DESIGN: what must never happen)."""

import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

from bot.target import ItemState
from handlers.ids import METADATA_KEY, METADATA_RECALL
from sandbox.slack.values import Message
from sandbox.slack.workspace import Workspace
from storage import open_reader, verify_audit

STANDS = 2
DROPPED = 3
SILENT = {"the card alone tells it", "what came after it says it better"}
"""Why a notice needs no message of its own."""


class Kept:
    """What the database holds at the end, read by plain SQL."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        self._connection.row_factory = sqlite3.Row
        try:
            self.integrity = [row[0] for row in self._connection.execute("PRAGMA integrity_check")]
            self.recalls = self._rows("SELECT * FROM recall WHERE confirmed ORDER BY rowid")
            self.outbox = self._rows("SELECT * FROM outbox ORDER BY id")
            self.chunks = self._rows("SELECT * FROM chunk ORDER BY recall, number")
            self.items = self._rows("SELECT * FROM item ORDER BY recall, n")
            self.events = self._rows("SELECT * FROM event ORDER BY n")
        finally:
            self._connection.close()

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute(sql)]

    def recall_of(self, card: Message) -> dict[str, Any]:
        """The row of the recall that a card is about."""
        assert card.metadata
        wanted = card.metadata["event_payload"][METADATA_RECALL]
        (row,) = (each for each in self.recalls if each["id"] == wanted)
        return row

    def codes(self, recall: str) -> list[ItemState]:
        """The items' states, in order."""
        return [ItemState(code) for row in self.chunks if row["recall"] == recall for code in row["codes"]]

    def chunks_of(self, recall: str) -> int:
        """How many chunks a recall has."""
        return sum(row["recall"] == recall for row in self.chunks)

    def items_of(self, recall: str) -> dict[str, ItemState]:
        """Each item's state."""
        ids = [row["id"] for row in self.items if row["recall"] == recall]
        return dict(zip(ids, self.codes(recall), strict=True))


async def assert_kept_whole(file: Path) -> None:
    """The file is sound and its record is unbroken."""
    kept = Kept(file)
    assert kept.integrity == ["ok"]
    reader = await open_reader(f"sqlite:///{file}")
    audit = await verify_audit(reader)
    await reader.close()
    assert audit.whole, audit.broken
    for recall in {row["recall"] for row in kept.events}:
        seqs = [row["seq"] for row in kept.events if row["recall"] == recall]
        assert seqs == list(range(1, len(seqs) + 1))


def assert_each_told_once(kept: Kept, workspace: Workspace) -> None:
    """Each notice of the outbox is one message in Slack, where it belongs, in order, and there is nothing else."""
    posts: list[Message] = [
        each for channel in ("#campaigns", "#recalls") for each in workspace.messages(workspace.channel(channel).id)
        if each.bot_id == "B0RECALL" and each.metadata
    ]  # fmt: skip
    keys = [each.metadata["event_payload"][METADATA_KEY] for each in posts if each.metadata]
    assert [key for key, times in Counter(keys).items() if times > 1] == [], "told twice"
    posted = dict(zip(keys, posts, strict=True))
    due = [row for row in kept.outbox if row["kind"] in {"card", "reply"}]
    for row in due:
        assert row["state"] in {STANDS, DROPPED}, row
        assert row["state"] == STANDS or row["why"] in SILENT, row
        assert (row["key"] in posted) == (row["state"] == STANDS), f"not told, or told and not noted: {row}"
    for card in {row["card"] for row in due}:
        told = [posted[row["key"]] for row in due if row["card"] == card and row["state"] == STANDS]
        assert [each.ts for each in told] == sorted(each.ts for each in told), "out of order"
        assert {each.root for each in told} == {told[0].root}, "in the wrong thread"


def assert_counts_are_sums(kept: Kept, recall: dict[str, Any], counts: dict[str, int]) -> None:
    """The numbers that are shown are those of the items."""
    codes = Counter(kept.codes(recall["id"]))
    assert counts["done"] == codes[ItemState.DONE]
    assert counts["failed"] == codes[ItemState.FAILED]
    assert counts["unknown"] == codes[ItemState.UNKNOWN]
    assert counts["total"] == sum(codes.values())
