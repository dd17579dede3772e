"""What people type who look for a campaign: each kind of question, seeded, with what it means."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.campaigns import COMMON, rare
from bot.target import ProviderName, Target

WORST = "two common words that never meet"
"""The worst there is: both lists, 125,000 long each, are read to their ends. Shown without a goal."""

_RARE = 8000
ALLOWED = (ProviderName("push"), ProviderName("crm"))
SMALL = (ProviderName("letters"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of question: what people type, and the barest query that would answer it, if there is one."""

    name: str
    typed: Callable[[random.Random, Sequence[Target]], tuple[str, str]]  # and what the found name must hold
    raw: Callable[[str], str] | None = None  # the full-text query; None: no single one would find it
    allowed: tuple[ProviderName, ...] = ALLOWED


def _misspelt(chance: random.Random, text: str) -> str:
    """Swap two neighbouring signs, or leave one out, as hurried fingers do."""
    at = chance.randrange(1, len(text) - 2)
    left_out = text[:at] + text[at + 1 :]
    return left_out if chance.random() < 0.5 else text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _letters(typed: str) -> list[str]:
    return "".join(each if each.isalnum() else " " for each in typed).split()


def _exact_id(chance: random.Random, sample: Sequence[Target]) -> tuple[str, str]:
    one = chance.choice(sample).ref.id
    return one, one


def _name(chance: random.Random, sample: Sequence[Target]) -> tuple[str, str]:
    name = chance.choice(sample).name
    return name, name


def _two_words(chance: random.Random, sample: Sequence[Target]) -> tuple[str, str]:
    words = " ".join(_letters(chance.choice(sample).name)[:2])
    return words, words.split()[0]


def _beginning(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    word = rare(chance.randrange(_RARE))
    return word[:7], word[:7]


def _common_beginning(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    word = chance.choice(COMMON)
    typed = word[: chance.randint(3, len(word))]
    return typed, typed


def _unfinished(chance: random.Random, sample: Sequence[Target]) -> tuple[str, str]:
    words = [word[:4] for word in _letters(chance.choice(sample).name)[:3]]
    return " ".join(reversed(words)), words[0]


def _never_met(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    return " ".join(chance.sample(COMMON, 2)), ""


def _two_letters(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    word = chance.choice(COMMON)[:2]
    return word, word


def _middle(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    middle = rare(chance.randrange(_RARE))[2:9]
    return middle, middle


def _misspelt_word(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    word = rare(chance.randrange(_RARE))
    return _misspelt(chance, word), word


def _misspelt_name(chance: random.Random, sample: Sequence[Target]) -> tuple[str, str]:
    name = chance.choice(sample).name
    return _misspelt(chance, name), name


def _nothing(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    return " ".join("".join(chance.choices("qxzwvkj", k=6)) for _word in range(2)), ""


def _sign(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    return chance.choice((("🎉", "🎉"), ("🦄", "")))


def _phrase(typed: str) -> str:
    return 'name : "' + " ".join(_letters(typed)) + '" *'


def _id(typed: str) -> str:
    return f'id : "{typed}"'


def _prefixes(typed: str) -> str:
    return "{name id} : (" + " ".join(f'"{word}" *' for word in _letters(typed)) + ")"


KINDS = (
    Kind(name="exact id", typed=_exact_id, raw=_id),
    Kind(name="whole name", typed=_name, raw=_phrase),
    Kind(name="phrase of two words", typed=_two_words, raw=_phrase),
    Kind(name="rare word's beginning", typed=_beginning, raw=_prefixes),
    Kind(name="common word's beginning", typed=_common_beginning, raw=_prefixes),
    Kind(name="three words, unfinished, in any order", typed=_unfinished, raw=_prefixes),
    Kind(name="two letters", typed=_two_letters, raw=_prefixes),
    Kind(name="two letters, at a small provider", typed=_two_letters, raw=_prefixes, allowed=SMALL),
    Kind(name="middle of a word", typed=_middle),
    Kind(name="rare word, misspelt", typed=_misspelt_word),
    Kind(name="whole name, misspelt", typed=_misspelt_name),
    Kind(name="nothing like it", typed=_nothing),
    Kind(name="a sign", typed=_sign),
    Kind(name=WORST, typed=_never_met, raw=_prefixes),
)
