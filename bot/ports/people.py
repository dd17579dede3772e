"""Who somebody is."""

from dataclasses import dataclass
from typing import Protocol

from bot.recall import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member as policy sees them."""

    actor: Actor
    groups: frozenset[str] | None  # ids of user groups; None: they could not be read
    home: bool = True  # belongs to the team that Recall is installed in
    guest: bool = False
    active: bool = True
    email: str | None = None  # only where Slack may tell; never logged
    known: bool = True  # False: Slack did not tell whether this is a guest or deactivated


class People(Protocol):
    """Knows who somebody is. Implemented on Slack, cached for at most 60 seconds."""

    async def person(self, actor: Actor) -> Person:
        """Look a person up. Never raises for Slack's trouble: `groups` is None then."""
        ...
