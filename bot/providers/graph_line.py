"""The line to Graph: one request at a time of ours, with its token, within the limits of its mailbox."""

from collections.abc import AsyncIterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from bot.errors import NotFoundError, ProviderConfusingError, ProviderRefusedError
from bot.ports import Clock
from bot.providers.base import Limiter, ReadRetry, Urgency, Window
from bot.providers.graph_answers import Mail, mails_in, trouble_in
from bot.providers.graph_settings import GraphSettings
from bot.providers.graph_token import GraphToken
from bot.providers.http_client import HttpClient
from bot.providers.http_message import HttpAnswer, HttpRequest

VERSION, RECALL_VERSION = "v1.0", "beta"
PAGE = 1000
"""Mails of one page: Graph's most."""

MOST_PAGES = 60
LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes. A recipient takes about 90: a page of a thousand mails to a hundred people each has 9 million, one of the list's
250 mails to 500 people each, Exchange's usual most, 11 million. To read this much holds the bot up for a third of a second."""

PATIENCE = 2.0
"""Seconds that a recall waits for a turn at most, so that a Stop is heard in time."""

KEPT = 50
"""One request of so many is kept for people's look-ups, while a merge uses up the rest."""

REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
"""What `ask` gives back as an answer: they are about the mail or the mailbox."""


class GraphLine:
    """Asks Graph. Every mailbox has limits of its own, which look-ups, checks and recalls share."""

    def __init__(self, settings: GraphSettings, clock: Clock) -> None:
        """Connect to nothing yet."""
        self._settings = settings
        given = (settings.client_secret, settings.token, settings.refresh_token)
        secrets = [each.get_secret_value() for each in given if each]
        self._client = HttpClient(
            vendor=settings.title,
            seconds=settings.timeout,
            largest=LARGEST_ANSWER,
            secrets=secrets,
            credential=settings.credential,
        )
        self._token = GraphToken(settings, self._client, clock)
        self._clock = clock
        self._limiters: dict[str, Limiter] = {}  # by mailbox, in lower case
        self._swept = clock.now()
        self._retry = ReadRetry(budget=settings.timeout)

    def limiter(self, mailbox: str) -> Limiter:
        """Give the limits of one mailbox, by Graph's throttling page: four at a time, so many in ten minutes.

        The window is longer by the time-out, for a request may reach Graph so much later than it began. An address's
        case makes no other mailbox; limits that hold nobody back are forgotten, since any recipient's may be asked.
        """
        mailbox = mailbox.casefold()
        if mailbox not in self._limiters:
            seconds = 600 + self._settings.timeout
            if self._clock.now() - self._swept > timedelta(seconds=seconds):
                self._limiters = {name: each for name, each in self._limiters.items() if not each.idle}
                self._swept = self._clock.now()
            requests = int(self._settings.requests_per_10_minutes)
            self._limiters[mailbox] = Limiter(
                vendor=self._settings.title,
                concurrency=self._settings.concurrency,
                windows=(Window(calls=requests, seconds=seconds),),
                kept=requests // KEPT,
                now=lambda: self._clock.now().timestamp(),
            )
        return self._limiters[mailbox]

    def path(self, mailbox: str, rest: str, *, version: str = VERSION) -> str:
        """Make the address of something in a mailbox: `/me` with one person's token, `/users/…` with an app's."""
        owner = "me" if self._settings.delegated else f"users/{quote(mailbox, safe='@')}"
        return f"{self._settings.place.root}/{version}/{owner}{rest}"

    async def ask(self, request: HttpRequest, mailbox: str, urgency: Urgency) -> HttpAnswer:
        """Send one request; a token that is refused is renewed once. Raises ProviderError."""
        if urgency is Urgency.RECALL:
            self.limiter(mailbox).certain(urgency, PATIENCE)
        answer = await self._with_token(request, mailbox, urgency)
        if answer.status == HTTPStatus.UNAUTHORIZED and self._renewable:
            answer = await self._with_token(request, mailbox, urgency)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise self._client.refusal(answer)
        return answer

    async def read(self, url: str, mailbox: str, urgency: Urgency, **query: str) -> HttpAnswer:
        """Read something, again where that can help. Answers of REFUSALS come back as they are."""
        request = HttpRequest(url=url, query=tuple((f"${name}", value) for name, value in query.items()))
        return await self._retry(lambda: self.ask(request, mailbox, urgency))

    async def mails(
        self, mailbox: str, urgency: Urgency, *, pages: int = MOST_PAGES, **query: str
    ) -> AsyncIterator[list[Mail]]:
        """Read a mailbox's Sent Items page by page; the next page's address is taken as it is."""
        url: str | None = self.path(mailbox, "/mailFolders/sentitems/messages")
        asked = dict(query)
        for _ in range(pages):
            if url is None:
                return
            answer = self.understood(await self.read(url, mailbox, urgency, **asked), "mailbox")
            found = mails_in(answer, self._settings.title)
            url = self.following(answer)
            asked = {}
            yield found

    def understood(self, answer: HttpAnswer, what: str) -> Any:
        """Give an answer's JSON. Raises NotFoundError and ProviderRefusedError for Graph's own errors."""
        if answer.ok:
            return answer.json
        trouble = trouble_in(answer.json)
        if answer.status == HTTPStatus.NOT_FOUND or trouble.code == "ErrorInvalidIdMalformed":
            raise NotFoundError(f"{self._settings.title} has no such {what}.")
        raise ProviderRefusedError(self.refusal(answer))

    def refusal(self, answer: HttpAnswer) -> str:
        """Put Graph's error into a sentence: its code and its own words."""
        trouble = trouble_in(answer.json)
        title = self._settings.title
        if not trouble.code:
            return self._client.refusal(answer).sentence
        said = self._client.quoted(trouble.message).rstrip(".") or "no details"
        return f"{title} says: {said} ({trouble.code})."

    async def sign_in(self) -> None:
        """Get a token, if none is at hand. Raises ProviderError."""
        await self._token.current(Urgency.PERSON)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()

    @property
    def _renewable(self) -> bool:
        return self._settings.token is None

    async def _with_token(self, request: HttpRequest, mailbox: str, urgency: Urgency) -> HttpAnswer:
        token = await self._token.current(urgency)
        headers = {**request.headers, "Authorization": f"Bearer {token}"}
        sent = HttpRequest(
            method=request.method,
            url=request.url,
            query=request.query,
            headers=headers,
            once=False,  # to repeat a recall does no harm, so connections are used again
        )
        plain = request.method != "GET"  # the answer to a recall is no JSON
        answer = await self._client.ask(
            sent, urgency=urgency, expect=REFUSALS, plain=plain, limiters=(self.limiter(mailbox),)
        )
        if answer.status == HTTPStatus.UNAUTHORIZED:
            self._token.refused(token)
        return answer

    def following(self, answer: Any) -> str | None:
        """Give the next page's address; one that lies somewhere else is refused, for the token travels with it."""
        url = answer.get("@odata.nextLink") if isinstance(answer, dict) else None
        if not isinstance(url, str):
            return None
        if urlsplit(url)[:2] != urlsplit(self._settings.place.root)[:2]:
            raise ProviderConfusingError(
                f"{self._settings.title} leads to another address for the next page, which is not followed."
            )
        return url
