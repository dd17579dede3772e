"""A recall for later: the window that asks when."""

from datetime import datetime, timedelta
from typing import Final

from bot.planning import can_wait
from bot.recall import Recall
from handlers.cards import words
from handlers.cards.kit import Block, date, option, paragraph, plain
from handlers.cards.views import View, modal
from handlers.cards.words_errors import standing
from handlers.ids import PLAN, PLAN_INPUT, PLAN_TIME

SCHEDULE: Final = "Schedule…"
TITLE: Final = "Schedule the recall"
LABEL: Final = "When shall it begin?"
HINT: Final = "In your own time zone. This is a yes: it begins then by itself. Until then anybody who may recall it can cancel."
SUBMIT: Final = "Schedule"
NO_TIME: Final = "Choose a date and a time."
AHEAD: Final = timedelta(hours=1)
STEP: Final = 300
"""Seconds: the moment that is offered first is a round one."""


def offered(recall: Recall) -> list[Block]:
    """Give the menu's line that leads to the window, where there is time enough to wait."""
    return [option(SCHEDULE, f"{PLAN}:{recall.id}")] if can_wait(recall.target, recall.asked_at) else []


def view(recall: Recall, now: datetime, metadata: str) -> View:
    """Ask for the moment; Slack shows it in the person's own zone.

    The answer is `state.values[ids.PLAN_TIME][ids.PLAN_INPUT].selected_date_time`, in seconds.
    """
    closes = recall.target.capability.closes_at
    first = now + AHEAD if closes is None else min(now + AHEAD, now + (closes - now) / 2)
    element: Block = {
        "type": "datetimepicker",
        "action_id": PLAN_INPUT,
        "initial_date_time": int(first.timestamp()) // STEP * STEP + STEP,
    }
    asked: Block = {
        "type": "input",
        "block_id": PLAN_TIME,
        "label": plain(LABEL),
        "hint": plain(HINT),
        "element": element,
    }
    told = [f"It can be recalled until {date(closes)}."] if closes else []
    about = paragraph(*told, lead=words.name(recall.target))
    return modal(PLAN_TIME, TITLE, [about, asked], metadata, submit=SUBMIT)


def too_late(recall: Recall) -> str:
    """Say that somebody decided before, and how the recall stands."""
    return f"Nothing was planned. {standing(recall)}"
