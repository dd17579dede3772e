"""The settings of a connection to Microsoft 365 mail.

Where the vendor documents nothing (the report mail's words, the link's hosts), what is assumed stands here as a default.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from bot.providers.base import ProviderSettings, VendorUrl

YEAR_DAYS = 365.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """Where a national cloud answers. Source: learn.microsoft.com/graph/deployments."""

    root: str
    authority: str


CLOUDS = {
    "global": Cloud(root="https://graph.microsoft.com", authority="https://login.microsoftonline.com"),
    "us-gov": Cloud(root="https://graph.microsoft.us", authority="https://login.microsoftonline.us"),
    "us-dod": Cloud(root="https://dod-graph.microsoft.us", authority="https://login.microsoftonline.us"),
    "china": Cloud(
        root="https://microsoftgraph.chinacloudapi.cn", authority="https://login.chinacloudapi.cn"
    ),
}


class GraphSettings(ProviderSettings):
    """A `[providers.NAME]` table with `kind = "graph"`: an app's credentials, or one person's token."""

    kind: Literal["graph"] = "graph"
    title: Annotated[str, Field(min_length=1, max_length=80)] = "Microsoft 365"
    """How people call it."""
    cloud: Literal["global", "us-gov", "us-dod", "china"] | None = None
    root: VendorUrl | None = None
    """Any other place, without a version; `authority` belongs to it."""
    authority: VendorUrl | None = None

    tenant: Annotated[str, Field(min_length=1, pattern=r"^[\w.-]+$")] | None = None
    client_id: Annotated[str, Field(min_length=1)] | None = None
    client_secret: SecretStr | None = None
    token: SecretStr | None = None
    """One person's (delegated) access token: `/me` is asked then, and only that person's mailbox can be reached."""
    refresh_token: SecretStr | None = None
    """One person's refresh token, for `tenant` and `client_id` (and `client_secret`, where the app has one)."""
    mailbox: Annotated[str, Field(min_length=3)] | None = None
    """Whose token or refresh token that is: the address that `[people]` has for them."""

    timeout: Annotated[float, Field(gt=0, le=60)] = 10.0
    """Seconds that one request may take."""
    concurrency: Annotated[int, Field(ge=1, le=4)] = 4
    """Requests at a time, per mailbox; Graph allows four."""
    requests_per_10_minutes: Annotated[float, Field(ge=1, le=10_000)] = 10_000.0
    """Per mailbox, within any ten minutes."""
    outcome_deadline: Annotated[float, Field(gt=0)] = 86_400.0
    """Seconds to look for the outcome; Exchange itself tries for a day."""

    max_age_days: Annotated[float, Field(gt=0)] = YEAR_DAYS
    """Older mails are refused; Exchange's own default is a year (`MessageRecallMaxRecallableAge`)."""
    merge_gap_minutes: Annotated[float, Field(gt=0, le=1440)] = 15.0
    """Mails of one subject belong to one mail-merge when each follows the one before within this time."""
    internal_domains: tuple[str, ...] = ()
    """Further domains of the organisation, besides the sender's own: a recall reaches nobody else."""
    look_at_recipients: bool = True
    """Whether recipients' mailboxes are looked into for the outcome (needs Mail.ReadBasic.All)."""
    report_words: Annotated[str, Field(min_length=1, max_length=80)] = "Recall Report"
    """What the subject of Exchange's report mail holds; it is not documented, and differs by language."""
    link_hosts: tuple[str, ...] = (
        "outlook.office.com",
        "outlook.office365.com",
        "outlook.live.com",
        "outlook.cloud.microsoft",
        "outlook.office365.us",
        "partner.outlook.cn",
    )
    """Hosts whose links open a mail."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.root is None) != (self.authority is None):
            raise ValueError("root and authority belong together: set both, or cloud instead")
        if self.root is not None and self.cloud is not None:
            raise ValueError("set either cloud, or root and authority")
        app = (self.tenant, self.client_id, self.client_secret)
        if self.token is not None and (any(app) or self.refresh_token or self.mailbox is None):
            raise ValueError(
                "token needs mailbox, and no tenant, client_id, client_secret or refresh_token beside it"
            )
        if self.refresh_token is not None and None in {self.tenant, self.client_id, self.mailbox}:
            raise ValueError("refresh_token needs tenant, client_id and mailbox")
        if not self.delegated and None in app:
            raise ValueError("needs tenant, client_id and client_secret, or else token and mailbox")
        return self

    @property
    def delegated(self) -> bool:
        """Whether Recall acts as one person, whose mailbox alone it reaches, and not as an app."""
        return self.token is not None or self.refresh_token is not None

    @property
    def credential(self) -> str:
        """The key of what Recall signs in with."""
        return "token" if self.token else "refresh_token" if self.refresh_token else "client_secret"

    @property
    def place(self) -> Cloud:
        """Where it answers."""
        if self.root is not None and self.authority is not None:
            return Cloud(root=self.root.rstrip("/"), authority=self.authority.rstrip("/"))
        return CLOUDS[self.cloud or "global"]
