"""Block Kit's limits, as Slack enforces them. Every function returns complaints in Slack's words, [] when fine."""

from sandbox.slack.values import Json


def message_errors(blocks: list[Json]) -> list[str]:
    return []


def attachment_errors(attachments: list[Json]) -> list[str]:
    return []


def too_much_markdown(blocks: list[Json]) -> bool:
    return False


def view_errors(view: Json) -> list[str]:
    return []


def suggestion_errors(answer: Json) -> list[str]:
    return []
