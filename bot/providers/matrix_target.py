"""Makes targets of what a homeserver has: one message, or everything that somebody sent in a room."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from bot.errors import NotFoundError
from bot.providers.base import Urgency
from bot.providers.matrix_account import MatrixAccount
from bot.providers.matrix_links import Meant
from bot.providers.matrix_room import Message, message, newest_text
from bot.providers.matrix_settings import MatrixSettings
from bot.providers.trouble import bounded
from bot.target import (
    Audience,
    Capability,
    Operation,
    ProviderName,
    Reason,
    Status,
    Target,
    TargetId,
    TargetRef,
)

NAME_LENGTH = 80
SHOWN = 8
"""Of everything that somebody sent, so many lines stand on the card."""

REASONS = (
    Reason.WRONG_CONVERSATION,
    Reason.WRONG_MESSAGE,
    Reason.UNFINISHED,
    Reason.INTERNAL_NOTE,
    Reason.WRONG_ATTACHMENT,
    Reason.OTHER,
)
LIMITS = (
    "The room goes on showing that a message was removed, by whom and for which reason.",
    "Other servers in the room are asked to remove it too; whether they do, nobody can tell.",
)
FILES = "A file stays on its media server for whoever has its address."
EDITS = "Its edits are removed with it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """Reads one homeserver's rooms for what people ask for."""

    provider: ProviderName
    noun: str
    settings: MatrixSettings
    account: MatrixAccount

    async def one(self, room: str, event: str) -> Target:
        """Read one message. Raises NotFoundError."""
        found = await self.account.event(room, event, Urgency.PERSON)
        edits = [] if found.gone else await self.account.edits(room, event)
        text = next((newest_text(each) for each in edits), "") or found.text
        limits = (*LIMITS, *([FILES] if found.has_file else []), *([EDITS] if edits else []))
        return self._target(
            Meant(room=room, event=event),
            found,
            name=_first(text) or "Message without text",
            text=text,
            audience=await self._audience(room),
            capability=await self._capability(room, found, limits),
            items=1 + len(edits),
        )

    async def everything(self, room: str, user: str, until: int | None) -> Target:
        """Count what somebody sent in a room, up to now or to a moment. Raises NotFoundError where it is nothing."""
        meant = Meant(room=room, user=user, until=until)
        found = [each async for page in self.sent_by(meant) for each in page]
        if not found:
            raise NotFoundError(f"{user} has sent nothing in that room that still stands.")
        newest = found[0]
        where = await self.account.name(room)
        all_of_it = len(found) >= self.settings.most_messages
        most = f"Only the newest {len(found):,} are taken." if all_of_it else ""
        files = FILES if any(each.has_file for each in found) else ""
        return self._target(
            Meant(room=room, user=user, until=until or newest.ms),
            newest,
            name=f"Everything that {user} sent in {bounded(where, NAME_LENGTH)}",
            text="\n".join(_first(each.text) for each in found[:SHOWN] if each.text),
            audience=await self._audience(room),
            capability=await self._capability(room, newest, tuple(filter(None, (*LIMITS, most, files)))),
            items=len(found),
        )

    async def sent_by(self, meant: Meant) -> AsyncIterator[Sequence[Message]]:
        """Stream what somebody sent in a room, newest first, up to the moment that is meant."""
        most = self.settings.most_messages
        assert meant.room is not None
        async for page in self.account.messages(meant.room, most, Urgency.PERSON, sender=meant.user):
            if kept := [each for each in page if meant.until is None or each.ms <= meant.until]:
                yield kept

    async def edits_of(self, room: str, event: str) -> list[str]:
        """Name the events that replaced a message's text: they hold a text of their own."""
        return [
            found.id for each in await self.account.edits(room, event) if not (found := message(each)).gone
        ]

    async def newest(
        self, room: str, limit: int, *, words: str, before: datetime | None, sender: str | None
    ) -> list[Target]:
        """List messages of a room, newest first, as short targets; their cards are read in full."""
        known = await self.account.room_id(room)
        wanted = words.casefold().split()
        found: list[Target] = []
        async for page in self.account.messages(
            known, self.settings.search_depth, Urgency.PERSON, sender=sender
        ):
            for each in page:
                early = before is None or (each.at is not None and each.at < before)
                if each.text and not each.edits and early and _has(each.text, wanted):
                    found.append(await self._short(known, each))
                if len(found) >= limit:
                    return found
        return found

    async def _short(self, room: str, found: Message) -> Target:
        return self._target(
            Meant(room=room, event=found.id),
            found,
            name=_first(found.text),
            text=found.text,
            audience=Audience(),
            capability=Capability(operation=Operation.RECALL, limits=LIMITS),
            items=1,
        )

    async def _audience(self, room: str) -> Audience:
        members = await self.account.members(room)
        return Audience(sent=None if members is None else max(0, members - 1))

    async def _capability(self, room: str, found: Message, limits: tuple[str, ...]) -> Capability:
        if found.gone:
            return Capability(operation=None, refusal="It has been removed already.")
        if not found.is_message:
            return Capability(operation=None, refusal="It is a change to the room, not a message.")
        acting = await self.account.user_of(self.account.token_of(found.sender))
        power = await self.account.power(room, acting)
        if power.may_redact(acting, found.sender):
            return Capability(operation=Operation.RECALL, limits=limits)
        return Capability(
            operation=None,
            refusal=f"Recall's account {acting} lacks the power to remove other people's messages in this room. "
            f"{found.sender} can remove it, and so can a moderator.",
        )

    def _target(
        self,
        meant: Meant,
        found: Message,
        *,
        name: str,
        text: str,
        audience: Audience,
        capability: Capability,
        items: int,
    ) -> Target:
        link = f"https://matrix.to/#/{quote(meant.room or '')}/{quote(found.id)}"
        return Target(
            ref=TargetRef(provider=self.provider, id=TargetId(str(meant))),
            vendor=self.settings.title,
            noun=self.noun if meant.event else "person's messages",
            name=name,
            text=text,
            url=link,
            sent_at=found.at,
            sent_by=found.sender,
            audience=audience,
            status=Status.RECALLED if found.gone else Status.SENT,
            capability=capability,
            items=items,
            sender_id=found.sender,
            reasons=REASONS,
        )


def _first(text: str) -> str:
    return bounded(" ".join(text.split()), NAME_LENGTH)


def _has(text: str, words: list[str]) -> bool:
    have = text.casefold()
    return all(word in have for word in words)
