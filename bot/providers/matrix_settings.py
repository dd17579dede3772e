"""The settings of a Matrix homeserver."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from bot.providers.base import ProviderSettings, VendorUrl


def _user(value: str) -> str:
    if not re.fullmatch(r"@[^\s:]+:[^\s/]+", value):
        raise ValueError("must be a whole Matrix id, such as @ann:example.org")
    return value


def _room(value: str) -> str:
    if not re.fullmatch(r"![^\s/]+|#[^\s:/]+:[^\s/]+", value):
        raise ValueError("must be a room's id (!…) or its whole alias (#name:example.org)")
    return value


class MatrixSettings(ProviderSettings):
    """A `[providers.NAME]` table with `kind = "matrix"`. Only `url` and `token` are needed."""

    kind: Literal["matrix"] = "matrix"
    url: VendorUrl
    """The homeserver's client address, without `/_matrix`."""
    token: SecretStr
    """Access token of the account that Recall acts with: it reads, and redacts where its power suffices."""
    tokens: Mapping[Annotated[str, AfterValidator(_user)], SecretStr] = {}
    """By user: an access token that this person granted, for their own messages."""
    rooms: tuple[Annotated[str, AfterValidator(_room)], ...] = ()
    """Where to look for messages by words and by bare ids."""
    title: Annotated[str, Field(min_length=1, max_length=80)] = "Matrix"
    """How people call it."""
    search_depth: Annotated[int, Field(ge=1, le=10_000)] = 300
    """How many of a room's newest messages are listed and searched."""
    most_messages: Annotated[int, Field(ge=1, le=50_000)] = 5_000
    """How many messages "everything that somebody sent in a room" takes at most, the newest first."""
    timeout: Annotated[float, Field(gt=0, le=60)] = 10.0
    """Seconds that one call may take."""
    concurrency: Annotated[int, Field(ge=1, le=64)] = 4
    """Calls at the same time."""

    def secrets(self) -> tuple[str, ...]:
        """Give every token, so that none gets into a text."""
        return tuple(each.get_secret_value() for each in (self.token, *self.tokens.values()))
