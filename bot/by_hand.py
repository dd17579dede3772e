"""What is taken back by hand: a person's word is the outcome, recorded as such and never as a confirmation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.ports import TOLD, Move, Tally, Work, Written
from bot.recall import Actor, Counts, Kind, Recall, step
from bot.target import ItemState, Outcome

WORD = "word"
"""The code of an outcome, and the mark in an event's data, that stand for a person's word."""


LONGEST_WHY = 300
"""Characters kept of why something could not be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person says became of it."""

    by: Actor
    done: bool
    why: str = ""  # why it could not be taken back, if they say; foreign text
    at: datetime


async def word_of(work: Work, recall: Recall, word: Word, *, answers: str | None) -> Recall | None:
    """Write a person's word as the outcome, with the move that follows, in one transaction.

    None: the recall moved on meanwhile, or nothing of it waits for a word; nothing was written.
    """
    waiting = await work.holding(recall.id, (ItemState.ACCEPTED, ItemState.UNKNOWN))
    if len(waiting) != 1 or len(waiting[0].items) != 1:
        return None
    done, why = word.done, word.why.strip()[:LONGEST_WHY]
    state = ItemState.DONE if done else ItemState.FAILED
    said = f"{word.by.user} says that it was {'' if done else 'not '}taken back by hand{f': {why}' if why else '.'}"
    outcome = Outcome(state=state, reason=None if done else said, code=WORD, evidence=said)
    counts = Counts(total=1, done=int(done), failed=int(not done))
    move = step(
        recall,
        Kind.DONE if done else Kind.FAILED,
        at=word.at,
        by=word.by,
        data={WORD: True, "why": why, "counts": {name: getattr(counts, name) for name in counts.__slots__}},
        counts=counts,
        not_before=None,
        deadline=None,
        detail=why,
    )
    written = Written(chunk=waiting[0], codes=bytes([state]), outcomes={0: outcome}, back=True)

    def follow(now: Recall, tally: Tally) -> Sequence[Move]:
        del now, tally
        return (Move(step=move, notices=TOLD),)

    return await work.reckon(recall.id, (written,), follow, version=recall.version, answers=answers)
