"""What in a post makes phones ring: <!channel>, <@U…>, user groups, and bare @names where names act."""

import re
from collections.abc import Iterable, Iterator

from sandbox.slack.values import Json

SPECIAL = re.compile(
    r"<!(channel|here|everyone)(?:\|[^>]*)?>|<@(U\w+)(?:\|[^>]*)?>|<!subteam\^(\w+)(?:\|[^>]*)?>"
)
NAME = re.compile(r"(?<![\w<!])@(channel|here|everyone)\b")


def mentions_in(
    text: str, blocks: Iterable[Json], attachments: Iterable[Json], *, names_act: bool
) -> Iterator[tuple[str, str]]:
    """Yield (where, whom) for everything that notifies.

    plain_text is never interpreted; `names_act` is what `link_names` and `parse: full` bring about.
    """
    for target in _in_text(text, names_act=names_act):
        yield "/text", target
    for number, block in enumerate(blocks):
        yield from _in_json(block, f"/blocks/{number}", names_act=names_act)
    for number, attachment in enumerate(attachments):
        yield from _in_json(attachment, f"/attachments/{number}", names_act=names_act)


def _in_text(text: str, *, names_act: bool) -> Iterator[str]:
    for match in SPECIAL.finditer(text):
        yield next(group for group in match.groups() if group)
    if names_act:
        yield from NAME.findall(text)


def _in_json(node: object, pointer: str, *, names_act: bool) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for number, item in enumerate(node):
            yield from _in_json(item, f"{pointer}/{number}", names_act=names_act)
    if not isinstance(node, dict):
        return
    yield from ((pointer, target) for target in _rich_text(node))
    interpreted = node.get("type") in {"mrkdwn", "markdown"} or _is_attachment(node)
    for key, value in node.items():
        if isinstance(value, str) and interpreted and key in {"text", "pretext", "fallback", "value"}:
            for target in _in_text(value, names_act=names_act):
                yield f"{pointer}/{key}", target
        elif not isinstance(value, str):
            yield from _in_json(value, f"{pointer}/{key}", names_act=names_act)


def _is_attachment(node: Json) -> bool:
    return "type" not in node and bool(node.keys() & {"pretext", "fallback", "fields", "text"})


def _rich_text(node: Json) -> Iterator[str]:
    """Rich text says whom it means by type, not by characters."""
    key = {"broadcast": "range", "user": "user_id", "usergroup": "usergroup_id"}.get(str(node.get("type")))
    if key and isinstance(node.get(key), str):
        yield node[key]
