"""A Web API request's arguments, however they came: query, form, JSON body, or JSON text inside a form."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.slack.errors import SlackError
from sandbox.slack.values import Json

JSON_TEXTS = ("blocks", "attachments", "view", "metadata", "message", "unfurls")
PAGE = 100  # Slack's default page length; 1000 at most


@dataclass(frozen=True, kw_only=True, slots=True)
class Arguments:
    """What a method was called with. Unknown arguments are kept and ignored, as Slack does."""

    given: Json
    token: str | None = None
    malformed: frozenset[str] = field(default=frozenset())  # arguments whose JSON text could not be read

    def text(self, name: str) -> str | None:
        """Return an argument as text, None when absent or null."""
        value = self.given.get(name)
        return None if value is None else str(value)

    def need(self, name: str) -> str:
        """Return an argument that must be there."""
        value = self.text(name)
        if not value:
            raise SlackError(
                "invalid_arguments",
                response_metadata={"messages": [f"[ERROR] missing required field: {name}"]},
            )
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean; "1", "true" and true are true."""
        value = self.given.get(name)
        return default if value is None else str(value).lower() in {"1", "true"}

    def limit(self, *, default: int = PAGE, most: int = 1000) -> int:
        """Return the page length."""
        text = self.text("limit")
        if text is None:
            return default
        if not text.isdigit() or not 0 < int(text) <= most:
            raise SlackError("invalid_limit")
        return int(text)

    def structure(self, name: str, *, malformed: str) -> Any:
        """Return an argument that is JSON, None when absent; raises `malformed` when it cannot be read."""
        if name in self.malformed:
            raise SlackError(malformed)
        return self.given.get(name)

    def bookmark(self) -> str | None:
        """Return where the last page ended."""
        cursor = self.text("cursor")
        if not cursor:
            return None
        try:
            return base64.b64decode(cursor.encode(), validate=True).decode().removeprefix("next:")
        except (binascii.Error, ValueError) as error:
            raise SlackError("invalid_cursor") from error


def cursor_for(bookmark: str | None) -> Json:
    """Return `response_metadata` that leads to the next page; empty at the end."""
    cursor = base64.b64encode(f"next:{bookmark}".encode()).decode() if bookmark else ""
    return {"next_cursor": cursor}


async def read_arguments(request: web.Request) -> Arguments:
    """Read a request. Raises `invalid_json` for a JSON body that is none, `json_not_object` for another kind."""
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        given |= _json_body(await request.text())
    else:
        given |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    malformed = set()
    for name in JSON_TEXTS:
        if isinstance(given.get(name), str):
            try:
                given[name] = json.loads(given[name])
            except ValueError:
                malformed.add(name)
    header = request.headers.get("Authorization", "")
    in_body = given.pop("token", None)
    token = header.removeprefix("Bearer ").strip() or in_body
    return Arguments(given=given, token=token, malformed=frozenset(malformed))


def _json_body(text: str) -> Json:
    if not text.strip():
        return {}
    try:
        body = json.loads(text)
    except ValueError as error:
        raise SlackError("invalid_json") from error
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    return body
