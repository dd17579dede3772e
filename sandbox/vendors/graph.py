"""A practice Microsoft Graph on loopback: tokens, Sent Items, mailboxes, and the recall of the beta interface.

Paths, errors, limits and the odd answer to a recall are those of the documentation; a recall acts after a while,
as Exchange does, and reports to the sender by mail.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import Any
from urllib.parse import quote

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.vendors import graph_seed
from sandbox.vendors.faults import Faults, Kind
from sandbox.vendors.graph_books import Books, Recalling, SentMail
from sandbox.vendors.graph_odata import BadFilterError, page
from sandbox.vendors.graph_throttle import MOST, MailboxLimit
from sandbox.vendors.graph_tokens import SECRET, Tokens, refused
from sandbox.vendors.graph_trouble import error, nobody, weather

SETTLE_AFTER = 3.0
TICK_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request that reached the practice Graph. `what`: token, list, get, recall or me."""

    what: str
    mailbox: str
    at: datetime
    status: int = 0


class Graph:
    """The practice mail system. `settle_after`: seconds of the clock between an accepted recall and its report.

    `latency`: real seconds that each answer takes, so that requests are under way at the same time.
    """

    def __init__(
        self,
        *,
        clock: SandboxClock,
        feed: Feed,
        settle_after: float = SETTLE_AFTER,
        books: Books | None = None,
    ) -> None:
        self.secret = SECRET
        self.settle_after = settle_after
        self.latency = 0.0
        self.before: Callable[[], Awaitable[object]] | None = None
        """What each recall waits for before its answer, where somebody wants to see how many come together."""
        self.reports = True
        """Whether senders get a report mail."""
        self.closed_mailboxes = False
        """Whether the app may look into nobody's mailbox but the sender's."""
        self.refused: set[str] = set()
        """Internet ids of mails that can't be recalled just now."""
        self.faults = Faults()
        self.calls: list[Call] = []
        self.recalled: list[str] = []
        """Internet ids, one for each recall that was accepted, oldest first."""
        self.tokens = Tokens(now=clock.now)
        self.port = 0
        self.books = books or graph_seed.books(clock.now())
        self._clock = clock
        self._feed = feed
        self.requests_per_10_minutes = MOST
        """Per mailbox; for mailboxes that nobody has asked yet."""
        self._limits: dict[str, MailboxLimit] = {}
        self._numbers = count(1)
        self._runner: web.AppRunner | None = None
        self._ticking: asyncio.Task[None] | None = None
        clock.when_advanced(self._roll)

    @property
    def url(self) -> str:
        """The root, without version; the login authority is the same."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def up(self) -> bool:
        """Whether it listens."""
        return self._runner is not None

    def limit(self, mailbox: str) -> MailboxLimit:
        """The limits of one mailbox."""
        if mailbox not in self._limits:
            self._limits[mailbox] = MailboxLimit(
                now=lambda: self._clock.now().timestamp(), most=self.requests_per_10_minutes
            )
        return self._limits[mailbox]

    def post(self, mail: SentMail) -> None:
        """Sends one more mail."""
        self.books.post(mail)
        self._feed.changed()

    def revoke(self) -> None:
        """No access token that was given out is good any more."""
        self.tokens.revoke()

    def count(self, what: str, status: int | None = None) -> int:
        """How many requests of a kind came in, or were answered with a status."""
        return sum(each.what == what and status in {None, each.status} for each in self.calls)

    async def start(self, port: int = 0) -> None:
        """Begins to listen and to carry recalls out; port 0 takes a free one."""
        await self._listen(port)
        self._ticking = asyncio.create_task(self._tick(), name="graph")

    async def stop(self) -> None:
        """Ends everything; the books stay readable."""
        if self._ticking:
            self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking
            self._ticking = None
        await self.go_down()

    async def go_down(self) -> None:
        """Connections are refused from now on; recalls under way go on."""
        runner, self._runner = self._runner, None
        if runner:
            await runner.cleanup()
            self._feed.changed()

    async def come_up(self) -> None:
        """Listens again on the same port."""
        if not self._runner:
            await self._listen(self.port)
            self._feed.changed()

    def snapshot(self) -> dict[str, Any]:
        """The inboxes as the page shows them, newest mail first."""
        shown = [self.books.mailboxes[each.address] for each in graph_seed.INBOXES]
        return {
            "up": self.up,
            "inboxes": [
                {
                    "address": box.address,
                    "owner": box.owner,
                    "inside": box.inside,
                    "mails": [
                        {
                            "id": each.internet_id,
                            "from": each.sender,
                            "subject": each.subject,
                            "text": each.body,
                            "read": each.read,
                            "at": each.at.isoformat(),
                        }
                        for each in sorted(box.copies, key=lambda each: each.at, reverse=True)
                    ],
                }
                for box in shown
            ],
        }

    # Serving ------------------------------------------------------------------------------------------

    async def _listen(self, port: int) -> None:
        app = web.Application()
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        for base in ("/{version}/me", "/{version}/users/{user}"):
            app.router.add_get(base, self._in_turn("me", self._me))
            app.router.add_get(base + "/mailFolders/sentitems/messages", self._in_turn("list", self._sent))
            app.router.add_get(base + "/mailFolders/sentitems/messages/{id}", self._in_turn("get", self._one))
            app.router.add_get(base + "/messages", self._in_turn("look", self._all))
            app.router.add_post(
                base + "/mailFolders/sentitems/messages/{id}/recall", self._in_turn("recall", self._recall)
            )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.port = self._runner.addresses[0][1]

    def _in_turn(self, what: str, answer: Any) -> Any:
        """Wraps an answer in what every request of Graph goes through: token, limits, weather."""

        async def handle(request: web.Request) -> web.StreamResponse:
            mailbox = self._mailbox(request)
            limit = self.limit(mailbox)
            refusal = self._unauthorized(request)
            if refusal is None and (wait := limit.enter()) is not None:
                refusal = error(
                    429,
                    "ApplicationThrottled",
                    "Application is over its MailboxConcurrency limit.",
                    {"Retry-After": f"{wait:.3f}"},
                )
            elif refusal is None:
                try:
                    if self.latency:
                        await asyncio.sleep(self.latency)
                    if self.before is not None and what == "recall":
                        await self.before()
                    refusal = await weather(self.faults, what)
                    response = refusal or answer(request, mailbox)
                finally:
                    limit.leave()
                return await self._told(request, response, what, mailbox)
            return await self._told(request, refusal, what, mailbox)

        return handle

    async def _told(
        self, request: web.Request, response: web.Response, what: str, mailbox: str
    ) -> web.StreamResponse:
        self.calls.append(Call(what=what, mailbox=mailbox, at=self._clock.now(), status=response.status))
        if response.status < web.HTTPBadRequest.status_code and self.faults.take(Kind.ERROR_AFTER, what):
            response = error(500, "InternalServerError", "Something went wrong on our side.")
        response.headers["Date"] = format_datetime(self._clock.now(), usegmt=True)
        if self.faults.take(Kind.DROP_ANSWER, what) and request.transport:
            request.transport.close()
        return response

    # Tokens -------------------------------------------------------------------------------------------

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.calls.append(Call(what="token", mailbox="", at=self._clock.now()))
        if self.faults.take(Kind.BAD_TOKEN, "token"):
            status, body = refused()
        else:
            status, body = self.tokens.give(form, request.match_info["tenant"])
        return web.json_response(body, status=status)

    def _unauthorized(self, request: web.Request) -> web.Response | None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        own = "user" not in request.match_info
        if not self.faults.take(Kind.BAD_TOKEN, None) and self.tokens.accepts(token, own=own):
            return None
        return error(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")

    # Answers ------------------------------------------------------------------------------------------

    def _mailbox(self, request: web.Request) -> str:
        return request.match_info.get("user", graph_seed.ANN).casefold()

    def _me(self, _request: web.Request, mailbox: str) -> web.Response:
        box = self.books.mailboxes.get(mailbox)
        if box is None:
            return nobody(mailbox)
        return web.json_response({"id": f"id-{mailbox}", "displayName": box.owner, "mail": mailbox})

    def _sent(self, request: web.Request, mailbox: str) -> web.Response:
        if mailbox not in self.books.mailboxes:
            return nobody(mailbox)
        return self._page(request, [each.as_json(self.url) for each in self.books.sent_by(mailbox)])

    def _all(self, request: web.Request, mailbox: str) -> web.Response:
        """Everything that lies in a mailbox, whatever the folder."""
        box = self.books.mailboxes.get(mailbox)
        if box is None or not box.inside:
            return nobody(mailbox)
        if self.closed_mailboxes and mailbox not in self.books.sent:
            return error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        copies = sorted(box.copies, key=lambda each: each.at, reverse=True)
        return self._page(request, [each.as_json(self.url) for each in copies])

    def _page(self, request: web.Request, items: list[dict[str, Any]]) -> web.Response:
        try:
            shown, following = page(items, request.query)
        except (BadFilterError, ValueError) as bad:
            return error(400, getattr(bad, "code", "ErrorInvalidUrlQuery"), str(bad))
        body: dict[str, Any] = {"value": shown}
        if following is not None:
            query = {**request.query, "$skip": str(following)}
            asked = "&".join(f"{quote(key)}={quote(value)}" for key, value in query.items())
            body["@odata.nextLink"] = f"{self.url}{request.rel_url.raw_path}?{asked}"
        return web.json_response(body)

    def _one(self, request: web.Request, mailbox: str) -> web.Response:
        found = self._find(mailbox, request.match_info["id"])
        if isinstance(found, web.Response):
            return found
        wanted = [name for name in request.query.get("$select", "").split(",") if name]
        body = found.as_json(self.url)
        return web.json_response({k: v for k, v in body.items() if not wanted or k in {"id", *wanted}})

    def _recall(self, request: web.Request, mailbox: str) -> web.Response:
        """202, and later it acts. Its body is no JSON, as documented."""
        if request.match_info["version"] != "beta":
            return error(400, "BadRequest", "Resource not found for the segment 'recall'.")
        found = self._find(mailbox, request.match_info["id"])
        if isinstance(found, web.Response):
            return found
        if found.internet_id in self.refused:
            return error(400, "ErrorInvalidRequest", "This mail can't be recalled just now.")
        recalling = Recalling(
            mail=found,
            due=self._clock.now() + timedelta(seconds=self.settle_after),
            number=next(self._numbers),
        )
        self.recalled.append(found.internet_id)
        if not self.faults.take(Kind.NEVER_CONFIRM, "recall"):
            self.books.waiting.append(recalling)
        return web.Response(status=202, text=recalling.receipt, content_type="application/json")

    def _find(self, mailbox: str, message: str) -> SentMail | web.Response:
        if mailbox not in self.books.mailboxes:
            return nobody(mailbox)
        if not message.startswith("AAMk"):
            return error(400, "ErrorInvalidIdMalformed", "Id is malformed.")
        found = self.books.by_id.get((mailbox, message))
        return found or error(404, "ErrorItemNotFound", "The specified object was not found in the store.")

    # Carrying out -------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._roll()

    def _roll(self) -> None:
        """Carries out what is due."""
        now = self._clock.now()
        due = [each for each in self.books.waiting if each.due <= now]
        if not due:
            return
        self.books.waiting = [each for each in self.books.waiting if each.due > now]
        for each in due:
            self.books.carry_out(each, now, report=self.reports)
        self._feed.changed()
