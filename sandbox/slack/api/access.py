"""Which conversations the app may see, and what it is told about the others."""

from sandbox.slack.errors import SlackError
from sandbox.slack.state import SlackState
from sandbox.slack.values import Channel, Kind

SCOPE_PREFIX = {Kind.PUBLIC: "channels", Kind.PRIVATE: "groups", Kind.IM: "im"}


def missing_scope(state: SlackState, *needed: str) -> SlackError:
    """Return the error that names the scopes that are missing and those there are."""
    return SlackError("missing_scope", needed=",".join(needed), provided=",".join(state.app.scopes))


def known_channel(state: SlackState, channel_id: str) -> Channel:
    """Return a conversation whose existence the app may know of: public ones, and those the bot is in."""
    try:
        channel = state.workspace.channel(channel_id)
    except LookupError:
        raise SlackError("channel_not_found") from None
    if channel.kind is not Kind.PUBLIC and state.app.bot_user not in channel.members:
        raise SlackError("channel_not_found")
    return channel


def readable_channel(state: SlackState, channel_id: str, right: str) -> Channel:
    """Return a conversation for whose kind the app has the scope; `right` is "read" or "history"."""
    channel = known_channel(state, channel_id)
    scope = f"{SCOPE_PREFIX[channel.kind]}:{right}"
    if scope not in state.app.scopes:
        raise missing_scope(state, scope)
    return channel


def postable_channel(state: SlackState, channel_id: str) -> Channel:
    """Return where a post goes: a user's id means the direct message with them.

    Raises `channel_not_found` for what the bot cannot see, `not_in_channel` for a public channel it is not in.
    """
    user = state.workspace.users.get(channel_id)
    if user:
        if user.deleted or user.is_bot:
            raise SlackError("channel_not_found")
        return state.workspace.open_direct(user.id, state.app.bot_user)
    channel = known_channel(state, channel_id)
    if channel.archived:
        raise SlackError("is_archived")
    if state.app.bot_user not in channel.members and "chat:write.public" not in state.app.scopes:
        raise SlackError("not_in_channel")
    return channel
