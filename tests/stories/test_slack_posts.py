"""Slack posts, taken back themselves: who may, with whose token, and what is said when nobody here can."""

from dataclasses import replace

import pytest

from bot.recall import State
from sandbox.slack.hands import Invisible, Person, plain
from sandbox.slack.values import Message
from tests.stories.conftest import RULES, Story, buttons

POSTS = """
[[policy.allow]]
who = ["U0ANN", "U0BOB", "U0CLEO"]
providers = ["posts"]

[providers.posts]
kind = "slack"

[providers.posts.tokens]
U0ANN = "xoxp-sandbox-ann"
"""
ITSELF = "Take back the post itself"
REMINDER, CODE, SALARIES = "The office is closed", "staff discount code", "Salaries"


@pytest.fixture
async def posts(quiet: Story) -> Story:
    """A story whose bot takes Slack posts back too."""
    await quiet.starts(RULES + POSTS)
    return quiet


async def _points(story: Story, who: Person, text: str, channel: str = "#news") -> Message:
    """Use the shortcut on a post, and press the button that takes the post itself."""
    pointed = story.said(text, channel)
    await who.shortcut("Recall", pointed)
    await story.window(who, "Nothing in this post leads to anything")
    await who.presses(ITSELF)
    return pointed


async def _card_below(
    story: Story, who: Person, text: str, channel: str = "#news"
) -> tuple[Message, Message]:
    pointed = await _points(story, who, text, channel)
    return pointed, await story.card_below(pointed, text)


def _link(post: Message) -> str:
    return f"https://sandbox.slack.com/archives/{post.channel}/p{post.ts.replace('.', '')}"


def _is_gone(story: Story, post: Message) -> bool:
    found = story.world.slack.workspace.message(post.channel, post.ts)
    return found is None or found.deleted


async def test_a_post_about_nothing_else_is_offered_itself_and_the_window_says_what_happens(
    posts: Story,
) -> None:
    pointed, card = await _card_below(posts, posts.bob, "office is closed")

    view = await posts.window(posts.bob, "Its card comes below it")
    assert "Nothing has happened yet" in plain(view)
    assert card.thread_ts == pointed.ts
    assert not _is_gone(posts, pointed)


async def test_the_bots_own_post_is_deleted_with_the_bots_token_and_a_copy_stays_in_the_history(
    posts: Story,
) -> None:
    pointed, card = await _card_below(posts, posts.bob, "office is closed")
    assert "A copy of its text stays" in plain(card)

    await posts.bob.presses("Yes, recall", card)

    recall = await posts.ends(State.DONE)
    assert _is_gone(posts, pointed)
    assert "office is closed" in recall.target.text
    await posts.shows(card, "Recalled")
    deleting = [each for each in posts.world.slack.calls if each.method == "chat.delete"]
    assert len(deleting) == 1


async def test_a_persons_own_post_is_deleted_with_that_persons_token(posts: Story) -> None:
    pointed, card = await _card_below(posts, posts.ann, CODE)

    await posts.ann.presses("Yes, recall", card)

    await posts.ends(State.DONE)
    assert _is_gone(posts, pointed)


async def test_only_its_author_may_take_a_persons_post_back_and_an_admin_is_named(posts: Story) -> None:
    pointed = await _points(posts, posts.bob, CODE)

    told = await posts.whisper(posts.bob, "Only Ann Berg, who sent it, may take it back.", "#news")

    assert "A workspace admin can delete it in Slack itself." in told
    assert not _is_gone(posts, pointed)


async def test_yes_by_somebody_else_is_refused_although_the_card_stands(posts: Story) -> None:
    pointed, card = await _card_below(posts, posts.ann, CODE)

    await posts.bob.presses("Yes, recall", card)

    await posts.until(
        lambda: any(
            "Only Ann Berg" in plain(each)
            for each in posts.world.slack.workspace.messages(pointed.channel)
            if each.seen_by == "U0BOB"
        )
    )
    assert not _is_gone(posts, pointed)


async def test_without_a_token_of_the_author_it_is_said_who_can(posts: Story) -> None:
    pointed = await _points(posts, posts.bob, SALARIES)

    told = await posts.whisper(posts.bob, "Recall holds no token of Bob Okafor", "#news")

    assert "Bob Okafor can delete it in Slack itself, and so can a workspace admin." in told
    assert not _is_gone(posts, pointed)


async def test_another_apps_post_is_that_apps_or_an_admins(posts: Story) -> None:
    pointed = await _points(posts, posts.bob, "All systems work")

    await posts.whisper(posts.bob, "another app, Status page: only that app or a workspace admin", "#news")

    assert not _is_gone(posts, pointed)


async def test_recalls_own_cards_and_statuses_cannot_be_recalled(posts: Story) -> None:
    _, card = await _card_below(posts, posts.bob, "office is closed")

    await posts.ann.types(f"/recall {_link(card)}", "#news")

    await posts.whisper(posts.ann, "Recall's own cards and statuses can't be recalled.", "#news")


