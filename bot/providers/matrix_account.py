"""One homeserver's client API, as far as taking messages back needs it."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from bot.errors import NotFoundError, ProviderConfusingError, ProviderError, ProviderRefusedError
from bot.providers.base import Limiter, Urgency
from bot.providers.http_client import HttpClient
from bot.providers.http_message import HttpAnswer, HttpRequest
from bot.providers.matrix_room import Message, Power, creators, message
from bot.providers.matrix_settings import MatrixSettings

PAGE = 500
API = "/_matrix/client"
LONGEST_REASON = 300


class ForbiddenError(ProviderRefusedError):
    """The account may not do this, or not there."""


class MatrixAccount:
    """Asks a homeserver with the settings' tokens."""

    def __init__(self, settings: MatrixSettings) -> None:
        """Open no connection yet."""
        self._settings = settings
        self._http = HttpClient(
            vendor=settings.title,
            seconds=settings.timeout,
            limiters=(Limiter(vendor=settings.title, concurrency=settings.concurrency),),
            secrets=settings.secrets(),
            wait_in=_retry_after,
        )
        self._users: dict[str, str] = {}
        self._rooms: dict[str, str] = {}

    def token_of(self, sender: str) -> str:
        """Give the sender's own token where it was granted, else Recall's."""
        return (self._settings.tokens.get(sender) or self._settings.token).get_secret_value()

    async def user_of(self, token: str, urgency: Urgency = Urgency.PERSON) -> str:
        """Say whose token this is."""
        if token not in self._users:
            answer = await self._ask("v3/account/whoami", urgency, token=token)
            self._users[token] = self._named(answer, "user_id")
        return self._users[token]

    async def room_id(self, room: str, urgency: Urgency = Urgency.PERSON) -> str:
        """Turn an alias into the room's id; an id stays as it is. Raises NotFoundError."""
        if room.startswith("!"):
            return room
        if room not in self._rooms:
            answer = await self._ask(f"v3/directory/room/{_part(room)}", urgency)
            self._rooms[room] = self._named(answer, "room_id")
        return self._rooms[room]

    async def event(self, room: str, event: str, urgency: Urgency) -> Message:
        """Read one event as it is now. Raises NotFoundError where the room has none of that id."""
        path = f"v3/rooms/{_part(room)}/event/{_part(event)}"
        found = message(await self._ask(path, urgency))
        if found.id != event or not found.sender:
            raise self._confused()
        return found

    async def edits(self, room: str, event: str) -> Sequence[Mapping[str, Any]]:
        """List what replaced an event's content, newest first."""
        path = f"v1/rooms/{_part(room)}/relations/{_part(event)}/m.replace"
        answer = await self._ask(path, Urgency.PERSON, query=(("limit", "100"),))
        return _events(answer, "chunk")

    async def messages(
        self, room: str, most: int, urgency: Urgency, *, sender: str | None = None
    ) -> AsyncIterator[list[Message]]:
        """Stream the room's newest messages in pages, newest first, at most so many; redacted ones are left out."""
        wanted: dict[str, Any] = {"not_types": ["m.room.redaction"], "lazy_load_members": True}
        wanted |= {"senders": [sender]} if sender else {}
        since, left = "", most
        while left > 0:
            query = [("dir", "b"), ("limit", str(min(left, PAGE))), ("filter", json.dumps(wanted))]
            query += [("from", since)] if since else []
            answer = await self._ask(f"v3/rooms/{_part(room)}/messages", urgency, query=tuple(query))
            found = [message(each) for each in _events(answer, "chunk")]
            standing = [each for each in found if each.is_message and not each.gone][:left]
            if standing:
                yield standing
            left -= len(standing)
            following = answer.get("end")
            if not isinstance(following, str) or following == since or not following:
                return
            since = following

    async def power(self, room: str, user: str) -> Power:
        """Read who may do what; the creators only where it matters for this user."""
        levels = await self._ask(f"v3/rooms/{_part(room)}/state/m.room.power_levels/", Urgency.PERSON)
        power = Power(levels=levels)
        if power.may_redact(user, ""):
            return power
        path = f"v3/rooms/{_part(room)}/state/m.room.create/"
        create = await self._ask(path, Urgency.PERSON, query=(("format", "event"),))
        return Power(levels=levels, creators=creators(create))

    async def name(self, room: str) -> str:
        """Give a room's alias or name, else its id."""
        for state, key in (("m.room.canonical_alias", "alias"), ("m.room.name", "name")):
            try:
                answer = await self._ask(f"v3/rooms/{_part(room)}/state/{state}/", Urgency.PERSON)
            except (NotFoundError, ProviderRefusedError):
                continue
            if isinstance(found := answer.get(key), str) and found:
                return found
        return room

    async def members(self, room: str) -> int | None:
        """Count who is in the room; None where that may not be read."""
        try:
            answer = await self._ask(f"v3/rooms/{_part(room)}/joined_members", Urgency.PERSON)
        except (NotFoundError, ProviderRefusedError):
            return None
        joined = answer.get("joined")
        return len(joined) if isinstance(joined, Mapping) else None

    async def redact(self, room: str, event: str, *, token: str, key: str, why: str) -> str:
        """Ask to remove an event's content. Says nothing about whether there is such an event.

        The transaction's id is made of `key` and the event, so that a repeat is the same request to the server.
        """
        transaction = hashlib.sha256(f"{key}\n{event}".encode()).hexdigest()[:40]
        path = f"{API}/v3/rooms/{_part(room)}/redact/{_part(event)}/recall-{transaction}"
        body = {"reason": why[:LONGEST_REASON]} if why else {}
        request = HttpRequest.of_json("PUT", self._url(path), body, headers=_bearer(token))
        return self._named(await self._answer(request, Urgency.RECALL), "event_id")

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.close()

    async def _ask(
        self,
        path: str,
        urgency: Urgency,
        *,
        token: str | None = None,
        query: tuple[tuple[str, str], ...] = (),
    ) -> Mapping[str, Any]:
        token = token or self._settings.token.get_secret_value()
        request = HttpRequest(url=self._url(f"{API}/{path}"), query=query, headers=_bearer(token))
        return await self._answer(request, urgency)

    async def _answer(self, request: HttpRequest, urgency: Urgency) -> Mapping[str, Any]:
        answer = await self._http.ask(
            request,
            urgency=urgency,
            expect=(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND),
        )
        if not answer.ok:
            raise self._refusal(answer)
        if not isinstance(answer.json, Mapping):
            raise self._confused()
        return answer.json

    def _named(self, answer: Mapping[str, Any], name: str) -> str:
        """Read an id that must be there."""
        if not isinstance(found := answer.get(name), str) or not found:
            raise self._confused()
        return found

    def _confused(self) -> ProviderConfusingError:
        return ProviderConfusingError(f"{self._settings.title} gave an answer that can't be understood.")

    def _refusal(self, answer: HttpAnswer) -> NotFoundError | ProviderError:
        body = answer.json if isinstance(answer.json, Mapping) else {}
        word, title = body.get("errcode"), self._settings.title
        if answer.status == HTTPStatus.NOT_FOUND and word in {"M_NOT_FOUND", "M_UNKNOWN"}:
            return NotFoundError(f"{title} has no such message or room.")
        if word is None or word == "M_UNRECOGNIZED":
            return self._http.refusal(answer)
        said = self._http.quoted(str(body.get("error") or word))
        kind = ForbiddenError if word == "M_FORBIDDEN" else ProviderRefusedError
        return kind(f"{title} said no: {said.rstrip('.')}.")

    def _url(self, path: str) -> str:
        return f"{self._settings.url.rstrip('/')}{path}"


def _retry_after(body: Any) -> float | None:
    wait = body.get("retry_after_ms") if isinstance(body, Mapping) else None
    return max(0.0, wait / 1000) if isinstance(wait, int | float) else None


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _part(text: str) -> str:
    return quote(text, safe="")


def _events(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    listed = answer.get(name)
    return [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
