"""What can be done about a campaign in its present state, and why not where nothing can."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.providers.netmera_answers import Campaign
from bot.providers.netmera_settings import STATUS_WORDS, NetmeraSettings
from bot.providers.netmera_tools import Toolbox, folded
from bot.target import Capability, Operation, Status

NO_LONGER_SENDING = frozenset({Status.HALTED, Status.SENT, Status.RECALLING, Status.RECALLED})
"""States in which a halt has what it wanted: nothing more goes out."""

STILL_THERE = frozenset({Status.SENDING, Status.SENT, Status.HALTED})
"""States in which the vendor's record shows no trace of a recall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Judges campaigns by Netmera's rules and the settings."""

    settings: NetmeraSettings

    def status(self, campaign: Campaign) -> Status:
        """Translate the vendor's word; UNKNOWN where there is none, or one that Recall does not know."""
        word = folded(campaign.status_word or "")
        words = {**STATUS_WORDS, **self.settings.status_words}
        return {folded(each): status for each, status in words.items()}.get(word, Status.UNKNOWN)

    def done(self, operation: Operation, campaign: Campaign) -> bool:
        """Whether the vendor's own record shows that this operation has its effect."""
        status = self.status(campaign)
        return status in NO_LONGER_SENDING if operation is Operation.HALT else status is Status.RECALLED

    def recalling(self, campaign: Campaign) -> bool:
        """Whether the vendor's own record shows that a recall is under way."""
        return self.status(campaign) is Status.RECALLING

    def untouched(self, operation: Operation, campaign: Campaign) -> bool:
        """Whether the vendor's own record shows that the operation has not begun."""
        status = self.status(campaign)
        return status is Status.SENDING if operation is Operation.HALT else status in STILL_THERE

    def never_sent(self, campaign: Campaign) -> bool:
        """Whether it never went out: only planned, a draft, cancelled."""
        word = folded(campaign.status_word or "")
        given_up = {folded(each) for each in self.settings.never_sent_words}
        return word in given_up or self.status(campaign) is Status.SCHEDULED

    def capability(self, campaign: Campaign, toolbox: Toolbox, now: datetime) -> Capability:
        """Say what Recall can do; `now` by the vendor's clock."""
        status = self.status(campaign)
        if (refusal := self._state_refusal(campaign, status)) is not None:
            return _refused(refusal)
        if status is Status.SENDING:
            return self._halt(campaign, toolbox)
        return self._recall(campaign, status, toolbox, now)

    def _state_refusal(self, campaign: Campaign, status: Status) -> str | None:
        title = self.settings.title
        if status is Status.RECALLED:
            return f"It is recalled already, as {title}'s own record says."
        if status is Status.RECALLING:
            return f"{title} is recalling it at this moment."
        if status is Status.SCHEDULED:
            return f"Nothing has been sent yet: it is only scheduled. Cancel it in {title}'s panel."
        if self.never_sent(campaign):
            return f"Nothing was ever sent: {title} has it as {campaign.status_word}."
        return None

    def _halt(self, campaign: Campaign, toolbox: Toolbox) -> Capability:
        if (problem := toolbox.problem(self.settings.tools.stop)) is not None:
            return _refused(problem)
        delivered = campaign.audience.delivered
        stays = f"{delivered:,} already delivered stay." if delivered else "What was already delivered stays."
        return Capability(operation=Operation.HALT, limits=("Nothing more is sent.", stays))

    def _recall(self, campaign: Campaign, status: Status, toolbox: Toolbox, now: datetime) -> Capability:
        title = self.settings.title
        web = {folded(each) for each in self.settings.web_words}
        in_browsers = [folded(each) in web for each in campaign.channels]
        if in_browsers and all(in_browsers):
            return _refused(f"This is web push, and {title} can't recall web push.")
        if (problem := toolbox.problem(self.settings.tools.recall)) is not None:
            return _refused(problem)
        closes_at = self._closes_at(campaign)
        if closes_at is not None and now >= closes_at:
            minutes = f"{self.settings.window_minutes:g}"
            return Capability(
                operation=None,
                refusal=f"It can be recalled for {minutes} minutes after sending, and these are over.",
                closes_at=closes_at,
            )
        limits = ["Whoever has opened it has seen it."]
        if any(in_browsers):
            limits.append(f"In web browsers it stays: {title} can't recall web push.")
        if status is Status.UNKNOWN:
            limits.append(f"{title} shows no state that Recall knows, so the end may stay unconfirmed.")
        return Capability(operation=Operation.RECALL, limits=tuple(limits), closes_at=closes_at)

    def _closes_at(self, campaign: Campaign) -> datetime | None:
        if self.settings.window_minutes is None or campaign.sent_at is None:
            return None
        return campaign.sent_at + timedelta(minutes=self.settings.window_minutes)


def _refused(sentence: str) -> Capability:
    return Capability(operation=None, refusal=sentence)
