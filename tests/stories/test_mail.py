"""E-mail, told from the thread: each rule of what a mail's recall is, and is not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from bot.recall import State
from front.export import as_csv
from sandbox.slack.hands import plain
from sandbox.slack.values import Message
from sandbox.slack.workspace import format_ts
from sandbox.vendors.graph_books import Recalling, SentMail
from sandbox.vendors.graph_seed import ANN, BOB, LETTER, LETTERS, PRICES
from sandbox.vendors.graph_tokens import DELEGATED
from sandbox.world import World
from tests.stories.conftest import PATIENCE, RULES, Story, buttons

PEOPLE = """
[[policy.allow]]
who = ["U0ANN", "U0BOB"]
providers = ["mail"]
[people.U0ANN]
mail = "ann@fernhill.example"
[people.U0BOB]
mail = "bob@fernhill.example"
"""
ADMIN = """
[[policy.allow]]
who = ["U0CLEO"]
providers = ["mail"]
on_behalf = true
"""


@dataclass
class MailStory(Story):
    """A story in which mail is connected too."""

    tokens: str = ""  # the keys of another credential than the app's

    def configured(self) -> tuple[Path, dict[str, str]]:
        """Write the settings with the mail system in them."""
        file, environ = super().configured()
        graph = self.world.graph
        app = f'tenant = "fernhill"\nclient_id = "recall-practice"\nclient_secret = "{graph.secret}"'
        mail = f"""
            [providers.mail]
            kind = "graph"
            root = "{graph.url}"
            authority = "{graph.url}"
            {self.tokens or app}
            link_hosts = ["127.0.0.1"]
            outcome_deadline = 600
            """
        file.write_text(file.read_text(encoding="utf-8") + mail, encoding="utf-8")
        return file, environ

    @property
    def prices(self) -> SentMail:
        """The mail with the wrong attachment."""
        return next(each for each in self.world.graph.books.sent_by(ANN) if each.subject == PRICES)

    def holders(self, mail: SentMail) -> set[str]:
        """Who has a mail in the inbox."""
        boxes = self.world.graph.books.mailboxes.values()
        return {
            box.address.partition("@")[0]
            for box in boxes
            if any(each.internet_id == mail.internet_id for each in box.copies)
        }

    async def asks_for_prices(self, words: str = "price list") -> Message:
        """Ann asks for the card of the mail with the wrong attachment."""
        return await self.asks(self.ann, words, about=PRICES)

    async def looks_again(self) -> None:
        """The mail system acts, and the bot looks what became of it."""
        await self.passes(10)


@pytest.fixture
async def mail(world: World, tmp_path: Path) -> AsyncIterator[MailStory]:
    """A running bot that mail is connected to."""
    story = MailStory(world=world, folder=tmp_path, rules=RULES + PEOPLE)
    world.graph.settle_after = 3
    await story.starts()
    yield story
    for bot in story.bots:
        await bot.stop()
    assert world.slack.violations == []
    assert [each for each in world.slack.mentions if each.target in {"channel", "here", "everyone"}] == []


async def test_a_mail_is_recalled_and_the_outcome_is_told_per_recipient(mail: MailStory) -> None:
    card = await mail.asks_for_prices()

    await mail.ann.presses("Yes, recall", card)
    await mail.ends(State.SUBMITTED)
    await mail.looks_again()

    await mail.ends(State.PARTIAL)
    ended = await mail.hears(card, "Of 4 recipients")
    assert "2 recalled, 1 failed, 1 unknown" in ended
    assert mail.holders(mail.prices) == {"hugo", "iris"}


async def test_202_is_submitted_and_never_called_recalled(mail: MailStory) -> None:
    mail.world.graph.faults.add("never_confirm", tool="recall")
    card = await mail.asks_for_prices()

    await mail.ann.presses("Yes, recall", card)
    await mail.ends(State.SUBMITTED)

    accepted = await mail.hears(card, "accepted the request")
    assert "message id" in accepted
    shown = await mail.shows(card, "Submitted, not yet confirmed")
    assert not any("Recalled" in said for said in [*mail.thread(card), plain(shown)])


async def test_the_text_is_not_shown_in_the_channel_but_privately_at_the_press_of_a_button(
    mail: MailStory,
) -> None:
    card = await mail.asks_for_prices()
    assert "margins" not in plain(card)

    await mail.ann.presses("See the text", card)

    shown = await mail.whisper(mail.ann, "margins")
    assert "Only you see this" in shown
    assert not any("margins" in plain(each) for each in mail.posts(mail.bob, "#campaigns"))


async def test_a_mail_merge_is_one_target_with_all_its_mails(mail: MailStory) -> None:
    mail.world.graph.latency = 0.005
    card = await mail.asks(mail.ann, "benefits letter", about=LETTER)
    assert f"{LETTERS} single sendings" in plain(card)

    await mail.ann.presses("Yes, recall", card)
    await mail.ends(State.SUBMITTED)
    await mail.looks_again()
    await mail.ends(State.DONE)

    assert len(mail.world.graph.recalled) == LETTERS
    assert f"Of {LETTERS} recipients: {LETTERS} recalled" in await mail.hears(
        card, f"Of {LETTERS} recipients"
    )
    assert mail.world.graph.count("recall", 429) == 0
    assert mail.world.graph.limit(ANN).most_inside == 4


async def test_one_mail_of_a_merge_is_found_by_its_id_and_leads_to_all(mail: MailStory) -> None:
    letter = next(each for each in mail.world.graph.books.sent_by(ANN) if each.subject == LETTER)
    card = await mail.asks(mail.ann, letter.internet_id, about=LETTER)
    assert f"It is one of {LETTERS} mails alike" in plain(card)
    assert f"Show all {LETTERS}" in buttons(card)

    await mail.ann.presses(f"Show all {LETTERS}", card)

    await mail.until(
        lambda: [m for m in mail.posts(mail.ann, "#campaigns") if f"{LETTERS} single sendings" in plain(m)]
    )


async def _recalled_alone(mail: MailStory, words: str) -> None:
    """Ann takes one of the letters back by itself."""
    card = await mail.asks(mail.ann, words, about=LETTER)
    await mail.ann.presses("Yes, recall", card)
    await mail.ends(State.SUBMITTED)
    await mail.looks_again()
    await mail.ends(State.DONE)


async def test_what_another_recall_has_done_is_left_out_of_a_merge_and_that_is_said(mail: MailStory) -> None:
    letter = next(each for each in mail.world.graph.books.sent_by(ANN) if each.subject == LETTER)
    await _recalled_alone(mail, letter.internet_id)

    card = await mail.asks(mail.ann, "benefits letter", about=f"{LETTERS} single sendings")
    await mail.ann.presses("Yes, recall", card)

    await mail.hears(card, f"1 of {LETTERS}, taken back before, left out.")
    await mail.ends(State.SUBMITTED)
    await mail.looks_again()
    await mail.ends(State.DONE)
    assert "1 left out, taken back before" in await mail.hears(card, f"{LETTERS - 1} confirmed")
    assert mail.world.graph.recalled.count(letter.internet_id) == 1


async def test_a_mail_whose_whole_merge_was_taken_back_is_refused_as_done(mail: MailStory) -> None:
    letter = next(each for each in mail.world.graph.books.sent_by(ANN) if each.subject == LETTER)
    card = await mail.asks(mail.ann, letter.internet_id, about=LETTER)
    await mail.ann.presses(f"Show all {LETTERS}", card)
    whole = await mail.card(mail.ann, about=f"{LETTERS} single sendings")
    await mail.ann.presses("Yes, recall", whole)
    await mail.ends(State.SUBMITTED)
    await mail.looks_again()
    await mail.ends(State.DONE)

    await mail.ann.presses("Yes, recall", card)

    await mail.ends(State.REFUSED)
    assert "An earlier recall has taken all of it back already" in (await mail.told(card, 1))[-1]
    assert mail.world.graph.recalled.count(letter.internet_id) == 1


async def test_the_recipients_are_listed_privately(mail: MailStory) -> None:
    card = await mail.asks_for_prices()
    await mail.ann.presses("Yes, recall", card)
    await mail.ends(State.SUBMITTED)
    await mail.looks_again()
    await mail.ends(State.PARTIAL)
    await mail.shows(card, "Recalled in part")

    await mail.ann.presses("See the recipients", mail.fresh(card))

    listed = await mail.whisper(mail.ann, "hugo@fernhill.example")
    assert "hugo@fernhill.example: failed – Still in the mailbox after the report." in listed
    assert "iris@northwind.example: unknown – Outside the organisation" in listed
    assert "finn@fernhill.example: recalled" in listed
    assert not any("hugo@" in plain(each) for each in mail.posts(mail.bob, "#campaigns"))


async def test_only_the_sender_finds_and_recalls_a_mail(mail: MailStory) -> None:
    await mail.bob.types("/recall price list", "#campaigns")
    await mail.whisper(mail.bob, "Nothing was found")

    await mail.bob.types("/recall minutes of the spring", "#campaigns")
    await mail.card(mail.bob, about="Minutes of the spring meeting")


async def test_a_mail_admin_names_the_mailbox(mail: MailStory) -> None:
    await mail.stops()
    await mail.starts(RULES + ADMIN)

    await mail.cleo.types("/recall ann@fernhill.example: price list", "#campaigns")

    card = await mail.card(mail.cleo, about=PRICES)
    await mail.cleo.presses("Yes, recall", card)
    await mail.ends(State.SUBMITTED)


async def test_with_a_persons_own_token_their_mailbox_is_asked_as_me(mail: MailStory) -> None:
    await mail.stops()
    mail.tokens = f'token = "{DELEGATED}"\nmailbox = "{ANN}"'
    await mail.starts()
    before = mail.world.graph.count("token")
    card = await mail.asks_for_prices()

    await mail.ann.presses("Yes, recall", card)

    await mail.ends(State.SUBMITTED)
    assert mail.world.graph.recalled == [mail.prices.internet_id]
    assert mail.world.graph.count("token") == before
    await mail.bob.types("/recall minutes of the spring", "#campaigns")
    await mail.whisper(mail.bob, "Nothing was found")


async def test_with_an_apps_token_each_senders_mailbox_is_asked_by_its_name(mail: MailStory) -> None:
    card = await mail.asks_for_prices()
    await mail.ann.presses("Yes, recall", card)
    await mail.ends(State.SUBMITTED)
    await mail.bob.types("/recall minutes of the spring", "#campaigns")
    card = await mail.card(mail.bob, about="Minutes of the spring meeting")

    await mail.bob.presses("Yes, recall", card)

    await mail.until(lambda: len(mail.world.graph.recalled) == 2, "the second recall")
    asked = {call.mailbox for call in mail.world.graph.calls if call.what == "recall"}
    assert asked == {ANN, BOB}


async def test_the_receipt_of_a_request_is_kept_and_exported(mail: MailStory) -> None:
    card = await mail.asks_for_prices()
    await mail.ann.presses("Yes, recall", card)
    recall = await mail.ends(State.SUBMITTED)

    (kept,) = await mail.bot.store.outcomes(recall.id)
    assert kept.outcome is not None
    assert kept.outcome.receipt
    assert kept.outcome.receipt in as_csv([kept], head=True)


async def test_a_mail_is_found_by_its_web_link(mail: MailStory) -> None:
    link = mail.prices.as_json(mail.world.graph.url)["webLink"]

    card = await mail.asks_for_prices(f"<{link}>")

    assert PRICES in plain(card)


async def test_a_mails_web_link_and_its_id_are_taken_in_the_search_window_too(mail: MailStory) -> None:
    for words in (_address(mail, mail.prices), f"{ANN}: {mail.prices.id}"):
        await mail.ann.global_shortcut("Recall something")
        await mail.window(mail.ann, "Find what was sent")
        mail.ann.fills("Or search at the vendor too", words)
        await mail.ann.submits()
        card = await mail.card(mail.ann, "#recalls", PRICES)
        await mail.ann.presses("No", card)


async def test_after_a_restart_the_report_of_an_earlier_recall_is_not_taken_for_this_ones(
    mail: MailStory,
) -> None:
    books = mail.world.graph.books
    lunch = next(each for each in books.sent_by(ANN) if each.subject == "Lunch on Friday")
    earlier = Recalling(mail=lunch, due=mail.world.clock.now(), number=900)
    books.carry_out(earlier, mail.world.clock.now(), report=True)  # somebody recalled it in Outlook
    mail.world.clock.advance(3600)
    mail.world.graph.faults.add("never_confirm", tool="recall")
    card = await mail.asks(mail.ann, "lunch on friday", about=lunch.subject)
    await mail.ann.presses("Yes, recall", card)
    await mail.ends(State.SUBMITTED)
    await mail.stops()

    await mail.starts()
    await mail.looks_again()
    async with asyncio.timeout(PATIENCE):
        while not (waiting := await mail.recall()).checks:  # noqa: ASYNC110 - the store rings no bell
            await asyncio.sleep(0.02)

    assert waiting.state is State.SUBMITTED
    assert "no report came" in str((await mail.bot.store.outcomes(waiting.id))[0].outcome)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ErrorInvalidIdMalformed: Id is malformed.", "Id is malformed (ErrorInvalidIdMalformed)"),
        (
            "ErrorQuotaExceeded: The mailbox is over its quota.",
            "The mailbox is over its quota (ErrorQuotaExceeded)",
        ),
    ],
)
async def test_what_microsoft_refuses_is_told_in_its_words(mail: MailStory, said: str, told: str) -> None:
    mail.world.graph.faults.add("error", tool="recall", times=None, text=said)
    card = await mail.asks_for_prices()

    await mail.ann.presses("Yes, recall", card)

    await mail.ends(State.FAILED)
    assert told in await mail.hears(card, "Failed")
    assert mail.world.graph.recalled == []


async def test_a_mail_that_is_recalled_shows_by_whom_and_has_no_yes(mail: MailStory) -> None:
    card = await mail.asks(mail.ann, "lunch on friday", about="Lunch on Friday")
    await mail.ann.presses("Yes, recall", card)
    await mail.ends(State.SUBMITTED)
    await mail.looks_again()
    await mail.ends(State.DONE)

    await mail.ann.types("/recall lunch on friday", "#campaigns")

    await mail.whisper(mail.ann, "already")


async def test_the_shortcut_on_a_post_with_a_mails_link_leads_to_its_card(mail: MailStory) -> None:
    post = _posted(mail, f"Is this the one? <{_address(mail, mail.prices)}>")

    await mail.ann.shortcut("Recall", post)

    card = await mail.card_below(post, about=PRICES)
    assert "Recall this e-mail?" in plain(card)


async def test_a_post_with_two_mails_links_lets_the_person_choose(mail: MailStory) -> None:
    lunch = next(each for each in mail.world.graph.books.sent_by(ANN) if each.subject == "Lunch on Friday")
    post = _posted(mail, f"This one <{_address(mail, mail.prices)}> or that one <{_address(mail, lunch)}>?")

    await mail.ann.shortcut("Recall", post)

    await mail.window(mail.ann, PRICES)
    await mail.window(mail.ann, lunch.subject)
    await mail.ann.chooses(PRICES)
    await mail.ann.submits()
    card = await mail.card_below(post, about=PRICES)
    assert "Recall this e-mail?" in plain(card)


def _address(mail: MailStory, sent: SentMail) -> str:
    """Where a mail is read on the web; its id has the length of a real one."""
    assert len(sent.id) == 152
    return str(sent.as_json(mail.world.graph.url)["webLink"])


def _posted(mail: MailStory, text: str) -> Message:
    slack = mail.world.slack
    channel = slack.workspace.channel("#campaigns")
    ts = format_ts(round(slack.clock.now().timestamp()) * 1_000_000)
    return slack.workspace.post(Message(channel=channel.id, ts=ts, user="U0BOB", text=text))


async def test_a_mail_of_somebody_else_is_refused_though_a_post_names_it(mail: MailStory) -> None:
    await mail.bob.types(f"/recall {mail.prices.internet_id}", "#campaigns")

    await mail.whisper(mail.bob, "Nothing was found")


async def test_a_large_merge_is_counted_in_one_reply_and_a_stop_leaves_the_rest(mail: MailStory) -> None:
    release, asked = asyncio.Event(), count()

    async def before() -> None:
        if next(asked) >= 100:
            await release.wait()

    mail.world.graph.before = before
    card = await mail.asks(mail.ann, "benefits letter", about=LETTER)
    await mail.ann.presses("Yes, recall", card)
    counted = await mail.hears(card, "is being asked. Of 240:")
    assert "not yet confirmed" in counted
    await mail.shows(card, "Running")

    await mail.ann.presses("Stop", mail.fresh(card))
    await mail.hears(card, "pressed Stop")
    await asyncio.sleep(1.2)  # a real beat, in which the stop is heard
    release.set()

    ended = await mail.ends(State.STOPPED)
    sent = len(mail.world.graph.recalled)
    assert 100 <= sent <= 104
    assert (ended.counts.awaiting, ended.counts.left) == (sent, LETTERS - sent)
    await mail.hears(card, f"{LETTERS - sent} not sent")
    await mail.bot.threads.drain()
    assert sum("Of 240:" in each and "Stopped" not in each for each in mail.thread(card)) == 1


async def test_what_failed_is_retried_alone(mail: MailStory) -> None:
    for _ in range(2):
        mail.world.graph.faults.add("error", tool="recall", text="ErrorInternalServerTransientError: Odd.")
    card = await mail.asks(mail.ann, "benefits letter", about=LETTER)
    await mail.ann.presses("Yes, recall", card)
    await mail.ends(State.SUBMITTED)
    await mail.looks_again()
    await mail.ends(State.PARTIAL)
    await mail.shows(card, "Recalled in part")
    before = len(mail.world.graph.recalled)

    await mail.ann.presses("Retry failed", mail.fresh(card))
    await mail.ends(State.SUBMITTED)
    await mail.looks_again()

    await mail.ends(State.DONE)
    assert len(mail.world.graph.recalled) - before == 2


async def test_a_vendor_that_is_away_leaves_the_other_providers_alone(mail: MailStory) -> None:
    await mail.world.graph.go_down()

    await mail.ann.types("/recall", "#campaigns")

    listed = await mail.sees(mail.ann, "Spring sale: 50% off everything")
    assert "Microsoft 365 did not answer just now" in plain(listed)


@pytest.mark.parametrize("typed", ["/recall", "/recall spring sale 50"])
async def test_a_vendor_that_takes_half_a_minute_holds_up_no_look_up_at_another(
    mail: MailStory, typed: str
) -> None:
    mail.world.graph.faults.add("slow", tool="list", times=None, seconds=3 * PATIENCE)

    await mail.ann.types(typed, "#campaigns")

    shown = await mail.sees(mail.ann, "Spring sale: 50% off everything")  # a story waits for ten seconds
    assert "Microsoft 365 did not answer" in plain(shown)
    mail.world.graph.faults.clear()


async def test_a_token_withdrawn_between_look_up_and_yes_is_told_with_what_to_do(mail: MailStory) -> None:
    card = await mail.asks_for_prices()
    mail.world.graph.tokens.revoke()
    mail.world.graph.faults.add("bad_token", tool="token", times=None)

    await mail.ann.presses("Yes, recall", card)

    await mail.ends(State.FAILED)
    assert "Check tenant, client_id and client_secret" in await mail.hears(card, "AADSTS7000215")
    assert mail.world.graph.recalled == []


async def test_a_mail_that_is_gone_from_sent_items_before_yes_is_refused_in_words(mail: MailStory) -> None:
    card = await mail.asks_for_prices()
    sent = mail.prices
    mail.world.graph.books.sent[ANN].remove(sent)
    del mail.world.graph.books.by_id[ANN, sent.id]

    await mail.ann.presses("Yes, recall", card)

    await mail.ends(State.REFUSED)
    await mail.hears(card, "no such mail")


async def test_a_slow_mail_system_is_waited_for_by_id_by_link_and_by_words(mail: MailStory) -> None:
    sent = mail.world.graph.books.sent_by(ANN)
    lunch = next(each for each in sent if each.subject == "Lunch on Friday")
    link = lunch.as_json(mail.world.graph.url)["webLink"]
    for tool in ("token", "list", "get"):
        mail.world.graph.faults.add("slow", tool=tool, times=None, seconds=1.1)

    await mail.ann.types(f"/recall {mail.prices.internet_id}", "#campaigns")
    await mail.ann.types(f"/recall <{link}>", "#campaigns")
    await mail.bob.types("/recall minutes of the spring", "#campaigns")

    for person in (mail.ann, mail.bob):
        await mail.whisper(person, "to answer, and Recall is still asking")
    await mail.card(mail.ann, about=PRICES)
    await mail.card(mail.ann, about="Lunch on Friday")
    await mail.card(mail.bob, about="Minutes of the spring meeting")
    mail.world.graph.faults.clear()


async def test_what_a_slow_mail_system_finds_or_not_by_words_is_told_at_the_end(mail: MailStory) -> None:
    mail.world.graph.faults.add("slow", tool="list", times=2, seconds=2.5)

    await mail.ann.types("/recall nobody wrote this", "#campaigns")
    await mail.bob.types("/recall minutes of the spring", "#campaigns")

    for person in (mail.ann, mail.bob):
        await mail.whisper(person, "Microsoft 365 takes long to answer, and Recall is still asking")
    told = await mail.whisper(mail.ann, "Nothing was found")
    assert "did not answer" not in told
    await mail.card(mail.bob, about="Minutes of the spring meeting")


async def test_after_the_deadline_who_was_never_looked_for_is_unknown_and_told_so(mail: MailStory) -> None:
    await mail.stops()
    graph = mail.world.graph
    graph.reports = False
    app = f'tenant = "fernhill"\nclient_id = "recall-practice"\nclient_secret = "{graph.secret}"'
    mail.tokens = f"{app}\nlook_at_recipients = false"
    await mail.starts()
    card = await mail.asks_for_prices()
    await mail.ann.presses("Yes, recall", card)
    await mail.ends(State.SUBMITTED)

    await mail.passes(601)

    await mail.ends(State.UNKNOWN)
    await mail.shows(card, "See the recipients")
    await mail.ann.presses("See the recipients", mail.fresh(card))
    listed = await mail.whisper(mail.ann, "finn@fernhill.example")
    assert listed.count(": unknown") == 4


async def test_mailboxes_that_nobody_may_look_into_are_unknown_with_the_reason(mail: MailStory) -> None:
    mail.world.graph.closed_mailboxes = True
    del mail.world.graph.books.mailboxes["greta@fernhill.example"]
    card = await mail.asks_for_prices()
    await mail.ann.presses("Yes, recall", card)
    await mail.ends(State.SUBMITTED)
    await mail.looks_again()
    await mail.ends(State.UNKNOWN)
    await mail.shows(card, "See the recipients")

    await mail.ann.presses("See the recipients", mail.fresh(card))

    listed = await mail.whisper(mail.ann, "finn@fernhill.example")
    assert "finn@fernhill.example: unknown – Recall may not look into the mailbox." in listed
    assert "greta@fernhill.example: unknown – The organisation has no mailbox of that name" in listed


async def test_a_429_in_the_middle_of_a_merge_is_told_and_nothing_is_lost(mail: MailStory) -> None:
    asked = count()

    async def before() -> None:
        if next(asked) == 100:
            mail.world.graph.faults.add("rate_limited", tool="recall", seconds=90)

    mail.world.graph.before = before
    card = await mail.asks(mail.ann, "benefits letter", about=LETTER)
    await mail.ann.presses("Yes, recall", card)

    told = await mail.hears(card, "Microsoft 365 asks to wait before the next request")
    assert "Nothing is lost" in told
    await mail.passes(91)

    await mail.ends(State.SUBMITTED)
    assert len(set(mail.world.graph.recalled)) == LETTERS
