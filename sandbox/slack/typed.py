"""What a person types, as Slack hands it on: escaped, with links, people and channels marked up."""

import re

from sandbox.slack.values import Kind
from sandbox.slack.workspace import Workspace

LINK = re.compile(r"https?://[^\s<>|]+")
NAME = re.compile(r"(?<![\w/])([@#])([\w-]+)")
BROADCASTS = {"channel", "here", "everyone"}


def as_message(workspace: Workspace, text: str) -> str:
    """Return a typed post's text."""
    return _marked_up(workspace, text, labels=False)


def as_command_text(workspace: Workspace, text: str, *, should_escape: bool) -> str:
    """Return the text of a slash command; names become ids only when the manifest asks for it."""
    return _marked_up(workspace, text, labels=True) if should_escape else text


def _marked_up(workspace: Workspace, text: str, *, labels: bool) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    pieces, end = [], 0
    for link in LINK.finditer(escaped):
        pieces += [_names(workspace, escaped[end : link.start()], labels=labels), f"<{link.group()}>"]
        end = link.end()
    return "".join([*pieces, _names(workspace, escaped[end:], labels=labels)])


def _names(workspace: Workspace, text: str, *, labels: bool) -> str:
    def marked(match: re.Match[str]) -> str:
        sign, name = match.groups()
        if sign == "@":
            return _person(workspace, name, labels=labels) or match.group()
        return _channel(workspace, name) or match.group()

    return NAME.sub(marked, text)


def _person(workspace: Workspace, name: str, *, labels: bool) -> str | None:
    if name in BROADCASTS:
        return f"<!{name}>"
    user = next((user for user in workspace.users.values() if user.name == name), None)
    if user is None:
        return None
    return f"<@{user.id}|{user.name}>" if labels else f"<@{user.id}>"


def _channel(workspace: Workspace, name: str) -> str | None:
    channel = next(
        (channel for channel in workspace.channels.values() if name and channel.name == name), None
    )
    if channel is None:
        return None
    return f"<#{channel.id}|{channel.name if channel.kind is Kind.PUBLIC else ''}>"
