"""JSON pointers (RFC 6901): where in an answer a value stands. Pure."""

from typing import Annotated, Any

from pydantic import AfterValidator

MISSING = object()
"""What a pointer gives that leads nowhere; null is a value."""


def _pointer(text: str) -> str:
    if text and not text.startswith("/"):
        raise ValueError(f'must be a JSON pointer, which begins with "/" ("/{text.replace(".", "/")}"?)')
    return text


Pointer = Annotated[str, AfterValidator(_pointer)]
"""A pointer in a settings model; empty means the whole answer."""


def at(value: Any, pointer: str) -> Any:
    """Follow a pointer; MISSING where it leads nowhere."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isascii() and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return MISSING
    return value


def found(value: Any, pointer: str | None) -> Any:
    """Follow a pointer that may not be set; None where it is not, or leads nowhere."""
    if pointer is None:
        return None
    result = at(value, pointer)
    return None if result is MISSING else result
