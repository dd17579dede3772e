"""The settings of a Chatwoot connection: where it is, and the four rules of recalling a chat message."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from bot.providers.base import ProviderSettings, VendorUrl

Minutes = Annotated[float, Field(ge=0)]


class ChatwootSettings(ProviderSettings):
    """A `[providers.NAME]` table with `kind = "chatwoot"`. Only `url`, `token` and `account` are needed."""

    kind: Literal["chatwoot"] = "chatwoot"
    url: VendorUrl
    token: SecretStr
    """An administrator's or agent's `api_access_token`: what it may see, Recall may see."""
    account: Annotated[int, Field(ge=1)]
    title: Annotated[str, Field(min_length=1, max_length=80)] = "Chatwoot"
    """How people call it; two accounts need two names."""

    channels: tuple[str, ...] = ("website",)
    """From which channels a message can be recalled: only a website's chat window takes one away again."""
    window_minutes: Minutes = 5.0
    """How long after sending; 0 for no limit."""
    sender_only: bool = True
    """Only the agent who sent it, or somebody with an `on_behalf` rule."""
    match_by_email: bool = False
    """Whom `[people]` does not name is taken for the agent with the same e-mail address."""
    recall_incoming: bool = False
    """Whether customers' own words can be taken away too."""

    timeout: Annotated[float, Field(gt=0, le=60)] = 10.0
    """Seconds that one call may take."""
    concurrency: Annotated[int, Field(ge=1, le=64)] = 8
    calls_per_second: Annotated[float, Field(gt=0)] = 20.0
    """Chatwoot's own default is 3,000 requests a minute for an address."""
    conversations: Annotated[int, Field(ge=1, le=25)] = 10
    """How many of the liveliest conversations are looked through for a list or a search."""

    event_types: tuple[str, ...] = ("recall_copy", "chat_message")
    """Types of Slack message metadata that name a message; the first is that of the mirror's own copies."""
    metadata_ids: tuple[str, ...] = ("id", "message", "message_id")

    mirror_channel: Annotated[str, Field(pattern=r"^[CG][A-Z0-9]{2,}$")] | None = None
    """Id of the Slack channel into which agents' messages are copied; without it none are."""
    webhook_secret: SecretStr | None = None
    """With which the vendor signs its webhooks."""
    webhook_token: SecretStr | None = None
    """For vendors that do not sign: the secret end of the webhook's address."""

    @model_validator(mode="after")
    def _mirror_is_guarded(self) -> Self:
        """Anybody could put words into agents' mouths if unsigned webhooks were believed."""
        if self.mirror_channel and not (self.webhook_secret or self.webhook_token):
            raise ValueError(
                "mirror_channel needs webhook_secret, or webhook_token where the vendor does not sign"
            )
        return self
