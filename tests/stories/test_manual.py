"""Vendors without an API: a person takes it back in the panel; Recall guides, and records their word as a word."""

import pytest

from bot.recall import State
from front.history import lines
from sandbox.slack.hands import plain
from sandbox.slack.values import Message
from tests.stories.conftest import Story, buttons

LINE = """
            [providers.line]
            kind = "manual"
            title = "LINE"
            noun = "broadcast"
            panel = "https://manager.line.example/account"
            link_hosts = ["manager.line.example"]
            steps = ["Open Broadcast, then Sent.", "Choose the message and press Delete.", "Press *Delete* <!channel> again."]
"""
RULES = """
[[policy.allow]]
who = ["S0MARKETING"]
"""
ONLY_PUSH = """
[[policy.allow]]
who = ["S0MARKETING"]
providers = ["push"]
"""
WORDS = "wrong greeting to followers"


@pytest.fixture
async def line(quiet: Story) -> Story:
    quiet.vendors = LINE
    await quiet.starts(RULES)
    return quiet


async def _asked(story: Story, words: str = f"LINE: {WORDS}", about: str = WORDS) -> Message:
    return await story.asks(story.ann, words, about=about)


async def _handed_over(story: Story) -> Message:
    """Ann says yes; gives the reply in the thread that has the steps."""
    card = await _asked(story)
    await story.ann.presses("Yes, recall", card)
    await story.hears(card, "Then say here what became of it.")
    await story.ends(State.SUBMITTED)
    return card


def _steps(story: Story, card: Message) -> Message:
    workspace = story.world.slack.workspace
    replies = [each for each in workspace.replies(card.channel, card.root) if "Then say here" in plain(each)]
    return next(each for each in replies if each.ts != card.ts)


async def _whispered(story: Story, card: Message, who: str, text: str) -> str:
    """What somebody alone is told, in the card's thread too."""

    def found() -> list[str]:
        said = story.world.slack.workspace.messages(card.channel)
        return [plain(each) for each in said if each.seen_by == who and text in plain(each)]

    await story.until(found, f"{text!r} for {who}")
    return found()[-1]


async def test_what_is_found_nowhere_is_offered_to_be_taken_back_by_hand(line: Story) -> None:
    await line.ann.types(f"/recall {WORDS}", "#campaigns")

    answer = await line.sees(line.ann, f"Take back by hand at LINE: “{WORDS}”")
    assert answer.seen_by == line.ann.id
    await line.ann.presses("By hand", answer)

    card = await line.card(line.ann, about=WORDS)
    assert "Take this broadcast back by hand?" in plain(card)
    assert "1. Open Broadcast, then Sent." in plain(card)
    assert "3. Press *Delete* <!channel> again." in plain(card)
    assert "Recall can't look into LINE." in plain(card)
    assert "manager.line.example/account" in str(card.blocks)


async def test_what_another_vendor_has_is_not_offered_by_hand(line: Story) -> None:
    card = await line.asks(line.ann, "spring sale 50")

    assert "by hand" not in plain(card)


async def test_who_may_not_recall_there_is_not_offered_it(quiet: Story) -> None:
    quiet.vendors = LINE
    await quiet.starts(ONLY_PUSH)

    await quiet.ann.types(f"/recall {WORDS}", "#campaigns")

    assert "By hand" not in buttons(await quiet.sees(quiet.ann, "Nothing was found"))
    await quiet.ann.types(f"/recall LINE: {WORDS}", "#campaigns")
    await quiet.whisper(quiet.ann, "Nobody may recall anything from “line” yet")


async def test_nothing_is_asked_of_a_person_before_yes(line: Story) -> None:
    card = await _asked(line)

    assert not {"Done", "Could not"} & set(buttons(card))
    assert line.thread(card) == []


async def test_after_yes_the_thread_says_the_steps_and_asks_for_a_word(line: Story) -> None:
    card = await _handed_over(line)

    asked = _steps(line, card)
    assert buttons(asked) == ["Done", "Could not"]
    assert "2. Choose the message and press Delete." in plain(asked)
    shown = await line.shows(card, "To be taken back by hand")
    assert {"Done", "Could not"} <= set(buttons(shown))
    assert "Retry failed" not in buttons(shown)


