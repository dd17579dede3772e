"""What the bot asks of a vendor: the provider protocol, and what a provider may offer besides."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType, Protocol, runtime_checkable

from bot.target import (
    Outcome,
    ProviderName,
    RepeatClass,
    SlackPost,
    Target,
    TargetId,
)

ItemId = NewType("ItemId", str)
"""What one vendor call acts on; for a push campaign the target's own id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a provider declares about itself instead of coding it."""

    vendor: str  # how people call it: "Netmera"
    noun: str  # what it sends: "push campaign"
    repeat: RepeatClass
    listing_is_open: bool = True  # every member may list; else only whom a rule covers
    sender_only: bool = False  # only who sent it may take it back, or somebody with an on_behalf rule
    slack_ids: bool = False  # it knows people by their Slack ids, so [people] needn't name anybody
    others: str = ""  # who else can take it back, and where, as a full sentence; told with a refusal
    takes_posts: bool = False  # its targets are Slack posts: offered on one that is about nothing else
    match_by_email: bool = False  # whom [people] does not name is matched by the e-mail address in Slack
    concurrency: int = 4  # vendor calls at a time, per account
    batch: int = 1  # items per vendor call
    by_hand: bool = False  # people take things back themselves: `get` makes a target of any words
    outcome_deadline: float = 1800.0  # seconds to wait for the vendor's confirmation
    queue_deadline: float = 900.0  # seconds to keep trying while the vendor does not answer at all
    look_up: float = 8.0  # seconds that the look-up of one target takes at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One line of `app.py check`."""

    ok: bool
    what: str  # what was looked at: "provider push: sign-in"
    found: str  # what was found, in plain words
    mend: str | None = None  # what to do about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who asks a provider, as that vendor knows them. From `[people]` and the rules of the settings."""

    identity: str | None = None  # their id at the vendor: an agent's number, a mailbox
    on_behalf: bool = False  # a rule lets them act for others
    email: str | None = None  # as Slack knows them; only where some provider matches by it


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Something that a vendor sent by itself, as it came: nothing in it is to be believed yet."""

    headers: Mapping[str, str]  # names in small letters
    body: bytes = field(repr=False)
    token: str = field(default="", repr=False)  # the secret end of the address that it was sent to


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Something that a vendor says was just sent, or is gone there, and the channel that has a copy of it."""

    target: Target
    channel: str
    gone: bool = False  # it was deleted at the vendor: a copy that stands shall say so


NOBODY = Viewer()


class Provider(Protocol):
    """A configured connection to a vendor.

    Every method but `recognise` may raise any `bot.errors.ProviderError`; none raises anything else on
    purpose. Look-ups answer within seconds: callers put their own time-out around them.
    """

    name: ProviderName
    traits: Traits

    async def recent(
        self, limit: int, before: datetime | None = None, *, viewer: Viewer = NOBODY
    ) -> Sequence[Target]:
        """List what was sent, newest first; with `before`, only what was sent earlier than that.

        Where sendings belong to somebody (mails, chat messages), only what this viewer may see.
        """
        ...

    async def search(self, words: str, limit: int, *, viewer: Viewer = NOBODY) -> Sequence[Target]:
        """Ask the vendor's own search, within what this viewer may see; empty where it has none."""
        ...

    async def get(self, target: TargetId) -> Target:
        """Fetch one target as it is now. Raises NotFoundError where the vendor has none of that id."""
        ...

    def recognise(self, post: SlackPost) -> Sequence[TargetId]:
        """Find ids of this provider in a Slack post, most certain first. Pure: no network, no errors."""
        ...

    def link_to(self, words: str) -> TargetId | None:
        """Take the id out of a vendor link or an id-shaped word that a person typed; None where it is neither."""
        ...

    def items(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        """Stream the items in pages. A single campaign gives itself."""
        ...

    async def recall(self, target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:
        """Take the items back with `target.capability.operation`; one outcome each, in order.

        `key` is stable over repeats of the same request (an idempotency key). "Already recalled" is success.
        ACCEPTED means that the vendor took it without showing that it is gone. A raised error means that none
        was done, or, where the error says `maybe_applied`, that this is not known.
        """
        ...

    async def check(self, target: Target, items: Sequence[ItemId]) -> Sequence[Outcome]:
        """Ask what became of items: DONE or FAILED by the vendor's own record, else ACCEPTED or UNKNOWN.

        PENDING says that the vendor's record shows that the request never took effect: it may be sent (again).
        """
        ...

    async def preview(self, target: Target) -> str:
        """Fetch the text of a target whose text may not stand on a card, for its asker's eyes only."""
        ...

    async def diagnose(self) -> Sequence[Diagnosis]:
        """Say in plain words whether this provider is ready for a first real use."""
        ...

    async def close(self) -> None:
        """Let go of connections. Called once, at the end."""
        ...


@runtime_checkable
class Listener(Protocol):
    """What a provider has besides, whose vendor tells by itself what was sent."""

    def hear(self, letter: Letter) -> Sequence[Sighting]:
        """Read what a vendor sent. Pure: no network.

        Raises:
            NotAllowedError: it is not proven to come from the vendor, or nothing is to be heard.
            ProviderConfusingError: it does, and can't be understood.
        """
        ...


@runtime_checkable
class Conversing(Protocol):
    """What a provider has besides, whose vendor's links may name a whole conversation and no message in it."""

    def names_conversation(self, words: str) -> bool:
        """Say whether this is such a link. Then `search` gives what the viewer sent there. Pure: no network."""
        ...


@runtime_checkable
class Reaching(Protocol):
    """What a provider has besides, whose vendor tells who is online: others lose a message when they are back."""

    async def reached(self, target: Target) -> str | None:
        """Say who has it removed by now, in full sentences; None while somebody may still see it, or nobody can tell.

        Raises what look-ups raise.
        """
        ...


@runtime_checkable
class TakesReason(Protocol):
    """What a provider can do besides where its vendor keeps why something was taken back."""

    async def recall_because(
        self, target: Target, items: Sequence[ItemId], *, key: str, why: str
    ) -> Sequence[Outcome]:
        """Do what `Provider.recall` does, and hand the reason on. `why` is short text of ours or of a person's."""
        ...


@runtime_checkable
class ReadsReports(Protocol):
    """What a provider can do besides whose vendor's reports do not say which of several requests they are about."""

    async def check_since(
        self, target: Target, items: Sequence[ItemId], *, since: datetime
    ) -> Sequence[Outcome]:
        """Do what `Provider.check` does, and count no report from before `since`, when this attempt began."""
        ...


@runtime_checkable
class Personal(Protocol):
    """What a provider besides offers whose sendings lie in people's own boxes: ids that name no box get the asker's."""

    def own(self, target: TargetId, viewer: Viewer) -> TargetId:
        """Put the viewer's box into an id that names none; any other id is given back. Pure: no network."""
        ...


@runtime_checkable
class Accounts(Protocol):
    """What a provider besides offers whose vendor limits each account by itself, a mailbox say."""

    def account(self, target: Target) -> str:
        """Name the account that recalling this target uses. Pure: no network."""
        ...


@runtime_checkable
class Paced(Protocol):
    """What a provider besides offers whose vendor lets only so many calls through in a time."""

    def seconds_for(self, target: Target, calls: int) -> float:
        """Say how long so many calls for this target take at least, by the limits as they are used up now."""
        ...

    def went(self, target: Target, calls: int, seconds_ago: float) -> None:
        """Count calls that an earlier process made for this target, the last of them so long ago."""
        ...
