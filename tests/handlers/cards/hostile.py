"""Values as the worst of worlds makes them."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from bot.found import Found
from bot.recall import Actor, Counts, Event, Kind, Recall, RecallId, State
from bot.target import (
    Audience,
    Capability,
    Operation,
    ProviderName,
    Reason,
    Related,
    Status,
    Target,
    TargetId,
    TargetRef,
)
from tests.builders import make_recall, make_target

NASTY = (
    "",
    " \n\t ",
    "<!channel>",
    "<!here> <@U0BOB> <#C0GENERAL> <https://evil.example|click>",
    "*bold* _move_ ~gone~ `code` ```fence``` > quote :smile:",
    "&lt;!channel&gt; &amp;amp; & < >",
    "<!channel>" * 1000,
    "x" * 10_000,
    "😀" * 400,
    "مرحبا \u202eelas\u202c שלום",
    "\u0000\u0007\u001b[31mred\u2028two\u2029three\r\nfour\x85five",
    "\ud800 lone",
    "\n" * 500 + "end",
    "a\n" * 3000,
    "\u2060\u200b\ufeff",
    "عرض" * 200 + "\n" + "اليوم" * 300,
)
words = st.one_of(st.sampled_from(NASTY), st.text(st.characters(), max_size=400))
counts = st.one_of(st.none(), st.integers(0, 10**12))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 – hypothesis wants naive bounds
addresses = st.one_of(
    st.none(),
    words,
    st.sampled_from(
        [
            "https://panel.example/c/1?a=1&b=2",
            "https://x.example/" + "y" * 4000,
            "javascript:alert(1)",
            "https://e.example/a|b>c<d",
            "http://[broken",
        ]
    ),
)
ids = st.one_of(st.text(min_size=1, max_size=40), st.just("i" * 3000), st.just("cmp-1042"))
actors = st.builds(Actor, team=st.just("T1"), user=st.sampled_from(["U0ANN", "U0BOB"]))
maybe_actors = st.one_of(st.none(), actors)
audiences = st.builds(Audience, sent=counts, delivered=counts, opened=counts)
capabilities = st.builds(
    Capability,
    operation=st.sampled_from([*Operation]),
    limits=st.lists(words, max_size=7).map(tuple),
    closes_at=st.one_of(st.none(), moments),
)


@st.composite
def relations(draw: st.DrawFn) -> Related:
    ref = TargetRef(provider=ProviderName("mail"), id=TargetId(draw(ids)))
    return Related(ref=ref, says=draw(words), button=draw(st.one_of(st.just("Show all 240"), words)))


@st.composite
def targets(draw: st.DrawFn) -> Target:
    ref = TargetRef(provider=ProviderName("push"), id=TargetId(draw(ids)))
    return make_target(
        ref=ref,
        vendor=draw(st.one_of(st.just("Netmera"), words)),
        noun=draw(st.one_of(st.just("push campaign"), words)),
        name=draw(words),
        text=draw(words),
        image_url=draw(addresses),
        url=draw(addresses),
        sent_at=draw(st.one_of(st.none(), moments)),
        sent_by=draw(st.one_of(st.none(), words)),
        audience=draw(audiences),
        status=draw(st.sampled_from([*Status])),
        capability=draw(capabilities),
        items=draw(st.sampled_from([1, 2, 50_000])),
        text_is_public=draw(st.booleans()),
        related=draw(st.one_of(st.none(), relations())),
    )


@st.composite
def recalls(draw: st.DrawFn) -> Recall:
    few = st.integers(0, 60_000)
    return make_recall(
        id=RecallId("01J9ZK3T0V7Q"),
        target=draw(targets()),
        state=draw(st.sampled_from([*State])),
        attempt=draw(st.sampled_from([1, 2])),
        reason=draw(st.sampled_from([*Reason])),
        reason_text=draw(words),
        correction=draw(words),
        corrected_by=draw(maybe_actors),
        needs_second=draw(st.booleans()),
        confirmed_by=draw(maybe_actors),
        confirmed_at=draw(st.one_of(st.none(), moments)),
        approved_by=draw(maybe_actors),
        moved_by=draw(maybe_actors),
        moved_at=draw(moments),
        expires_at=draw(st.one_of(st.none(), moments)),
        not_before=draw(st.one_of(st.none(), moments)),
        stopping=draw(st.booleans()),
        counts=Counts(
            **{name: draw(few) for name in ("total", "done", "failed", "unknown", "awaiting", "skipped")}
        ),
        recipients=draw(
            st.one_of(st.none(), st.builds(Counts, total=few, done=few, failed=few, unknown=few))
        ),
        ready_at=draw(st.one_of(st.none(), moments)),
        audience=draw(st.one_of(st.none(), audiences)),
        detail=draw(words),
    )


odd = st.one_of(st.none(), st.integers(), st.booleans(), words, st.lists(st.integers(), max_size=2))
numbers: st.SearchStrategy[Any] = st.one_of(odd, st.dictionaries(st.text(max_size=9), odd, max_size=4))


@st.composite
def events(draw: st.DrawFn) -> Event:
    data = {
        name: value
        for name in ("why", "until", "evidence", "counts", "recipients", "audience")
        if (value := draw(numbers)) is not None
    }
    return Event(
        recall=RecallId("01J9ZK3T0V7Q"),
        seq=2,
        kind=draw(st.sampled_from([*Kind])),
        at=draw(moments),
        by=draw(maybe_actors),
        data=data,
    )


@st.composite
def finds(draw: st.DrawFn) -> Found:
    many = st.lists(targets(), max_size=3).map(tuple)
    return Found(
        targets=draw(many) * draw(st.sampled_from([1, 12])),
        nearest=draw(many),
        silent=draw(st.lists(words, max_size=3).map(tuple)),
        older=draw(st.one_of(st.none(), moments)),
    )
