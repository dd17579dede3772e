"""Modals and the home tab."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from bot.found import Found
from bot.recall import Recall
from bot.target import Target, TargetRef
from handlers import ids
from handlers.cards import words, words_lookup
from handlers.cards.kit import (
    Block,
    actions,
    button,
    clip,
    context,
    finder,
    header,
    length,
    number,
    one_line,
    option,
    paragraph,
    plain,
)
from handlers.cards.listing import BUTTON_VALUE, recall_rows, rows

View = dict[str, Any]
RADIOS = 10
READABLE_ID = 24
"""Characters; a longer id tells people nothing, and who sent it tells more."""

OPTIONS = 100
OPTION_VALUE = 150
REASON_LENGTH = 300
SEARCH_LENGTH = 2000
"""Characters; words have fewer, but a mail's address on the web has some 240."""


def options_for(targets: Iterable[Target]) -> list[Block]:
    """Options for the typeahead. What has an id too long for an option is left out: Slack would refuse all."""
    return [option_for(each) for each in targets if length(str(each.ref)) <= OPTION_VALUE][:OPTIONS]


def option_for(target: Target) -> Block:
    """One target as an option: the name, and below it what tells it from others of that name."""
    sent = target.audience.sent
    day = f"{target.sent_at:%-d %b %Y}" if target.sent_at else "no date"
    reach = f" · sent to {number(sent)}" if sent is not None else ""
    readable = len(target.ref.id) <= READABLE_ID or not target.sent_by
    own = target.ref.id if readable else f"by {target.sent_by}"
    known_as = f"{one_line(target.vendor, 20)} {one_line(own, READABLE_ID)}"
    return option(words.name(target, 75), value_of(target.ref), f"{known_as} · {day}{reach}")


def value_of(ref: TargetRef) -> str:
    """Give what stands for a target in an option: its name, or a digest where that is longer than Slack takes."""
    whole = str(ref)
    if length(whole) <= OPTION_VALUE:
        return whole
    return f"#{hashlib.sha256(whole.encode('utf-8', 'replace')).hexdigest()}"


def chooser(
    options: Sequence[tuple[TargetRef, Target | None]],
    metadata: str,
    note: str = "",
    itself: TargetRef | None = None,
) -> View:
    """Ask which one a post is about. A target of None has not been looked up yet.

    The answer is `state.values[ids.CHOOSER][ids.RECALL].selected_option.value`, which `value_of` wrote. `note` is
    safe text of ours. `itself`: the post that was pointed at, the last option. Without options this is the searcher.
    """
    listed = [_candidate(*each) for each in options][: RADIOS - (itself is not None)]
    if not listed:
        return searcher(note, metadata, itself)
    if itself is not None:
        listed.append(option(words.ITSELF, value_of(itself), words.ITSELF_HINT))
    picker: Block = {
        "type": "radio_buttons",
        "action_id": ids.RECALL,
        "options": listed,
        "initial_option": listed[0],
    }
    asked: Block = {
        "type": "input",
        "block_id": ids.CHOOSER,
        "label": plain(words.CHOOSER_LABEL),
        "element": picker,
    }
    notes = [paragraph(note)] if note else []
    return modal(ids.CHOOSER, words.CHOOSER_TITLE, [*notes, asked], metadata, submit=words.SHOW_CARD)


def searcher(looked_for: str, metadata: str, itself: TargetRef | None = None) -> View:
    """Let the person search. `looked_for` says what was looked for in vain; safe text of ours, may be empty.

    `itself`: the Slack post that was pointed at; a button of the kind ids.RECALL offers it.

    The answer is `state.values[ids.SEARCHER][ids.FIND].selected_option.value`, or else
    `state.values[ids.WORDS][ids.WORDS].value`: the typeahead knows the index only, words are searched everywhere.
    """
    picked: Block = {
        "type": "input",
        "block_id": ids.SEARCHER,
        "label": plain(words.SEARCHER_LABEL),
        "element": finder(ids.FIND, placeholder=words.FIND),
        "optional": True,
    }
    typed: Block = {
        "type": "input",
        "block_id": ids.WORDS,
        "label": plain(words.WORDS_LABEL),
        "hint": plain(words.WORDS_HINT),
        "element": {"type": "plain_text_input", "action_id": ids.WORDS, "max_length": SEARCH_LENGTH},
        "optional": True,
    }
    told = [paragraph(looked_for)] if looked_for else []
    if itself is not None and length(str(itself)) <= BUTTON_VALUE:
        told += [actions(button(words.ITSELF, ids.RECALL, str(itself)))]
    return modal(ids.SEARCHER, words.SEARCHER_TITLE, [*told, picked, typed], metadata, submit=words.FIND_IT)


def reason_text(recall: Recall, metadata: str) -> View:
    """Ask for a reason in the person's own words.

    The answer is `state.values[ids.REASON_TEXT][ids.REASON_INPUT].value`.
    """
    element: Block = {
        "type": "plain_text_input",
        "action_id": ids.REASON_INPUT,
        "multiline": True,
        "max_length": REASON_LENGTH,
    }
    if recall.reason_text:
        element["initial_value"] = clip(recall.reason_text, REASON_LENGTH)
    asked: Block = {
        "type": "input",
        "block_id": ids.REASON_TEXT,
        "label": plain(words.REASON_OWN),
        "hint": plain(words.REASON_HINT),
        "element": element,
    }
    about = paragraph(lead=words.name(recall.target))
    return modal(ids.REASON_TEXT, words.REASON_TITLE, [about, asked], metadata, submit=words.KEEP_REASON)


def message_view(title: str, text: str) -> View:
    """A modal that only says something. `text` is safe text of ours."""
    return {
        "type": "modal",
        "title": plain(one_line(title, 24) or words.RECALL),
        "close": plain(words.CLOSE),
        "blocks": [paragraph(text)],
    }


def home(found: Found, running: Sequence[Recall]) -> View:
    """The home tab: what runs, and what was sent lately with its Recall buttons."""
    blocks = [header("Running or waiting now")]
    blocks += recall_rows(running) or [paragraph(words.NOTHING_RUNS)]
    blocks.append(header(words.RECENT))
    blocks += rows(found.targets) or [paragraph(words.NOTHING_SENT)]
    if lacking := words_lookup.lacking(found):
        blocks.append(context(*lacking))
    blocks.append(actions(button(words.SEARCH, ids.SEARCH, "search")))
    return {"type": "home", "blocks": blocks}


def closed_home(why: str) -> View:
    """The home tab of somebody who may not look."""
    return {"type": "home", "blocks": [paragraph(why)]}


def modal(view: str, title: str, blocks: Sequence[Block], metadata: str, *, submit: str) -> View:
    """A modal with a submit button; `view` is its callback id."""
    return {
        "type": "modal",
        "callback_id": view,
        "private_metadata": metadata,
        "title": plain(clip(title, 24)),
        "submit": plain(submit),
        "close": plain(words.CANCEL),
        "blocks": list(blocks),
    }


def _candidate(ref: TargetRef, target: Target | None) -> Block:
    if target is not None:
        return option_for(target)
    return option(
        one_line(ref.id, 75) or words.NO_NAME,
        value_of(ref),
        f"{one_line(ref.provider, 40)} · {words.LOOKING.lower()}",
    )
