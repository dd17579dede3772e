"""Values as the JSON that Slack sends."""

import hashlib

from sandbox.slack.screens import surface_of
from sandbox.slack.state import SlackState
from sandbox.slack.values import Channel, Json, Kind, Message, User, UserGroup, View


def message_json(state: SlackState, message: Message, *, with_metadata: bool = False) -> Json:
    """Return a message as in conversations.history or an interaction's payload."""
    body: Json = {"type": "message", "ts": message.ts, "text": message.text, "team": state.app.team_id}
    if message.user:
        body["user"] = message.user
    if message.bot_id:
        body["bot_id"] = message.bot_id
        if message.bot_id == state.app.bot_id:
            body |= {"app_id": state.app.app_id, "bot_profile": _bot_profile(state)}
        else:
            body |= {"subtype": "bot_message", "username": message.username or "Webhook"}
    if message.blocks:
        body["blocks"] = list(message.blocks)
    if message.attachments:
        body["attachments"] = list(message.attachments)
    if message.edited:
        body["edited"] = {"user": message.user, "ts": message.ts}
    if message.deleted:
        body |= {"subtype": "tombstone", "hidden": True, "user": "USLACKBOT"}
    if message.metadata:
        event_type = message.metadata.get("event_type")
        body["metadata"] = message.metadata if with_metadata else {"event_type": event_type}
    return body | _thread_fields(state, message)


def channel_json(state: SlackState, channel: Channel) -> Json:
    """Return a conversation as in conversations.info."""
    member = state.app.bot_user in channel.members
    body: Json = {
        "id": channel.id,
        "created": 1700000000,
        "is_channel": channel.kind is Kind.PUBLIC,
        "is_group": channel.kind is Kind.PRIVATE,
        "is_im": channel.kind is Kind.IM,
        "is_mpim": False,
        "is_private": channel.kind is not Kind.PUBLIC,
        "is_archived": channel.archived,
        "is_shared": channel.shared_outside,
        "is_ext_shared": channel.shared_outside,
        "is_org_shared": False,
        "context_team_id": state.app.team_id,
    }
    if channel.kind is Kind.IM:
        others = sorted(channel.members - {state.app.bot_user})
        return body | {"user": others[0], "is_open": True}
    return body | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_member": member,
        "is_general": channel.name == "general",
        "creator": "U0BOB",
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def user_json(state: SlackState, user: User) -> Json:
    """Return a person as in users.info."""
    profile = {
        "real_name": user.real_name,
        "display_name": user.name,
        "real_name_normalized": user.real_name,
        "display_name_normalized": user.name,
        "title": user.title,
        "team": state.app.team_id,
    }
    if user.email and "users:read.email" in state.app.scopes:
        profile["email"] = user.email
    body: Json = {
        "id": user.id,
        "team_id": state.app.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 1700000000,
        "profile": profile,
    }
    if user.deleted:
        return body
    return body | {
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": user.tz_offset,
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": False,
        "color": hashlib.sha256(user.id.encode()).hexdigest()[:6],
    }


def group_json(state: SlackState, group: UserGroup, *, with_users: bool) -> Json:
    """Return a user group as in usergroups.list."""
    body: Json = {
        "id": group.id,
        "team_id": state.app.team_id,
        "is_usergroup": True,
        "handle": group.handle,
        "name": group.name,
        "description": "",
        "is_external": False,
        "date_delete": 0,
        "user_count": len(group.members),
    }
    return body | ({"users": list(group.members)} if with_users else {})


def view_json(state: SlackState, view: View) -> Json:
    """Return a view as in the answer of views.open and in payloads."""
    body: Json = {
        "id": view.id,
        "team_id": state.app.team_id,
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "title": None,
        "close": None,
        "submit": None,
        "clear_on_close": False,
        "notify_on_close": False,
    }
    return (
        body
        | view.body
        | {
            "state": {"values": state.screens.values(view.owner, surface_of(view))},
            "hash": view.hash,
            "root_view_id": view.root_id,
            "previous_view_id": view.previous_id,
            "app_id": state.app.app_id,
            "app_installed_team_id": state.app.team_id,
            "bot_id": state.app.bot_id,
        }
    )


def _bot_profile(state: SlackState) -> Json:
    return {
        "id": state.app.bot_id,
        "app_id": state.app.app_id,
        "user_id": state.app.bot_user,
        "name": state.workspace.users[state.app.bot_user].real_name,
        "deleted": False,
        "team_id": state.app.team_id,
    }


def _thread_fields(state: SlackState, message: Message) -> Json:
    if message.thread_ts:
        root = state.workspace.message(message.channel, message.thread_ts)
        fields: Json = {"thread_ts": message.thread_ts}
        if root and (root.user or root.bot_id):
            fields["parent_user_id"] = root.user or ""
        return fields | ({"subtype": "thread_broadcast"} if message.broadcast else {})
    replies = state.workspace.replies(message.channel, message.ts)
    if not replies:
        return {}
    people = list(dict.fromkeys(reply.user for reply in replies if reply.user))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(people),
        "reply_users": people,
        "latest_reply": replies[-1].ts,
    }
