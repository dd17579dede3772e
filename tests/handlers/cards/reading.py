"""Read a rendered message as a person does, and walk through it as Slack does."""

from collections.abc import Iterator, Mapping
from typing import Any

from handlers.cards.kit import Message


def walk(node: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        yield node
        for each in node.values():
            yield from walk(each)
    elif isinstance(node, list | tuple):
        for each in node:
            yield from walk(each)


def labels(message: Message | Mapping[str, Any]) -> list[str]:
    return [each["text"]["text"] for each in walk(blocks(message)) if each.get("type") == "button"]


def blocks(message: Message | Mapping[str, Any]) -> Any:
    return message.blocks if isinstance(message, Message) else message["blocks"]


def read(message: Message | Mapping[str, Any]) -> str:
    """Everything readable on the screen, a line for each block."""
    return "\n".join(_block(each) for each in blocks(message))


def marked_up(message: Message | Mapping[str, Any]) -> list[str]:
    """The strings in which Slack looks for marks, mentions and links."""
    texts = [each["text"] for each in walk(blocks(message)) if each.get("type") == "mrkdwn"]
    return [message.text, *texts] if isinstance(message, Message) else texts


def _block(block: Mapping[str, Any]) -> str:
    return "".join(_leaf(each) for each in walk(block))


def _leaf(node: Mapping[str, Any]) -> str:
    match node.get("type"):
        case "text" | "mrkdwn" | "plain_text":
            return str(node["text"])
        case "user":
            return f"<@{node['user_id']}>"
        case "channel":
            return f"<#{node['channel_id']}>"
        case "date":
            return str(node["fallback"])
        case "link":
            return str(node["text"])
    return ""
