"""The small language in which Block Kit's limits are written down: each rule checks one value at one JSON pointer.

A rule adds its complaints, in Slack's words, to the report; it never raises.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from sandbox.slack.values import Json

Report: TypeAlias = list[str]
Rule: TypeAlias = Callable[[Any, str, Report], None]

ID = 255  # characters in a block_id, action_id, callback_id or external_id
URL = 3000


def complain(report: Report, pointer: str, words: str) -> None:
    """Add one complaint, as Slack words and points it."""
    report.append(f"{words} [json-pointer:{pointer}]")


def anything(_value: Any, _pointer: str, _report: Report) -> None:
    """Accept every value: Slack documents no limit here."""


def string(most: int, least: int = 1) -> Rule:
    """Return a rule for text of a length."""

    def rule(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, str):
            complain(report, pointer, "must provide a string")
        elif len(value) < least:
            complain(report, pointer, f"must be more than {least - 1} characters")
        elif len(value) > most:
            complain(report, pointer, f"must be less than {most + 1} characters")

    return rule


def url(value: Any, pointer: str, report: Report) -> None:
    """Check an address."""
    string(URL)(value, pointer, report)
    if isinstance(value, str) and not value.startswith(("https://", "http://", "mailto:", "slack://")):
        complain(report, pointer, "must be a valid URL")


def boolean(value: Any, pointer: str, report: Report) -> None:
    """Check a yes or no."""
    if not isinstance(value, bool):
        complain(report, pointer, "must provide a boolean")


def number(value: Any, pointer: str, report: Report) -> None:
    """Check a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        complain(report, pointer, "must provide a number")


def whole(least: int, most: int) -> Rule:
    """Return a rule for a whole number in a range."""

    def rule(value: Any, pointer: str, report: Report) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            complain(report, pointer, "must provide an integer")
        elif not least <= value <= most:
            complain(report, pointer, f"must be between {least} and {most}")

    return rule


def among(*values: str) -> Rule:
    """Return a rule for one of a few words."""

    def rule(value: Any, pointer: str, report: Report) -> None:
        if value not in values:
            complain(report, pointer, f"must be one of: {', '.join(values)}")

    return rule


def items(rule: Rule, most: int, least: int = 1) -> Rule:
    """Return a rule for a list of a length, each item following `rule`."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, list):
            complain(report, pointer, "must provide an array")
            return
        if len(value) < least:
            complain(report, pointer, f"no fewer than {least} items allowed")
        if len(value) > most:
            complain(report, pointer, f"no more than {most} items allowed")
        for position, item in enumerate(value):
            rule(item, f"{pointer}/{position}", report)

    return check


def shape(
    *,
    required: Mapping[str, Rule] | None = None,
    optional: Mapping[str, Rule] | None = None,
    one_of: Iterable[str] = (),
    also: Rule = anything,
) -> Rule:
    """Return a rule for an object: no key missing, none unknown, at least one of `one_of`, then `also`."""
    needed = dict(required or {})
    known = {"type": anything, **needed, **(optional or {})}
    choice = tuple(one_of)

    def rule(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            complain(report, pointer, "must provide an object")
            return
        for name in (name for name in needed if name not in value):
            complain(report, pointer, f"missing required field: {name}")
        if choice and not any(value.get(name) for name in choice):
            complain(report, pointer, f"missing required field: {' or '.join(choice)}")
        for name, held in value.items():
            if name not in known:
                complain(report, pointer, f"invalid additional property: {name}")
            elif held is not None or name in needed:
                known[name](held, f"{pointer}/{name}", report)
        also(value, pointer, report)

    return rule


def typed(kinds: Mapping[str, Rule]) -> Rule:
    """Return a rule that follows the value's "type"."""

    def rule(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            complain(report, pointer, "must provide an object")
            return
        found = kinds.get(str(value.get("type")))
        if found is None:
            complain(report, f"{pointer}/type", f"unsupported type: {value.get('type')}")
        else:
            found(value, pointer, report)

    return rule


def only(kinds: Mapping[str, Rule], *names: str) -> Rule:
    """Return a rule that allows some of the kinds."""
    return typed({name: kinds[name] for name in names})


def walk(node: Any) -> Iterable[Json]:
    """Yield every object in a JSON value, outermost first."""
    if isinstance(node, dict):
        yield node
        for held in node.values():
            yield from walk(held)
    elif isinstance(node, list):
        for held in node:
            yield from walk(held)
