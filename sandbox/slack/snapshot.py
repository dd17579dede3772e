"""One person's screen as JSON, for a page to draw."""

from sandbox.slack.screens import surface_of
from sandbox.slack.state import SlackState
from sandbox.slack.values import Channel, Json, Kind, Message, User, View

TOASTS = 5  # the newest ones


def snapshot(state: SlackState, user_id: str, *, sockets: int, http: bool) -> Json:
    """Return everything that one person's screen shows.

    me and people: {id, name, real_name, tz, tz_offset, title, is_bot, is_restricted, deleted} ·
    channels: {id, name, kind, member, bot_member, shared_outside, topic, partner} (partner: the other's id in a direct message) ·
    messages: by channel id, oldest first, replies included · views: open modals, bottom first · home: a view or null ·
    toasts: {id, text, at} · shortcuts: {name, type, callback_id} · health: {connected, sockets, mode}.
    """
    me = state.workspace.users[user_id]
    mine = [c for c in state.workspace.channels.values() if c.kind is Kind.PUBLIC or user_id in c.members]
    home = state.screens.home(user_id)
    return {
        "me": _user(me),
        "people": [_user(user) for user in state.workspace.users.values()],
        "groups": [{"id": g.id, "handle": g.handle} for g in state.workspace.groups.values()],
        "channels": [_channel(state, channel, user_id) for channel in mine],
        "messages": {channel.id: _messages(state, channel, user_id) for channel in mine},
        "views": [_view(state, view) for view in state.screens.stack(user_id)],
        "home": _view(state, home) if home else None,
        "toasts": _toasts(state, user_id),
        "commands": list(state.app.commands),
        "shortcuts": [
            {"name": s.name, "type": s.type, "callback_id": s.callback_id} for s in state.app.shortcuts
        ],
        "health": {
            "connected": http or sockets > 0,
            "sockets": sockets,
            "mode": "http" if http else "socket",
        },
    }


def _user(user: User) -> Json:
    return {
        "id": user.id,
        "name": user.name,
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_offset": user.tz_offset,
        "title": user.title,
        "is_bot": user.is_bot,
        "is_restricted": user.is_restricted,
        "deleted": user.deleted,
    }


def _channel(state: SlackState, channel: Channel, user_id: str) -> Json:
    partner = next(iter(sorted(channel.members - {user_id})), None) if channel.kind is Kind.IM else None
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind.value,
        "member": user_id in channel.members,
        "bot_member": state.app.bot_user in channel.members,
        "shared_outside": channel.shared_outside,
        "topic": channel.topic,
        "partner": partner,
    }


def _messages(state: SlackState, channel: Channel, user_id: str) -> list[Json]:
    return [_message(state, m, user_id) for m in state.workspace.visible(channel.id, user_id)]


def _message(state: SlackState, message: Message, user_id: str) -> Json:
    return {
        "ts": message.ts,
        "thread_ts": message.thread_ts,
        "user": message.user,
        "bot": message.bot_id,
        "username": message.username,
        "text": message.text,
        "blocks": list(message.blocks),
        "attachments": list(message.attachments),
        "reply_count": len(state.workspace.replies(message.channel, message.ts)),
        "ephemeral": message.seen_by is not None,
        "broadcast": message.broadcast,
        "edited": message.edited,
        "deleted": message.deleted,
        "values": state.screens.values(user_id, surface_of(message)),
    }


def _view(state: SlackState, view: View) -> Json:
    return {
        "id": view.id,
        "type": view.body.get("type"),
        "hash": view.hash,
        "title": view.title,
        "submit": _label(view, "submit"),
        "close": _label(view, "close"),
        "blocks": view.blocks,
        "values": state.screens.values(view.owner, surface_of(view)),
        "errors": state.screens.errors(view),
    }


def _label(view: View, key: str) -> str | None:
    label = view.body.get(key)
    return str(label.get("text")) if isinstance(label, dict) else None


def _toasts(state: SlackState, user_id: str) -> list[Json]:
    mine = [
        {"id": number, "text": toast.text, "at": toast.at.isoformat()}
        for number, toast in enumerate(state.toasts)
        if toast.user == user_id
    ]
    return mine[-TOASTS:]
