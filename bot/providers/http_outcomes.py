"""What an answer to a recall or a check says about each item, by the settings' conditions. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.errors import NotFoundError, ProviderConfusingError, RecallError
from bot.ports import ItemId
from bot.providers.http_account import HttpAccount
from bot.providers.http_message import HttpAnswer
from bot.providers.http_pointer import found
from bot.providers.http_settings import HttpSettings
from bot.providers.trouble import redacted
from bot.target import Audience, ItemState, Outcome


def after_recall(
    settings: HttpSettings, account: HttpAccount, answer: HttpAnswer, items: Sequence[ItemId]
) -> list[Outcome]:
    """Judge the answer to a recall. Raises ProviderConfusingError where it says neither yes nor no."""
    recall = settings.recall
    if any(each.holds(answer) for each in recall.already):
        said = account.words(answer, settings.error_text) or f"HTTP {answer.status}"
        told = f"it had been taken back before: {said}"
        return [Outcome(state=ItemState.DONE, evidence=told)] * len(items)
    if recall.done is not None and recall.done.holds(answer):
        told = recall.done.evidence(answer)
        return [Outcome(state=ItemState.DONE, evidence=told)] * len(items)
    if not recall.accepted.holds(answer):
        error = account.refusal(answer)
        if isinstance(error, ProviderConfusingError):
            raise error
        return [_failed(error, account.code(answer))] * len(items)
    if recall.done_items is not None or recall.failed_items is not None:
        return [_one_of(settings, account, answer, item) for item in items]
    return [Outcome(state=ItemState.ACCEPTED, evidence=recall.accepted.evidence(answer))] * len(items)


def after_check(
    settings: HttpSettings, account: HttpAccount, answer: HttpAnswer, numbers: Audience | None
) -> Outcome:
    """Judge the answer to a check: DONE only by what the settings call proof."""
    check = settings.check
    assert check is not None
    if check.done.holds(answer):
        return Outcome(state=ItemState.DONE, evidence=check.done.evidence(answer), audience=numbers)
    if any(each.holds(answer) for each in check.failed):
        return _failed(account.refusal(answer), account.code(answer), settings.title)
    if check.untouched is not None and check.untouched.holds(answer):
        return Outcome(state=ItemState.PENDING, evidence=check.untouched.evidence(answer), audience=numbers)
    told = check.done.evidence(answer)
    if answer.ok:
        return Outcome(state=ItemState.ACCEPTED, evidence=told, audience=numbers)
    error = account.refusal(answer)
    return Outcome(state=ItemState.UNKNOWN, reason=error.sentence, code=account.code(answer) or error.code)


def _failed(error: RecallError, code: str | None, title: str = "") -> Outcome:
    sentence = error.sentence
    if isinstance(error, ProviderConfusingError):
        sentence = f"{title} says that it was not taken back."
    return Outcome(
        state=ItemState.FAILED,
        reason=sentence,
        code=error.code if isinstance(error, NotFoundError) else code or error.code,
    )


def _one_of(settings: HttpSettings, account: HttpAccount, answer: HttpAnswer, item: ItemId) -> Outcome:
    """Read what a batch's answer says about one of its items."""
    failed: Any = found(answer.json, settings.recall.failed_items)
    done: Any = found(answer.json, settings.recall.done_items)
    if isinstance(failed, Mapping) and item in failed:
        said = redacted(str(failed[item]), settings.secrets())
        return Outcome(
            state=ItemState.FAILED, reason=f"{settings.title} refused (“{said}”).", code=account.code(answer)
        )
    if isinstance(done, list) and item in {str(each) for each in done}:
        return Outcome(state=ItemState.DONE, evidence=f"{settings.recall.done_items} has it")
    if settings.recall.done_items is None:
        return Outcome(state=ItemState.ACCEPTED, evidence=settings.recall.accepted.evidence(answer))
    return Outcome(
        state=ItemState.UNKNOWN,
        reason=f"{settings.title}'s answer does not name it.",
        code="not_named",
    )
