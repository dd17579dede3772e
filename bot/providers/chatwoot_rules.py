"""The rules of recalling a chat message: channel, window, customers' words; and what its reader still sees."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.providers.chatwoot_account import Seen
from bot.providers.chatwoot_answers import Conversation, Direction
from bot.providers.chatwoot_settings import ChatwootSettings
from bot.target import Capability, Operation, Status

CHANNELS = {
    "Channel::WebWidget": ("website", "the website chat"),
    "Channel::Line": ("line", "LINE"),
    "Channel::FacebookPage": ("facebook", "Facebook Messenger"),
    "Channel::Instagram": ("instagram", "Instagram"),
    "Channel::Whatsapp": ("whatsapp", "WhatsApp"),
    "Channel::Telegram": ("telegram", "Telegram"),
    "Channel::TwilioSms": ("sms", "SMS or WhatsApp over Twilio"),
    "Channel::Sms": ("sms", "SMS"),
    "Channel::Email": ("email", "e-mail"),
    "Channel::TwitterProfile": ("twitter", "X (Twitter)"),
    "Channel::Tiktok": ("tiktok", "TikTok"),
    "Channel::Voice": ("voice", "a phone call"),
    "Channel::Api": ("api", "a channel of your own (API)"),
}
"""By the vendor's class: the word for it in the settings, and how people call it."""

SKEW = timedelta(seconds=3)
"""Clocks that differ by less are taken for the same: the vendor's `Date` has whole seconds."""

FUTURE = timedelta(seconds=60)
"""A message that is dated further ahead than this has a date that says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Judges messages by the settings. The vendor itself would delete any, at any time, for any agent."""

    settings: ChatwootSettings

    def status(self, seen: Seen) -> Status:
        """Say where a message stands."""
        return Status.RECALLED if seen.message.deleted else Status.SENT

    def capability(self, seen: Seen) -> Capability:
        """Say whether a message can be recalled now, by the vendor's clock; a refusal says why not."""
        closes_at = self._closes_at(seen)
        for refusal in (
            self._kind_refusal(seen),
            self._channel_refusal(seen.conversation),
            self.window_refusal(seen),
        ):
            if refusal is not None:
                return Capability(operation=None, refusal=refusal, closes_at=closes_at)
        return Capability(operation=Operation.RECALL, limits=self._limits(seen), closes_at=closes_at)

    def window_refusal(self, seen: Seen) -> str | None:
        """Say that it is too late, or that nobody can tell; None where there is time left."""
        if not self.settings.window_minutes:
            return None
        title, sent_at = self.settings.title, seen.message.sent_at
        minutes = f"{self.settings.window_minutes:g} minutes"
        if sent_at is None or sent_at > seen.at + FUTURE:
            return f"{title} does not say rightly when it was sent, so whether the {minutes} are over can't be known."
        if seen.at < sent_at + self._window:
            return None
        return f"The time for recalling it is over: that is possible for {minutes} after it was sent."

    def remains(self, conversation: Conversation) -> str:
        """Say who has it removed and who will: a window that is offline keeps showing it until it is back."""
        who = conversation.contact or "the customer"
        if conversation.online is None:
            return (
                f"{self.settings.title} does not say whether {who} is online, so whether it has gone from their chat "
                "window yet can't be known: a window that is offline shows it until it reconnects."
            )
        if conversation.online:
            return f"Removed for {who}, who is online (1 of 1)."
        return (
            f"Not yet removed for {who}, who is offline and may still see it: it goes when {who} reconnects "
            "(1 pending)."
        )

    @property
    def _window(self) -> timedelta:
        return timedelta(minutes=self.settings.window_minutes)

    def _closes_at(self, seen: Seen) -> datetime | None:
        """Give the end of the window by our own clock, since cards and clicks are judged by that one."""
        sent_at = seen.message.sent_at
        if not self.settings.window_minutes or sent_at is None:
            return None
        ahead = timedelta(seconds=seen.ahead)
        return sent_at + self._window + (ahead if abs(ahead) >= SKEW else timedelta(0))

    def _kind_refusal(self, seen: Seen) -> str | None:
        message, title = seen.message, self.settings.title
        if message.deleted:
            return f"It is deleted already, as {title}'s own record says."
        if message.direction is Direction.ACTIVITY:
            return f"It is a remark of {title}'s own, and no message to anybody."
        if message.private:
            return f"It is a private note, which no customer ever saw. Delete it in {title}."
        if message.direction is Direction.INCOMING and not self.settings.recall_incoming:
            return (
                "A customer wrote this, and customers' own words stay: only what agents sent can be recalled."
            )
        return None

    def _channel_refusal(self, conversation: Conversation) -> str | None:
        word, called = CHANNELS.get(conversation.channel, _unknown(conversation.channel))
        if word in self.settings.channels:
            return None
        if not conversation.channel:
            return f"{self.settings.title} does not say over which channel it went, so it can't be recalled."
        return (
            f"It went out over {called}, and from there nothing can be taken back: {self.settings.title} would only "
            f"remove its own copy. {self._possible}"
        )

    @property
    def _possible(self) -> str:
        known = dict(CHANNELS.values())
        named = [known.get(word, word) for word in self.settings.channels]
        if not named:
            return "The settings allow no channel at all."
        *others, last = named
        return f"Only messages of {', '.join(others) + ' and ' + last if others else last} can be recalled."

    def _limits(self, seen: Seen) -> tuple[str, ...]:
        who, online = seen.conversation.contact or "The customer", seen.conversation.online
        presence = {
            True: f"{who} is online and loses it at once.",
            False: f"{who} is offline and may see it until the chat window reconnects.",
            None: f"Whether {who} is online is not known; a window that is offline shows it until it reconnects.",
        }[online]
        return (
            "Who has read it has read it.",
            "A remark that a message was deleted stays in its place.",
            presence,
        )


def _unknown(channel: str) -> tuple[str, str]:
    tail = channel.removeprefix("Channel::")
    return tail.casefold(), tail or "a channel that is not known"
