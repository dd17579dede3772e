"""What Slack's client shows at once after a person did something."""

from dataclasses import dataclass, field

from sandbox.slack.values import Json, Message


class Invisible(AssertionError):  # noqa: N818 - a story reads "raises Invisible"
    """The person cannot see or press that: it is not on their screen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """The client's answer to what was done.

    `toast` is Slack's own complaint (a time-out, a refusal); `message` the ephemeral that came back as the ack, or
    the plain post; `errors` what a submitted modal shows below its inputs, by block id; `options` what a typeahead lists.
    """

    ok: bool = True
    toast: str | None = None
    message: Message | None = None
    errors: dict[str, str] = field(default_factory=dict)
    options: tuple[Json, ...] = ()
