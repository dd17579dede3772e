"""What a person can do in Slack: see, type, press, choose, fill in, submit.

Every method returns when Slack's client would show something: after the app's ack, or after its 3 seconds have
passed. What the app does later is awaited with `slack.until(lambda: …)`.
"""

import asyncio

from sandbox.slack.client import Hands
from sandbox.slack.elements import SEVERAL, VALUE_KEYS, Element, elements
from sandbox.slack.reading import block_lines, plain
from sandbox.slack.screens import surface_of
from sandbox.slack.shown import Invisible, Shown
from sandbox.slack.state import SlackState
from sandbox.slack.values import Json, Kind, Message, View

__all__ = ["Hands", "Invisible", "Person", "Shown", "plain"]
QUERY_LENGTH = 3  # characters before a typeahead asks, unless the element says otherwise


class Person:
    """One person at their Slack client."""

    def __init__(self, user_id: str, *, state: SlackState, hands: Hands) -> None:
        self.id = user_id
        self._state = state
        self._hands = hands
        self._found: dict[str, list[Json]] = {}  # action id -> what the last search brought

    async def types(self, text: str, channel: str, *, thread_ts: str | None = None) -> Shown:
        """Send a slash command (text begins with "/") or a plain post. `channel` is "#name" or an id."""
        return await self._hands.command(self.id, channel, text, thread_ts)

    def sees(self, channel: str, thread_ts: str | None = None) -> list[Message]:
        """Return what the channel (without replies) or a thread (root first) shows, own ephemerals included."""
        here = self._state.workspace.channel(channel)
        if here.kind is not Kind.PUBLIC and self.id not in here.members:
            raise Invisible(f"{self.id} cannot see {channel}.")
        visible = self._state.workspace.visible(here.id, self.id)
        if thread_ts is None:
            return [m for m in visible if m.thread_ts is None or m.broadcast]
        return [m for m in visible if thread_ts in {m.ts, m.thread_ts}]

    async def presses(
        self,
        label: str,
        message: Message | None = None,
        *,
        view: View | None = None,
        near: str | None = None,
        as_seen: bool = False,
    ) -> Shown:
        """Press a button by its label; without a message, in the open modal.

        `near`: the first such button at or below the block that contains this text.
        `as_seen`: press it as it was in the given message or view, even when it has changed since (a late click).
        """
        shown = self._now(message, view, as_seen=as_seen)
        button = self._button(shown, label, near)
        return await self._act(shown, _pressed(button))

    async def double_presses(
        self, label: str, message: Message, *, near: str | None = None
    ) -> tuple[Shown, Shown]:
        """Press twice before anything can answer: two envelopes at once."""
        shown = self._now(message, None, as_seen=False)
        action = _pressed(self._button(shown, label, near))
        return await asyncio.gather(self._act(shown, action), self._act(shown, action))

    async def chooses(
        self,
        option: str,
        message: Message | None = None,
        *,
        view: View | None = None,
        action_id: str | None = None,
        as_seen: bool = False,
    ) -> Shown:
        """Choose an option by its text in a select, radio group, checkboxes or overflow menu.

        `as_seen`: as it was in the given message or view, even when it has changed since.
        """
        shown = self._now(message, view, as_seen=as_seen)
        for element in elements(surface_of(shown)):
            chosen = next((o for o in element.options if o["text"]["text"] == option), None)
            if chosen and action_id in {None, element.action_id}:
                return await self._act(shown, self._chosen(shown, element, chosen))
        raise Invisible(f"There is no option {option!r} in:\n{plain(shown)}")

    async def searches(
        self,
        text: str,
        message: Message | None = None,
        *,
        view: View | None = None,
        action_id: str | None = None,
    ) -> list[Json]:
        """Type into an external select and return the options that the app offers."""
        shown = self._now(message, view, as_seen=False)
        element = self._typeahead(shown, action_id)
        if len(text) < element.body.get("min_query_length", QUERY_LENGTH):
            return []
        if isinstance(shown, View):
            answer = await self._hands.suggest(
                self.id, element.action_id, element.block_id, text, view_id=shown.id
            )
        else:
            place = (shown.channel, shown.ts)
            answer = await self._hands.suggest(
                self.id, element.action_id, element.block_id, text, message=place
            )
        self._found[element.action_id] = list(answer.options)
        return list(answer.options)

    async def picks(
        self,
        option: str,
        message: Message | None = None,
        *,
        view: View | None = None,
        action_id: str | None = None,
    ) -> Shown:
        """Pick one of the options that the last search brought, by its text."""
        shown = self._now(message, view, as_seen=False)
        element = self._typeahead(shown, action_id)
        offered = self._found.get(element.action_id, [])
        chosen = next((o for o in offered if o["text"]["text"] == option), None)
        if chosen is None:
            raise Invisible(
                f"The last search offered {[o['text']['text'] for o in offered]}, not {option!r}."
            )
        return await self._act(shown, self._chosen(shown, element, chosen))

    async def shortcut(self, name: str, message: Message) -> Shown:
        """Use a message shortcut from the "…" menu."""
        return await self._hands.message_action(
            self.id, self._callback(name, "message"), message.channel, message.ts
        )

    async def global_shortcut(self, name: str) -> Shown:
        """Use a global shortcut."""
        return await self._hands.global_action(self.id, self._callback(name, "global"))

    @property
    def view(self) -> View | None:
        """The modal on top, if one is open."""
        return self._state.screens.top(self.id)

    @property
    def home(self) -> View | None:
        """The app's home tab as it was last published for this person."""
        return self._state.screens.home(self.id)

    @property
    def toasts(self) -> list[str]:
        """Every complaint that Slack's client has shown to this person."""
        return [toast.text for toast in self._state.toasts if toast.user == self.id]

    def fills(self, label: str, value: str | int, message: Message | None = None) -> None:
        """Fill in an input, found by its label or block id, in the open modal (or in a message).

        `value`: a text, a date, or for a picker of both date and time the seconds since 1970.
        """
        shown = self._now(message, None, as_seen=False)
        for element in elements(surface_of(shown)):
            if label in {element.label, element.block_id} and element.type in VALUE_KEYS:
                entry = {"type": element.type, VALUE_KEYS[element.type][0]: value}
                key = surface_of(shown).key
                self._state.screens.fill(self.id, key, element.block_id, element.action_id, entry)
                return
        raise Invisible(f"There is no input {label!r} in:\n{plain(shown)}")

    async def submits(self) -> Shown:
        """Press the modal's submit button."""
        view = self._open()
        if view.body.get("submit") is None:
            raise Invisible("This modal has no submit button.")
        return await self._hands.submit_view(self.id, view.id)

    async def closes(self) -> Shown:
        """Close the modal on top."""
        return await self._hands.close_view(self.id, self._open().id)

    async def opens_home(self) -> View | None:
        """Open the app's home tab; returns what it shows now (the app may publish a newer one later)."""
        await self._hands.open_home(self.id)
        return self.home

    def invites(self, user: str, channel: str) -> None:
        """Add somebody (a name or id, such as the bot's) to a channel."""
        here = self._state.workspace.channel(channel)
        if self.id not in here.members:
            raise Invisible(f"{self.id} is not a member of {channel} and cannot invite.")
        self._state.workspace.join(self._state.workspace.user(user).id, here.id)

    # finding things on the screen

    def _open(self) -> View:
        if self.view is None:
            raise Invisible(f"{self.id} has no modal open.")
        return self.view

    def _now(self, message: Message | None, view: View | None, *, as_seen: bool) -> Message | View:
        """Return the present version of what is given, or the open modal when nothing is."""
        if message is None and view is None:
            return self._open()
        given = message or view
        assert given is not None
        if as_seen:
            return given
        if isinstance(given, View):
            present: Message | View | None = self._state.screens.view(given.id)
        else:
            present = self._state.workspace.message(given.channel, given.ts)
        if present is None:
            raise Invisible(f"This is gone from {self.id}'s screen:\n{plain(given)}")
        return present

    @staticmethod
    def _button(shown: Message | View, label: str, near: str | None) -> Element:
        surface = surface_of(shown)
        start = 0
        if near is not None:
            texts = ["\n".join(block_lines(block)) for block in surface.blocks]
            start = next((number for number, text in enumerate(texts) if near in text), len(texts))
        for element in elements(surface):
            if element.type == "button" and element.label == label and element.position >= start:
                return element
        raise Invisible(
            f"There is no button {label!r}{f' near {near!r}' if near else ''} in:\n{plain(shown)}"
        )

    @staticmethod
    def _typeahead(shown: Message | View, action_id: str | None) -> Element:
        for element in elements(surface_of(shown)):
            if element.type.endswith("external_select") and action_id in {None, element.action_id}:
                return element
        raise Invisible(f"There is nothing to search in:\n{plain(shown)}")

    def _callback(self, name: str, kind: str) -> str:
        for shortcut in self._state.app.shortcuts:
            if (shortcut.name, shortcut.type) == (name, kind):
                return shortcut.callback_id
        raise Invisible(f"There is no {kind} shortcut called {name!r}.")

    def _chosen(self, shown: Message | View, element: Element, option: Json) -> Json:
        action: Json = {
            "type": element.type,
            "action_id": element.action_id,
            "block_id": element.block_id,
        }
        if element.type not in SEVERAL:
            return action | {"selected_option": option}
        surface = surface_of(shown)
        before = self._state.screens.values(self.id, surface)[element.block_id][element.action_id]
        others = [o for o in before["selected_options"] if o["value"] != option["value"]]
        already = len(others) < len(before["selected_options"])
        return action | {"selected_options": others if already else [*others, option]}

    async def _act(self, shown: Message | View, action: Json) -> Shown:
        if isinstance(shown, View):
            return await self._hands.act_block(self.id, action, view_id=shown.id)
        return await self._hands.act_block(self.id, action, message=(shown.channel, shown.ts))


def _pressed(button: Element) -> Json:
    kept = {
        key: button.body[key] for key in ("type", "action_id", "text", "value", "style") if key in button.body
    }
    return kept | {"block_id": button.block_id}
