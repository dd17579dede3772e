"""What has to be told in Slack, by kind, and where: the cards."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from bot.recall import Actor, Place, RecallId

CardId = NewType("CardId", str)


class NoticeKind(StrEnum):
    """What has to be told in Slack."""

    CARD = "card"  # post the card: it does not stand yet
    REFRESH = "refresh"  # edit the card so that it shows the present state
    REPLY = "reply"  # one event as a reply in the card's thread
    PROGRESS = "progress"  # the one reply that is edited in place while the recall runs


TOLD = (NoticeKind.REFRESH, NoticeKind.REPLY)
"""The card shows the new state, and the thread says what happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A Slack message that shows a recall. `ts` is None until it has been posted."""

    id: CardId
    recall: RecallId
    place: Place
    ts: str | None = None
    asked_by: Actor
