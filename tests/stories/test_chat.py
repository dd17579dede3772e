"""Live chat: one agent's message, taken back from the Slack copy, by link or by words; each rule told from the thread."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.recall import State
from bot.target import Reason
from sandbox.slack.hands import plain
from sandbox.slack.values import Message
from sandbox.vendors.chatwoot import ACCOUNT, Chatwoot
from tests.stories.conftest import Story, buttons

RULES = """
[[policy.allow]]
who = ["U0ANN", "U0BOB", "U0CLEO"]
providers = ["chat"]
{more_rules}
[people.U0ANN]
chat = "7"
[people.U0BOB]
chat = "8"
[providers.chat]
kind = "chatwoot"
url = "{url}"
token = "{token}"
account = {account}
timeout = 2
{more}
"""
MIRROR = 'mirror_channel = "C0SUPPORT"\nwebhook_secret = "{secret}"'
JACKET = "90% off until Friday"


@dataclass
class Chat:
    """A story about the service desk."""

    story: Story

    @property
    def vendor(self) -> Chatwoot:
        return self.story.world.chatwoot

    async def starts(self, more: str = "", more_rules: str = "") -> None:
        vendor = self.vendor
        given = {"url": vendor.url, "token": vendor.token, "account": ACCOUNT}
        await self.story.starts(RULES.format(more=more, more_rules=more_rules, **given))
        port = self.story.bot.server.port
        vendor.webhook = f"http://127.0.0.1:{port}/vendors/chat/webhook"

    async def starts_with_mirror(self, more: str = "") -> None:
        await self.starts(f"{MIRROR.format(secret=self.vendor.webhook_secret)}\n{more}")

    async def asks_for(self, number: int, about: str) -> Message:
        """Ann types the link of a message and waits for the card."""
        return await self.story.asks(self.story.ann, self.vendor.link(number), about=about)

    async def copy(self, text: str) -> Message:
        """Wait for the mirror's copy of a message."""
        workspace = self.story.world.slack.workspace

        def found() -> list[Message]:
            return [each for each in workspace.public("C0SUPPORT") if text in plain(each)]

        await self.story.until(found, f"a copy of {text!r}")
        return found()[-1]

    def deleted(self) -> int:
        return self.vendor.calls.count("delete")


@pytest.fixture
def idle(quiet: Story) -> Chat:
    """A story about the service desk whose bot has not been started."""
    quiet.world.chatwoot.just_said()
    return Chat(quiet)


@pytest.fixture
async def chat(idle: Chat) -> Chat:
    await idle.starts()
    return idle


# The main road ------------------------------------------------------------------------------------------


async def test_an_agent_takes_one_message_back_with_two_clicks_by_its_link(chat: Chat) -> None:
    card = await chat.asks_for(1002, JACKET)
    assert "Recall this chat message?" in plain(card)
    assert chat.deleted() == 0

    await chat.story.ann.presses("Yes, recall", card)

    await chat.story.ends(State.DONE)
    assert chat.vendor.message(1002).deleted
    assert chat.vendor.visitors.showing(1002) == []
    assert chat.vendor.visitors.showing(1003) == ["Mia"]
    told = await chat.story.told(card, 3)
    assert "Confirmed by Chatwoot" in told[-1]
    assert chat.deleted() == 1


@pytest.mark.parametrize("words", ["42/1002", "#42/1002", "1002", "green jacket friday"])
async def test_it_is_found_by_its_id_and_by_words_of_the_conversation(chat: Chat, words: str) -> None:
    await chat.story.asks(chat.story.ann, words, about=JACKET)


async def test_a_conversations_link_leads_to_what_the_asker_sent_there_lately(chat: Chat) -> None:
    own = chat.vendor.says(7, 42, "I will ask the warehouse")
    chat.vendor.says(8, 42, "A colleague's word")

    await chat.story.ann.types(f"/recall {chat.vendor.link(1002).partition('?')[0]}", "#campaigns")

    answer = await chat.story.whisper(chat.story.ann, "I will ask the warehouse")
    assert JACKET in answer
    assert answer.index(own.text) < answer.index(JACKET)
    assert "colleague" not in answer


async def test_a_conversations_link_with_nothing_of_the_askers_finds_nothing(chat: Chat) -> None:
    await chat.story.cleo.types(f"/recall {chat.vendor.link(1002).partition('?')[0]}", "#campaigns")

    assert JACKET not in await chat.story.whisper(chat.story.cleo, "Nothing was found")


