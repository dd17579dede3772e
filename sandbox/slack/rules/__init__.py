"""Block Kit's limits, as Slack enforces them. Every function returns complaints in Slack's words, [] when all is well.

Sources: Slack's Block Kit reference, and complaints as they stand in public bug reports.
"""

from sandbox.slack.rules.surfaces import (
    attachment_errors,
    message_errors,
    suggestion_errors,
    too_much_markdown,
    view_errors,
)

__all__ = ["attachment_errors", "message_errors", "suggestion_errors", "too_much_markdown", "view_errors"]
