"""A dry run: each described request, what was understood of its answer, and never the recall itself."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from bot.errors import ProviderError, RecallError
from bot.ports import Diagnosis
from bot.providers.base import Urgency
from bot.providers.http_account import HttpAccount, entries_in
from bot.providers.http_condition import Condition
from bot.providers.http_message import HttpAnswer, HttpRequest
from bot.providers.http_pointer import MISSING, at
from bot.providers.http_settings import CREDENTIALS, HttpSettings, RequestSettings
from bot.providers.http_targets import Reader
from bot.providers.trouble import redacted
from bot.target import ProviderName, Target, TargetId

SHOWN = 3
LONGEST_BODY = 200
EXAMPLE = TargetId("EXAMPLE-ID")
_READS = ("list", "search", "get", "check")


@dataclass(frozen=True, slots=True, kw_only=True)
class _DryRun:
    name: ProviderName
    settings: HttpSettings
    account: HttpAccount
    reader: Reader


async def diagnose(
    name: ProviderName, settings: HttpSettings, account: HttpAccount, reader: Reader
) -> list[Diagnosis]:
    """Try every request that only reads, with what the list has; show the recall request unsent."""
    run = _DryRun(name=name, settings=settings, account=account, reader=reader)
    return [line async for line in _lines(run)]


async def _lines(run: _DryRun) -> AsyncIterator[Diagnosis]:
    settings = run.settings
    if settings.sign_in is not None:
        yield _shown(run, "sign_in", settings.sign_in, {})
        try:
            await run.account.sign_in(Urgency.PERSON)
        except RecallError as error:
            yield _wrong(run, "sign_in", error.sentence, "Compare sign_in with the vendor's documentation.")
            return
        yield _right(run, "sign_in", "a token was understood")
    known: Target | None = None
    for place in _READS:
        request = settings.requests().get(place)
        if request is None:
            continue
        values = _values(run, known)
        yield _shown(run, place, request, values)
        if place in {"get", "check"} and known is None:
            yield _right(run, place, "not tried: it needs an id, and no list gives one")
            continue
        try:
            answer = await run.account.read(request, values, Urgency.PERSON)
            line, target = _understood(run, place, answer)
        except RecallError as error:
            mend = "Check the address, the credential, and whether this machine may reach it."
            yield _wrong(
                run, place, error.sentence, mend if isinstance(error, ProviderError) else "Check it."
            )
            continue
        known = known or target
        yield line
    yield _shown(run, "recall", settings.recall, _values(run, known))
    yield _right(run, "recall", "not sent: this is a dry run")


def _values(run: _DryRun, known: Target | None) -> dict[str, Any]:
    identity = known.ref.id if known else EXAMPLE
    if known is None and "number}" in str(run.settings.requests()):
        identity = TargetId("1")
    now = run.account.now(None)
    return {
        "id": identity,
        "item": identity,
        "items": (identity,),
        "key": "dry-run",
        "words": known.name.split()[0] if known and known.name.split() else "test",
        "limit": SHOWN,
        "before": now.isoformat().replace("+00:00", "Z"),
        "before_seconds": int(now.timestamp()),
        "before_milliseconds": int(now.timestamp() * 1000),
    }


def _understood(run: _DryRun, place: str, answer: HttpAnswer) -> tuple[Diagnosis, Target | None]:
    if place == "check":
        return _checked(run, answer), None
    settings, now = run.settings, run.account.now(answer)
    if not answer.ok:
        return _refused(run, place, answer), None
    if place == "get":
        assert settings.get is not None
        entry = at(answer.json, settings.get.entry)
        entries = None if entry is MISSING else [entry]
        where = settings.get.entry
    else:
        listing = settings.list if place == "list" else settings.search
        assert listing is not None
        where = listing.entries
        entries = entries_in(answer.json, where)
    if entries is None:
        said = run.account.words(answer, settings.error_text)
        mend = f"Look at the vendor's answer and set {place}.{'entry' if place == 'get' else 'entries'}."
        told = f"HTTP {answer.status}, but nothing stands at “{where}”{f'; it says “{said}”' if said else ''}"
        return _wrong(run, place, told, mend), None
    found = [
        run.reader.target(each, identity, now)
        for each in entries
        if (identity := run.reader.id_of(each) or (EXAMPLE if place == "get" else None))
    ]
    if entries and not found:
        told = f"HTTP {answer.status}, {len(entries)} entries, none with an id at “{settings.fields.id}”"
        return _wrong(run, place, told, "Set fields.id to where an entry has its id."), None
    shown = "; ".join(_described(each) for each in found[:SHOWN]) or "nothing has been sent yet"
    return _right(run, place, f"HTTP {answer.status}, understood: {shown}"), next(iter(found), None)


def _checked(run: _DryRun, answer: HttpAnswer) -> Diagnosis:
    check = run.settings.check
    assert check is not None
    named: list[tuple[str, Condition | None]] = [("done", check.done), ("untouched", check.untouched)]
    named += [(f"failed#{n + 1}", each) for n, each in enumerate(check.failed)]
    holds = [name for name, each in named if each is not None and each.holds(answer)]
    told = f"{check.done.evidence(answer)}; understood as {' and '.join(holds) or 'not decided yet'}"
    return _right(run, "check", told) if answer.ok or holds else _refused(run, "check", answer)


def _refused(run: _DryRun, place: str, answer: HttpAnswer) -> Diagnosis:
    return _wrong(
        run,
        place,
        f"HTTP {answer.status}: {run.account.refusal(answer).sentence}",
        "Check the address, the credential and its rights.",
    )


def _described(target: Target) -> str:
    """Show all that was read out of one entry; what was not is named too, for it may be a wrong pointer."""
    parts = {
        "sent": _moment(target.sent_at),
        "by": target.sent_by,
        "status": target.status.value,
        "sent to": target.audience.sent,
        "delivered": target.audience.delivered,
        "opened": target.audience.opened,
        "text": redacted(target.text)[:40] or None,
        "items": target.items if target.items > 1 else None,
    }
    told = [f"{name} {value}" for name, value in parts.items() if value is not None]
    lacking = [name for name, value in parts.items() if value is None and name != "items"]
    return (
        f"“{redacted(target.name)[:60]}” (id {redacted(target.ref.id)[:60]}, {', '.join(told)}"
        + (f"; without {', '.join(lacking)}" if lacking else "")
        + ")"
    )


def _moment(at_: datetime | None) -> str | None:
    return f"{at_:%Y-%m-%d %H:%M} UTC" if at_ else None


def _shown(run: _DryRun, place: str, request: RequestSettings, values: dict[str, Any]) -> Diagnosis:
    try:
        filled = run.account.request(request, values)
    except RecallError as error:
        return _wrong(run, place, error.sentence, f"Check {place} in the settings.")
    return Diagnosis(ok=True, what=f"provider {run.name}: {place} request", found=_masked(filled, run))


def _masked(request: HttpRequest, run: _DryRun) -> str:
    """Write a request on one line, without what looks like a credential."""
    parts = urlsplit(request.address)
    query = "&".join(
        f"{name}={'…' if CREDENTIALS.search(name) else quote(value, safe='')}"
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    )
    address = f"{parts.scheme}://{parts.netloc}{parts.path}{'?' + query if query else ''}"
    headers = [
        f"{name}: {'…' if CREDENTIALS.search(name) else value}" for name, value in request.headers.items()
    ]
    body = (
        redacted(request.content.decode(), run.settings.secrets())[:LONGEST_BODY] if request.content else ""
    )
    told = [f"{request.method} {_without(address, run)}", *(_without(each, run) for each in headers), body]
    return ", ".join(part for part in told if part)


def _without(text: str, run: _DryRun) -> str:
    for secret in sorted(run.settings.secrets(), key=len, reverse=True):
        text = text.replace(secret, "…")
    return text


def _right(run: _DryRun, place: str, found: str) -> Diagnosis:
    return Diagnosis(ok=True, what=f"provider {run.name}: {place} answer", found=found)


def _wrong(run: _DryRun, place: str, found: str, mend: str) -> Diagnosis:
    return Diagnosis(
        ok=False, what=f"provider {run.name}: {place} answer", found=found.rstrip("."), mend=mend
    )
