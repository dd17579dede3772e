"""A Slack of our own on loopback: workspace, Web API, Socket Mode, signed HTTP, and people who press buttons.

It follows Slack's documentation and what was measured of Slack's own client libraries; what works here is meant to
work in Slack, and what Slack refuses is refused here with the same error.
"""

from sandbox.slack.hands import Invisible, Person, Shown, plain
from sandbox.slack.local import LocalSlack
from sandbox.slack.values import Channel, Message, User, UserGroup, View

__all__ = [
    "Channel",
    "Invisible",
    "LocalSlack",
    "Message",
    "Person",
    "Shown",
    "User",
    "UserGroup",
    "View",
    "plain",
]
