"""The door of the Web API: tokens, scopes, rate limits and faults, before and after the method itself."""

import asyncio
from collections.abc import Mapping

from aiohttp import web

from sandbox.slack.api import chat, conversations, people, views
from sandbox.slack.api.access import missing_scope
from sandbox.slack.api.arguments import Arguments, read_arguments
from sandbox.slack.api.method import Method
from sandbox.slack.errors import SlackError
from sandbox.slack.faults import Fault, FaultKind
from sandbox.slack.state import Call, SlackState
from sandbox.slack.values import Json

USER_SCOPE = "chat:write"
AS_A_USER = {"chat.delete"}
"""What a person's token is good for here."""

APPLIED = {
    FaultKind.SERVER_ERROR_AFTER,
    FaultKind.ERROR_AFTER,
    FaultKind.RESET_AFTER,
    FaultKind.SLOW,
    FaultKind.MALFORMED,
}


class WebApi:
    """Answers `/api/<method>`."""

    def __init__(
        self, state: SlackState, *, bot_token: str, app_token: str, more: Mapping[str, Method]
    ) -> None:
        self._state = state
        self._bot_token = bot_token
        self._app_token = app_token
        self._methods: dict[str, Method] = {
            **chat.METHODS,
            **conversations.METHODS,
            **people.METHODS,
            **views.METHODS,
            **more,
        }

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call, going wrong where a fault says so."""
        name = request.match_info["method"]
        fault = self._state.faults.take(name)
        try:
            args = await read_arguments(request)
        except SlackError as error:
            return web.json_response(error.body())
        if fault and fault.kind is FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind not in APPLIED:
            self._record(name, args, error=fault.kind.value)
            return spoilt(request, fault)
        answer = self._answer(name, args)
        if fault and fault.kind is not FaultKind.SLOW:
            return spoilt(request, fault)
        return answer

    def _answer(self, name: str, args: Arguments) -> web.Response:
        headers = {"x-oauth-scopes": ",".join(self._state.app.scopes)}
        try:
            body: Json = {"ok": True, **self._run(name, args)}
        except SlackError as error:
            self._record(name, args, error=error.code)
            if error.code == "ratelimited":
                return rate_limited(int(str(error.extra.get("retry_after", 1))))
            return web.json_response(error.body(), headers=headers)
        self._record(name, args, error=None)
        return web.json_response(body, headers=headers)

    def _run(self, name: str, args: Arguments) -> Json:
        method = self._methods.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        if name != "api.test":
            self._admit(name, method, args.token)
        wait = self._state.limits.wait_for(name, method.tier)
        if wait:
            raise SlackError("ratelimited", retry_after=wait)
        return method.run(self._state, args)

    def _admit(self, name: str, method: Method, token: str | None) -> None:
        if not token:
            raise SlackError("not_authed")
        if token not in {self._bot_token, self._app_token, *self._state.user_tokens}:
            raise SlackError("token_revoked" if token.startswith("xoxp-sandbox-") else "invalid_auth")
        if name == "auth.test":
            return
        if token in self._state.user_tokens:
            if "chat:write" not in method.scopes:
                raise SlackError("missing_scope", needed=",".join(method.scopes), provided=USER_SCOPE)
            if name not in AS_A_USER:
                raise SlackError("not_allowed_token_type")
            return
        if (token == self._app_token) is not method.app_token:
            raise SlackError("not_allowed_token_type")
        if method.scopes and not set(method.scopes) & set(self._state.app.scopes):
            raise missing_scope(self._state, method.scopes[0])

    def _record(self, name: str, args: Arguments, *, error: str | None) -> None:
        at = self._state.clock.now()
        self._state.calls.append(Call(method=name, args=args.given, at=at, error=error))
        self._state.feed.changed()


def rate_limited(seconds: int) -> web.Response:
    """Return Slack's "too many requests"."""
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": str(seconds)})


def spoilt(request: web.Request, fault: Fault) -> web.Response:
    """Return the answer that a fault makes of any answer."""
    if fault.kind in {FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER} and request.transport:
        request.transport.abort()
    if fault.kind is FaultKind.RATE_LIMITED:
        return rate_limited(int(fault.seconds))
    if fault.kind in {FaultKind.ERROR_BEFORE, FaultKind.ERROR_AFTER}:
        return web.json_response({"ok": False, "error": fault.error})
    if fault.kind is FaultKind.UNAVAILABLE:
        return web.Response(status=503, text="upstream connect error", content_type="text/plain")
    if fault.kind is FaultKind.MALFORMED:
        return web.Response(text='{"ok":tru', content_type="application/json")
    return web.Response(status=500, text="<html>Server Error</html>", content_type="text/html")
