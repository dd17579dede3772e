"""Templates of requests: text with {placeholders}, each value escaped for where it stands. Pure."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from bot.errors import NotFoundError

Values = Mapping[str, Any]
"""What stands for each placeholder: text, a number, or (`ids`) a list of texts."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)(:number)?\}")
_DOTS = frozenset({".", ".."})


def placeholders(template: Any) -> frozenset[str]:
    """Name the placeholders anywhere in a text, a table or a list."""
    return frozenset(name for text in _texts(template) for name, _ in _PLACEHOLDER.findall(text))


def check(template: Any, known: Iterable[str]) -> None:
    """Raise ValueError with a sentence where a placeholder is not one of `known`."""
    names = tuple(known)
    for name in sorted(placeholders(template) - set(names)):
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {{{near[0]}}}?" if near else f"; known here: {_listed(names)}"
        raise ValueError(f"there is no placeholder {{{name}}} here{hint}")


def url(template: str, values: Values) -> str:
    """Fill an address. A value is one path segment or one part of the query, whatever it holds.

    Raises NotFoundError for a value that would be no segment of its own: "." and ".." mean a folder.
    """

    def escaped(found: re.Match[str]) -> str:
        text = _text(values[found[1]])
        before, after = template[: found.start()], template[found.end() :]
        alone = "?" not in before and before.endswith("/") and after[:1] in {"", "/", "?"}
        if alone and (not text or text in _DOTS):
            raise NotFoundError(f"“{text}” is no id.")
        return quote(text.encode("utf-8", "replace"), safe="")

    return _PLACEHOLDER.sub(escaped, template)


def header(template: str, values: Values) -> str:
    """Fill a header. Line ends can't get into one: aiohttp refuses them."""
    return _PLACEHOLDER.sub(lambda found: _text(values[found[1]]), template)


def json_value(template: Any, values: Values) -> Any:
    """Fill a JSON body. `"{limit}"` and `"{id:number}"` alone become numbers, `"{ids}"` alone a list."""
    if isinstance(template, Mapping):
        return {name: json_value(each, values) for name, each in template.items()}
    if isinstance(template, list | tuple):
        return [json_value(each, values) for each in template]
    if not isinstance(template, str):
        return template
    if (alone := _PLACEHOLDER.fullmatch(template)) is not None:
        value = values[alone[1]]
        return _number(value) if alone[2] else list(value) if isinstance(value, tuple) else value
    return _PLACEHOLDER.sub(lambda found: _text(values[found[1]]), template)


def form(template: Mapping[str, str], values: Values) -> dict[str, str]:
    """Fill a web form; it is escaped as a whole when it is sent."""
    return {
        name: _PLACEHOLDER.sub(lambda found: _text(values[found[1]]), each) for name, each in template.items()
    }


def _number(value: Any) -> Any:
    """Turn what stands for a number into one. Raises NotFoundError where an id is none."""
    if isinstance(value, tuple):
        return [_number(each) for each in value]
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 20):  # noqa: PLR2004 - 64 bits
        raise NotFoundError(f"“{text[:80]}” is no id: the vendor's ids are numbers.")
    return int(text)


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _texts(template: Any) -> Iterator[str]:
    if isinstance(template, str):
        yield template
    elif isinstance(template, Mapping):
        for each in template.values():
            yield from _texts(each)
    elif isinstance(template, list | tuple):
        for each in template:
            yield from _texts(each)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
