"""What a person can do in Slack: see, type, press, choose, fill in, submit.

Every method returns when Slack's client would show something: after the app's ack, or after its 3 seconds have
passed. What the app does later is awaited with `slack.until(lambda: …)`.
"""

from dataclasses import dataclass, field

from sandbox.slack.values import Json, Message, View


class Invisible(AssertionError):
    """The person cannot see or press that: it is not on their screen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What Slack's client shows at once after something was done.

    `toast` is Slack's own complaint (a time-out, a refusal); `message` the ephemeral that came back as the ack;
    `errors` what a submitted modal shows below its inputs, by block id; `options` what a typeahead lists.
    """

    ok: bool = True
    toast: str | None = None
    message: Message | None = None
    errors: dict[str, str] = field(default_factory=dict)
    options: tuple[Json, ...] = ()


def plain(message: Message | View) -> str:
    """Return everything that a person reads on a message or view, one line per block."""
    raise NotImplementedError


class Person:
    """One person at their Slack client."""

    id: str

    async def types(self, text: str, channel: str, *, thread_ts: str | None = None) -> Shown:
        """Send a slash command (text begins with "/") or a plain post. `channel` is "#name" or an id."""
        raise NotImplementedError

    def sees(self, channel: str, thread_ts: str | None = None) -> list[Message]:
        """Return what the channel (without replies) or a thread (root first) shows to this person, own ephemerals included."""
        raise NotImplementedError

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
        raise NotImplementedError

    async def double_presses(
        self, label: str, message: Message, *, near: str | None = None
    ) -> tuple[Shown, Shown]:
        """Press twice before anything can answer: two envelopes at once."""
        raise NotImplementedError

    async def chooses(
        self,
        option: str,
        message: Message | None = None,
        *,
        view: View | None = None,
        action_id: str | None = None,
    ) -> Shown:
        """Choose an option by its text in a select, radio group, checkboxes or overflow menu."""
        raise NotImplementedError

    async def searches(
        self,
        text: str,
        message: Message | None = None,
        *,
        view: View | None = None,
        action_id: str | None = None,
    ) -> list[Json]:
        """Type into an external select and return the options that the app offers."""
        raise NotImplementedError

    async def picks(
        self,
        option: str,
        message: Message | None = None,
        *,
        view: View | None = None,
        action_id: str | None = None,
    ) -> Shown:
        """Pick one of the options that the last search brought, by its text."""
        raise NotImplementedError

    async def shortcut(self, name: str, message: Message) -> Shown:
        """Use a message shortcut from the "…" menu."""
        raise NotImplementedError

    async def global_shortcut(self, name: str) -> Shown:
        """Use a global shortcut."""
        raise NotImplementedError

    @property
    def view(self) -> View | None:
        """The modal on top, if one is open."""
        raise NotImplementedError

    @property
    def home(self) -> View | None:
        """The app's home tab as it was last published for this person."""
        raise NotImplementedError

    def fills(self, label: str, value: str, message: Message | None = None) -> None:
        """Fill in an input, found by its label or block id, in the open modal (or in a message)."""
        raise NotImplementedError

    async def submits(self) -> Shown:
        """Press the modal's submit button."""
        raise NotImplementedError

    async def closes(self) -> Shown:
        """Close the modal on top."""
        raise NotImplementedError

    async def opens_home(self) -> View | None:
        """Open the app's home tab; returns what it shows now (the app may publish a newer one later)."""
        raise NotImplementedError

    def invites(self, user: str, channel: str) -> None:
        """Add somebody (a user id, such as the bot's) to a channel."""
        raise NotImplementedError


class Hands:
    """The same by ids, for a page: each element on the screen knows its ids already."""

    async def command(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Shown:
        """Send what was typed into the message box: a slash command or a plain post."""
        raise NotImplementedError

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
        raise NotImplementedError

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
        """Ask for an external select's options."""
        raise NotImplementedError

    async def submit_view(self, user: str, view_id: str, values: Json) -> Shown:
        """Submit a modal; `values` = {block_id: {action_id: {type, value | selected_option …}}}."""
        raise NotImplementedError

    async def close_view(self, user: str, view_id: str) -> Shown:
        """Close a modal."""
        raise NotImplementedError

    async def message_action(self, user: str, callback_id: str, channel: str, ts: str) -> Shown:
        """Use a message shortcut by its callback id."""
        raise NotImplementedError

    async def global_action(self, user: str, callback_id: str) -> Shown:
        """Use a global shortcut by its callback id."""
        raise NotImplementedError

    async def open_home(self, user: str) -> Shown:
        """Open the app's home tab."""
        raise NotImplementedError
