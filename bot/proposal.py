"""What comes of asking for a card: a proposal, or the reason why there is none."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import CannotRecallError
from bot.policy import Policy
from bot.ports import Card
from bot.recall import Actor, Recall, RecallId, State
from bot.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What came of asking for a card."""

    recall: Recall
    card: Card  # where it stands, or will stand in a moment
    existing: bool  # it is the card of a recall that was open already


def asked_for(
    recall: RecallId, target: Target, actor: Actor, policy: Policy, *, at: datetime, until: datetime
) -> Recall:
    """Begin a recall that somebody asks for; its card closes itself at `until`."""
    return Recall(
        id=recall,
        target=target,
        state=State.PROPOSED,
        reason=target.reasons[0],
        needs_second=policy.needs_second(target),
        approvers=policy.approvers(target),
        asked_by=actor,
        asked_at=at,
        moved_by=actor,
        moved_at=at,
        expires_at=until,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The settings that the service needs."""

    policy: Policy
    card_minutes: float = 15.0

    def card_end(self, target: Target, now: datetime) -> datetime:
        """Give the instant at which a card closes itself: with the vendor's window, if that is sooner."""
        closes = target.capability.closes_at
        expires = now + timedelta(minutes=self.card_minutes)
        return expires if closes is None else min(expires, closes)


class AlreadyRecalledError(CannotRecallError):
    """This has been recalled already."""

    code = "already_recalled"

    def __init__(self, sentence: str, *, target: Target, earlier: Recall | None) -> None:
        """Keep the target, and our own recall of it where it was us."""
        super().__init__(sentence)
        self.target = target
        self.earlier = earlier


class NothingToRecallError(CannotRecallError):
    """This can't be taken back."""

    code = "nothing_to_recall"

    def __init__(self, sentence: str, *, target: Target) -> None:
        """Keep the target: the refusal is shown with what it is about."""
        super().__init__(sentence)
        self.target = target


class NeverTwiceError(CannotRecallError):
    """The request may have had its effect, so it is not sent a second time."""

    code = "never_twice"

    def __init__(self, target: Target) -> None:
        """Say whom nobody can ask."""
        super().__init__(
            f"The request may have reached {target.vendor}, which can't be asked about it, so it is never sent "
            f"twice. Please look in {target.vendor} itself."
        )
