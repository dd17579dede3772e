"""What Netmera's tools answer, read tolerantly, for no result of theirs is documented.

A list is a bare array, or the first array of objects under any key; one campaign is an object, or the first object
under any key that has an id. Names of fields come from the settings.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.errors import NotFoundError, ProviderConfusingError, ProviderRefusedError, RecallError
from bot.providers.json_values import LONGEST_ID, as_count, as_id, as_moment, as_text, as_url
from bot.providers.mcp_session import ToolAnswer
from bot.providers.netmera_settings import Aliases, FieldNames
from bot.providers.netmera_tools import folded
from bot.providers.trouble import bounded, redacted
from bot.target import Audience, TargetId

LONGEST_NAME = 1_000
LONGEST_TEXT = 10_000
DEEPEST = 4
"""How many objects an answer may be wrapped in."""

_CODES = {
    "2001": "it has an internal error",
    "2010": "the key is not valid",
    "2020": "a parameter is missing",
    "2022": "this account is not authorised for it",
    "2106": "the app's time restriction blocks it",
    "4000": "it is not allowed",
    "5003": "it has no campaign with that id",
    "5005": "the campaign's state does not allow it",
    "5007": "signing in is needed",
    "5008": "the approval flow is not set up",
    "5021": "this account may not use the service",
    "5022": "the usage quota is used up",
    "6001": "delivery failed",
}
"""Netmera's documented error codes that have one meaning. The others are shown as the vendor words them."""

