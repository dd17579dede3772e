"""What is wrong in a settings file, in sentences: the key's path, what is wrong, and what was perhaps meant."""

import difflib
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

Key = tuple[str | int, ...]
"""Where something stands: names of tables and keys, and positions in lists from 0."""

_TYPES = {
    "bool_type": "must be true or false",
    "dict_type": "must be a table",
    "float_type": "must be a number",
    "frozen_set_type": "must be a list",
    "int_from_float": "must be a whole number",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
    "missing": "is missing",
    "model_type": "must be a table",
    "set_type": "must be a list",
    "string_type": "must be text in quotes",
    "tuple_type": "must be a list",
}


class Mistakes:
    """Collects mistakes; at most one for a key, since the first one usually causes the others."""

    def __init__(self) -> None:
        self._found: dict[Key, str] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, key: Key, sentence: str) -> None:
        """Note what is wrong with a key, unless something about it was noted already."""
        self._found.setdefault(key, sentence)

    def add_all(self, error: ValidationError, model: type[BaseModel], below: Key = ()) -> None:
        """Note everything that pydantic found, in our words; `below` is where the model's table stands."""
        for each in error.errors(include_url=False, include_context=True, include_input=False):
            # Pydantic names the branch of a union in the location; the file has no such level.
            key = tuple(part for part in each["loc"] if part != "[key]")
            if each["type"] == "extra_forbidden":
                self.add((*below, *key), _unknown(key, model))
            else:
                self.add((*below, *key), _sentence(each["type"], each["msg"], each.get("ctx", {})))

    def sentences(self) -> tuple[str, ...]:
        """Give one sentence per mistake, in the order they were found."""
        return tuple(
            f"{spelled(key)}: {sentence}" + ("" if sentence.endswith("?") else ".")
            for key, sentence in self._found.items()
        )


def spelled(key: Key) -> str:
    """Write a path as people read it: `policy.allow#1.who`, lists counted from 1."""
    path = ""
    for part in key:
        path += f"#{part + 1}" if isinstance(part, int) else f".{part}" if path else part
    return path


def nearest(word: object, known: Iterable[str]) -> str:
    """Ask "did you mean", or give nothing where nothing is near."""
    near = difflib.get_close_matches(str(word), [str(each) for each in known], n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _sentence(kind: str, message: str, context: Mapping[str, Any]) -> str:
    if kind in {"value_error", "assertion_error"}:
        return str(context.get("error", message)).rstrip(".")
    return _TYPES.get(kind) or message.replace("Input should be", "must be").rstrip(".")


def _unknown(key: Key, model: type[BaseModel]) -> str:
    name = str(key[-1])
    if hint := nearest(name, _fields(_at(key[:-1], model))):
        return f"there is no such setting{hint}"
    for place in _places(name, model):
        if place != key:
            return f"there is no such setting here; {name} belongs {_table(place)}"
    return "there is no such setting"


def _table(place: Key) -> str:
    if len(place) == 1:
        return "at the top of the file, above the first [table]"
    return f"into [{'.'.join(str(part) for part in place[:-1])}]"


def _at(key: Key, model: type[BaseModel]) -> type[BaseModel] | None:
    """Find the model of the table at a path."""
    here: type[BaseModel] | None = model
    for part in key:
        if isinstance(part, str) and here is not None:
            here = _model_in(here.model_fields[part].annotation) if part in here.model_fields else None
    return here


def _places(name: str, model: type[BaseModel], above: Key = ()) -> Iterator[Key]:
    for field, about in model.model_fields.items():
        if field == name:
            yield (*above, field)
        if (inner := _model_in(about.annotation)) is not None:
            yield from _places(name, inner, (*above, field))


def _fields(model: type[BaseModel] | None) -> Iterable[str]:
    return model.model_fields if model is not None else ()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in typing.get_args(annotation) if (found := _model_in(each))), None)
