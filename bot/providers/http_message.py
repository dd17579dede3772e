"""One HTTP request to a vendor and its answer, as values."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from bot.providers.trouble import http_date, retry_after_seconds

_READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """What is sent. `url` is escaped already; `query` and `form` are escaped here."""

    method: str = "GET"
    url: str
    query: tuple[tuple[str, str], ...] = ()  # put behind what the url has
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = field(default=None, repr=False)
    content_type: str | None = None
    once: bool | None = None  # gets a connection of its own, for it may act twice; None: whatever is no read

    @classmethod
    def of_json(cls, method: str, url: str, value: Any, **rest: Any) -> "HttpRequest":
        """Make a request whose body is this value as JSON."""
        content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        return cls(method=method, url=url, content=content, content_type="application/json", **rest)

    @classmethod
    def of_form(cls, method: str, url: str, form: Mapping[str, str], **rest: Any) -> "HttpRequest":
        """Make a request whose body is a web form."""
        content = urlencode(form).encode()
        kind = "application/x-www-form-urlencoded"
        return cls(method=method, url=url, content=content, content_type=kind, **rest)

    @property
    def address(self) -> str:
        """The whole escaped URL."""
        if not self.query:
            return self.url
        mark = "&" if "?" in self.url else "?"
        return f"{self.url}{mark}{urlencode(self.query, quote_via=quote)}"

    @property
    def alone(self) -> bool:
        """Whether it needs a connection that nothing else was sent on."""
        return self.method.upper() not in _READS if self.once is None else self.once

    def secrets(self) -> frozenset[str]:
        """Give what its headers hold of credentials, so that no error repeats them."""
        harmless = {"accept", "content-type", "user-agent", "accept-language", "consistencylevel", "prefer"}
        values = [value for name, value in self.headers.items() if name.lower() not in harmless]
        return frozenset(part for value in values for part in (value, *value.split()) if len(part) > 3)  # noqa: PLR2004


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """What came back, whole and within its limits. All of it is foreign."""

    status: int
    json: Any = field(default=None, repr=False)  # None: no body, a body that is not JSON, or null
    is_json: bool = False
    text: str = field(default="", repr=False)  # the body as it came
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # looked up in small letters

    @property
    def content_type(self) -> str:
        """What the body is labelled as; empty where it is not."""
        return self.headers.get("content-type", "")

    @property
    def at(self) -> datetime | None:
        """The vendor's own clock, where it sent one."""
        return http_date(self.headers.get("date"))

    @property
    def retry_after(self) -> float | None:
        """Seconds that the vendor asks to wait."""
        asked = self.headers.get("retry-after")
        return None if asked is None else retry_after_seconds(asked, self.at or datetime.now(UTC))

    @property
    def ok(self) -> bool:
        """Whether the status is a success; the body may still say otherwise."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def empty(self) -> bool:
        """Whether there was no body."""
        return not self.text.strip()


def parsed(body: bytes) -> tuple[Any, bool]:
    """Read JSON whatever it is labelled as, since many vendors label it wrongly; and whether it was JSON."""
    if not body:
        return None, False
    try:
        return _READER.decode(body.decode(json.detect_encoding(body), "surrogatepass")), True
    except (ValueError, RecursionError):
        return None, False


def longest_first(secrets: Iterable[str]) -> tuple[str, ...]:
    """Order secrets so that one that holds another is taken out whole."""
    return tuple(sorted(set(secrets), key=len, reverse=True))


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_READER = json.JSONDecoder(parse_constant=_no_number)
"""Made once: `json.loads` makes one for each answer."""
