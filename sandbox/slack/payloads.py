"""The payloads that Slack sends to an app, field by field."""

import itertools
from dataclasses import dataclass

from sandbox.slack.screens import surface_of
from sandbox.slack.state import SlackState
from sandbox.slack.values import Channel, Json, Kind, Message, User, View
from sandbox.slack.wire import message_json, view_json

VERIFICATION_TOKEN = "sandbox-verification-token"


@dataclass(kw_only=True, slots=True)
class Payloads:
    """Builds payloads for one workspace and one app."""

    state: SlackState
    _events: "itertools.count[int]"

    @classmethod
    def of(cls, state: SlackState) -> "Payloads":
        """Return the builder for a local Slack."""
        return cls(state=state, _events=itertools.count(1))

    def slash_command(self, user: User, channel: Channel, command: str, text: str) -> Json:
        """Return a slash command: no message, no thread, all values text."""
        names = {Kind.IM: "directmessage", Kind.PRIVATE: "privategroup", Kind.PUBLIC: channel.name}
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": self.state.app.team_id,
            "team_domain": self.state.app.domain,
            "channel_id": channel.id,
            "channel_name": names[channel.kind],
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": self.state.app.app_id,
            "is_enterprise_install": "false",
            "response_url": self.state.passes.new_response_url(user.id, channel.id),
            "trigger_id": self.state.passes.new_trigger(user.id),
        }

    def message_action(self, user: User, channel: Channel, message: Message, callback_id: str) -> Json:
        """Return a message shortcut, with the whole message but without its metadata."""
        return self._base("message_action", user) | {
            "action_ts": self.state.workspace.next_ts(),
            "callback_id": callback_id,
            "trigger_id": self.state.passes.new_trigger(user.id),
            "response_url": self.state.passes.new_response_url(
                user.id, channel.id, thread_ts=message.thread_ts
            ),
            "channel": _channel_stub(channel),
            "message_ts": message.ts,
            "message": self._message(message),
        }

    def global_shortcut(self, user: User, callback_id: str) -> Json:
        """Return a global shortcut: no message, no channel, no response URL."""
        return self._base("shortcut", user) | {
            "action_ts": self.state.workspace.next_ts(),
            "callback_id": callback_id,
            "trigger_id": self.state.passes.new_trigger(user.id),
        }

    def message_block_action(self, user: User, channel: Channel, message: Message, action: Json) -> Json:
        """Return a click on a message; an ephemeral one sends no message object."""
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.seen_by is not None,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        values = self.state.screens.values(user.id, surface_of(message))
        body = self._base("block_actions", user) | {
            "api_app_id": self.state.app.app_id,
            "container": container,
            "channel": _channel_stub(channel),
            "trigger_id": self.state.passes.new_trigger(user.id),
            "response_url": self.state.passes.new_response_url(
                user.id, channel.id, source_ts=message.ts, thread_ts=message.thread_ts
            ),
            "state": {"values": values},
            "actions": [self._action(action)],
        }
        return body if message.seen_by else body | {"message": self._message(message)}

    def view_block_action(self, user: User, view: View, action: Json) -> Json:
        """Return a click in a modal or home tab: no channel, no message, no response URL."""
        return self._base("block_actions", user) | {
            "api_app_id": self.state.app.app_id,
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self.state.passes.new_trigger(user.id, view_id=view.id),
            "view": view_json(self.state, view),
            "actions": [self._action(action)],
        }

    def suggestion(
        self, user: User, action_id: str, block_id: str, value: str, shown: Message | View
    ) -> Json:
        """Return a typeahead's question."""
        body = self._base("block_suggestion", user) | {
            "api_app_id": self.state.app.app_id,
            "action_id": action_id,
            "block_id": block_id,
            "value": value,
        }
        if isinstance(shown, View):
            container: Json = {"type": "view", "view_id": shown.id}
            return body | {"container": container, "view": view_json(self.state, shown)}
        container = {
            "type": "message",
            "message_ts": shown.ts,
            "channel_id": shown.channel,
            "is_ephemeral": shown.seen_by is not None,
        }
        channel = _channel_stub(self.state.workspace.channels[shown.channel])
        body |= {"container": container, "channel": channel}
        return body if shown.seen_by else body | {"message": self._message(shown)}

    def view_submission(self, user: User, view: View) -> Json:
        """Return a submitted modal."""
        return self._base("view_submission", user) | {
            "api_app_id": self.state.app.app_id,
            "trigger_id": self.state.passes.new_trigger(user.id, view_id=view.id),
            "view": view_json(self.state, view),
            "response_urls": [],
        }

    def view_closed(self, user: User, view: View, *, cleared: bool) -> Json:
        """Return a closed modal, which is sent only on `notify_on_close`."""
        return self._base("view_closed", user) | {
            "api_app_id": self.state.app.app_id,
            "view": view_json(self.state, view),
            "is_cleared": cleared,
        }

    def home_opened(self, user: User, direct: Channel, view: View | None) -> Json:
        """Return the event that somebody opened the app's home tab."""
        event: Json = {
            "type": "app_home_opened",
            "user": user.id,
            "channel": direct.id,
            "tab": "home",
            "event_ts": self.state.workspace.next_ts(),
        }
        if view:
            event["view"] = view_json(self.state, view)
        return self._event(event)

    def _event(self, event: Json) -> Json:
        authorization = {
            "enterprise_id": None,
            "team_id": self.state.app.team_id,
            "user_id": self.state.app.bot_user,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": self.state.app.team_id,
            "api_app_id": self.state.app.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev0SANDBOX{next(self._events):04d}",
            "event_time": int(self.state.clock.now().timestamp()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
        }

    def _base(self, kind: str, user: User) -> Json:
        return {
            "type": kind,
            "token": VERIFICATION_TOKEN,
            "team": {"id": self.state.app.team_id, "domain": self.state.app.domain},
            "enterprise": None,
            "is_enterprise_install": False,
            "user": {
                "id": user.id,
                "username": user.name,
                "name": user.name,
                "team_id": self.state.app.team_id,
            },
        }

    def _action(self, action: Json) -> Json:
        return {**action, "action_ts": self.state.workspace.next_ts()}

    def _message(self, message: Message) -> Json:
        body = message_json(self.state, message)
        body.pop("metadata", None)
        return body


def _channel_stub(channel: Channel) -> Json:
    names = {Kind.IM: "directmessage", Kind.PRIVATE: "privategroup", Kind.PUBLIC: channel.name}
    return {"id": channel.id, "name": names[channel.kind]}
