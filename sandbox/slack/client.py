"""Slack's client, as far as an app can tell: it sends what people do, and shows what comes back.

Everything goes by ids, as on a page where each element knows its own. `hands.Person` finds things by their words.
"""

import asyncio
from collections.abc import Callable

from sandbox.slack.answers import Answers
from sandbox.slack.api.views import checked_view
from sandbox.slack.deliver import Ack, Delivery, NotAcked, Outgoing
from sandbox.slack.elements import VALUE_KEYS, Element, Surface, elements, is_empty
from sandbox.slack.errors import SlackError
from sandbox.slack.passes import ResponseUrl
from sandbox.slack.payloads import Payloads
from sandbox.slack.rules import suggestion_errors
from sandbox.slack.screens import surface_of
from sandbox.slack.shown import Invisible, Shown
from sandbox.slack.state import SlackState
from sandbox.slack.typed import as_command_text, as_message
from sandbox.slack.values import Channel, Json, Kind, Message, User, View

EVENT_RETRIES = (0, 60, 360)  # seconds of the practice clock after the first failure
REQUIRED = "Please complete this required field."
TROUBLE = "We had some trouble connecting. Try again?"


class Hands:
    """What people do, by ids. `reach` tells how the app is connected at the moment."""

    def __init__(self, state: SlackState, *, reach: Callable[[], Delivery]) -> None:
        self._state = state
        self._reach = reach
        self._payloads = Payloads.of(state)
        self._answers = Answers(state)
        self._tasks: set[asyncio.Task[None]] = set()

    async def command(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Shown:
        """Send what was typed into the message box: a slash command, or a plain post."""
        person, here = self._at(user, channel)
        if not text.startswith("/"):
            message = Message(
                channel=here.id,
                ts=self._state.workspace.next_ts(),
                text=as_message(self._state.workspace, text),
                user=person.id,
                thread_ts=thread_ts,
            )
            return Shown(message=self._state.workspace.post(message))
        command, _, words = text.partition(" ")
        if command not in self._state.app.commands:
            return self._refused(person, f"{command} is not a valid command.")
        if thread_ts:
            return self._refused(person, f"{command} is not supported in threads. Sorry!")
        return await self._slash(person, here, command, words.strip())

    async def act_block(
        self,
        user: str,
        action: Json,
        *,
        message: tuple[str, str] | None = None,
        view_id: str | None = None,
        state_values: Json | None = None,
    ) -> Shown:
        """Use an element: `action` = {type, action_id, block_id, value | selected_option | selected_options | …}."""
        person = self._person(user)
        shown = self._surface(user, message, view_id)
        self._keep(user, surface_of(shown), state_values or {})
        self._keep_action(user, surface_of(shown), action)
        element = _element(surface_of(shown), action)
        if element and not element.dispatches:
            return Shown()
        if isinstance(shown, View):
            payload = self._payloads.view_block_action(person, shown, action)
        else:
            here = self._state.workspace.channels[shown.channel]
            payload = self._payloads.message_block_action(person, here, shown, action)
        return await self._interact(person, payload)

    async def suggest(
        self,
        user: str,
        action_id: str,
        block_id: str,
        value: str,
        *,
        message: tuple[str, str] | None = None,
        view_id: str | None = None,
    ) -> Shown:
        """Ask for an external select's options; options in groups come as one list."""
        person = self._person(user)
        shown = self._surface(user, message, view_id)
        payload = self._payloads.suggestion(person, action_id, block_id, value, shown)
        try:
            ack = await self._send("interactive", payload, accepts_response=True)
        except NotAcked as failure:
            return self._refused(person, f"The options could not be loaded ({failure.reason}).")
        wrong = suggestion_errors(ack.payload)
        if wrong:
            self._state.violated("block_suggestion", wrong)
            return self._refused(person, "The options could not be loaded (invalid_options).")
        groups = ack.payload.get("option_groups") or []
        grouped = [option for group in groups for option in group["options"]]
        return Shown(options=(*(ack.payload.get("options") or []), *grouped))

    async def submit_view(self, user: str, view_id: str, values: Json | None = None) -> Shown:
        """Submit a modal; `values` = {block_id: {action_id: {type, value | selected_option …}}}."""
        person = self._person(user)
        view = self._view(user, view_id)
        self._keep(user, surface_of(view), values or {})
        missing = self._missing(view)
        if missing:
            self._state.screens.set_errors(view, missing)
            return Shown(ok=False, errors=missing)
        self._state.screens.set_errors(view, {})
        payload = self._payloads.view_submission(person, view)
        try:
            ack = await self._send("interactive", payload, accepts_response=True)
            return self._after_submission(view, ack)
        except (NotAcked, SlackError):
            return self._refused(person, TROUBLE)

    async def close_view(self, user: str, view_id: str) -> Shown:
        """Close a modal; the app is told only when it asked for it."""
        person = self._person(user)
        view = self._view(user, view_id)
        self._state.screens.close(view)
        if view.body.get("notify_on_close"):
            return await self._interact(person, self._payloads.view_closed(person, view, cleared=False))
        return Shown()

    async def message_action(self, user: str, callback_id: str, channel: str, ts: str) -> Shown:
        """Use a message shortcut by its callback id. Slack offers none on ephemeral messages."""
        person = self._person(user)
        here = self._channel(person, channel)
        message = self._message(user, here.id, ts)
        if message.seen_by or message.deleted:
            raise Invisible("Slack offers no shortcuts on this message.")
        return await self._interact(person, self._payloads.message_action(person, here, message, callback_id))

    async def global_action(self, user: str, callback_id: str) -> Shown:
        """Use a global shortcut by its callback id."""
        person = self._person(user)
        return await self._interact(person, self._payloads.global_shortcut(person, callback_id))

    async def open_home(self, user: str) -> Shown:
        """Open the app's home tab: the app gets the event, if it subscribed, again and again until it acks."""
        person = self._person(user)
        direct = self._state.workspace.open_direct(person.id, self._state.app.bot_user)
        if "app_home_opened" in self._state.app.events:
            payload = self._payloads.home_opened(person, direct, self._state.screens.home(person.id))
            await self._event(payload)
        return Shown()

    async def stop(self) -> None:
        """End what still waits to be repeated."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # sending

    async def _slash(self, person: User, here: Channel, command: str, words: str) -> Shown:
        text = as_command_text(
            self._state.workspace, words, should_escape=self._state.app.escape_command_text
        )
        payload = self._payloads.slash_command(person, here, command, text)
        try:
            ack = await self._send("slash_commands", payload, accepts_response=True)
        except NotAcked as failure:
            return self._refused(person, f'{command} failed with the error "{failure.reason}"')
        if not ack.payload:
            return Shown()
        where = ResponseUrl(user=person.id, channel=here.id, made_at=self._state.clock.now())
        try:
            return Shown(message=self._answers.answer(where, ack.payload))
        except SlackError as error:
            return self._refused(person, f'{command} failed with the error "{error.code}"')

    async def _interact(self, person: User, payload: Json) -> Shown:
        try:
            await self._send("interactive", payload)
        except NotAcked as failure:
            return self._refused(person, f"The app did not respond ({failure.reason}).")
        return Shown()

    async def _event(self, payload: Json) -> None:
        try:
            await self._send("events_api", payload)
        except NotAcked as failure:
            task = asyncio.create_task(self._repeat_event(payload, failure.reason))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _repeat_event(self, payload: Json, reason: str) -> None:
        why = {"operation_timeout": "http_timeout"}.get(reason, "connection_failed")
        failed_at = self._state.clock.now()
        for attempt, after in enumerate(EVENT_RETRIES, start=1):
            passed = (self._state.clock.now() - failed_at).total_seconds()
            await self._state.clock.sleep(after - passed)
            outgoing = Outgoing(kind="events_api", payload=payload, retry_attempt=attempt, retry_reason=why)
            try:
                await self._reach().deliver(outgoing)
            except NotAcked:
                continue
            return

    async def _send(self, kind: str, payload: Json, *, accepts_response: bool = False) -> Ack:
        self._state.feed.changed()
        outgoing = Outgoing(kind=kind, payload=payload, accepts_response=accepts_response)
        return await self._reach().deliver(outgoing)

    def _after_submission(self, view: View, ack: Ack) -> Shown:
        response = ack.payload.get("response_action")
        if response == "errors":
            errors: dict[str, str] = ack.payload.get("errors") or {}
            if not errors or not set(errors) <= {block.get("block_id") for block in view.blocks}:
                raise SlackError("invalid_errors")
            self._state.screens.set_errors(view, errors)
            return Shown(ok=False, errors=errors)
        if response in {"update", "push"}:
            body = checked_view(self._state, f"views.{response}", ack.payload.get("view"))
            if response == "update":
                self._state.screens.update(view, body, expected_hash=None)
            else:
                self._state.screens.push(view.owner, body)
        elif response == "clear":
            self._state.screens.clear(view.owner)
        else:
            self._state.screens.close(view)
        return Shown()

    # what is on the screen

    def _person(self, user: str) -> User:
        person = self._state.workspace.user(user)
        if person.deleted:
            raise Invisible(f"{person.name} is deactivated and cannot sign in.")
        return person

    def _channel(self, person: User, channel: str) -> Channel:
        here = self._state.workspace.channel(channel)
        if here.kind is not Kind.PUBLIC and person.id not in here.members:
            raise Invisible(f"{person.name} cannot see {channel}.")
        return here

    def _at(self, user: str, channel: str) -> tuple[User, Channel]:
        person = self._person(user)
        here = self._channel(person, channel)
        if person.id not in here.members:
            raise Invisible(f"{person.name} is not a member of {channel} and cannot type there.")
        return person, here

    def _message(self, user: str, channel: str, ts: str) -> Message:
        message = self._state.workspace.message(channel, ts)
        if message is None or message.seen_by not in {None, user} or message.hidden:
            raise Invisible(f"{user} sees no message {ts} in {channel}.")
        return message

    def _view(self, user: str, view_id: str) -> View:
        view = self._state.screens.view(view_id)
        if view is None or view.owner != user:
            raise Invisible(f"{user} has no view {view_id} open.")
        return view

    def _surface(self, user: str, message: tuple[str, str] | None, view_id: str | None) -> Message | View:
        if message:
            here = self._channel(self._person(user), message[0])
            return self._message(user, here.id, message[1])
        return self._view(user, view_id or "")

    def _missing(self, view: View) -> dict[str, str]:
        """Return complaints about required inputs that are empty: the client checks them before it sends."""
        surface = surface_of(view)
        values = self._state.screens.values(view.owner, surface)
        return {
            element.block_id: REQUIRED
            for element in elements(surface)
            if element.block.get("type") == "input"
            and element.type in VALUE_KEYS
            and not element.block.get("optional")
            and is_empty(element, values[element.block_id][element.action_id])
        }

    def _keep(self, user: str, surface: Surface, values: Json) -> None:
        for block_id, by_action in values.items():
            for action_id, value in by_action.items():
                self._state.screens.fill(user, surface.key, block_id, action_id, value)

    def _keep_action(self, user: str, surface: Surface, action: Json) -> None:
        keys = VALUE_KEYS.get(str(action.get("type")))
        if keys:
            value = {"type": action["type"], keys[0]: action.get(keys[0])}
            self._state.screens.fill(user, surface.key, action["block_id"], action["action_id"], value)

    def _refused(self, person: User, text: str) -> Shown:
        return Shown(ok=False, toast=self._state.toast(person.id, text))


def _element(surface: Surface, action: Json) -> Element | None:
    named = (action.get("block_id"), action.get("action_id"))
    return next((e for e in elements(surface) if (e.block_id, e.action_id) == named), None)
