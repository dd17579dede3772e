"""From what somebody typed to the targets they may mean: the stages of a search, in their order."""

from bot.ports import Match
from storage import match
from storage.file import Connection
from storage.guess import by_kin
from storage.matching import Question
from storage.search import by_id, by_signs, by_words, newest, read_targets
from storage.words import stands_nowhere


def find(connection: Connection, asked: Question) -> list[Match]:
    """Go through the stages until one finds something."""
    if asked.providers is not None and not asked.providers:
        return []
    if found := by_id(connection, asked):
        return [Match(target=target, exact=True) for target in found]
    typed, parts = asked.typed, match.tokens(asked.typed)
    if not typed or (len(typed) == 1 and typed.isalnum()):
        return _matches(connection, newest(connection, asked.providers, asked.limit), fuzzy=True)
    if numbers := _as_typed(connection, asked, parts):
        return _matches(connection, numbers, fuzzy=False)
    return _matches(connection, by_kin(connection, asked, parts), fuzzy=True)


def _as_typed(connection: Connection, asked: Question, parts: list[str]) -> list[int]:
    if not parts:
        return by_signs(connection, asked)
    if any(stands_nowhere(connection, part) for part in parts):
        return []
    return by_words(connection, asked, parts)


def _matches(connection: Connection, numbers: list[int], *, fuzzy: bool) -> list[Match]:
    return [Match(target=target, exact=False, fuzzy=fuzzy) for target in read_targets(connection, numbers)]
