"""The settings of a Netmera connection.

Netmera documents the names of its MCP tools, but neither their arguments nor their results. What is assumed about
both stands here as defaults, so that an operator can mend a wrong guess without code.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr

from bot.providers.base import PageAddress, Pattern, ProviderSettings, VendorUrl
from bot.target import Status

Aliases = tuple[str, ...]
"""Names to look for, the likeliest first. Compared without case, underscores and hyphens."""

STATUS_WORDS: Mapping[str, Status] = {
    "SCHEDULED": Status.SCHEDULED,
    "PLANNED": Status.SCHEDULED,
    "SENDING": Status.SENDING,
    "STARTING": Status.SENDING,
    "ACTIVE": Status.SENDING,
    "SENT": Status.SENT,
    "FINISHED": Status.SENT,
    "COMPLETED": Status.SENT,
    "RECALLING": Status.RECALLING,
    "RECALLED": Status.RECALLED,
    "STOPPED": Status.HALTED,
    "HALTED": Status.HALTED,
}
"""FINISHED, SENDING, STARTING, ACTIVE and STOPPED are known from Netmera's REST side; the others are assumed."""


class FieldNames(BaseModel):
    """Under which names the tools' results hold what Recall shows."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: Aliases = ("campaignId", "id", "notificationKey", "key")
    name: Aliases = ("name", "title", "campaignName")
    text: Aliases = ("text", "message", "body")
    image: Aliases = ("imageUrl", "image", "mediaUrl", "picture")
    sent_at: Aliases = ("sentDate", "sentAt", "startDate")
    sent_by: Aliases = ("createdBy", "sentBy", "owner", "author")
    status: Aliases = ("status", "state")
    channel: Aliases = ("channel", "channelType", "platforms", "platform")
    sent: Aliases = ("targetCount", "audience", "sent")
    delivered: Aliases = ("delivered",)
    opened: Aliases = ("opened", "clicked")


class ToolNames(BaseModel):
    """The documented tools; a setting only for those who run something compatible."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    list: str = "campaign_list"
    detail: str = "campaign_detail"
    report: str = "campaign_report"
    recall: str = "campaign_recall"
    stop: str = "campaign_stop"


class NetmeraSettings(ProviderSettings):
    """A `[providers.NAME]` table with `kind = "netmera"`. Only `url` and `token` are needed."""

    kind: Literal["netmera"] = "netmera"
    url: VendorUrl
    token: SecretStr
    title: Annotated[str, Field(min_length=1, max_length=80)] = "Netmera"
    """How people call it; two apps of one vendor need two names."""

    timeout: Annotated[float, Field(gt=0, le=60)] = 10.0
    """Seconds that one call may take."""
    concurrency: Annotated[int, Field(ge=1, le=64)] = 4
    calls_per_second: Annotated[float, Field(gt=0)] = 10.0
    """Not documented by Netmera; never more within any second."""

    window_minutes: Annotated[float, Field(gt=0)] | None = None
    """How long after sending a recall works; None: no such limit is known (Netmera documents none)."""
    panel_url: PageAddress | None = None
    """A campaign's page in the panel, `https://…/{id}`: shown on cards and recognised in posts."""
    link_hosts: tuple[str, ...] = ("netmera.com",)
    """Hosts, their subdomains included, whose `…/campaigns/<id>` links name a campaign."""
    id_pattern: Pattern = r"\b(cmp-\d{1,18})\b|\bcampaign(?:\s+id)?[\s:#]{1,3}(\d{2,18})\b(?![/@]|[.-]\w)"
    """What an id looks like in text, case aside: the first group that matched, or all of it."""
    event_types: tuple[str, ...] = ("campaign_sent",)
    """Types of Slack message metadata that name a campaign."""
    metadata_ids: tuple[str, ...] = ("id", "campaign_id", "campaignId")

    tools: ToolNames = ToolNames()
    fields: FieldNames = FieldNames()
    id_arguments: Aliases = ("campaignId", "campaign_id", "id", "notificationKey")
    limit_arguments: Aliases = ("limit", "size", "pageSize", "max")
    search_arguments: Aliases = ("search", "name", "query", "filter")
    extra_arguments: Mapping[str, Mapping[str, JsonValue]] = {}
    """By tool: fixed arguments that it wants besides."""

    status_words: Mapping[str, Status] = STATUS_WORDS
    """What the vendor's words for a campaign's state mean; given words come on top of the known ones."""
    never_sent_words: tuple[str, ...] = ("DRAFT", "CANCELLED", "CANCELED", "REJECTED")
    web_words: tuple[str, ...] = (
        "WEB",
        "WEB_PUSH",
        "WEBPUSH",
        "CHROME",
        "FIREFOX",
        "SAFARI",
        "EDGE",
        "OPERA",
    )
    """Channels and platforms that are web push, which Netmera can't recall (its FAQ)."""
