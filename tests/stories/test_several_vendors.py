"""Push, chat and mail side by side: one post about several of them, and one vendor's trouble that leaves the others alone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.recall import State
from front.export import as_csv
from front.history import lines
from sandbox.slack.hands import plain
from sandbox.slack.values import Message
from sandbox.slack.workspace import format_ts
from sandbox.vendors.chatwoot import ACCOUNT
from sandbox.vendors.graph_books import SentMail
from sandbox.vendors.graph_seed import ANN, LETTER, PRICES
from sandbox.world import World
from tests.stories.conftest import SALE, Story

RULES = """
[[policy.allow]]
who = ["U0ANN"]
[people.U0ANN]
chat = "7"
mail = "ann@fernhill.example"
"""
JACKET = "90% off until Friday"
CAMPAIGN = "Spring sale: 50% off everything"


@dataclass
class Everything(Story):
    """A story in which every vendor is connected."""

    def configured(self) -> tuple[Path, dict[str, str]]:
        """Write the settings with all vendors in them."""
        chat, graph = self.world.chatwoot, self.world.graph
        self.vendors = f"""
            [providers.chat]
            kind = "chatwoot"
            url = "{chat.url}"
            token = "{chat.token}"
            account = {ACCOUNT}
            [providers.mail]
            kind = "graph"
            root = "{graph.url}"
            authority = "{graph.url}"
            tenant = "fernhill"
            client_id = "recall-practice"
            client_secret = "{graph.secret}"
            link_hosts = ["127.0.0.1"]
            outcome_deadline = 600
            """
        return super().configured()

    def mails(self, subject: str) -> list[SentMail]:
        """What Ann sent under a subject."""
        return [each for each in self.world.graph.books.sent_by(ANN) if each.subject == subject]

    def link_to(self, mail: SentMail) -> str:
        """A mail's own address, as Outlook shows it."""
        return str(mail.as_json(self.world.graph.url)["webLink"])

    def posted(self, text: str, **more: object) -> Message:
        """Somebody's post, as Slack keeps it: a link stands in angle brackets."""
        slack = self.world.slack
        ts = format_ts(round(slack.clock.now().timestamp()) * 1_000_000)
        there = slack.workspace.channel("#campaigns").id
        return slack.workspace.post(Message(channel=there, ts=ts, user="U0BOB", text=text, **more))  # type: ignore[arg-type]

    def broken(self, vendor: str) -> None:
        """A vendor takes none of the tokens any more."""
        if vendor == "mail":
            self.world.graph.revoke()
            self.world.graph.faults.add("bad_token", times=None)
        else:
            faults = {"push": self.world.netmera.faults, "chat": self.world.chatwoot.faults}[vendor]
            faults.add("bad_token", times=None)

    async def card_of(self, vendor: str) -> Message:
        """Ann asks for something of that vendor's."""
        words, about = {
            "push": (SALE, CAMPAIGN),
            "chat": (self.world.chatwoot.link(1002), JACKET),
            "mail": ("price list", PRICES),
        }[vendor]
        return await self.asks(self.ann, words, about=about)


@pytest.fixture
async def all_of_them(world: World, tmp_path: Path) -> AsyncIterator[Everything]:
    """A running bot that every vendor is connected to."""
    story = Everything(world=world, folder=tmp_path, rules=RULES)
    world.chatwoot.just_said()
    await story.starts()
    yield story
    for bot in story.bots:
        await bot.stop()
    assert world.slack.violations == []
    assert [each for each in world.slack.mentions if each.target in {"channel", "here", "everyone"}] == []


# One command ----------------------------------------------------------------------------------------------


async def test_one_command_lists_campaigns_chat_messages_and_mails_together(all_of_them: Everything) -> None:
    await all_of_them.ann.types("/recall", "#campaigns")

    listed = await all_of_them.whisper(all_of_them.ann, "Recently sent")
    for vendor, what in (("Netmera", "Spring sale"), ("Chatwoot", "To Noah"), ("Microsoft 365", PRICES)):
        assert vendor in listed
        assert what in listed


# One post about several ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vendor", "about"), [("Netmera", CAMPAIGN), ("Chatwoot", JACKET), ("Microsoft", PRICES)]
)
async def test_a_post_that_names_a_campaign_a_chat_message_and_a_mail_leads_to_whichever_is_chosen(
    all_of_them: Everything, vendor: str, about: str
) -> None:
    (prices,) = all_of_them.mails(PRICES)
    chat = all_of_them.world.chatwoot.link(1002)
    post = all_of_them.posted(f"{SALE}, <{chat}> and <{all_of_them.link_to(prices)}|this mail> went wrong")

    await all_of_them.ann.shortcut("Recall", post)
    for each in (CAMPAIGN, JACKET, PRICES):
        view = await all_of_them.window(all_of_them.ann, each)
    options = view.body["blocks"][0]["element"]["options"]
    offered = {each["description"]["text"].split()[0]: each["text"]["text"] for each in options}
    assert offered.keys() == {"Netmera", "Chatwoot", "Microsoft"}
    await all_of_them.ann.chooses(offered[vendor])
    await all_of_them.ann.submits()

    card = await all_of_them.card_below(post, about)
    assert card.thread_ts == post.ts


