"""conversations.*: what channels there are, who is in them, and what was said."""

from sandbox.slack.api.access import SCOPE_PREFIX, known_channel, missing_scope, readable_channel
from sandbox.slack.api.arguments import Arguments, cursor_for
from sandbox.slack.api.method import Method
from sandbox.slack.errors import SlackError
from sandbox.slack.limits import Tier
from sandbox.slack.state import SlackState
from sandbox.slack.values import Json, Kind, Message
from sandbox.slack.wire import channel_json, message_json
from sandbox.slack.workspace import ts_order

READ = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
TYPES = {"public_channel": Kind.PUBLIC, "private_channel": Kind.PRIVATE, "im": Kind.IM}


def info(state: SlackState, args: Arguments) -> Json:
    """Return one conversation."""
    channel = readable_channel(state, args.need("channel"), "read")
    body = channel_json(state, channel)
    if args.flag("include_num_members"):
        body["num_members"] = len(channel.members)
    return {"channel": body}


def open_direct(state: SlackState, args: Arguments) -> Json:
    """Open the direct message with one person."""
    if args.text("channel"):
        channel = known_channel(state, args.need("channel"))
        return {"no_op": True, "already_open": True, "channel": {"id": channel.id}}
    users = [user for user in (args.text("users") or "").split(",") if user]
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        raise missing_scope(state, "mpim:write")
    user = state.workspace.users.get(users[0])
    if user is None:
        raise SlackError("user_not_found")
    if user.deleted:
        raise SlackError("user_disabled")
    existing = state.workspace.direct(user.id, state.app.bot_user)
    channel = state.workspace.open_direct(user.id, state.app.bot_user)
    body: Json = channel_json(state, channel) if args.flag("return_im") else {"id": channel.id}
    return {"channel": body} | ({"no_op": True, "already_open": True} if existing else {})


def history(state: SlackState, args: Arguments) -> Json:
    """Return a conversation's messages, newest first, without the replies in threads."""
    channel = readable_channel(state, args.need("channel"), "history")
    if state.app.bot_user not in channel.members:
        raise SlackError("not_in_channel")
    messages = [m for m in state.workspace.public(channel.id) if m.thread_ts is None or m.broadcast]
    wanted = _between(args, list(reversed(messages)))
    mark = args.bookmark()
    if mark:
        wanted = [message for message in wanted if ts_order(message.ts) < ts_order(mark)]
    return _page(state, args, wanted)


def replies(state: SlackState, args: Arguments) -> Json:
    """Return a thread: the root, then the replies, oldest first."""
    channel = readable_channel(state, args.need("channel"), "history")
    if state.app.bot_user not in channel.members:
        raise SlackError("channel_not_found")
    root = state.workspace.message(channel.id, args.need("ts"))
    if root is None or root.seen_by:
        raise SlackError("thread_not_found")
    rest = _between(args, state.workspace.replies(channel.id, root.ts))
    mark = args.bookmark()
    if mark:
        return _page(state, args, [m for m in rest if ts_order(m.ts) > ts_order(mark)])
    return _page(state, args, [root, *rest])


def members(state: SlackState, args: Arguments) -> Json:
    """Return the ids of a conversation's members."""
    channel = readable_channel(state, args.need("channel"), "read")
    start, limit = int(args.bookmark() or 0), args.limit()
    everybody = sorted(channel.members)
    more = str(start + limit) if start + limit < len(everybody) else None
    return {"members": everybody[start : start + limit], "response_metadata": cursor_for(more)}


def list_all(state: SlackState, args: Arguments) -> Json:
    """Return the conversations that the app may know of; public channels unless `types` says otherwise."""
    wanted = [name for name in (args.text("types") or "public_channel").split(",") if name != "mpim"]
    if not set(wanted) <= TYPES.keys():
        raise SlackError("invalid_types")
    kinds = {TYPES[name] for name in wanted}
    lacking = [f"{SCOPE_PREFIX[k]}:read" for k in kinds if f"{SCOPE_PREFIX[k]}:read" not in state.app.scopes]
    if lacking:
        raise missing_scope(state, *lacking)
    bot = state.app.bot_user
    found = [
        channel
        for channel in state.workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind is Kind.PUBLIC or bot in channel.members)
        and not (channel.archived and args.flag("exclude_archived"))
    ]
    start, limit = int(args.bookmark() or 0), args.limit()
    more = str(start + limit) if start + limit < len(found) else None
    shown = [channel_json(state, channel) for channel in found[start : start + limit]]
    return {"channels": shown, "response_metadata": cursor_for(more)}


METHODS = {
    "conversations.info": Method(run=info, tier=Tier.THREE, scopes=READ),
    "conversations.open": Method(run=open_direct, tier=Tier.THREE, scopes=("im:write", "mpim:write")),
    "conversations.history": Method(run=history, tier=Tier.THREE, scopes=HISTORY),
    "conversations.replies": Method(run=replies, tier=Tier.THREE, scopes=HISTORY),
    "conversations.members": Method(run=members, tier=Tier.FOUR, scopes=READ),
    "conversations.list": Method(run=list_all, tier=Tier.TWO, scopes=READ),
}


def _between(args: Arguments, messages: list[Message]) -> list[Message]:
    """Keep what lies between `oldest` and `latest`, the bounds themselves only with `inclusive`."""
    for bound in ("oldest", "latest"):
        value = args.text(bound)
        if value and not value.replace(".", "", 1).isdigit():
            raise SlackError(f"invalid_ts_{bound}")
    oldest, latest = ts_order(args.text("oldest") or "0"), ts_order(args.text("latest") or f"{10**11}")
    bounds = {oldest, latest} if args.flag("inclusive") else set()
    return [m for m in messages if oldest < ts_order(m.ts) < latest or ts_order(m.ts) in bounds]


def _page(state: SlackState, args: Arguments, messages: list[Message]) -> Json:
    limit = args.limit()
    page, more = messages[:limit], len(messages) > limit
    with_metadata = args.flag("include_all_metadata")
    shown = [message_json(state, m, with_metadata=with_metadata) for m in page]
    body: Json = {"messages": shown, "has_more": more}
    return body | ({"response_metadata": cursor_for(page[-1].ts)} if more else {})
