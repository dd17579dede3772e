"""What every handler needs, and the boundary at which errors become sentences."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import NotFoundError, RecallError, StorageError
from bot.ports import Clock, Inbox, Request
from bot.proposal import AlreadyRecalledError, NothingToRecallError
from bot.service import RecallService
from bot.tasks import Tasks
from handlers.answers import Answers
from handlers.cards import listing, words
from handlers.cards.kit import Message
from handlers.cards.words_errors import error_sentence
from handlers.payloads import Origin
from handlers.places import Places
from handlers.precedence import Precedence

log = logging.getLogger(__name__)

Work: TypeAlias = Coroutine[None, None, None]


class Kept(Enum):
    """What became of a request that was to be written down before its ack."""

    NEW = "new"
    REPEATED = "repeated"  # Slack sent the same thing again: ack it, and do nothing
    LOST = "lost"  # the database refused it: ack it, and say that nothing was done


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The parts that handlers work with. One per process."""

    service: RecallService
    inbox: Inbox
    tasks: Tasks
    clock: Clock
    places: Places
    client: AsyncWebClient
    answers: Answers
    new_id: Callable[[], str]  # names an incident, so that a person's report finds the log line
    precedence: Precedence = field(default_factory=Precedence)

    async def keep(self, key: str, verb: str = "", body: Mapping[str, Any] | None = None) -> Kept:
        """Write one row before the ack. A look-up has no verb: it is deduped only, and never replayed."""
        request = Request(key=key, verb=verb, body=body or {}, at=self.clock.now())
        try:
            new = await self.inbox.keep(request)
        except StorageError as error:
            log.exception("a request could not be kept: %s", error.code)
            return Kept.LOST
        return Kept.NEW if new else Kept.REPEATED

    async def tell(self, origin: Origin, message: Message | str) -> None:
        """Tell one person something; nobody else sees it."""
        await self.answers.tell(
            origin, message if isinstance(message, Message) else listing.sentence(message)
        )

    def spawn(self, origin: Origin, work: Work, name: str) -> None:
        """Carry on after the ack. Whatever goes wrong in there is told to the person."""
        self.tasks.spawn(self._in_turn(origin, work), name)

    async def _in_turn(self, origin: Origin, work: Work) -> None:
        try:
            await self.precedence.turn()
        except asyncio.CancelledError:
            work.close()  # it was never begun
            raise
        await self.guarded(origin, work)

    async def guarded(self, origin: Origin, work: Work) -> None:
        """Run work to its end; an error becomes a sentence for the person who asked."""
        try:
            await work
        except RecallError as error:
            log.info("told to a person: %s", error.code)
            await self.tell(origin, refusal(error))
        except Exception:  # the boundary: a bug must not leave a person without an answer
            incident = self.new_id()
            log.exception("incident %s", incident)
            await self.tell(origin, words.went_wrong(incident))


def refusal(error: RecallError) -> Message:
    """Show an error, with what it is about where that is known."""
    if isinstance(error, AlreadyRecalledError):
        return listing.refusal(error_sentence(error), error.target, error.earlier)
    if isinstance(error, NothingToRecallError):
        return listing.refusal(error_sentence(error), error.target)
    if isinstance(error, NotFoundError):
        return listing.with_search(error_sentence(error))
    return listing.sentence(error_sentence(error))