async def test_a_persons_word_is_recorded_as_such_and_never_called_confirmed(line: Story) -> None:
    card = await _handed_over(line)

    await line.bob.presses("Done", _steps(line, card))

    recall = await line.ends(State.DONE)
    assert recall.moved_by is not None
    assert recall.moved_by.user == "U0BOB"
    told = await line.hears(card, "Done, by")
    assert "@U0BOB" in told
    shown = await line.shows(card, "Taken back by hand, on a person's word")
    assert "Done, by" in plain(shown)
    everything = " ".join([*line.thread(card), plain(line.fresh(card))]).casefold()
    assert "confirmed" not in everything
    assert not {"Done", "Could not", "Check now"} & set(buttons(shown))


async def test_the_history_says_by_whose_word_it_is_done(line: Story) -> None:
    card = await _handed_over(line)
    await line.bob.presses("Done", line.fresh(card))
    recall = await line.ends(State.DONE)

    await line.ann.types("/recall history", "#campaigns")

    assert "on a person's word" in plain(await line.sees(line.ann, "Recalled lately"))
    assert "done, by U0BOB's word" in next(iter(lines([recall])))
    events = await line.bot.store.events(recall.id)
    assert events[-1].by is not None
    assert events[-1].data["word"] is True


async def test_could_not_is_a_failure_that_may_be_tried_again(line: Story) -> None:
    card = await _handed_over(line)

    await line.ann.presses("Could not", _steps(line, card))

    await line.ends(State.FAILED)
    assert "@U0ANN" in await line.hears(card, "It could not be taken back, by")
    failed = await line.shows(card, "Could not be taken back by hand")
    await line.bob.presses("Retry failed", failed)
    await line.ends(State.SUBMITTED)
    await line.bob.presses("Done", await line.shows(card, "To be taken back by hand"))
    await line.ends(State.DONE)


async def test_why_it_could_not_be_taken_back_is_kept_if_somebody_says_it(line: Story) -> None:
    card = await _handed_over(line)
    asked = _steps(line, card)

    line.ann.fills("If it could not be taken back: why?", "Two days old, *greyed out* <!channel>", asked)
    await line.ann.presses("Could not", asked)

    recall = await line.ends(State.FAILED)
    assert "Two days old, *greyed out* <!channel>" in await line.hears(card, "It could not be taken back, by")
    assert "greyed out" in plain(await line.shows(card, "They say"))
    (item,) = await line.bot.store.outcomes(recall.id)
    assert "Two days old" in str(item)


async def test_a_second_word_is_told_who_was_first(line: Story) -> None:
    card = await _handed_over(line)
    steps = _steps(line, card)
    await line.ann.presses("Done", steps)
    await line.ends(State.DONE)

    await line.bob.presses("Could not", steps)

    assert "@U0ANN" in await _whispered(line, card, "U0BOB", "Your click changed nothing")


async def test_who_may_not_recall_may_not_give_a_word(line: Story) -> None:
    card = await _handed_over(line)

    await line.cleo.presses("Done", _steps(line, card))

    await _whispered(line, card, "U0CLEO", "You may not recall anything from “line”")
    await line.ends(State.SUBMITTED)


async def test_nobody_says_anything_for_a_day_and_that_is_unknown_until_somebody_does(line: Story) -> None:
    card = await _handed_over(line)

    await line.passes(90_000)

    await line.ends(State.UNKNOWN)
    assert "may still be visible" in await line.hears(card, "Nobody has said in time")
    shown = await line.shows(card, "Nobody has said whether it was taken back")
    assert "Retry failed" not in buttons(shown)
    await line.ann.presses("Done", shown)
    await line.ends(State.DONE)


async def test_a_word_is_taken_after_a_restart_too(line: Story) -> None:
    card = await _handed_over(line)
    await line.stops()
    await line.starts(RULES)

    await line.ann.presses("Done", line.fresh(card))

    await line.ends(State.DONE)
    assert await line.bot.store.unanswered() == []


async def test_a_link_to_the_panel_goes_straight_to_the_card(line: Story) -> None:
    link = "https://manager.line.example/account/broadcast/77"

    await line.ann.types(f"/recall {link}", "#campaigns")

    card = await line.card(line.ann, about="manager.line.example/account/broadcast/77")
    assert link in str(card.blocks)


async def test_the_shortcut_recognises_links_to_the_panel(line: Story) -> None:
    link = "https://sub.manager.line.example/b/9?x=1&y=2"
    post = (await line.bob.types(f"Sent: {link}", "#campaigns")).message
    assert post is not None

    await line.ann.shortcut("Recall", post)

    await line.card_below(post, "sub.manager.line.example/b/9")
