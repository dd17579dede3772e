"""What comes of asking for a card: a proposal, or the reason why there is none."""

from dataclasses import dataclass

from bot.errors import CannotRecallError
from bot.policy import Policy
from bot.ports import Card
from bot.recall import Recall
from bot.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What came of asking for a card."""

    recall: Recall
    card: Card  # where it stands, or will stand in a moment
    existing: bool  # it is the card of a recall that was open already


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The settings that the service needs."""

    policy: Policy
    card_minutes: float = 15.0


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
