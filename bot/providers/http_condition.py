"""What an answer has to look like to mean something: its status, and what stands where in it. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue, model_validator

from bot.providers.http_message import HttpAnswer
from bot.providers.http_pointer import MISSING, Pointer, at
from bot.providers.trouble import bounded

LONGEST_VALUE = 60


class Condition(BaseModel):
    """All of it has to hold. Without `status` any will do."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    status: tuple[int, ...] = ()
    equals: Mapping[Pointer, JsonValue] = {}
    """What stands there is this; a list: one of these."""
    contains: Mapping[Pointer, str] = {}
    """The text that stands there has this in it, case aside."""
    same: tuple[tuple[Pointer, Pointer], ...] = ()
    """Two places hold the same, and it is not missing: a count that has reached its total."""
    present: tuple[Pointer, ...] = ()
    absent: tuple[Pointer, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> "Condition":
        if not (self.status or self.equals or self.contains or self.same or self.present or self.absent):
            raise ValueError("says nothing; give status, equals, contains, same, present or absent")
        return self

    def holds(self, answer: HttpAnswer) -> bool:
        """Say whether an answer fits."""
        value = answer.json
        return (
            (not self.status or answer.status in self.status)
            and all(_is(at(value, pointer), wanted) for pointer, wanted in self.equals.items())
            and all(
                part.casefold() in _words(at(value, pointer)).casefold()
                for pointer, part in self.contains.items()
            )
            and all(_same(at(value, one), at(value, other)) for one, other in self.same)
            and all(not _gone(at(value, pointer)) for pointer in self.present)
            and all(_gone(at(value, pointer)) for pointer in self.absent)
        )

    def evidence(self, answer: HttpAnswer) -> str:
        """Quote what the condition looked at: "status 200, /data/recall is true"."""
        places = [*self.equals, *self.contains, *(each for pair in self.same for each in pair), *self.present]
        told = [f"{pointer} is {_shown(at(answer.json, pointer))}" for pointer in dict.fromkeys(places)]
        told += [f"{pointer} is missing" for pointer in self.absent]
        return ", ".join([f"HTTP {answer.status}", *told])


def _is(value: Any, wanted: JsonValue) -> bool:
    if isinstance(wanted, list):
        return any(_is(value, each) for each in wanted)
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted  # in Python 1 equals True
    return bool(value == wanted)


def _same(one: Any, other: Any) -> bool:
    return one is not MISSING and one is not None and _is(one, other)


def _gone(value: Any) -> bool:
    return value is MISSING or value is None


def _words(value: Any) -> str:
    if value is MISSING:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _shown(value: Any) -> str:
    text = "missing" if value is MISSING else _words(value)
    return bounded(text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…", LONGEST_VALUE)
