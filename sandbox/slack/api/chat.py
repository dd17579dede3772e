"""chat.*: posting, changing and deleting messages."""

from dataclasses import replace

from sandbox.slack.api.access import known_channel, postable_channel
from sandbox.slack.api.arguments import Arguments
from sandbox.slack.api.method import Method
from sandbox.slack.content import TEXT, TEXT_IN_UPDATE, Content, read_content, record_mentions
from sandbox.slack.errors import SlackError
from sandbox.slack.limits import POSTS_A_MINUTE_PER_CHANNEL, Tier
from sandbox.slack.state import SlackState
from sandbox.slack.values import Channel, Json, Kind, Message
from sandbox.slack.wire import message_json


def post_message(state: SlackState, args: Arguments) -> Json:
    """Post as the bot; in a thread when `thread_ts` names a root."""
    channel = postable_channel(state, args.need("channel"))
    content = read_content(state, "chat.postMessage", args)
    if content.is_empty:
        raise SlackError("no_text")
    wait = state.limits.wait_for(f"chat.postMessage {channel.id}", POSTS_A_MINUTE_PER_CHANNEL)
    if wait:
        raise SlackError("ratelimited", retry_after=wait)
    thread_ts = _thread(state, channel, args)
    message = _by_the_bot(state, channel, content, thread_ts=thread_ts)
    message = replace(message, broadcast=bool(thread_ts) and args.flag("reply_broadcast"))
    state.workspace.post(message)
    record_mentions(state, message, args)
    shown = message_json(state, message, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def post_ephemeral(state: SlackState, args: Arguments) -> Json:
    """Post for one member's eyes. In a thread without replies Slack accepts it and shows it to nobody."""
    channel = postable_channel(state, args.need("channel"))
    user = args.need("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = read_content(state, "chat.postEphemeral", args)
    if content.is_empty:
        raise SlackError("no_text")
    if len(args.text("text") or "") > TEXT:
        raise SlackError("msg_too_long")
    thread_ts = args.text("thread_ts")
    message = _by_the_bot(state, channel, replace(content, metadata=None), thread_ts=thread_ts)
    asleep = thread_ts is not None and not state.workspace.replies(channel.id, thread_ts)
    state.workspace.post(replace(message, seen_by=user, hidden=asleep))
    record_mentions(state, message, args)
    return {"message_ts": message.ts}


def update(state: SlackState, args: Arguments) -> Json:
    """Change one of the bot's own messages.

    Text without blocks removes the blocks; neither keeps them; `blocks: []` removes them; metadata stays unless sent.
    """
    message = _own(state, args, "cant_update_message")
    content = read_content(state, "chat.update", args)
    if len(args.text("text") or "") > TEXT_IN_UPDATE:
        raise SlackError("msg_too_long")
    changed = _changed(message, content)
    if not (changed.text or changed.blocks or changed.attachments):
        raise SlackError("no_text")
    state.workspace.post(changed)
    record_mentions(state, changed, args)
    shown = message_json(state, changed, with_metadata=True)
    return {"channel": changed.channel, "ts": changed.ts, "text": changed.text, "message": shown}


def delete(state: SlackState, args: Arguments) -> Json:
    """Delete one of the bot's own messages, or, with a person's token, one of that person's."""
    owner = state.user_tokens.get(args.token or "")
    message = _theirs(state, args, owner) if owner else _own(state, args, "cant_delete_message")
    state.workspace.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def get_permalink(state: SlackState, args: Arguments) -> Json:
    """Return the address that leads to a message."""
    channel = known_channel(state, args.need("channel"))
    message = state.workspace.message(channel.id, args.need("message_ts"))
    if message is None or message.seen_by:
        raise SlackError("message_not_found")
    link = f"https://{state.app.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else ""
    return {"channel": channel.id, "permalink": link + thread}


METHODS = {
    "chat.postMessage": Method(run=post_message, tier=Tier.SPECIAL, scopes=("chat:write",)),
    "chat.postEphemeral": Method(run=post_ephemeral, tier=Tier.FOUR, scopes=("chat:write",)),
    "chat.update": Method(run=update, tier=Tier.THREE, scopes=("chat:write",)),
    "chat.delete": Method(run=delete, tier=Tier.THREE, scopes=("chat:write",)),
    "chat.getPermalink": Method(run=get_permalink, tier=Tier.SPECIAL),
}


def _thread(state: SlackState, channel: Channel, args: Arguments) -> str | None:
    """Return the thread to post in. A reply's ts is accepted and makes a thread that nobody finds, as in Slack."""
    thread_ts = args.text("thread_ts")
    if not thread_ts:
        return None
    root = state.workspace.message(channel.id, thread_ts)
    if root is None or root.seen_by:
        raise SlackError("cannot_reply_to_message")
    return thread_ts


def _by_the_bot(state: SlackState, channel: Channel, content: Content, *, thread_ts: str | None) -> Message:
    return Message(
        channel=channel.id,
        ts=state.workspace.next_ts(),
        text=content.text or "",
        user=state.app.bot_user,
        bot_id=state.app.bot_id,
        blocks=content.blocks or (),
        attachments=content.attachments or (),
        metadata=content.metadata or None,
        thread_ts=thread_ts,
    )


def _changed(message: Message, content: Content) -> Message:
    kept = message.blocks if content.text is None else ()
    blocks = kept if content.blocks is None else content.blocks
    return replace(
        message,
        text=message.text if content.text is None else content.text,
        blocks=blocks,
        attachments=message.attachments if content.attachments is None else content.attachments,
        metadata=message.metadata if content.metadata is None else (content.metadata or None),
        edited=message.edited or not blocks,
    )


def _theirs(state: SlackState, args: Arguments, owner: str) -> Message:
    channel = state.workspace.channels.get(args.need("channel"))
    if channel is None or (channel.kind is not Kind.PUBLIC and owner not in channel.members):
        raise SlackError("channel_not_found")
    message = state.workspace.message(channel.id, args.need("ts"))
    if message is None or message.seen_by or message.deleted:
        raise SlackError("message_not_found")
    if message.user != owner or message.bot_id:
        raise SlackError("cant_delete_message")
    return message


def _own(state: SlackState, args: Arguments, refusal: str) -> Message:
    channel = known_channel(state, args.need("channel"))
    message = state.workspace.message(channel.id, args.need("ts"))
    if message is None or message.seen_by or message.deleted:
        raise SlackError("message_not_found")
    if message.bot_id != state.app.bot_id:
        raise SlackError(refusal)
    return message