async def test_the_list_has_what_its_asker_sent_and_nothing_else(chat: Chat) -> None:
    await chat.story.ann.types("/recall", "#campaigns")

    listed = plain(await chat.story.sees(chat.story.ann, "We are open on Sunday"))

    assert "delivery takes two days" not in listed
    assert "difficult one" not in listed


async def test_whoever_the_settings_know_at_no_vendor_lists_nothing(chat: Chat) -> None:
    await chat.story.cleo.types("/recall", "#campaigns")

    assert "Chatwoot" not in plain(await chat.story.sees(chat.story.cleo, "Recently sent"))


async def test_the_shortcut_on_a_post_with_the_link_opens_the_card_in_its_thread(chat: Chat) -> None:
    await chat.story.ann.types(f"Oh no, look at {chat.vendor.link(1002)}", "#campaigns")
    post = chat.story.said("Oh no, look at")

    await chat.story.ann.shortcut("Recall", post)

    await chat.story.card_below(post, JACKET)


async def test_the_reasons_are_those_of_the_chat_channel(chat: Chat) -> None:
    card = await chat.asks_for(1002, JACKET)
    shown = str(card.blocks)

    assert all(
        each in shown
        for each in ("Wrong message", "Wrong conversation", "Unfinished or test content", "Internal note")
    )
    assert "Offer no longer valid" not in shown
    await chat.story.ann.presses("Yes, recall", card)
    assert (await chat.story.ends(State.DONE)).reason is Reason.WRONG_MESSAGE


@pytest.mark.parametrize(
    ("scenario", "said", "reason"),
    [
        ("a wrong message", "Your parcel is lost", "Wrong message"),
        ("another customer's conversation", "Hello Mr Olsen, your loan is approved", "Wrong conversation"),
        ("unfinished or test content", "test test asdf", "Unfinished or test content"),
        ("an internal note", "This one complains every week", "Internal note"),
        ("a wrong link or file", "https://intranet.fernhill.example/prices", "Wrong link or file"),
    ],
)
async def test_each_scenario_of_a_service_desk_has_its_reason_in_thread_and_history(
    chat: Chat, scenario: str, said: str, reason: str
) -> None:
    del scenario
    ann = chat.story.ann
    message = chat.vendor.says(7, 42, said)
    card = await chat.asks_for(message.id, said)
    if reason != "Wrong message":  # which is the one that is chosen to begin with
        await ann.chooses(reason, card)
        await chat.story.until(
            lambda: (
                f"initial_option': {{'text': {{'type': 'plain_text', 'text': '{reason}"
                in str(chat.story.fresh(card).blocks).replace("'emoji': True, ", "")
            ),
            "the chosen reason",
        )

    await ann.presses("Yes, recall", card)

    await chat.story.ends(State.DONE)
    assert reason.lower() in await chat.story.hears(card, "Reason:")
    await ann.types("/recall history", "#campaigns")
    assert reason.lower() in plain(await chat.story.sees(ann, "newest first"))


# Rule: the website channel only -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "channel"),
    [(1021, "LINE"), (1031, "Facebook Messenger"), (1041, "WhatsApp"), (1051, "e-mail")],
)
async def test_third_party_channels_are_refused_by_name_before_anything_runs(
    chat: Chat, number: int, channel: str
) -> None:
    who = chat.story.ann
    await who.types(f"/recall {chat.vendor.link(number)}", "#campaigns")

    said = await chat.story.whisper(who, f"went out over {channel}")

    assert "nothing can be taken back" in said
    assert "Only messages of the website chat can be recalled" in said
    assert chat.deleted() == 0


async def test_the_channels_are_a_setting(idle: Chat) -> None:
    await idle.starts('channels = ["website", "line"]')

    await idle.story.asks(idle.story.ann, idle.vendor.link(1021), about="open on Sunday")


# Rule: five minutes after it was sent -------------------------------------------------------------------


async def test_the_card_shows_when_the_window_ends_and_how_much_is_left(chat: Chat) -> None:
    card = plain(await chat.asks_for(1002, JACKET))

    closes = chat.vendor.message(1002).at + timedelta(minutes=5)
    assert f"{closes:%H:%M:%S} UTC" in card
    assert "min" in card
    assert "left when this was asked" in card