_CODE = re.compile(r"\bcode\W{0,4}(\d{4})\b|\b(\d{4})(?=\s?[:)\]])", re.IGNORECASE)
_PREFIX = re.compile(r"^Error executing tool [\w.-]+:\s*")
_MISSING = re.compile(
    r"\b(not found|no (such )?(campaign|message)|does not exist|unknown (campaign|id))\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One campaign as the vendor described it; foreign text, bounded."""

    id: TargetId
    name: str = ""
    text: str = ""
    image_url: str | None = None
    sent_at: datetime | None = None
    sent_by: str | None = None
    status_word: str | None = None
    channels: tuple[str, ...] = ()
    audience: Audience = field(default_factory=Audience)


def json_of(answer: ToolAnswer, vendor: str) -> Any:
    """Take the JSON out of an answer: one text, one text for each entry of a list, or the structured part."""
    try:
        values = [json.loads(text) for text in answer.texts if text.strip()]
    except (ValueError, RecursionError):
        values = [None]
    value = values[0] if len(values) == 1 else values
    if (not values or not isinstance(value, dict | list)) and answer.structured is not None:
        return answer.structured
    if values == [None] and not any(text.strip() == "null" for text in answer.texts):
        raise ProviderConfusingError(f"{vendor} gave an answer that can't be understood.")
    return value


def refusal_in(answer: ToolAnswer, vendor: str, secrets: Iterable[str] = ()) -> RecallError | None:
    """Say why the tool did not do it; None where it says no such thing. HTTP 200 means nothing here.

    A code is explained where it has one meaning, and the vendor's words are always kept, for they say more; but
    `secrets` that it repeats are not.
    """
    words = " ".join(answer.texts)
    body = _mapping(answer)
    if not answer.failed and not _says_no(body):
        return None
    said = next((str(body[key]) for key in ("message", "error", "errorMessage") if body.get(key)), words)
    said = redacted(_PREFIX.sub("", said), secrets)
    code = next((group for group in _codes(body, words) if group in _CODES), None)
    if code == "5003" or (code is None and _MISSING.search(said)):
        return NotFoundError(f"{vendor} has no campaign with that id.")
    if code:
        said = said.removeprefix(f"{code}:").strip()
        return ProviderRefusedError(f"{vendor} refused: {_CODES[code]} (code {code}: “{said}”).")
    return ProviderRefusedError(f"{vendor} refused: “{said}”." if said else f"{vendor} refused.")


def campaigns_in(value: Any, fields: FieldNames, vendor: str) -> Sequence[Campaign]:
    """Read a list. Entries without a usable id are left out; a list of nothing else can't be understood."""
    entries = _first_list(value)
    if not entries and isinstance(value, dict) and _campaign(value, fields):
        entries = [value]  # a list of one, as some servers write it
    if entries is None:
        raise ProviderConfusingError(f"{vendor} gave a list that can't be understood.")
    found = [one for entry in entries if (one := _campaign(entry, fields))]
    if entries and not found:
        raise ProviderConfusingError(f"{vendor} lists campaigns without ids that Recall can read.")
    return found


def campaign_in(value: Any, fields: FieldNames, vendor: str, asked: TargetId) -> Campaign:
    """Read one campaign. Raises NotFoundError for an empty answer, and never takes another campaign for it.

    An object without any id is taken for the one that was asked for, if it has a state or a name, and nothing
    around it has an id of its own.
    """
    if value in (None, {}, []):
        raise NotFoundError(f"{vendor} has no campaign with that id.")
    for level, within_another in _nested(value, fields):
        ids = _ids(level, fields)
        names = (*fields.status, *fields.name)
        identity = ids.get(asked.casefold(), None if ids or within_another else asked)
        if identity and (ids or _first(level, names, as_text)):
            found = _described(level, fields, TargetId(identity))
            numbers = found.audience if found.audience != Audience() else audience_in(value, fields)
            return replace(found, audience=numbers)
    raise ProviderConfusingError(f"{vendor} answered about something else than was asked.")


def audience_in(value: Any, fields: FieldNames) -> Audience:
    """Read the numbers of recipients, at the top or in an object below; None where there are none."""
    levels = tuple(_objects(value))

    def number(names: Aliases) -> int | None:
        return next((n for level in levels if (n := _first(level, names, as_count)) is not None), None)

    return Audience(
        sent=number(fields.sent), delivered=number(fields.delivered), opened=number(fields.opened)
    )


def _campaign(entry: Mapping[str, Any], fields: FieldNames) -> Campaign | None:
    identity = _first(entry, fields.id, as_id)
    return None if identity is None else _described(entry, fields, identity)


def _described(entry: Mapping[str, Any], fields: FieldNames, identity: TargetId) -> Campaign:
    return Campaign(
        id=identity,
        name=bounded(_first(entry, fields.name, as_text) or "", LONGEST_NAME),
        text=bounded(_first(entry, fields.text, as_text) or "", LONGEST_TEXT),
        image_url=_first(entry, fields.image, as_url),
        sent_at=_first(entry, fields.sent_at, as_moment),
        sent_by=bounded(_first(entry, fields.sent_by, as_text) or "", LONGEST_ID) or None,
        status_word=bounded(_first(entry, fields.status, as_text) or "", LONGEST_ID) or None,
        channels=_first(entry, fields.channel, _words) or (),
        audience=audience_in(entry, fields),
    )


def _first(entry: Mapping[str, Any], names: Aliases, read: Any) -> Any:
    """Give the first of these fields that holds something readable."""
    known = {folded(str(key)): value for key, value in entry.items()}
    values = (read(known[folded(name)]) for name in names if folded(name) in known)
    return next((value for value in values if value is not None), None)


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """Go through an answer's objects, the outer ones first. A list counts where it holds just one object."""
    layer = [value]
    for _ in range(DEEPEST):
        layer = [each[0] if isinstance(each, list) and len(each) == 1 else each for each in layer]
        objects = [each for each in layer if isinstance(each, dict)]
        yield from objects
        layer = [inner for each in objects for inner in each.values() if isinstance(inner, dict | list)]


def _nested(value: Any, fields: FieldNames) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """Go through the same objects; says of each whether one around it has an id of its own."""
    inside: dict[int, bool] = {}
    for level in _objects(value):
        within = inside.get(id(level), False)
        yield level, within
        for inner in level.values():
            one = inner[0] if isinstance(inner, list) and len(inner) == 1 else inner
            inside[id(one)] = within or bool(_ids(level, fields))


def _ids(entry: Mapping[str, Any], fields: FieldNames) -> dict[str, TargetId]:
    return {one.casefold(): one for name in fields.id if (one := _first(entry, (name,), as_id))}


def _first_list(value: Any) -> list[Mapping[str, Any]] | None:
    """Find the first array of objects; an empty array counts where there is no other."""
    if isinstance(value, list):
        return [each for each in value if isinstance(each, dict)]
    lists = [each for level in _objects(value) for each in level.values() if isinstance(each, list)]
    full = (each for each in lists if any(isinstance(entry, dict) for entry in each))
    found = next(full, next((each for each in lists if not each), None))
    return None if found is None else [each for each in found if isinstance(each, dict)]


def _mapping(answer: ToolAnswer) -> Mapping[str, Any]:
    try:
        value = json_of(answer, "")
    except ProviderConfusingError:
        return {}
    return value if isinstance(value, dict) else {}


def _says_no(body: Mapping[str, Any]) -> bool:
    flags = {folded(str(key)): value for key, value in body.items()}
    return flags.get("success") is False or flags.get("ok") is False or bool(flags.get("error"))


def _codes(body: Mapping[str, Any], words: str) -> Iterator[str]:
    yield from (str(body[key]) for key in ("code", "errorCode") if key in body)
    yield from (found[1] or found[2] for found in _CODE.finditer(words))


def _words(value: Any) -> tuple[str, ...] | None:
    values = value if isinstance(value, list) else [value]
    return tuple(each for each in values if isinstance(each, str) and each) or None