async def test_a_permalink_after_the_command_leads_to_the_card(posts: Story) -> None:
    pointed = posts.said(CODE, "#news")

    await posts.ann.types(f"/recall {_link(pointed)}", "#campaigns")

    card = await posts.card(posts.ann, "#campaigns", CODE)
    assert card.thread_ts is None


async def test_a_permalink_without_words_around_it_is_no_way_past_the_rules(posts: Story) -> None:
    pointed = posts.said(CODE, "#news")

    await posts.world.slack.person("dan").types(f"/recall {_link(pointed)}", "#campaigns")

    await posts.whisper(posts.world.slack.person("dan"), "You may not recall anything from “posts”")


async def test_what_the_bot_cannot_read_is_said_with_how_to_invite_it(posts: Story) -> None:
    secret = posts.said("leaves this room", "#launch-secret")

    await posts.ann.types(f"/recall {_link(secret)}", "#campaigns")

    told = await posts.whisper(posts.ann, "Nothing was found")
    assert "leaves this room" not in told


async def test_posts_are_in_no_list_and_no_search(posts: Story) -> None:
    await posts.ann.types("/recall", "#campaigns")
    listed = await posts.whisper(posts.ann, "Recently sent")
    assert CODE not in listed

    await posts.ann.types("/recall staff discount code", "#campaigns")
    await posts.whisper(posts.ann, "Nothing was found for “staff discount code”.")


async def test_a_post_that_names_a_campaign_and_links_to_a_post_lets_the_person_choose_by_vendor(
    posts: Story,
) -> None:
    code = posts.said(CODE, "#news")
    said = (await posts.bob.types(f"cmp-1042 and {_link(code)} please", "#campaigns")).message
    assert said is not None

    await posts.ann.shortcut("Recall", said)

    view = await posts.window(posts.ann, CODE)
    view = await posts.window(posts.ann, "Spring sale: 50% off everything")
    assert view.title == "Which one is it?"
    offered = view.body["blocks"][0]["element"]["options"]
    *offered, last = offered
    assert last["text"]["text"] == ITSELF
    named = {each["description"]["text"].split()[0]: each["text"]["text"] for each in offered}
    assert named.keys() == {"Netmera", "Slack"}
    await posts.ann.chooses(named["Slack"])
    await posts.ann.submits()
    await posts.card_below(said, CODE)


async def test_a_post_with_an_id_that_leads_nowhere_is_offered_itself(posts: Story) -> None:
    said = (await posts.ann.types("Take back cmp-9999 please", "#campaigns")).message
    assert said is not None
    await posts.ann.shortcut("Recall", said)
    told = await posts.sees(posts.ann, "Nothing was found for “cmp-9999”.")
    assert buttons(told) == ["Search…", ITSELF]

    await posts.ann.presses(ITSELF, told)

    await posts.card(posts.ann, "#campaigns", "Take back cmp-9999 please")


async def test_a_post_with_ids_that_lead_nowhere_is_offered_itself(posts: Story) -> None:
    said = (await posts.ann.types("Was it cmp-9999 or cmp-9998?", "#campaigns")).message
    assert said is not None
    await posts.ann.shortcut("Recall", said)
    await posts.window(posts.ann, "Nothing in this post leads to anything")

    await posts.ann.presses(ITSELF)

    await posts.card_below(said, "Was it cmp-9999 or cmp-9998?")


async def test_a_post_that_names_several_is_offered_itself_as_the_last_choice(posts: Story) -> None:
    said = (await posts.ann.types("Is it cmp-1042 or cmp-1041?", "#campaigns")).message
    assert said is not None
    await posts.ann.shortcut("Recall", said)
    await posts.window(posts.ann, "Spring sale: 50% off everything")

    await posts.ann.chooses(ITSELF)
    await posts.ann.submits()

    await posts.card_below(said, "Is it cmp-1042 or cmp-1041?")


async def test_deleted_between_look_up_and_yes_is_said_and_nothing_is_claimed(posts: Story) -> None:
    pointed = posts.said(CODE, "#news")
    await posts.ann.types(f"/recall {_link(pointed)}", "#campaigns")
    card = await posts.card(posts.ann, "#campaigns", CODE)
    posts.world.slack.workspace.remove(pointed)

    await posts.ann.presses("Yes, recall", card)

    await posts.ends(State.REFUSED)
    await posts.hears(card, "There is no such post in Slack, or it is gone already.")


