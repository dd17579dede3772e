"""What an app answers to an interaction: through its response URL, or as a slash command's ack."""

import json
from dataclasses import replace

from aiohttp import web

from sandbox.slack.api.arguments import Arguments
from sandbox.slack.api.server import APPLIED, spoilt
from sandbox.slack.content import Content, read_content, record_mentions
from sandbox.slack.errors import SlackError
from sandbox.slack.faults import FaultKind
from sandbox.slack.passes import ResponseUrl
from sandbox.slack.state import Call, SlackState
from sandbox.slack.values import Json, Message

GONE = {"used_url", "expired_url"}


class Answers:
    """Puts answers where the interaction happened, whether or not the bot is a member there."""

    def __init__(self, state: SlackState) -> None:
        self._state = state

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a POST to a response URL: `ok`, or 404 when it is used up, or 400 for content that is refused."""
        fault = self._state.faults.take("response_url")
        try:
            body: Json = json.loads(await request.text())
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        if fault and fault.kind not in APPLIED:
            return spoilt(request, fault)
        error = self._try(request.match_info["key"], body)
        self._state.calls.append(
            Call(method="response_url", args=body, at=self._state.clock.now(), error=error)
        )
        if fault and fault.kind is not FaultKind.SLOW:
            return spoilt(request, fault)
        if error:
            return web.json_response({"ok": False, "error": error}, status=404 if error in GONE else 400)
        return web.Response(text="ok")

    def answer(self, where: ResponseUrl, body: Json) -> Message | None:
        """Post, replace or delete as `body` says; returns the message, None when one was deleted."""
        args = Arguments(given=body)
        source = self._state.workspace.message(where.channel, where.source_ts) if where.source_ts else None
        if args.flag("delete_original"):
            self._delete(source)
            return None
        content = read_content(self._state, "response_url", args)
        if content.is_empty:
            raise SlackError("no_text")
        if source and self._replaces(args):
            message = _rewritten(source, content)
        else:
            message = self._new(where, args, content)
        self._state.workspace.post(message)
        record_mentions(self._state, message, args)
        return message

    def _try(self, key: str, body: Json) -> str | None:
        try:
            self.answer(self._state.passes.use_response(key), body)
        except SlackError as error:
            return error.code
        return None

    def _delete(self, source: Message | None) -> None:
        if source is None:
            raise SlackError("message_not_found")
        self._state.workspace.remove(source)

    @staticmethod
    def _replaces(args: Arguments) -> bool:
        """Whether the source is overwritten: when asked, and by a threaded answer that does not say it should not be."""
        return args.flag("replace_original", default=args.text("thread_ts") is not None)

    def _new(self, where: ResponseUrl, args: Arguments, content: Content) -> Message:
        public = args.text("response_type") == "in_channel"
        return Message(
            channel=where.channel,
            ts=self._state.workspace.next_ts(),
            text=content.text or "",
            user=self._state.app.bot_user,
            bot_id=self._state.app.bot_id,
            blocks=content.blocks or (),
            attachments=content.attachments or (),
            thread_ts=args.text("thread_ts") or (None if public else where.thread_ts),
            seen_by=None if public else where.user,
        )


def _rewritten(source: Message, content: Content) -> Message:
    return replace(
        source,
        text=content.text or "",
        blocks=content.blocks or (),
        attachments=content.attachments or (),
        edited=source.edited or not content.blocks,
    )
