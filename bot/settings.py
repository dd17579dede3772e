"""What recall.toml and the environment may say: frozen values, read once at start.

How a file becomes these values, and what is said about its mistakes, is in `bot/settings_file.py`.
"""

import ipaddress
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from bot.policy import Policy, Rule, SecondPerson
from bot.proposal import Terms
from bot.target import ProviderName

SLACK_API_URL = "https://slack.com/api/"


def _person_or_group(value: str) -> str:
    if not _is_id(value, "UWS"):
        raise ValueError("must be the id of a Slack user (U…) or user group (S…), not a name")
    return value


def _channel(value: str) -> str:
    if not _is_id(value, "CG"):
        raise ValueError("must be a channel's id (C…), not its name")
    return value


def _sqlite(value: str) -> str:
    if not value.startswith("sqlite:///") or value == "sqlite:///":
        raise ValueError('must look like "sqlite:///recall.db" (or "sqlite:////absolute/path.db")')
    return value


def _somebody(value: frozenset[str]) -> frozenset[str]:
    if not value:
        raise ValueError("names nobody; list at least one user or user group")
    return value


PersonOrGroup = Annotated[str, AfterValidator(_person_or_group)]
Somebody = Annotated[frozenset[PersonOrGroup], AfterValidator(_somebody)]


class Frozen(BaseModel):
    """A part of the settings: never changed after it was read, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


class StorageSettings(Frozen):
    """`[storage]`."""

    url: Annotated[str, AfterValidator(_sqlite)] = "sqlite:///recall.db"
    keep_days: int = Field(default=400, ge=0, le=36_500)  # 0: for ever

    @property
    def keep(self) -> timedelta | None:
        """How long what may be let go is kept; None: for ever."""
        return timedelta(days=self.keep_days) if self.keep_days else None


class ServerSettings(Frozen):
    """`[server]`: health, and Slack's requests in HTTP mode. Loopback unless told otherwise."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)  # 0 takes a free one


class SlackSettings(Frozen):
    """`[slack]`."""

    channel: Annotated[str, AfterValidator(_channel)] | None = None
    allow_shared: bool = False


class AllowSettings(Frozen):
    """One `[[policy.allow]]`."""

    who: Somebody
    providers: frozenset[str] | None = None
    on_behalf: bool = False


class SecondPersonSettings(Frozen):
    """`[policy.second_person]`."""

    audience_over: int = Field(ge=0)
    who: Somebody
    self_approval: bool = False


class PolicySettings(Frozen):
    """`[policy]`: nobody may do anything until a rule says so."""

    allow: tuple[AllowSettings, ...] = ()
    second_person: SecondPersonSettings | None = None


class FileSettings(Frozen):
    """Everything in recall.toml but the providers' own keys."""

    card_minutes: float = Field(default=15.0, gt=0, le=1440)
    storage: StorageSettings = StorageSettings()
    server: ServerSettings = ServerSettings()
    slack: SlackSettings = SlackSettings()
    policy: PolicySettings = PolicySettings()
    people: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    providers: Mapping[str, Mapping[str, object]] = Field(default_factory=dict, repr=False)


class SlackAccess(Frozen):
    """Slack's usual variables from the environment."""

    bot_token: SecretStr | None = None
    app_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    api_url: str = SLACK_API_URL

    @property
    def socket_mode(self) -> bool:
        """Socket Mode when there is an app-level token, else signed HTTP requests."""
        return self.app_token is not None


class ProviderEntry(Frozen):
    """One `[providers.NAME]`: which kind, and that kind's own checked settings."""

    kind: str
    own: BaseModel


class Settings(Frozen):
    """All that the bot is told from outside."""

    card_minutes: float
    storage: StorageSettings
    server: ServerSettings
    slack: SlackSettings
    access: SlackAccess
    policy: PolicySettings
    people: Mapping[str, Mapping[str, str]]
    providers: Mapping[ProviderName, ProviderEntry]

    def rules(self) -> Policy:
        """Give the rules in the domain's words."""
        return Policy(
            allow=tuple(
                Rule(who=each.who, providers=_names(each.providers), on_behalf=each.on_behalf)
                for each in self.policy.allow
            ),
            second_person=_second(self.policy.second_person),
            people=self.people,
        )

    def terms(self) -> Terms:
        """Give the service what it needs of the settings."""
        return Terms(policy=self.rules(), card_minutes=self.card_minutes)

    def groups(self) -> frozenset[str]:
        """Name the user groups that any rule mentions: whose members have to be known."""
        named = [each.who for each in self.policy.allow]
        if self.policy.second_person is not None:
            named.append(self.policy.second_person.who)
        return frozenset(each for who in named for each in who if each.startswith("S"))


def is_safe_url(url: str) -> bool:
    """Say whether secrets may travel to this address: encrypted, or not leaving the machine. A broken one is not safe."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "://" not in url
    return parts.scheme.lower() not in {"http", "ws"} or is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_id(value: str, first: str) -> bool:
    return value[:1] in first and value.isascii() and value.isalnum() and value.isupper() and len(value) > 2  # noqa: PLR2004 - a letter and some digits


def _names(providers: frozenset[str] | None) -> frozenset[ProviderName] | None:
    return None if providers is None else frozenset(ProviderName(each) for each in providers)


def _second(settings: SecondPersonSettings | None) -> SecondPerson | None:
    if settings is None:
        return None
    return SecondPerson(
        audience_over=settings.audience_over, who=settings.who, self_approval=settings.self_approval
    )
