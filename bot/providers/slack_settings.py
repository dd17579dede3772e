"""The settings of the provider that takes Slack posts back."""

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, SecretStr

from bot.providers.base import ProviderSettings, VendorUrl


def _user(value: str) -> str:
    if not re.fullmatch(r"[UW][A-Z0-9]{2,}", value):
        raise ValueError("must be the id of a Slack user (U…), not a name")
    return value


def _user_token(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith("xoxp-"):
        raise ValueError("must be a user token, which begins with xoxp-")
    return value


class SlackPostsSettings(ProviderSettings):
    """A `[providers.NAME]` table with `kind = "slack"`. It needs no further keys: the bot's own token is known."""

    from_environment: ClassVar[Mapping[str, str]] = {
        "bot_token": "SLACK_BOT_TOKEN",
        "api_url": "SLACK_API_URL",
    }

    kind: Literal["slack"] = "slack"
    bot_token: SecretStr | None = None
    """Reads posts, and deletes the bot's own. None only where the bot itself does not run."""
    api_url: VendorUrl = "https://slack.com/api/"
    tokens: Mapping[
        Annotated[str, AfterValidator(_user)], Annotated[SecretStr, AfterValidator(_user_token)]
    ] = {}
    """By user: a token with the scope chat:write that this person granted, for their own posts."""
    timeout: Annotated[float, Field(gt=0, le=60)] = 10.0
    """Seconds that one call may take."""

    def secrets(self) -> tuple[str, ...]:
        """Give every token, so that none gets into a text."""
        own = (self.bot_token,) if self.bot_token else ()
        return tuple(each.get_secret_value() for each in (*own, *self.tokens.values()))