async def test_a_card_closes_itself_when_the_five_minutes_are_over_and_says_so(chat: Chat) -> None:
    card = await chat.asks_for(1002, JACKET)

    await chat.story.passes(4 * 60)

    closed = await chat.story.shows(card, "The time for recalling this is over")
    assert buttons(closed) == []
    assert "Nothing was done" in plain(closed)
    assert chat.deleted() == 0


async def test_after_five_minutes_the_look_up_refuses(chat: Chat) -> None:
    chat.story.world.clock.advance(4 * 60)
    await chat.story.ann.types(f"/recall {chat.vendor.link(1002)}", "#campaigns")

    assert "5 minutes" in await chat.story.whisper(chat.story.ann, "The time for recalling it is over")


async def test_a_yes_after_the_five_minutes_is_refused_at_the_click(chat: Chat) -> None:
    card = await chat.asks_for(1002, JACKET)
    chat.story.world.clock.advance(4 * 60)

    await chat.story.ann.presses("Yes, recall", card)

    await chat.story.whisper(chat.story.ann, "The time for recalling this is over")
    assert chat.deleted() == 0


async def test_a_message_whose_time_ends_while_the_vendor_is_away_is_refused_at_dispatch(chat: Chat) -> None:
    card = await chat.asks_for(1002, JACKET)
    await chat.vendor.go_down()
    await chat.story.ann.presses("Yes, recall", card)
    await chat.story.hears(card, "can't be reached")
    await chat.vendor.come_up()

    await chat.story.passes(4 * 60)

    await chat.story.ends(State.REFUSED)
    assert "The time for recalling it is over" in await chat.story.hears(card, "The time for recalling")
    assert chat.deleted() == 0


async def test_the_window_is_a_setting(idle: Chat) -> None:
    await idle.starts("window_minutes = 30")

    await idle.story.asks(idle.story.ann, idle.vendor.link(1000), about="how can we help")


# Rule: the sending agent only ---------------------------------------------------------------------------


async def test_other_agents_are_refused_and_told_who_may(chat: Chat) -> None:
    await chat.story.bob.types(f"/recall {chat.vendor.link(1002)}", "#campaigns")

    assert "Only Ann Berg, who sent it" in await chat.story.whisper(chat.story.bob, "may take it back")


async def test_somebody_elses_yes_on_the_senders_card_counts_for_nothing(chat: Chat) -> None:
    card = await chat.asks_for(1002, JACKET)

    await chat.story.bob.presses("Yes, recall", card)

    await chat.story.whisper(chat.story.bob, "Only Ann Berg, who sent it")
    assert chat.deleted() == 0


async def test_a_rule_on_behalf_of_others_lets_a_lead_take_it_back(idle: Chat) -> None:
    await idle.starts(more_rules='[[policy.allow]]\nwho = ["U0BOB"]\nproviders = ["chat"]\non_behalf = true')

    card = await idle.story.asks(idle.story.bob, idle.vendor.link(1002), about=JACKET)
    await idle.story.bob.presses("Yes, recall", card)

    await idle.story.ends(State.DONE)


async def test_matching_by_e_mail_is_off_unless_set(chat: Chat) -> None:
    chat.story.world.slack.grant("users:read.email")
    await chat.story.cleo.types(f"/recall {chat.vendor.link(1003)}", "#campaigns")

    await chat.story.whisper(chat.story.cleo, "settings don't say who you are")


async def test_with_the_setting_the_sender_is_matched_by_the_e_mail_address_in_slack(idle: Chat) -> None:
    slack = idle.story.world.slack
    slack.grant("users:read.email")
    slack.gives_address("U0CLEO", "Bob@Fernhill.example")
    await idle.starts("match_by_email = true")

    await idle.story.asks(idle.story.cleo, idle.vendor.link(1003), about="two days")
    await idle.story.cleo.types("/recall", "#campaigns")
    await idle.story.sees(idle.story.cleo, "two days")


async def test_that_only_the_sender_may_is_a_setting(idle: Chat) -> None:
    await idle.starts("sender_only = false")

    await idle.story.asks(idle.story.bob, idle.vendor.link(1002), about=JACKET)


# Rule: customers' words stay ----------------------------------------------------------------------------


