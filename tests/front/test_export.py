import csv
import io
import json

import pytest

from bot.ports import ItemId, ItemResult
from bot.target import ItemState, Outcome, RecipientOutcome
from front.export import as_csv, as_jsonl, harmless

GONE = RecipientOutcome(address="finn@fernhill.example", state=ItemState.DONE)
THERE = RecipientOutcome(
    address="=HYPERLINK(1)@x", state=ItemState.FAILED, reason='Still there,\n+1 "quoted"'
)
RESULTS = (
    ItemResult(
        number=0,
        item=ItemId("a"),
        state=ItemState.FAILED,
        outcome=Outcome(state=ItemState.FAILED, receipt="hub 1", recipients=(GONE, THERE)),
    ),
    ItemResult(number=1, item=ItemId("b"), state=ItemState.PENDING, outcome=None),
)


def test_each_recipient_has_a_row_and_no_cell_is_a_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(RESULTS, head=True))))
    assert [row["outcome"] for row in rows] == ["confirmed", "failed", "not sent"]
    assert rows[1]["recipient"] == "'=HYPERLINK(1)@x"
    assert rows[1]["reason"] == 'Still there,\n+1 "quoted"'
    assert rows[0]["receipt"] == "hub 1"


def test_json_holds_what_was_said_as_it_was() -> None:
    rows = [json.loads(line) for line in as_jsonl(RESULTS).splitlines()]
    assert rows[1]["recipient"] == "=HYPERLINK(1)@x"
    assert rows[2] == {**dict.fromkeys(rows[2], ""), "item": "2", "outcome": "not sent"}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1"])
def test_cells_that_a_spreadsheet_would_run_are_quoted(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_ordinary_cells_stay_as_they_are() -> None:
    assert harmless("ann@example.com") == "ann@example.com"