async def test_edited_between_look_up_and_yes_is_refused(posts: Story) -> None:
    pointed, card = await _card_below(posts, posts.ann, CODE)
    posts.world.slack.workspace.post(replace(posts.fresh(pointed), text="Something else", edited=True))

    await posts.ann.presses("Yes, recall", card)

    await posts.ends(State.REFUSED)
    assert not _is_gone(posts, pointed)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("compliance_exports_prevent_deletion", "keeps all messages for compliance exports"),
        ("ekm_access_denied", "have taken away the encryption key"),
        ("enterprise_is_restricted", "administrators do not allow this here"),
        ("cant_delete_message", "only its author or a workspace admin can"),
        ("token_revoked", "is not valid any more"),
        ("something_new", "Slack said no: something_new."),
    ],
)
async def test_what_slack_refuses_is_said_in_plain_words(posts: Story, error: str, said: str) -> None:
    pointed, card = await _card_below(posts, posts.ann, CODE)
    posts.world.slack.faults.add(method="chat.delete", kind="error", error=error)

    await posts.ann.presses("Yes, recall", card)

    await posts.ends(State.FAILED)
    await posts.hears(card, said)
    assert not _is_gone(posts, pointed)


async def test_a_token_that_was_revoked_meanwhile_is_said(posts: Story) -> None:
    _, card = await _card_below(posts, posts.ann, CODE)
    posts.world.slack.state.user_tokens.clear()

    await posts.ann.presses("Yes, recall", card)

    await posts.ends(State.FAILED)
    assert "xoxp" not in await posts.hears(card, "is not valid any more")


@pytest.mark.parametrize("kind", ["500_after", "reset_after", "malformed"])
async def test_an_answer_that_was_lost_is_settled_by_reading(posts: Story, kind: str) -> None:
    pointed, card = await _card_below(posts, posts.ann, CODE)
    posts.world.slack.faults.add(method="chat.delete", kind=kind)

    await posts.ann.presses("Yes, recall", card)

    await posts.until(lambda: _is_gone(posts, pointed))
    for _ in range(3):
        await posts.passes(60)
    await posts.ends(State.DONE)
    assert len([each for each in posts.world.slack.calls if each.method == "chat.delete"]) == 1


async def test_a_retry_that_finds_it_gone_is_a_success(posts: Story) -> None:
    pointed = posts.said(CODE, "#news")
    await posts.ann.types(f"/recall {_link(pointed)}", "#campaigns")
    card = await posts.card(posts.ann, "#campaigns", CODE)
    posts.world.slack.faults.add(method="chat.delete", kind="error", error="restricted_action")
    await posts.ann.presses("Yes, recall", card)
    await posts.ends(State.FAILED)
    await posts.shows(card, "Retry failed")
    posts.world.slack.workspace.remove(posts.fresh(pointed))

    await posts.ann.presses("Retry failed", card)

    assert (await posts.ends(State.DONE)).attempt == 2


async def test_slack_asks_to_wait_and_is_obeyed(posts: Story) -> None:
    pointed, card = await _card_below(posts, posts.ann, CODE)
    posts.world.slack.faults.add(method="chat.delete", kind="429", seconds=1)

    await posts.ann.presses("Yes, recall", card)

    await posts.hears(card, "asks to wait")
    await posts.passes(5)
    await posts.until(lambda: _is_gone(posts, pointed))


async def test_without_that_provider_nothing_is_offered(story: Story) -> None:
    await story.ann.shortcut("Recall", story.said(CODE, "#news"))

    view = await story.window(story.ann, "Nothing in this post leads to anything")

    assert ITSELF not in plain(view)
    with pytest.raises(Invisible):
        await story.ann.presses(ITSELF)


async def test_the_history_names_who_took_which_post_back_and_why(posts: Story) -> None:
    _, card = await _card_below(posts, posts.bob, "office is closed")
    await posts.bob.presses("Yes, recall", card)
    await posts.ends(State.DONE)

    (recall,) = await posts.bot.service.history()

    assert recall.confirmed_by is not None
    assert recall.confirmed_by.user == "U0BOB"
    assert buttons(posts.fresh(card)) == []


async def test_what_was_said_in_private_stands_on_no_card_elsewhere(posts: Story) -> None:
    workspace = posts.world.slack.workspace
    posts.ann.invites("recall", "#launch-secret")
    secret = replace(posts.said("leaves this room", "#launch-secret"), ts=workspace.next_ts())
    workspace.post(replace(secret, user="U0RECALL", bot_id="B0RECALL", text="The launch is on Friday."))

    await posts.ann.types(f"/recall {_link(secret)}", "#campaigns")

    card = await posts.card(posts.ann, "#campaigns", "Post in a private conversation")
    assert "Friday" not in plain(card)
    recalls = await posts.bot.store.overdue(posts.world.clock.now().replace(year=2100))
    text = await posts.bot.service.preview(recalls[0].asked_by, recalls[0].id)
    assert text == "It was posted in a private conversation, and its text is shown only there."
    await posts.ann.presses("Yes, recall", card)
    assert "Friday" in (await posts.ends(State.DONE)).target.text
    assert "Friday" not in plain(await posts.shows(card, "Recalled"))
