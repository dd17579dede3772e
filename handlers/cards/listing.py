"""Lists and short answers: recent targets, search results, history, status, help, single sentences."""

from collections import Counter
from collections.abc import Sequence

from bot.found import Found
from bot.recall import Recall, State
from bot.target import Target, TargetRef
from handlers import ids
from handlers.cards import words, words_card, words_lookup
from handlers.cards.kit import (
    Block,
    Message,
    actions,
    button,
    context,
    date,
    escape,
    finder,
    length,
    mention,
    paragraph,
    plain,
    section,
)

MOST = 20  # targets on one list: two blocks each, and Slack takes 50
SPOKEN = 5  # names in a notification's text
BUTTON_VALUE = 2000
MOST_BY_HAND = 5


def recents(found: Found, *, earlier: bool = False) -> Message:
    """List what was sent lately, each with Recall; `earlier`: this goes on from an earlier list."""
    silent = words_lookup.lacking(found)
    if not found.targets:
        nothing = words.NOTHING_EARLIER if earlier else words.NOTHING_SENT
        told = [*(silent or [nothing]), words.HELP_LINE]
        return Message(text=" ".join(told), blocks=(paragraph(*told), _ways_on(found)))
    head = words.EARLIER if earlier else words.RECENT
    notes = [context(*silent)] if silent else []
    blocks = [paragraph(words.CHOOSE_ONE, lead=head), *rows(found.targets), *notes, _ways_on(found)]
    return Message(text=_spoken(f"{head}:", found.targets, silent), blocks=tuple(blocks))


def short_list(searched: str, found: Found) -> Message:
    """List what fits a search, where it is not certain to be the one thing that is meant."""
    head = words.found_some(searched, several=len(found.targets) > 1)
    silent = words_lookup.lacking(found)
    blocks = [paragraph(head), *rows(found.targets), context(*silent, words.CHOOSE_ONE), _search()]
    return Message(text=_spoken(head, found.targets, silent), blocks=tuple(blocks))


def nothing(searched: str, found: Found, itself: TargetRef | None = None) -> Message:
    """Say that nothing fits, with the nearest names and one line of help.

    `itself`: the Slack post that was pointed at, where it can be taken back too.
    """
    told = [words.found_nothing(searched), *words_lookup.lacking(found)]
    offers = [block for each in found.by_hand[:MOST_BY_HAND] for block in _offer(each)]
    if not found.nearest:
        told.append(words.HELP_LINE)
        spoken = " ".join([*told, *(f"{escape(words.by_hand_offer(each), 300)}?" for each in found.by_hand)])
        return Message(text=spoken, blocks=(paragraph(*told), *offers, _search(itself)))
    meant = "Did you mean one of these?" if len(found.nearest) > 1 else "Did you mean this one?"
    blocks = [
        paragraph(*told, meant),
        *rows(found.nearest),
        *offers,
        context(words.HELP_LINE),
        _search(itself),
    ]
    text = _spoken(" ".join([*told, meant]), found.nearest, [words.HELP_LINE])
    return Message(text=text, blocks=tuple(blocks))


def refusal(said: str, target: Target, earlier: Recall | None = None) -> Message:
    """Say why something can't be taken back, with what it is about. `said` is safe text of ours."""
    about = [words.reach(target), f"{words.origin(target)} · {words.place_in_vendor(target)}"]
    blocks = [paragraph(said), paragraph(*about, lead=words.name(target))]
    if earlier is not None:
        blocks.append(context(f"Reason: {words.reason(earlier)}."))
    return Message(text=f"{words.named(target)}: {said}", blocks=tuple(blocks))


def help_text() -> Message:
    """Explain what can be typed."""
    return Message(text=" ".join(words.HELP), blocks=tuple(paragraph(each) for each in words.HELP))


def history(recalls: Sequence[Recall]) -> Message:
    """List what was confirmed, newest first."""
    return _recalls("Recalled lately, newest first", recalls, words.NOTHING_RECALLED)


def status(recalls: Sequence[Recall]) -> Message:
    """List what runs or waits."""
    return _recalls("Running or waiting now", recalls, words.NOTHING_RUNS)


def sentence(text: str) -> Message:
    """A plain answer: one of our own sentences, in which foreign text has been escaped."""
    return Message(text=text, blocks=(paragraph(text),))


def with_search(text: str) -> Message:
    """A plain answer with a button that opens the search: a fresh click, for a modal needs one."""
    return Message(text=text, blocks=(paragraph(text), _search()))


def rows(targets: Sequence[Target]) -> list[Block]:
    """Two blocks a target: name with its Recall button, and what tells it from the others."""
    names = Counter(words.name(each) for each in targets)
    return [block for each in targets[:MOST] for block in _row(each, twin=names[words.name(each)] > 1)]


def recall_rows(recalls: Sequence[Recall]) -> list[Block]:
    """One block a recall: name, present state, who wanted it and why."""
    return [
        paragraph(
            f"{escape(words_card.title(each))} · {_when(each)}",
            words_card.people(each),
            lead=words.name(each.target),
        )
        for each in recalls[:MOST]
    ]


def _when(recall: Recall) -> str:
    planned = recall.not_before if recall.state is State.SCHEDULED else None
    return f"begins {date(planned)}" if planned else date(recall.moved_at)


def _row(target: Target, *, twin: bool) -> list[Block]:
    """Show one; a twin has its id with it, since its name does not tell it from the other."""
    ref = str(target.ref)
    fits = length(ref) <= BUTTON_VALUE
    name = words.name(target)
    press = button(words.RECALL, ids.RECALL, ref, says=f"Recall {name}") if fits else None
    notes = [f"· {words.place_in_vendor(target)}"] if twin else []
    if not fits:
        notes.append(words.TOO_LONG_FOR_BUTTON)
    return [section(plain(name), press), context(words.summary(target), *notes)]


def _offer(target: Target) -> list[Block]:
    """Offer one thing that a person could take back at a vendor without an API."""
    ref, offer = str(target.ref), words.by_hand_offer(target)
    if length(ref) > BUTTON_VALUE:
        return []
    return [section(plain(offer), button(words.BY_HAND, ids.RECALL, ref, says=offer))]


def _ways_on(found: Found) -> Block:
    search = finder(ids.FIND, placeholder=words.FIND)
    if found.older is None:
        return actions(search)
    return actions(search, button(words.MORE, ids.MORE, found.older.isoformat()))


def _search(itself: TargetRef | None = None) -> Block:
    search = button(words.SEARCH, ids.SEARCH, "search")
    if itself is None or length(str(itself)) > BUTTON_VALUE:
        return actions(search)
    return actions(search, button(words.ITSELF, ids.RECALL, str(itself)))


def _spoken(head: str, targets: Sequence[Target], notes: Sequence[str]) -> str:
    names = ", ".join(words.named(each, 120) for each in targets[:SPOKEN])
    more = " and more" if len(targets) > SPOKEN else ""
    return " ".join([head, f"{names}{more}.", *notes])


def _recalls(head: str, recalls: Sequence[Recall], nothing_there: str) -> Message:
    if not recalls:
        return sentence(nothing_there)
    listed = "; ".join(
        f"{words.named(each.target, 120)} {escape(words_card.title(each).lower())}"
        + (f", yes from {mention(each.confirmed_by)}" if each.confirmed_by else "")
        for each in recalls[:8]
    )
    return Message(text=f"{head}: {listed}.", blocks=(paragraph(lead=head), *recall_rows(recalls)))
