"""One account at Chatwoot: the few calls that Recall makes, with the vendor's own clock."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from bot.errors import NotFoundError
from bot.ports import Clock
from bot.providers import chatwoot_answers as answers
from bot.providers.base import Limiter, ReadRetry, Urgency, Window
from bot.providers.chatwoot_answers import ChatMessage, Conversation
from bot.providers.chatwoot_links import MessageId
from bot.providers.chatwoot_settings import ChatwootSettings
from bot.providers.http_client import HttpClient
from bot.providers.http_message import HttpAnswer, HttpRequest

HEADER = "api_access_token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A message and its conversation, as they were when the vendor's clock said `at`."""

    message: ChatMessage
    conversation: Conversation
    at: datetime
    ahead: float = 0.0  # seconds by which our own clock is ahead of the vendor's


class ChatwootAccount:
    """Asks `{url}/api/v1/accounts/{account}/…`."""

    def __init__(self, settings: ChatwootSettings, clock: Clock) -> None:
        """Open nothing yet."""
        self._settings = settings
        self._clock = clock
        self._base = f"{settings.url.rstrip('/')}/api/v1"
        self._token = settings.token.get_secret_value()
        self._retry = ReadRetry(budget=settings.timeout)
        self._client = HttpClient(
            vendor=settings.title,
            seconds=settings.timeout,
            limiters=(
                Limiter(
                    vendor=settings.title,
                    concurrency=settings.concurrency,
                    windows=(Window.a_second(settings.calls_per_second),),
                ),
            ),
            secrets=(self._token,),
        )

    async def profile(self) -> Any:
        """Ask whose token this is."""
        return (await self._read("/profile", Urgency.PERSON)).json

    async def conversations(self, words: str | None = None) -> list[Conversation]:
        """List the liveliest conversations; with `words`, those in which a message has them."""
        query = (("status", "all"), ("assignee_type", "all"), ("page", "1"), *_asking(words))
        answer = await self._read(f"{self._account}/conversations", Urgency.PERSON, query)
        return answers.conversations(answer.json, self._settings.title)

    async def conversation(self, number: int) -> Conversation:
        """Read one conversation. Raises NotFoundError."""
        answer = await self._read(f"{self._account}/conversations/{number}", Urgency.PERSON)
        return answers.conversation(answer.json, self._settings.title)

    async def messages(self, conversation: int) -> list[ChatMessage]:
        """List a conversation's latest twenty messages, oldest first."""
        answer = await self._read(self._messages(conversation), Urgency.PERSON)
        return answers.messages(answer.json, self._settings.title)

    async def see(self, target: MessageId, urgency: Urgency) -> Seen:
        """Read a message, and whether its customer is online. Raises NotFoundError."""
        title = self._settings.title
        path = f"{self._account}/conversations/{target.conversation}"
        # There is no call for a single message; the twenty before the next id end with it.
        before = (("before", str(target.message + 1)),)
        talk, listed = await asyncio.gather(
            self._read(path, urgency), self._read(self._messages(target.conversation), urgency, before)
        )
        found = next((m for m in answers.messages(listed.json, title) if m.id == target.message), None)
        if found is None:
            raise NotFoundError(f"{title} has no such message in that conversation.")
        now = self._clock.now()
        at = listed.at or now
        return Seen(
            message=found,
            conversation=answers.conversation(talk.json, title),
            at=at,
            ahead=(now - at).total_seconds(),
        )

    async def delete(self, target: MessageId) -> None:
        """Delete a message; that it is gone has to be read afterwards. Raises NotFoundError."""
        request = self._request("DELETE", f"{self._messages(target.conversation)}/{target.message}")
        answer = await self._client.ask(
            request, urgency=Urgency.RECALL, expect=(HTTPStatus.NOT_FOUND,), plain=True
        )
        self._must_exist(answer)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()

    @property
    def _account(self) -> str:
        return f"/accounts/{self._settings.account}"

    def _messages(self, conversation: int) -> str:
        return f"{self._account}/conversations/{conversation}/messages"

    def _request(self, method: str, path: str, query: tuple[tuple[str, str], ...] = ()) -> HttpRequest:
        return HttpRequest(method=method, url=self._base + path, query=query, headers={HEADER: self._token})

    async def _read(self, path: str, urgency: Urgency, query: tuple[tuple[str, str], ...] = ()) -> HttpAnswer:
        request = self._request("GET", path, query)
        answer = await self._retry(
            partial(self._client.ask, request, urgency=urgency, expect=(HTTPStatus.NOT_FOUND,))
        )
        self._must_exist(answer)
        return answer

    def _must_exist(self, answer: HttpAnswer) -> None:
        if answer.status != HTTPStatus.NOT_FOUND:
            return
        if not answer.is_json:  # the vendor says in JSON that something is missing; a proxy does not
            raise self._client.refusal(answer)
        raise NotFoundError(f"{self._settings.title} has no such message.")


def _asking(words: str | None) -> tuple[tuple[str, str], ...]:
    return (("q", words),) if words else ()