async def test_a_customers_own_message_is_refused_with_that_reason(chat: Chat) -> None:
    await chat.story.ann.types(f"/recall {chat.vendor.link(1001)}", "#campaigns")

    assert "own words stay" in await chat.story.whisper(chat.story.ann, "A customer wrote this")


async def test_customers_words_are_a_setting_too(idle: Chat) -> None:
    await idle.starts("recall_incoming = true\nwindow_minutes = 0")

    await idle.story.asks(idle.story.ann, idle.vendor.link(1001), about="still on sale")


@pytest.mark.parametrize(("number", "why"), [(1004, "private note"), (1005, "remark of Chatwoot's own")])
async def test_what_no_customer_ever_saw_is_refused(chat: Chat, number: int, why: str) -> None:
    await chat.story.ann.types(f"/recall {chat.vendor.link(number)}", "#campaigns")

    await chat.story.whisper(chat.story.ann, why)


# After the recall ---------------------------------------------------------------------------------------


async def test_the_history_keeps_the_original_marked_recalled(chat: Chat) -> None:
    card = await chat.asks_for(1002, JACKET)
    await chat.story.ann.presses("Yes, recall", card)
    recall = await chat.story.ends(State.DONE)

    assert recall.target.text == "Yes, the green jacket is 90% off until Friday."
    closed = await chat.story.shows(card, "Recalled")
    assert JACKET in plain(closed)
    await chat.story.ann.types("/recall history", "#campaigns")
    await chat.story.sees(chat.story.ann, "Recalled lately")


async def test_a_second_recall_is_told_who_was_first(chat: Chat) -> None:
    card = await chat.asks_for(1002, JACKET)
    await chat.story.ann.presses("Yes, recall", card)
    await chat.story.ends(State.DONE)

    await chat.story.ann.types(f"/recall {chat.vendor.link(1002)}", "#campaigns")

    assert "said yes" in await chat.story.whisper(chat.story.ann, "deleted already")


async def test_for_a_customer_who_is_online_it_is_said_to_be_removed(chat: Chat) -> None:
    card = await chat.asks_for(1002, JACKET)
    await chat.story.ann.presses("Yes, recall", card)

    await chat.story.hears(card, "Removed for Mia, who is online")


async def test_a_customer_who_is_offline_is_named_as_pending_until_they_reconnect(chat: Chat) -> None:
    card = await chat.asks_for(1011, "4242")
    assert "offline" in plain(card)
    await chat.story.ann.presses("Yes, recall", card)

    told = await chat.story.hears(card, "Not yet removed for Noah")
    assert "1 pending" in told
    assert "when Noah reconnects" in told
    assert chat.vendor.visitors.showing(1011) == ["Noah"]
    chat.vendor.visitors.set_online(43, online=True)
    assert chat.vendor.visitors.showing(1011) == []


async def test_the_thread_says_so_when_the_customer_is_back(chat: Chat) -> None:
    card = await chat.asks_for(1011, "4242")
    await chat.story.ann.presses("Yes, recall", card)
    await chat.story.hears(card, "Not yet removed for Noah")
    look = chat.story.bot.reconnecting.sweep
    await look()
    assert len(chat.story.thread(card)) == 3

    chat.vendor.visitors.set_online(43, online=True)
    await look()

    await chat.story.hears(card, "Removed for Noah, who is online (1 of 1).")
    await chat.story.shows(card, "Removed for Noah")
    await look()
    assert len(await chat.story.told(card, 4)) == 4


async def test_the_copy_says_so_too_when_the_customer_is_back(idle: Chat) -> None:
    await idle.starts_with_mirror()
    idle.vendor.announce(1011)
    await idle.vendor.announced()
    copy = await idle.copy("4242")
    card = await idle.asks_for(1011, "4242")
    await idle.story.ann.presses("Yes, recall", card)
    await idle.story.shows(copy, "Not yet removed for Noah")

    idle.vendor.visitors.set_online(43, online=True)
    await idle.story.bot.reconnecting.sweep()
    idle.story.bot.copies.wake()

    assert "Not yet" not in plain(await idle.story.shows(copy, "Removed for Noah"))


async def test_who_comes_back_after_the_time_for_looking_is_not_looked_for_any_more(chat: Chat) -> None:
    card = await chat.asks_for(1011, "4242")
    await chat.story.ann.presses("Yes, recall", card)
    await chat.story.hears(card, "Not yet removed for Noah")
    chat.story.world.clock.advance(90_000)
    asked = len(chat.vendor.calls)

    await chat.story.bot.reconnecting.sweep()

    assert len(chat.vendor.calls) == asked


