"""The part of OData that the practice Graph understands: `$filter` with its comparisons, `$top`, `$skip`, `$select`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<call>contains|startswith)\(\s*(?P<on>\w+)\s*,\s*'(?P<part>(?:[^']|'')*)'\s*\)"
    r"|(?P<name>\w+)\s+(?P<how>eq|ge|gt|le|lt)\s+(?:'(?P<text>(?:[^']|'')*)'|(?P<bare>[\w:.+-]+))"
    r"|(?P<join>and)\b)\s*"
)
DEFAULT_TOP = 10
MOST_TOP = 1000


class BadFilterError(Exception):
    """A filter that Graph would not take; `code` is its word for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def page(
    items: Sequence[Mapping[str, Any]], query: Mapping[str, str]
) -> tuple[list[Mapping[str, Any]], int | None]:
    """The items that a request asks for, and what to skip for the next page (None: that was all)."""
    conditions = _conditions(query.get("$filter", ""))
    _ordered_rightly(query.get("$orderby", ""), conditions)
    found = [each for each in items if all(_holds(each, one) for one in conditions)]
    if order := query.get("$orderby"):
        name, _, direction = order.partition(" ")
        found.sort(key=lambda each: str(each.get(name, "")), reverse=direction.strip() == "desc")
    top = min(int(query.get("$top", DEFAULT_TOP)), MOST_TOP)
    skip = int(query.get("$skip", 0))
    wanted = [name for name in query.get("$select", "").split(",") if name]
    shown = [_only(each, wanted) for each in found[skip : skip + top]]
    return shown, skip + top if len(found) > skip + top else None


def _only(item: Mapping[str, Any], wanted: Sequence[str]) -> Mapping[str, Any]:
    if not wanted:  # headers come only when they are asked for
        return {key: value for key, value in item.items() if key != "internetMessageHeaders"}
    return {key: item[key] for key in ("id", *wanted) if key in item}


def _conditions(text: str) -> list[Mapping[str, str | None]]:
    found: list[Mapping[str, str | None]] = []
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise BadFilterError("ErrorInvalidUrlQueryFilter", f"The query filter can't be read at {at}.")
        at = token.end()
        if not token["join"]:
            found.append(token.groupdict())
    return found


def _ordered_rightly(order: str, conditions: Sequence[Mapping[str, str | None]]) -> None:
    """Graph's rule: what is ordered by must be in the filter too, and first."""
    name = order.partition(" ")[0]
    if name and conditions and (conditions[0]["name"] or conditions[0]["on"]) != name:
        raise BadFilterError(
            "InefficientFilter", "The restriction or sort order is too complex for this operation."
        )


def _holds(item: Mapping[str, Any], condition: Mapping[str, str | None]) -> bool:
    if condition["call"]:
        have = str(item.get(condition["on"] or "", "")).casefold()
        part = (condition["part"] or "").replace("''", "'").casefold()
        return part in have if condition["call"] == "contains" else have.startswith(part)
    have = str(item.get(condition["name"] or "", ""))
    want = (condition["text"] if condition["text"] is not None else condition["bare"] or "").replace(
        "''", "'"
    )
    match condition["how"]:
        case "eq":
            return have == want
        case "ge":
            return have >= want
        case "gt":
            return have > want
        case "le":
            return have <= want
        case _:
            return have < want
