"""Values to JSON and back. The only place that knows how memory spells the bot's values.

Reading is tolerant: an unknown key is left out and a missing one takes the field's default, so that rows
written before a field existed still load.
"""

import json
import re
import types
import typing
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, TypeVar

Value = TypeVar("Value")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HALF_CHARACTERS = re.compile(r"[\ud800-\udfff]")


def dump(value: object) -> str:
    """Write a value as canonical JSON: sorted keys, no spaces, ASCII only (so broken Unicode survives too)."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def load(kind: type[Value], text: str) -> Value:
    """Read a value of that type out of JSON that `dump` wrote, now or with an older set of fields."""
    read = _reader(typing.cast("Hashable", kind))
    return typing.cast("Value", read(json.loads(text)))


def instant(at: datetime) -> int:
    """Turn an aware instant into whole microseconds since 1970, exact and sortable."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def instant_or_none(at: datetime | None) -> int | None:
    """Do what `instant` does, and leave None alone."""
    return None if at is None else instant(at)


def moment(microseconds: int) -> datetime:
    """Turn what `instant` wrote back into an aware UTC datetime."""
    return _EPOCH + timedelta(microseconds=microseconds)


def clean(text: str) -> str:
    """Replace half characters, which no database column can hold; everything else stays as it is."""
    return text if text.isascii() else _HALF_CHARACTERS.sub("\ufffd", text)


def _plain(value: object) -> Any:
    """Turn a value into what `json` can write."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if is_dataclass(value):
        return {
            name: _plain(getattr(value, name)) for name in _field_names(typing.cast("Hashable", type(value)))
        }
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    raise TypeError(f"no JSON is known for {type(value).__name__}")


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """Make the function that reads one type; made once per type."""
    kind = getattr(kind, "__supertype__", kind)
    origin = typing.get_origin(kind)
    if origin in {typing.Union, types.UnionType}:
        return _optional(typing.get_args(kind))
    if origin is tuple:
        return _tuple(typing.get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if kind is datetime:
        return datetime.fromisoformat
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind)
    return lambda data: data


def _optional(options: tuple[Any, ...]) -> Callable[[Any], Any]:
    inner = _reader(next(option for option in options if option is not type(None)))
    return lambda data: None if data is None else inner(data)


def _tuple(parts: tuple[Any, ...]) -> Callable[[Any], Any]:
    if len(parts) == 2 and parts[1] is Ellipsis:  # noqa: PLR2004 - tuple[X, ...]
        inner = _reader(parts[0])
        return lambda data: tuple(inner(item) for item in data)
    readers = [_reader(part) for part in parts]
    return lambda data: tuple(read(item) for read, item in zip(readers, data, strict=True))


def _record(kind: type) -> Callable[[Any], Any]:
    """Read a dataclass by the names of its fields."""
    hints = typing.get_type_hints(kind)
    readers = {one.name: _reader(hints[one.name]) for one in fields(kind)}
    needed = frozenset(one.name for one in fields(kind) if not _has_default(one))

    def read(data: Any) -> Any:
        known = {name: read_one(data[name]) for name, read_one in readers.items() if name in data}
        if missing := needed - known.keys():
            raise ValueError(f"{kind.__name__} lacks {', '.join(sorted(missing))}")
        return kind(**known)

    return read


def _has_default(one: "Field[Any]") -> bool:
    return one.default is not MISSING or one.default_factory is not MISSING