async def test_one_of_several_mails_in_a_post_is_chosen_and_recalled_in_its_thread(
    all_of_them: Everything,
) -> None:
    (prices,) = all_of_them.mails(PRICES)
    (lunch,) = all_of_them.mails("Lunch on Friday")
    links = " or ".join(f"<{all_of_them.link_to(each)}>" for each in (lunch, prices))
    post = all_of_them.posted(f"Which one had the prices? {links}")

    await all_of_them.ann.shortcut("Recall", post)
    await all_of_them.window(all_of_them.ann, "Lunch on Friday")
    await all_of_them.window(all_of_them.ann, PRICES)
    await all_of_them.ann.chooses(PRICES)
    await all_of_them.ann.submits()
    card = await all_of_them.card_below(post, PRICES)
    await all_of_them.ann.presses("Yes, recall", card)

    await all_of_them.ends(State.SUBMITTED)
    assert all_of_them.world.graph.recalled == [prices.internet_id]


async def test_two_of_one_name_at_two_vendors_are_told_apart_by_vendor(all_of_them: Everything) -> None:
    netmera = all_of_them.world.netmera
    netmera.keep(replace(all_of_them.sale, id="cmp-3001", name=PRICES))

    await all_of_them.ann.types(f"/recall {PRICES}", "#campaigns")

    answer = await all_of_them.whisper(all_of_them.ann, "More than one fits")
    assert "Netmera cmp-3001" in answer
    assert "Microsoft 365 · sent" in answer


# One vendor's trouble -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("vendor", "other"), [("push", "chat"), ("chat", "push"), ("mail", "push")])
async def test_a_token_revoked_in_the_middle_is_said_in_the_thread_and_the_others_go_on(
    all_of_them: Everything, vendor: str, other: str
) -> None:
    card, beside = await all_of_them.card_of(vendor), await all_of_them.card_of(other)
    all_of_them.broken(vendor)

    await all_of_them.ann.presses("Yes, recall", card)
    await all_of_them.ann.presses("Yes, recall", beside)

    said = await all_of_them.hears(card, "Failed.")
    assert "token" in said or "credentials" in said or "sign in" in said, said
    assert "Recalled" in await all_of_them.hears(beside, "Recalled.")
    assert "Retry failed" in str(all_of_them.fresh(card).blocks)


# Dates in the future ------------------------------------------------------------------------------------


async def test_a_campaign_dated_in_the_future_is_shown_as_the_vendor_says_and_can_be_recalled(
    all_of_them: Everything,
) -> None:
    ahead = all_of_them.world.clock.now() + timedelta(days=3650)
    all_of_them.world.netmera.keep(replace(all_of_them.sale, sent_at=ahead))

    card = await all_of_them.card_of("push")
    await all_of_them.ann.presses("Yes, recall", card)

    await all_of_them.ends(State.DONE)
    assert f"{ahead:%Y}" in plain(card)


async def test_a_chat_message_dated_in_the_future_gets_no_endless_window(all_of_them: Everything) -> None:
    chat = all_of_them.world.chatwoot
    chat.keep(replace(chat.message(1002), at=all_of_them.world.clock.now() + timedelta(days=1)))

    await all_of_them.ann.types(f"/recall {chat.link(1002)}", "#campaigns")

    await all_of_them.whisper(all_of_them.ann, "does not say rightly when it was sent")


async def test_a_mail_dated_in_the_future_is_found_and_recalled(all_of_them: Everything) -> None:
    (prices,) = all_of_them.mails(PRICES)
    ahead = replace(prices, sent_at=all_of_them.world.clock.now() + timedelta(days=3650))
    books = all_of_them.world.graph.books
    books.sent[ANN][books.sent[ANN].index(prices)] = ahead
    books.by_id[ANN, prices.id] = ahead

    card = await all_of_them.card_of("mail")
    await all_of_them.ann.presses("Yes, recall", card)

    await all_of_them.ends(State.SUBMITTED)
    assert f"{ahead.sent_at:%Y}" in plain(card)


# A mail's awkward subject -------------------------------------------------------------------------------


SUBJECT = "Offer\r\nBcc: all@example.com\n<!channel> *50%* 🎉👩‍👩‍👧 " + "x" * 10_000


async def test_a_mails_endless_subject_with_newlines_and_emoji_fits_everywhere_and_notifies_nobody(
    all_of_them: Everything,
) -> None:
    (prices,) = all_of_them.mails(PRICES)
    books, story = all_of_them.world.graph.books, all_of_them
    awkward = replace(prices, subject=SUBJECT)
    books.sent[ANN][books.sent[ANN].index(prices)] = awkward
    books.by_id[ANN, prices.id] = awkward
    post = story.posted(f"{SALE} or <{story.link_to(prices)}>")

    await story.ann.shortcut("Recall", post)
    view = await story.window(story.ann, "<!channel> *50%* 🎉")
    options = view.body["blocks"][0]["element"]["options"]
    (chosen,) = [each["text"]["text"] for each in options if "🎉" in each["text"]["text"]]
    await story.ann.chooses(chosen)
    await story.ann.submits()
    card = await story.card_below(post, "Offer")
    await story.ann.presses("Yes, recall", card)
    recall = await story.ends(State.SUBMITTED)
    await story.told(card, 2)

    (line,) = lines([recall])
    exported = as_csv(await story.bot.store.outcomes(recall.id), head=True)
    assert "\n" not in line
    assert len(exported.splitlines()) > 1
    assert not any(each.startswith("Bcc:") for each in (*exported.splitlines(), *story.thread(card)))
    for message in (card, story.fresh(card)):
        assert "<!channel> *50%* 🎉" in plain(message)
        assert "<!channel>" not in message.text
        assert "Offer Bcc: all@example.com" in plain(message)
    assert len(recall.target.name) < len(SUBJECT)
    assert LETTER not in plain(card)
