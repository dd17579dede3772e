"""`/recall` and its words."""

import re
from typing import Final

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import NotFoundError, StorageError
from bot.found import Found
from bot.lookup import unquoted
from bot.recall import Recall, RecallId
from handlers import payloads
from handlers.cards import listing, words, words_lookup
from handlers.decisions import decide
from handlers.desk import Desk, Kept
from handlers.opening import open_card, open_patiently
from handlers.payloads import Command, Json, Origin
from handlers.posts import plain

LONGEST: Final = 200
"""Characters of a search. Names are shorter, and a pasted page is no search."""

LONGEST_LINK: Final = 2000
"""Characters of a link or an id: a mail's address on the web has some 240, and links may carry a long tail."""

_STOP: Final = re.compile(r"stop\s+(\S+)", re.IGNORECASE)
_TOKEN: Final = re.compile(r"<([@#!])?([^<>|]*)(?:\|([^<>]*))?>")
_ONE_THING: Final = re.compile(r"(?:\S{1,260}: ?)?(?:<?https?://\S+|[A-Za-z0-9+/=_-]+)")
"""A link or an id, perhaps with the mailbox before it."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")


async def recall(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Take `/recall …`: acknowledge at once, look up afterwards."""
    command = payloads.command(body)
    typed = said(command.text)
    stopping = await _recall_to_stop(desk, typed)
    if stopping is not None:
        await decide(desk, ack, origin=command.origin, verb="stop", recall=stopping.id, key=command.key)
        return
    if await desk.keep(command.key) is not Kept.REPEATED:
        desk.spawn(command.origin, _answer(desk, command, typed), "command")
    await ack()


def said(text: str) -> str:
    """Turn what Slack sends into what was typed: mentions, links and escapes are unwrapped, odd characters go."""
    unwrapped = _TOKEN.sub(_unwrapped, text)
    return " ".join(_CONTROL.sub(" ", plain(unwrapped)).split())


async def _answer(desk: Desk, command: Command, typed: str) -> None:
    origin = command.origin
    match typed.casefold():
        case _ if not unquoted(typed)[0]:
            found = await desk.service.recent(origin.actor)
            await desk.tell(origin, listing.recents(found))
        case "help":
            await desk.tell(origin, listing.help_text())
        case "status":
            await _status(desk, origin)
        case "history":
            await desk.service.admit(origin.actor)
            await desk.tell(origin, listing.history(await desk.service.history()))
        case _:
            await find(desk, origin, typed)


async def find(desk: Desk, origin: Origin, typed: str) -> None:
    """Search: one certain match goes straight to its card, several to a short list, none to a word of help.

    A vendor that was only slow is asked once more, and what it adds is shown then.
    """
    if len(typed) > (LONGEST_LINK if _ONE_THING.fullmatch(typed) else LONGEST):
        await desk.tell(origin, words.TOO_LONG)
        return
    found = await desk.service.find(origin.actor, typed)
    if found.targets or not found.slow:
        await _show(desk, origin, typed, found)
    else:
        slow = words_lookup.still_looking(tuple(found.slow.values()))
        await desk.tell(origin, listing.with_search(slow))
    if found.meant is not None:
        try:
            await open_card(desk, origin, found.meant)
        except NotFoundError:
            await desk.tell(origin, listing.nothing(typed, Found()))
    elif found.slow:
        more = await desk.service.find_again(origin.actor, typed, found)
        if more.targets or not found.targets:
            await _show(desk, origin, typed, more)


async def _show(desk: Desk, origin: Origin, typed: str, found: Found) -> None:
    if found.certain and len(found.targets) == 1:
        await open_patiently(desk, origin, found.targets[0].ref)
    elif found.targets:
        await desk.tell(origin, listing.short_list(unquoted(typed)[0], found))
    else:
        await desk.tell(origin, listing.nothing(unquoted(typed)[0], found))


async def _status(desk: Desk, origin: Origin) -> None:
    await desk.service.admit(origin.actor)
    going = await desk.service.history(open_only=True)
    await desk.service.check_now(going)
    await desk.tell(origin, listing.status(going))


async def _recall_to_stop(desk: Desk, typed: str) -> Recall | None:
    """`stop` is a verb only before a recall's id; before anything else it is part of a search."""
    match = _STOP.fullmatch(typed)
    if match is None:
        return None
    try:
        return await desk.service.recall(RecallId(match[1]))
    except (NotFoundError, StorageError):
        return None


def _unwrapped(token: re.Match[str]) -> str:
    sign, inner, label = token[1], token[2], token[3]
    if sign in {"@", "#"}:
        return f"{sign}{label or inner}"
    if sign == "!":
        return f"@{label or inner.partition('^')[0]}"
    return inner
