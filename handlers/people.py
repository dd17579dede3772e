"""Who somebody is, as Slack tells it: the People port, cached for at most a minute."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakValueDictionary

from slack_sdk.web.async_client import AsyncWebClient

from bot.ports import Clock, Person
from bot.recall import Actor
from handlers.trouble import FAILURES, trouble

log = logging.getLogger(__name__)

KEPT: Final = timedelta(seconds=60)
"""How old an answer may be: who has just left a group may act for this long at most."""

PATIENCE: Final = 5.0
"""Seconds to wait for one answer of Slack's."""


class SlackPeople:
    """Asks users.info, and usergroups.users.list for the groups that the policy names.

    Slack's trouble never raises: the person's groups are None then, or the person is `known=False`, and the
    policy refuses in words.
    """

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        clock: Clock,
        groups: Iterable[str],
        home_team: str,
        emails: bool = False,
    ) -> None:
        """Wire it.

        `groups` are the user groups that any rule names; `home_team` where Recall is installed; `emails`: whether a
        provider matches people by address, which needs the scope users:read.email.
        """
        self._emails = emails
        self._client = client
        self._clock = clock
        self._groups = tuple(sorted(set(groups)))
        self._home_team = home_team
        self._members: dict[str, tuple[datetime, frozenset[str]]] = {}
        self._people: dict[str, tuple[datetime, Person]] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def person(self, actor: Actor) -> Person:
        """Look a person up."""
        if actor.team != self._home_team:
            return Person(actor=actor, groups=None, home=False)
        async with self._turn(actor.user):  # who presses five times at once is asked about once
            at, kept = self._people.get(actor.user, (None, None))
            if kept is None or at is None or self._clock.now() - at >= KEPT:
                kept = await self._ask(actor)
                if not kept.known:
                    return kept
                self._people[actor.user] = (self._clock.now(), kept)
        groups = await self._groups_of(actor.user)
        return replace(kept, groups=groups)

    def _turn(self, about: str) -> asyncio.Lock:
        """Give the lock of one question, so that a slow answer about one person keeps nobody else waiting."""
        turn = self._turns.get(about)
        if turn is None:
            turn = self._turns[about] = asyncio.Lock()
        return turn

    async def _ask(self, actor: Actor) -> Person:
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._client.users_info(user=actor.user)
        except FAILURES as error:
            log.warning("users.info failed: %s", trouble(error).code)
            return Person(actor=actor, groups=None, known=False)
        user = answer.get("user")
        if not isinstance(user, Mapping):
            return Person(actor=actor, groups=None, known=False)
        return Person(
            actor=actor,
            groups=None,
            home=not user.get("is_stranger") and user.get("team_id", self._home_team) == self._home_team,
            guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
            active=not user.get("deleted"),
            email=_email(user) if self._emails else None,
        )

    async def _groups_of(self, user: str) -> frozenset[str] | None:
        """Name the groups that somebody is in; None as soon as one group can't be read."""
        found = set()
        for group in self._groups:
            async with self._turn(group):  # a crowd asks about its group once
                members = await self._members_of(group)
            if members is None:
                return None
            if user in members:
                found.add(group)
        return frozenset(found)

    async def _members_of(self, group: str) -> frozenset[str] | None:
        at, kept = self._members.get(group, (None, frozenset[str]()))
        if at is not None and self._clock.now() - at < KEPT:
            return kept
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._client.usergroups_users_list(usergroup=group)
        except FAILURES as error:
            what = trouble(error)
            log.warning("usergroups.users.list of %s failed: %s", group, what.code)
            if what.refused != "no_such_subteam":
                return None
            members = frozenset[
                str
            ]()  # a group that was deleted has no members, and must not lock out the others
        else:
            members = frozenset(str(each) for each in answer.get("users") or ())
        self._members[group] = (self._clock.now(), members)
        return members


def _email(user: Mapping[str, object]) -> str | None:
    """Read the address out of the profile; absent without the scope users:read.email."""
    profile = user.get("profile")
    found = profile.get("email") if isinstance(profile, Mapping) else None
    return found if isinstance(found, str) and "@" in found else None
