"""What Slack sends when a person does something, parsed once into values.

The dictionaries end here: every other module works with these. A payload without what it must have raises
`MalformedError`, which the boundary in `handlers.errors` logs and, where it can, answers.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

from bot.recall import Actor

Json: TypeAlias = Mapping[str, Any]


class MalformedError(Exception):
    """A payload lacks something that Slack documents as always present."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who did something, and where: decides where a card goes and how the person is answered."""

    actor: Actor
    channel: str | None = None  # None: the home tab, or a global shortcut
    thread: str | None = None  # the root below which a card goes
    in_thread: bool = False  # it was done on a reply, so it is in that thread that the person looks
    response_url: str | None = None  # answers for 30 minutes, also where the bot is no member

    def packed(self) -> str:
        """Write the place down for a view's `private_metadata`, which is all that a modal remembers."""
        return json.dumps(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Write everything down, so that a kept request can still be answered after a restart."""
        return {
            "team": self.actor.team,
            "user": self.actor.user,
            "channel": self.channel,
            "thread": self.thread,
            "in_thread": self.in_thread,
            "url": self.response_url,
        }

    @classmethod
    def from_json(cls, body: Json, actor: Actor | None = None) -> "Origin":
        """Read back what `as_json` wrote; `actor` wins over the one that was written."""
        return cls(
            actor=actor or Actor(team=_text(body, "team"), user=_text(body, "user")),
            channel=_maybe(body, "channel"),
            thread=_maybe(body, "thread"),
            in_thread=body.get("in_thread") is True,
            response_url=_maybe(body, "url"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`/recall` and what was typed after it."""

    origin: Origin
    text: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A button that was pressed or an option that was chosen."""

    origin: Origin
    action: str
    value: str  # the button's value or the chosen option's; empty where there is none
    trigger: str
    key: str
    typed: str = ""  # what stands in the message's text input; empty where there is none
    message: str | None = None  # ts of the message that holds the button
    modal: str | None = None  # id of the modal that holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointed:
    """The message shortcut, with the post that the person pointed at."""

    origin: Origin
    post: Json
    ts: str
    trigger: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A modal that was submitted."""

    origin: Origin
    callback: str
    chosen: str  # value of the chosen option; empty where there is none
    typed: str  # what was typed; empty where there is no text input
    moment: datetime | None = None  # the date and time that was picked
    inputs: tuple[str, ...] = field(default=())  # block ids, to show an error below one
    note: Json = field(default_factory=dict)  # what `private_metadata` carried
    key: str


def command(body: Json) -> Command:
    """Read a slash command. It carries no thread and no message."""
    channel = _text(body, "channel_id")
    actor = Actor(team=_text(body, "team_id"), user=_text(body, "user_id"))
    return Command(
        origin=Origin(actor=actor, channel=channel, response_url=_maybe(body, "response_url")),
        text=str(body.get("text") or ""),
        key=f"slash:{_text(body, 'trigger_id')}",
    )


def click(body: Json) -> Click:
    """Read a block action. From an ephemeral message there is no `message`, from a view no channel."""
    actions = body.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], Mapping):
        raise MalformedError("block_actions without an action")
    action: Json = actions[0]
    actor = _actor(body)
    container, view = _part(body, "container"), _part(body, "view")
    where = _maybe(container, "message_ts") or _maybe(view, "id") or ""
    return Click(
        origin=_clicked_from(body, actor),
        action=_text(action, "action_id"),
        value=_value(action),
        trigger=str(body.get("trigger_id") or ""),
        key=f"click:{actor.user}:{where}:{_text(action, 'action_ts')}",
        typed=_entered(body)[1],
        message=_maybe(container, "message_ts"),
        modal=_maybe(view, "id") if view.get("type") == "modal" else None,
    )


def pointed(body: Json) -> Pointed:
    """Read a message shortcut. The card goes below the post: under its root, if it is a reply itself."""
    message, channel = _part(body, "message"), _part(body, "channel")
    ts = _maybe(message, "ts") or _text(body, "message_ts")
    root = _maybe(message, "thread_ts")
    return Pointed(
        origin=Origin(
            actor=_actor(body),
            channel=_text(channel, "id"),
            thread=root or ts,
            in_thread=root not in {None, ts},
            response_url=_maybe(body, "response_url"),
        ),
        post=message,
        ts=ts,
        trigger=_text(body, "trigger_id"),
        key=f"point:{_text(body, 'trigger_id')}",
    )


