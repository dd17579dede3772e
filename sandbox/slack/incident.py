"""The post that names everything which has gone out wrong: a campaign, a chat message and a mail at once."""

from datetime import timedelta

from sandbox.slack.past import PANEL, SALE
from sandbox.slack.state import SlackState
from sandbox.slack.values import Json, Message
from sandbox.slack.workspace import format_ts

CHANNEL = "C0ALERTS"
AGO = timedelta(seconds=45)


def plant(state: SlackState, *, chat: str, mail: str) -> None:
    """Post it, as an incident app does; `chat` and `mail` are the vendors' own links."""
    what = "*INC-311: wrong price in three places*\nThe sale is 15%, not 50%. Who sent these takes them back:"
    links = (
        f"• Push campaign: <{PANEL}/{SALE}|Spring sale: 50% off everything>",
        f"• Chat with Mia: <{chat}|“50% off everything, new arrivals too”>",
        f"• Mail to partners: <{mail}|Price list for partners>",
    )
    blocks: tuple[Json, ...] = (
        {"type": "section", "block_id": "what", "text": {"type": "mrkdwn", "text": what}},
        {"type": "section", "block_id": "links", "text": {"type": "mrkdwn", "text": "\n".join(links)}},
    )
    moment = state.clock.now() - AGO
    state.workspace.post(
        Message(
            channel=CHANNEL,
            ts=format_ts(round(moment.timestamp()) * 1_000_000),
            text="INC-311: wrong price in three places",
            bot_id="B0INCIDENT",
            username="Incidents",
            blocks=blocks,
        )
    )
