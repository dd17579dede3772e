"""What every provider stands on; a provider from outside needs no other import from this room.

A provider is a settings model, found by its `kind`, and a factory. The port that it implements is
`bot.ports.Provider`; the tests that tell whether it is right are in `bot.providers.contract`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.ports import Clock, Diagnosis, Provider, Traits
from bot.providers.limiter import Limiter, Urgency
from bot.providers.retry import ReadRetry
from bot.providers.trouble import bounded, redacted, refusal_for_status, retry_after_seconds
from bot.providers.window import Window
from bot.target import ProviderName

__all__ = [
    "Clock",
    "Diagnosis",
    "Limiter",
    "PageAddress",
    "Pattern",
    "Provider",
    "ProviderKind",
    "ProviderSettings",
    "ReadRetry",
    "Traits",
    "Urgency",
    "VendorUrl",
    "Window",
    "bounded",
    "redacted",
    "refusal_for_status",
    "retry_after_seconds",
]


def _vendor_url(url: str) -> str:
    """Refuse what is no http(s) URL, and plain http to anywhere but this machine: tokens travel with it."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be a full address, such as https://vendor.example/api")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or a password")
    if parts.scheme == "http" and not _on_this_machine(parts.hostname):
        raise ValueError("must begin with https:// (plain http is allowed on this machine's loopback only)")
    return url


def _on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


VendorUrl = Annotated[str, AfterValidator(_vendor_url)]
"""A vendor's address in a settings model."""


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return text


def _page_address(text: str) -> str:
    if text.count("{id}") != 1 or not text.startswith(("https://", "http://")):
        raise ValueError("must be an address that holds {id} once")
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]
"""A regular expression in a settings model."""

PageAddress = Annotated[str, AfterValidator(_page_address)]
"""The address of one target's page at its vendor, with `{id}` once."""


class ProviderSettings(BaseModel):
    """What every `[providers.NAME]` table has. A provider's own model adds its keys; unknown keys are mistakes.

    Input is hidden in pydantic's errors, for it may be a token.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    from_environment: ClassVar[Mapping[str, str]] = {}
    """Keys that, where the file leaves them out, are taken from a variable of the environment."""

    kind: str
    outcome_deadline: Annotated[float, Field(gt=0)] = 1800.0
    """Seconds to wait for the vendor's confirmation before the outcome is called unknown."""
    queue_deadline: Annotated[float, Field(gt=0)] = 900.0
    """Seconds to keep trying while the vendor does not answer at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderKind:
    """What stands behind a `kind` in the settings. `build` opens no connection and raises nothing."""

    settings: type[ProviderSettings]
    build: Callable[[ProviderName, Any, Clock], Provider]
    """Called with the name in the settings, an instance of `settings`, and the clock."""
