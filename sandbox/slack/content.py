"""The content of a post, checked as Slack checks it: text, blocks, attachments, metadata."""

import json
from dataclasses import dataclass

from sandbox.slack.api.arguments import Arguments
from sandbox.slack.errors import SlackError
from sandbox.slack.mentions import mentions_in
from sandbox.slack.rules import attachment_errors, message_errors, too_much_markdown
from sandbox.slack.state import Mention, SlackState
from sandbox.slack.values import Json, Message

TEXT = 40_000  # characters; longer text is cut
TEXT_IN_UPDATE = 4_000  # characters; longer text is refused
ATTACHMENTS = 100
METADATA = 16_384  # bytes; Slack names the error, not the size


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What a call wants to post. None means "not given", which matters to chat.update."""

    text: str | None
    blocks: tuple[Json, ...] | None
    attachments: tuple[Json, ...] | None
    metadata: Json | None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not ((self.text or "").strip() or self.blocks or self.attachments)


def read_content(state: SlackState, method: str, args: Arguments) -> Content:
    """Return the content of a call, with block ids; raises Slack's error for the first rule it breaks."""
    blocks = args.structure("blocks", malformed="invalid_blocks_format")
    if blocks is not None and not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    attachments = args.structure("attachments", malformed="invalid_attachments")
    if attachments is not None and not isinstance(attachments, list):
        raise SlackError("invalid_attachments")
    _check(state, method, blocks or [], attachments or [])
    return Content(
        text=_text(args, blocks),
        blocks=None if blocks is None else tuple(state.with_block_ids(blocks)),
        attachments=None if attachments is None else tuple(_attachments(state, attachments)),
        metadata=_metadata(args),
    )


def record_mentions(state: SlackState, message: Message, args: Arguments) -> None:
    """Keep what in this post of the bot's notifies people."""
    links_names = args.flag("link_names") or args.text("parse") == "full"
    for pointer, target in mentions_in(
        message.text, message.blocks, message.attachments, names_act=links_names
    ):
        state.mentions.append(Mention(channel=message.channel, ts=message.ts, target=target, pointer=pointer))


def _text(args: Arguments, blocks: list[Json] | None) -> str | None:
    markdown = args.text("markdown_text")
    if markdown is None:
        text = args.text("text")
        return None if text is None else text[:TEXT]
    if blocks or args.text("text"):
        raise SlackError("markdown_text_conflict")
    return markdown


def _check(state: SlackState, method: str, blocks: list[Json], attachments: list[Json]) -> None:
    if too_much_markdown(blocks):
        raise SlackError("msg_blocks_too_long")
    wrong = message_errors(blocks)
    if wrong:
        state.violated(method, wrong)
        raise SlackError("invalid_blocks", errors=wrong, response_metadata={"messages": _marked(wrong)})
    if len(attachments) > ATTACHMENTS:
        raise SlackError("too_many_attachments")
    wrong = attachment_errors(attachments)
    if wrong:
        state.violated(method, wrong)
        raise SlackError("invalid_attachments", response_metadata={"messages": _marked(wrong)})


def _marked(errors: list[str]) -> list[str]:
    return [f"[ERROR] {error}" for error in errors]


def _attachments(state: SlackState, attachments: list[Json]) -> list[Json]:
    return [
        {**attachment, "id": number, "blocks": state.with_block_ids(attachment["blocks"])}
        if attachment.get("blocks")
        else {**attachment, "id": number}
        for number, attachment in enumerate(attachments, start=1)
    ]


def _metadata(args: Arguments) -> Json | None:
    metadata = args.structure("metadata", malformed="invalid_metadata_format")
    if metadata is None or metadata == {}:
        return metadata  # type: ignore[no-any-return]  # JSON
    well_formed = (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    )
    if not well_formed:
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata)) > METADATA:
        raise SlackError("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}