async def test_where_the_vendor_does_not_tell_it_is_said_that_it_can_not_be_known(chat: Chat) -> None:
    card = await chat.asks_for(1061, "wrong one")
    await chat.story.ann.presses("Yes, recall", card)

    assert "can't be known" in await chat.story.hears(card, "does not say whether Tess is online")


async def test_what_the_vendor_accepts_and_does_not_do_is_never_called_recalled(chat: Chat) -> None:
    chat.vendor.faults.add("never_confirm", tool="delete", times=None)
    card = await chat.asks_for(1002, JACKET)
    await chat.story.ann.presses("Yes, recall", card)

    await chat.story.ends(State.SUBMITTED)
    assert "Confirmed" not in plain(await chat.story.shows(card, "Submitted"))
    await chat.story.passes(3600)
    await chat.story.ends(State.UNKNOWN)


async def test_a_lost_answer_is_read_back_instead_of_deleting_twice(chat: Chat) -> None:
    chat.vendor.faults.add("drop_answer", tool="delete")
    card = await chat.asks_for(1002, JACKET)
    await chat.story.ann.presses("Yes, recall", card)
    await chat.story.hears(card, "broke before its answer")

    await chat.story.passes(30)

    await chat.story.ends(State.DONE)
    assert chat.deleted() == 1


async def test_a_message_that_vanished_between_look_up_and_yes_is_not_called_recalled(chat: Chat) -> None:
    card = await chat.asks_for(1002, JACKET)
    chat.vendor.forget(1002)

    await chat.story.ann.presses("Yes, recall", card)

    await chat.story.ends(State.REFUSED)
    assert "no such message" in await chat.story.hears(card, "no such message")


async def test_a_token_revoked_in_the_middle_is_told_with_what_to_do(chat: Chat) -> None:
    card = await chat.asks_for(1002, JACKET)
    chat.vendor.faults.add("bad_token", times=None)

    await chat.story.ann.presses("Yes, recall", card)

    await chat.story.ends(State.FAILED)
    await chat.story.hears(card, "does not accept Recall's token")
    chat.vendor.faults.clear()


# The mirror ---------------------------------------------------------------------------------------------


async def test_what_an_agent_writes_is_copied_and_the_shortcut_on_the_copy_recalls_it(idle: Chat) -> None:
    await idle.starts_with_mirror()
    said = idle.vendor.says(7, 42, "Your <!channel> discount code is *STAFF-100*")
    copy = await idle.copy("STAFF-100")

    await idle.story.ann.shortcut("Recall", copy)
    card = await idle.story.card_below(copy, "STAFF-100")
    await idle.story.ann.presses("Yes, recall", card)

    await idle.story.ends(State.DONE)
    assert idle.vendor.message(said.id).deleted
    marked = await idle.story.shows(copy, "Recalled by")
    assert "@U0ANN" in plain(marked)
    assert "STAFF-100" in plain(marked)
    assert "wrong message" in plain(marked)


async def test_a_copy_says_that_its_original_was_deleted_in_chatwoot(idle: Chat) -> None:
    await idle.starts_with_mirror()
    said = idle.vendor.says(7, 42, "Your <!channel> discount code is *STAFF-100*")
    copy = await idle.copy("STAFF-100")

    idle.vendor.deletes(said.id)
    await idle.vendor.announced()
    await idle.story.passes(16)

    marked = await idle.story.shows(copy, "Deleted in Chatwoot")
    assert "Who did it and why is not known here" in plain(marked)
    assert "STAFF-100" in plain(marked)


async def test_what_recall_deleted_is_never_called_deleted_in_chatwoot(idle: Chat) -> None:
    await idle.starts_with_mirror()
    idle.vendor.announce(1002)
    await idle.vendor.announced()
    copy = await idle.copy(JACKET)
    card = await idle.asks_for(1002, JACKET)

    await idle.story.ann.presses("Yes, recall", card)
    await idle.story.ends(State.DONE)
    await idle.vendor.announced()
    await idle.story.passes(16)
    await idle.story.bot.copies.drain()

    assert idle.vendor.delivered == [200, 200]
    assert "Recalled by" in plain(await idle.story.shows(copy, "Recalled by"))
    assert "Deleted in Chatwoot" not in plain(idle.story.fresh(copy))