def summoned(body: Json) -> Click:
    """Read a global shortcut: a click that comes from nowhere in particular."""
    trigger = _text(body, "trigger_id")
    return Click(
        origin=Origin(actor=_actor(body)),
        action=_text(body, "callback_id"),
        value="",
        trigger=trigger,
        key=f"summon:{trigger}",
    )


def submission(body: Json) -> Submission:
    """Read a submitted modal. Where it was opened is in `private_metadata`, since Slack does not say."""
    view = _part(body, "view")
    note = _note(view)
    chosen, typed, inputs = _entered(view)
    return Submission(
        origin=Origin.from_json(note, _actor(body)),
        callback=_text(view, "callback_id"),
        chosen=chosen,
        typed=typed,
        moment=_moment(view),
        inputs=inputs,
        note=note,
        key=f"submit:{_text(view, 'id')}:{view.get('hash') or ''}",
    )


def _entered(surface: Json) -> tuple[str, str, tuple[str, ...]]:
    """Read what stands in a modal or message: the first choice, the first text, and the ids of all blocks."""
    chosen, typed, inputs = "", "", []
    for block, elements in _part(_part(surface, "state"), "values").items():
        inputs.append(str(block))
        for element in elements.values() if isinstance(elements, Mapping) else ():
            if isinstance(element, Mapping):
                chosen = chosen or _chosen(element)
                typed = typed or str(element.get("value") or "")
    return chosen, typed, tuple(inputs)


def suggestion(body: Json) -> tuple[Actor, str]:
    """Read a typeahead's question: who asks, and what was typed so far."""
    return _actor(body), str(body.get("value") or "")


def home_opened(body: Json) -> tuple[Actor, str, bool]:
    """Read `app_home_opened`: who, the dedupe key, and whether it is the home tab (not the messages tab)."""
    event = _part(body, "event")
    actor = Actor(team=_text(body, "team_id"), user=_text(event, "user"))
    return actor, f"event:{_text(body, 'event_id')}", event.get("tab", "home") == "home"


def asker(body: Json) -> Origin | None:
    """Find out whom to answer in a payload of which nothing else is certain; None where nobody is named."""
    try:
        if "command" in body:
            return command(body).origin
        actor = _actor(body)
    except MalformedError:
        return None
    try:
        return _clicked_from(body, actor)
    except MalformedError:
        return Origin(actor=actor, response_url=_maybe(body, "response_url"))


def _clicked_from(body: Json, actor: Actor) -> Origin:
    container, view = _part(body, "container"), _part(body, "view")
    if view:
        return Origin.from_json(_note(view), actor)
    thread = _maybe(container, "thread_ts") or _maybe(_part(body, "message"), "thread_ts")
    if thread == _maybe(container, "message_ts"):
        thread = None  # a root with replies: it stands in the channel, and that is where the person looks
    return Origin(
        actor=actor,
        channel=_maybe(_part(body, "channel"), "id") or _maybe(container, "channel_id"),
        thread=thread,
        in_thread=thread is not None,
        response_url=_maybe(body, "response_url"),
    )


def _actor(body: Json) -> Actor:
    user = _part(body, "user")
    team = _maybe(user, "team_id") or _maybe(_part(body, "team"), "id")
    if team is None:
        raise MalformedError("no team in the payload")
    return Actor(team=team, user=_text(user, "id"))


def _value(action: Json) -> str:
    return str(action.get("value") or "") or _chosen(action)


def _chosen(element: Json) -> str:
    return str(_part(element, "selected_option").get("value") or "")


def _moment(view: Json) -> datetime | None:
    """Read the picker of a date and a time; None where there is none, or it was left empty."""
    for elements in _part(_part(view, "state"), "values").values():
        for element in elements.values() if isinstance(elements, Mapping) else ():
            seconds = element.get("selected_date_time") if isinstance(element, Mapping) else None
            if isinstance(seconds, int):
                with suppress(ValueError, OverflowError, OSError):
                    return datetime.fromtimestamp(seconds, UTC)
    return None


def _note(view: Json) -> Json:
    try:
        note = json.loads(str(view.get("private_metadata") or "{}"))
    except ValueError:
        return {}
    return note if isinstance(note, Mapping) else {}


def _part(body: Json, name: str) -> Json:
    part = body.get(name)
    return part if isinstance(part, Mapping) else {}


def _maybe(body: Json, name: str) -> str | None:
    text = body.get(name)
    return text if isinstance(text, str) and text else None


def _text(body: Json, name: str) -> str:
    if (text := _maybe(body, name)) is None:
        raise MalformedError(f"no {name} in the payload")
    return text
