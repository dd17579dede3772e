"""How Slack says no."""

from sandbox.slack.values import Json


class SlackError(Exception):
    """A Web API error: `code` is what Slack puts into `error`; `extra` goes beside it."""

    def __init__(self, code: str, **extra: object) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra

    def body(self) -> Json:
        """Return the reply's JSON."""
        return {"ok": False, "error": self.code, **self.extra}
