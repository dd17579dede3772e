"""What has to be told in Slack, by kind."""

from enum import StrEnum


class NoticeKind(StrEnum):
    """What has to be told in Slack."""

    CARD = "card"  # post the card: it does not stand yet
    REFRESH = "refresh"  # edit the card so that it shows the present state
    REPLY = "reply"  # one event as a reply in the card's thread
    PROGRESS = "progress"  # the one reply that is edited in place while the recall runs


TOLD = (NoticeKind.REFRESH, NoticeKind.REPLY)
"""The card shows the new state, and the thread says what happened."""