async def test_the_mirror_is_off_unless_set(chat: Chat) -> None:
    chat.vendor.says(7, 42, "Nobody copies this")
    await chat.vendor.announced()

    assert chat.vendor.delivered == [401]
    assert await chat.story.bot.store.copies_due(chat.story.world.clock.now()) == []


@pytest.mark.parametrize(
    "header",
    [{"X-Chatwoot-Signature": ""}, {"X-Chatwoot-Signature": "sha256=00"}, {"X-Chatwoot-Timestamp": "1"}],
)
async def test_unsigned_and_stale_webhooks_are_refused(idle: Chat, header: dict[str, str]) -> None:
    await idle.starts_with_mirror()
    idle.vendor.announce(1002, **header)
    await idle.vendor.announced()

    assert idle.vendor.delivered == [401]
    assert await idle.story.bot.store.copies_due(idle.story.world.clock.now()) == []


async def test_where_the_vendor_does_not_sign_the_secret_end_of_the_address_is_needed(idle: Chat) -> None:
    await idle.starts('mirror_channel = "C0SUPPORT"\nwebhook_token = "long-and-secret"')
    unsigned = {"X-Chatwoot-Signature": "", "X-Chatwoot-Timestamp": ""}
    plain_address = idle.vendor.webhook
    idle.vendor.announce(1002, **unsigned)
    await idle.vendor.announced()
    idle.vendor.webhook = f"{plain_address}/long-and-secret"
    idle.vendor.announce(1002, **unsigned)
    await idle.vendor.announced()

    assert idle.vendor.delivered == [401, 200]
    await idle.copy(JACKET)


async def test_customers_words_and_private_notes_are_not_copied(idle: Chat) -> None:
    await idle.starts_with_mirror()
    for number in (1001, 1004, 1005, 1003):
        idle.vendor.announce(number)
        await idle.vendor.announced()

    await idle.copy("two days")
    assert len(idle.story.world.slack.workspace.public("C0SUPPORT")) == 1


async def test_a_repeated_webhook_makes_no_second_copy(idle: Chat) -> None:
    await idle.starts_with_mirror()
    for _ in range(3):
        idle.vendor.announce(1002)
    await idle.vendor.announced()

    await idle.copy(JACKET)
    await idle.story.bot.copies.drain()
    assert len(idle.story.world.slack.workspace.public("C0SUPPORT")) == 1


@pytest.mark.parametrize("kind", ["500_before", "500_after", "reset"])
async def test_a_copy_is_posted_once_whatever_slack_does(idle: Chat, kind: str) -> None:
    await idle.starts_with_mirror()
    idle.story.world.slack.faults.add(method="chat.postMessage", kind=kind)
    idle.vendor.announce(1002)
    await idle.vendor.announced()
    await idle.story.until(lambda: not idle.story.world.slack.state.faults.left, "the fault to be met")

    for _ in range(3):
        await idle.story.passes(70)
        await idle.story.bot.copies.drain()

    await idle.copy(JACKET)
    assert len(idle.story.world.slack.workspace.public("C0SUPPORT")) == 1


async def test_a_copy_is_marked_after_a_restart_in_between(idle: Chat) -> None:
    await idle.starts_with_mirror()
    idle.vendor.announce(1002)
    await idle.vendor.announced()
    copy = await idle.copy(JACKET)
    card = await idle.asks_for(1002, JACKET)
    slack = idle.story.world.slack
    slack.faults.add(method="chat.update", kind="500_before", times=50)
    await idle.story.ann.presses("Yes, recall", card)
    await idle.story.ends(State.DONE)
    await idle.story.stops()
    slack.faults.clear()

    await idle.starts_with_mirror()
    await idle.story.passes(120)

    await idle.story.shows(copy, "Recalled by")


async def test_a_late_webhook_about_a_recalled_message_is_not_copied(idle: Chat) -> None:
    await idle.starts_with_mirror()
    card = await idle.asks_for(1002, JACKET)
    await idle.story.ann.presses("Yes, recall", card)
    await idle.story.ends(State.DONE)
    await idle.vendor.announced()

    idle.vendor.announce(1002)
    await idle.vendor.announced()

    assert set(idle.vendor.delivered) == {200}
    assert await idle.story.bot.store.copies_due(idle.story.world.clock.now()) == []
