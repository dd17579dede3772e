"""Microsoft Graph's answers, the good and the bad: what a person is told, and what is never concluded from them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import (
    NotFoundError,
    ProviderBusyError,
    ProviderConfusingError,
    ProviderDownError,
    ProviderError,
    ProviderRefusedError,
)
from bot.ports import ItemId, Viewer
from bot.providers.graph import GraphProvider
from bot.providers.graph_answers import fold, mails_in, receipt_in, trouble_in
from bot.providers.graph_ids import IdKind, MailId, Recogniser, read
from bot.providers.graph_line import GraphLine
from bot.providers.graph_settings import CLOUDS, GraphSettings
from bot.target import ItemState, ProviderName, SlackPost, Target
from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.vendors.graph import Graph
from sandbox.vendors.graph_books import Copy
from sandbox.vendors.graph_seed import ANN, BOB, LETTER, LETTERS, PRICES, mail
from sandbox.vendors.graph_tokens import CLIENT, DELEGATED, REFRESH, SECRET, TENANT

VIEWER = Viewer(identity=ANN)
Connect = Callable[..., GraphProvider]


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock()


@pytest.fixture
async def graph(clock: SandboxClock) -> AsyncIterator[Graph]:
    graph = Graph(clock=clock, feed=Feed(), settle_after=3)
    await graph.start()
    yield graph
    await graph.stop()


@pytest.fixture
async def connect(graph: Graph, clock: SandboxClock) -> AsyncIterator[Connect]:
    made: list[GraphProvider] = []

    def connect(**settings: Any) -> GraphProvider:
        app = {"tenant": TENANT, "client_id": CLIENT, "client_secret": SECRET}
        place = {"root": graph.url, "authority": graph.url, "timeout": 3}
        mine = {"tenant": TENANT, "client_id": CLIENT}
        named = {} if "token" in settings else mine if "refresh_token" in settings else app
        given = {**place, **named, **settings}
        made.append(GraphProvider(ProviderName("mail"), GraphSettings.model_validate(given), clock))
        return made[-1]

    yield connect
    for provider in made:
        await provider.close()


@pytest.fixture
def provider(connect: Connect) -> GraphProvider:
    return connect()


async def prices(provider: GraphProvider) -> Target:
    (found,) = await provider.search("price list", 5, viewer=VIEWER)
    return await provider.get(found.ref.id)


async def items(provider: GraphProvider, target: Target) -> list[ItemId]:
    return [item async for page in provider.items(target) for item in page]


async def refusal(provider: GraphProvider) -> str:
    """The reason with which the recall of the price list fails."""
    target = await prices(provider)
    (outcome,) = await provider.recall(target, await items(provider, target), key="k")
    assert outcome.state is ItemState.FAILED
    return outcome.reason or ""


# Tokens and places


@pytest.mark.parametrize("cloud", CLOUDS)
def test_each_national_cloud_has_its_root_and_authority(cloud: str) -> None:
    given = {"cloud": cloud, "tenant": "t", "client_id": "c", "client_secret": "s"}
    place = GraphSettings.model_validate(given).place
    assert place == CLOUDS[cloud]
    assert place.root.startswith("https://")


@pytest.mark.parametrize(
    "given",
    [
        {"tenant": "t", "client_id": "c"},
        {"token": "t"},
        {"refresh_token": "t", "mailbox": "a@b.example"},
        {"refresh_token": "t", "token": "t", "mailbox": "a@b.example"},
        {"token": "t", "mailbox": "a@b.example", "tenant": "t"},
        {"root": "https://graph.example", "tenant": "t", "client_id": "c", "client_secret": "s"},
        {
            "root": "http://graph.example",
            "authority": "http://graph.example",
            "token": "t",
            "mailbox": "a@b.example",
        },
    ],
)
def test_settings_that_make_no_sense_are_mistakes(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="error"):
        GraphSettings.model_validate(given)


async def test_one_token_is_kept_for_many_requests(graph: Graph, provider: GraphProvider) -> None:
    await prices(provider)
    await prices(provider)
    assert graph.count("token") == 1


async def test_a_token_that_has_run_out_is_renewed_before_it_is_refused(
    graph: Graph, provider: GraphProvider, clock: SandboxClock
) -> None:
    await prices(provider)
    clock.advance(3600)
    await prices(provider)
    assert graph.count("token") == 2
    assert graph.count("list", 401) == 0


async def test_a_token_that_was_revoked_is_renewed_once(graph: Graph, provider: GraphProvider) -> None:
    target = await prices(provider)
    graph.tokens.revoke()
    (outcome,) = await provider.recall(target, await items(provider, target), key="k")
    assert outcome.state is ItemState.ACCEPTED
    assert graph.count("token") == 2


async def test_an_app_that_gets_no_token_any_more_is_told_with_microsofts_words(
    graph: Graph, provider: GraphProvider
) -> None:
    target = await prices(provider)
    graph.tokens.revoke()
    graph.faults.add("bad_token", tool="token", times=None)
    with pytest.raises(ProviderRefusedError, match="AADSTS7000215") as told:
        await provider.recall(target, [ItemId(target.ref.id)], key="k")
    assert SECRET not in told.value.sentence
    assert not told.value.maybe_applied


async def test_with_one_persons_token_that_persons_mailbox_alone_is_reached(
    graph: Graph, connect: Connect
) -> None:
    mine = connect(token=DELEGATED, mailbox=ANN)
    target = await prices(mine)
    (outcome,) = await mine.recall(target, await items(mine, target), key="k")
    assert outcome.state is ItemState.ACCEPTED
    assert graph.count("token") == 0
    assert await mine.search("minutes", 5, viewer=Viewer(identity=BOB)) == ()
    with pytest.raises(NotFoundError):
        await mine.get(MailId(mailbox=BOB, kind=IdKind.INTERNET, value="x@y").target)


async def test_a_persons_token_that_was_withdrawn_is_told(connect: Connect) -> None:
    mine = connect(token="old", mailbox=ANN)
    with pytest.raises(ProviderRefusedError, match="token"):
        await mine.recent(3, viewer=VIEWER)


async def test_a_persons_token_is_renewed_and_the_refresh_token_changes_with_every_use(
    graph: Graph, connect: Connect, clock: SandboxClock
) -> None:
    mine = connect(refresh_token=REFRESH, mailbox=ANN)
    target = await prices(mine)
    clock.advance(3600)
    await prices(mine)
    (outcome,) = await mine.recall(target, await items(mine, target), key="k")
    assert outcome.state is ItemState.ACCEPTED
    first, second = graph.tokens.refreshed
    assert first == REFRESH != second
    assert graph.count("list", 401) == 0
    assert await mine.search("minutes", 5, viewer=Viewer(identity=BOB)) == ()

    again = connect(refresh_token=REFRESH, mailbox=ANN)
    await prices(again)  # after a restart the one in the settings is good still


async def test_a_consent_that_was_taken_back_is_told_with_microsofts_words(
    graph: Graph, connect: Connect
) -> None:
    mine = connect(refresh_token=REFRESH, mailbox=ANN)
    target = await prices(mine)
    graph.tokens.withdraw()
    with pytest.raises(ProviderRefusedError, match=r"AADSTS50173.*new refresh_token") as told:
        await mine.recall(target, [ItemId(target.ref.id)], key="k")
    assert REFRESH not in told.value.sentence
    assert not told.value.maybe_applied
    (line,) = await mine.diagnose()
    assert "refresh_token" in str(line.mend)


@pytest.mark.parametrize("person", [{}, {"refresh_token": REFRESH, "mailbox": ANN}])
async def test_tokens_that_end_in_the_middle_of_a_merge_are_renewed_once(
    graph: Graph, connect: Connect, person: dict[str, str]
) -> None:
    mine = connect(**person)
    (found,) = await mine.search("benefits letter", 5, viewer=VIEWER)
    merge = await mine.get(found.ref.id)
    wanted = await items(mine, merge)
    before = graph.count("token")
    left = iter(wanted)

    async def worker() -> list[ItemState]:
        done = []
        for item in left:
            if item == wanted[LETTERS // 2]:
                graph.tokens.revoke()
            done += [each.state for each in await mine.recall(merge, [item], key="k")]
        return done

    told = await asyncio.gather(*(worker() for _ in range(4)))
    assert [state for each in told for state in each] == [ItemState.ACCEPTED] * LETTERS
    assert sorted(graph.recalled) == sorted(set(graph.recalled))
    assert len(graph.recalled) == LETTERS
    assert graph.count("token") - before == 1


# Finding


async def test_the_newest_come_first_and_a_merge_is_one(provider: GraphProvider) -> None:
    found = await provider.recent(5, viewer=VIEWER)
    assert [each.name for each in found] == [PRICES, LETTER, "Lunch on Friday"]
    assert found[1].items == LETTERS


async def test_nobody_without_a_mailbox_sees_anything(provider: GraphProvider) -> None:
    assert await provider.recent(5) == ()
    assert await provider.search("price", 5) == ()
    assert await provider.search(f"{ANN}: price", 5, viewer=Viewer(identity=BOB)) == ()


async def test_subjects_are_matched_by_all_words_without_case(provider: GraphProvider) -> None:
    assert [each.name for each in await provider.search("LIST price", 5, viewer=VIEWER)] == [PRICES]
    assert await provider.search("price unicorn", 5, viewer=VIEWER) == []


@pytest.mark.parametrize("subject", ["It's 100% 'ours'", "Zeile 1 😀 تجربة", "a,b)(c;d=e&f?g#h", "x" * 200])
async def test_any_subject_can_be_searched_for(graph: Graph, provider: GraphProvider, subject: str) -> None:
    graph.post(mail(77, subject, "…", ("finn@fernhill.example",), graph._clock.now()))
    found = await provider.search(subject, 5, viewer=VIEWER)
    assert [each.name for each in found] == [subject]


async def test_two_mails_of_one_subject_far_apart_are_two_targets(
    graph: Graph, provider: GraphProvider, clock: SandboxClock
) -> None:
    for number, hours in ((81, 3), (82, 5)):
        graph.post(
            mail(
                number,
                "Weekly numbers",
                "…",
                ("finn@fernhill.example",),
                clock.now() - timedelta(hours=hours),
            )
        )
    found = await provider.search("weekly numbers", 5, viewer=VIEWER)
    assert [each.items for each in found] == [1, 1]
    assert len({each.ref for each in found}) == 2


@pytest.mark.parametrize(
    ("place", "said"), [(0.5, "It is one of 1,200 mails"), (0.0, "It is one of more than 1,024 mails")]
)
async def test_the_merge_around_a_mail_is_found_with_few_calls_however_long_it_was_sent(
    graph: Graph, connect: Connect, clock: SandboxClock, place: float, said: str
) -> None:
    for number in range(1_200):
        at = clock.now() + timedelta(minutes=10 * (number - 1_200))
        graph.books.post(mail(1_000 + number, "A ticket was opened", "-", ("x@elsewhere.example",), at))
    sent = mail(1_000 + int(1_200 * place), "", "", (), clock.now()).internet_id.strip("<>")
    before = graph.count("list")

    found = await connect(merge_gap_minutes=10).get(
        MailId(mailbox=ANN, kind=IdKind.INTERNET, value=sent).target
    )

    assert found.related is not None
    assert said in found.related.says
    assert found.items == 1
    assert graph.count("list") - before <= 25


async def test_the_case_of_an_address_makes_no_other_limits_and_idle_ones_are_forgotten(
    graph: Graph, clock: SandboxClock
) -> None:
    place = {"root": graph.url, "authority": graph.url, "tenant": TENANT}
    line = GraphLine(
        GraphSettings.model_validate({**place, "client_id": CLIENT, "client_secret": SECRET}), clock
    )
    known = line.limiter("Ann@Fernhill.example")
    known.went(1, 0.0)
    assert line.limiter("ann@fernhill.example") is known
    line.limiter(BOB)
    assert line.limiter(ANN) is known, "a call of its window is still counted"
    clock.advance(700)
    line.limiter("greta@fernhill.example")
    assert line.limiter(ANN) is not known
    await line.close()


async def test_an_address_that_names_a_conversation_leads_to_the_newest_mail_sent_in_it(
    graph: Graph, provider: GraphProvider, clock: SandboxClock
) -> None:
    named = "AAQkAGI2" + "T" * 60 + "/+AA="
    conversation = named.replace("/", "-").replace("+", "_")
    for number, subject in enumerate(("Offer", "Re: Offer")):
        at = clock.now() - timedelta(hours=2 - number)
        graph.books.post(replace(mail(900 + number, subject, "-", (BOB,), at), conversation=conversation))
    path = named.replace("/", "%2F").replace("+", "%2B")
    link = provider.link_to(f"https://outlook.office.com/mail/sentitems/id/{path}")
    assert link is not None

    found = await provider.get(provider.own(link, VIEWER))

    assert found.name == "Re: Offer"
    sent = mail(901, "", "", (), clock.now()).internet_id.strip("<>")
    assert read(found.ref.id) == MailId(mailbox=ANN, kind=IdKind.INTERNET, value=sent)


async def test_case_and_white_space_do_not_make_another_merge(
    graph: Graph, provider: GraphProvider, clock: SandboxClock
) -> None:
    for number, subject in ((91, "Your  Invoice"), (92, "your invoice"), (93, "YOUR INVOICE ")):
        sent = clock.now() - timedelta(minutes=number)
        graph.post(mail(number, subject, "…", ("finn@fernhill.example",), sent))
    (found,) = await provider.search("your invoice", 5, viewer=VIEWER)
    whole = await provider.get(found.ref.id)
    assert whole.items == 3
    assert len(await items(provider, whole)) == 3


async def test_a_merge_that_has_grown_keeps_to_the_mails_that_were_shown(
    graph: Graph, provider: GraphProvider, clock: SandboxClock, connect: Connect
) -> None:
    (found,) = await provider.search("benefits letter", 5, viewer=VIEWER)
    shown = await provider.get(found.ref.id)
    graph.post(mail(999, LETTER, "…", ("finn@fernhill.example",), clock.now() - timedelta(minutes=80)))

    later = await connect().get(shown.ref.id)

    assert later.fingerprint() == shown.fingerprint()
    assert later.items == LETTERS


async def test_an_old_mail_is_refused_in_words(
    graph: Graph, provider: GraphProvider, clock: SandboxClock
) -> None:
    old = mail(55, "Old news", "…", ("finn@fernhill.example",), clock.now() - timedelta(days=400))
    graph.post(old)
    target = await provider.get(
        MailId(mailbox=ANN, kind=IdKind.INTERNET, value=old.internet_id.strip("<>")).target
    )
    assert target.capability.operation is None
    assert "365 days" in str(target.capability.refusal)


async def test_a_mail_dated_in_the_future_gets_no_longer_window(
    graph: Graph, provider: GraphProvider, clock: SandboxClock
) -> None:
    ahead = mail(56, "From tomorrow", "…", ("finn@fernhill.example",), clock.now() + timedelta(days=300))
    graph.post(ahead)
    target = await provider.get(
        MailId(mailbox=ANN, kind=IdKind.INTERNET, value=ahead.internet_id.strip("<>")).target
    )
    assert target.capability.closes_at is not None
    assert target.capability.closes_at <= clock.now() + timedelta(days=365)


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2026-13-01", "", 7])
def test_a_moment_that_nothing_was_sent_at_is_none(moment: object) -> None:
    (read_,) = mails_in({"value": [{"id": "a", "sentDateTime": moment}]}, "Microsoft 365")
    assert read_.sent_at is None


async def test_a_subject_of_several_lines_is_shown_in_one_and_found(
    graph: Graph, provider: GraphProvider, clock: SandboxClock
) -> None:
    graph.post(mail(57, "Prices\r\nfor 😀\tall", "…", ("finn@fernhill.example",), clock.now()))
    (found,) = await provider.search("prices 😀", 5, viewer=VIEWER)
    assert (await provider.get(found.ref.id)).name == "Prices for 😀 all"


async def test_a_page_instead_of_a_receipt_is_no_sign_that_the_request_was_taken(
    graph: Graph, provider: GraphProvider
) -> None:
    target = await prices(provider)
    graph.faults.add("html", tool="recall")
    with pytest.raises(ProviderConfusingError, match="no receipt") as told:
        await provider.recall(target, await items(provider, target), key="k")
    assert told.value.maybe_applied


async def test_the_text_is_never_part_of_a_target(provider: GraphProvider) -> None:
    target = await prices(provider)
    assert "margins" not in repr(target)
    assert not target.text_is_public
    assert "margins" in await provider.preview(target)


# Recalling


async def test_202_keeps_hub_server_and_message_id_although_its_body_is_no_json(
    provider: GraphProvider,
) -> None:
    target = await prices(provider)
    (outcome,) = await provider.recall(target, await items(provider, target), key="k")
    assert outcome.state is ItemState.ACCEPTED
    assert outcome.receipt is not None
    assert outcome.receipt.startswith("hub server AM7PR01MB0001.practice.example, message id ")


@pytest.mark.parametrize(
    ("text", "receipt"),
    [
        ("{ 'Hub server: DB8.example MessageId: AB12.CD34@DB8.example' }", "AB12.CD34@DB8.example"),
        ('"accepted: 0F.1@h.example"', "0F.1@h.example"),
        ("", None),
        ("\x00\ud800<html>", None),
        ("x" * 100_000, None),
    ],
)
def test_the_receipt_is_read_tolerantly(text: str, receipt: str | None) -> None:
    found = receipt_in(text)
    assert (found is None) if receipt is None else receipt in str(found)


async def test_a_mail_that_was_moved_is_found_again_by_its_internet_id(
    graph: Graph, provider: GraphProvider
) -> None:
    target = await prices(provider)
    (item,) = await items(provider, target)
    sent = next(each for each in graph.books.sent_by(ANN) if each.subject == PRICES)
    moved = replace(sent, id=sent.id.replace("TTT", "UUU"))
    graph.books.sent[ANN] = [moved if each is sent else each for each in graph.books.sent[ANN]]
    del graph.books.by_id[ANN, sent.id]
    graph.books.by_id[ANN, moved.id] = moved

    (outcome,) = await provider.recall(target, [item], key="k")

    assert outcome.state is ItemState.ACCEPTED


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ErrorInvalidRecipients: nobody.", "nobody (ErrorInvalidRecipients)"),
        (
            "ErrorApiQuarantined: over\nlimit <!channel> Bearer abcdefghijk",
            "over limit <!channel> … (ErrorApiQuarantined)",
        ),
    ],
)
async def test_codes_that_nobody_knows_are_shown_with_their_words(
    graph: Graph, provider: GraphProvider, said: str, told: str
) -> None:
    graph.faults.add("error", tool="recall", text=said)
    assert told in await refusal(provider)


async def test_an_id_that_graph_calls_invalid_is_looked_up_anew_once(
    graph: Graph, provider: GraphProvider
) -> None:
    invalid = "ErrorInvalidIdMalformed: Id is malformed."
    graph.faults.add("error", tool="recall", text=invalid)
    target = await prices(provider)
    (outcome,) = await provider.recall(target, await items(provider, target), key="k")
    assert outcome.state is ItemState.ACCEPTED

    graph.faults.add("error", tool="recall", text=invalid, times=None)
    before = graph.count("recall")
    assert await refusal(provider) == "Microsoft 365 says: Id is malformed (ErrorInvalidIdMalformed)."
    assert graph.count("recall") - before == 2


async def test_no_right_to_the_mailbox_is_told(graph: Graph, provider: GraphProvider) -> None:
    graph.faults.add("forbidden", tool="recall")
    assert "ErrorAccessDenied" in await refusal(provider)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("rate_limited", ProviderBusyError),
        ("server_error", ProviderDownError),
        ("drop_answer", ProviderDownError),
    ],
)
async def test_trouble_that_may_pass_is_raised_so_that_it_is_tried_again(
    graph: Graph, provider: GraphProvider, kind: str, error: type[ProviderError]
) -> None:
    target = await prices(provider)
    graph.faults.add(kind, tool="recall", seconds=7.25)
    with pytest.raises(error) as told:
        await provider.recall(target, await items(provider, target), key="k")
    assert told.value.passing
    if isinstance(told.value, ProviderBusyError):
        assert told.value.retry_after == pytest.approx(7.25)


async def test_a_sign_in_page_instead_of_json_is_told(graph: Graph, provider: GraphProvider) -> None:
    graph.faults.add("html", tool="list", times=None)
    with pytest.raises(ProviderConfusingError, match="can't be understood"):
        await provider.recent(3, viewer=VIEWER)


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, {"value": None}, {"value": [{"error": {"code": "ErrorInvalidIdMalformed"}}]}, "text"],
)
def test_a_list_that_is_none_is_no_empty_list(answer: Any) -> None:
    with pytest.raises(ProviderConfusingError):
        mails_in(answer, "Microsoft 365")


def test_mails_with_odd_fields_are_read_as_far_as_they_go() -> None:
    odd: list[Any] = [
        {"id": 7},
        {"id": "a", "subject": None, "sentDateTime": "yesterday", "toRecipients": "x", "from": []},
        {"id": "b", "sentDateTime": "2026-03-01T10:00:00", "toRecipients": [{"emailAddress": None}, 3]},
        None,
    ]
    first, second = mails_in({"value": odd}, "Microsoft 365")
    assert (first.subject, first.sent_at, first.recipients) == ("", None, ())
    assert second.sent_at is not None
    assert second.sent_at.tzinfo is not None


def test_the_innermost_code_is_the_one_that_is_told() -> None:
    nested = {"error": {"code": "BadRequest", "message": "m", "innerError": {"code": "ErrorItemNotFound"}}}
    assert trouble_in(nested).code == "ErrorItemNotFound"
    assert trouble_in({"error": "x"}).code == ""


# The outcome


async def outcome_of(provider: GraphProvider, graph: Graph, clock: SandboxClock) -> dict[str, ItemState]:
    target = await prices(provider)
    wanted = await items(provider, target)
    since = clock.now()
    await provider.recall(target, wanted, key="k")
    clock.advance(4)
    (found,) = await provider.check_since(target, wanted, since=since)
    return {each.address.partition("@")[0]: each.state for each in found.recipients}


async def test_gone_and_reported_is_recalled_still_there_has_failed_and_outside_is_unknown(
    provider: GraphProvider, graph: Graph, clock: SandboxClock
) -> None:
    assert await outcome_of(provider, graph, clock) == {
        "finn": ItemState.DONE,
        "greta": ItemState.DONE,
        "hugo": ItemState.FAILED,
        "iris": ItemState.UNKNOWN,
    }


async def test_without_a_report_what_is_gone_is_awaited_until_the_deadline_and_then_counts(
    provider: GraphProvider, graph: Graph, clock: SandboxClock
) -> None:
    graph.reports = False
    target = await prices(provider)
    wanted = await items(provider, target)
    await provider.recall(target, wanted, key="k")
    clock.advance(4)
    (found,) = await provider.check_since(target, wanted, since=clock.now() - timedelta(seconds=4))
    assert found.state is ItemState.ACCEPTED
    late = found.lapsed()
    states = {each.address.partition("@")[0]: each.state for each in late.recipients}
    assert states == {
        "finn": ItemState.DONE,
        "greta": ItemState.DONE,
        "hugo": ItemState.FAILED,
        "iris": ItemState.UNKNOWN,
    }


async def test_a_mailbox_that_may_not_be_looked_into_is_unknown(
    provider: GraphProvider, graph: Graph, clock: SandboxClock
) -> None:
    graph.closed_mailboxes = True
    found = await outcome_of(provider, graph, clock)
    assert set(found.values()) == {ItemState.UNKNOWN}


async def test_a_recipient_without_a_mailbox_is_unknown(
    provider: GraphProvider, graph: Graph, clock: SandboxClock
) -> None:
    del graph.books.mailboxes["greta@fernhill.example"]
    assert (await outcome_of(provider, graph, clock))["greta"] is ItemState.UNKNOWN


async def test_a_report_of_an_earlier_recall_is_none_of_this_one(
    provider: GraphProvider, graph: Graph, clock: SandboxClock
) -> None:
    await outcome_of(provider, graph, clock)
    clock.advance(3600)
    target = await prices(provider)
    wanted = await items(provider, target)
    await provider.recall(target, wanted, key="k")
    (found,) = await provider.check_since(target, wanted, since=clock.now())
    assert found.state is ItemState.ACCEPTED
    (found,) = await provider.check(target, wanted)
    assert found.state is ItemState.ACCEPTED, "without a time no report can be this recall's"


@pytest.mark.parametrize(
    ("subject", "state"),
    [
        ("Message Recall Report for message [Price list for partners]", ItemState.DONE),
        ("Message Recall Report: PRICE list for  partners", ItemState.DONE),
        ("Message Recall Report for message [New price list for partners]", ItemState.ACCEPTED),
        ("Message Recall Report for message [Price list for partners, corrected]", ItemState.ACCEPTED),
    ],
)
async def test_a_report_that_names_no_mail_counts_for_exactly_its_subject(
    provider: GraphProvider, graph: Graph, clock: SandboxClock, subject: str, state: ItemState
) -> None:
    graph.reports = False
    target = await prices(provider)
    wanted = await items(provider, target)
    since = clock.now()
    await provider.recall(target, wanted, key="k")
    clock.advance(4)
    at = clock.now()
    report = Copy(id="r", internet_id="<r@x>", sender="postmaster@x", subject=subject, body="", at=at)
    graph.books.mailboxes[ANN] = graph.books.mailboxes[ANN].with_copy(report)

    (found,) = await provider.check_since(target, wanted, since=since)

    assert next(each for each in found.recipients if each.address.startswith("finn")).state is state


# Ids and links

READER = Recogniser(link_hosts=("outlook.office.com", "outlook.office365.com"))
GRAPH_ID = "AAMkAGI2" + "T" * 138 + "/+AAA="


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        ("<CAF123@mail.example>", IdKind.INTERNET, "CAF123@mail.example"),
        ("mailto:CAF123456789012345678@mail.example", IdKind.INTERNET, "CAF123456789012345678@mail.example"),
        (GRAPH_ID, IdKind.GRAPH, GRAPH_ID),
        (f"https://outlook.office365.com/owa/?ItemID={GRAPH_ID}&exvsurl=1", IdKind.GRAPH, GRAPH_ID),
        (
            f"https://outlook.office.com/mail/sentitems/id/{GRAPH_ID.replace('/', '%2F').replace('+', '%2B')}",
            IdKind.GRAPH,
            GRAPH_ID,
        ),
    ],
)
def test_ids_and_links_are_read(typed: str, kind: IdKind, value: str) -> None:
    found = READER.in_words(typed)
    assert found == MailId(mailbox="", kind=kind, value=value)
    assert found.target in READER.in_post(SlackPost(text=typed, links=(typed,))) or typed.startswith("mailto")


@pytest.mark.parametrize(
    "typed", ["ann@example.com", "spring sale", "https://evil.example/?ItemID=" + GRAPH_ID, "a" * 2000, "::"]
)
def test_what_is_no_id_is_none(typed: str) -> None:
    assert READER.in_words(typed) is None


def test_an_id_names_its_mailbox_without_showing_the_address() -> None:
    wanted = MailId(mailbox="ann@example.com", kind=IdKind.INTERNET, value="x@y")
    assert "ann" not in wanted.target
    assert read(wanted.target) == wanted


def test_a_mailbox_before_the_words_is_taken_apart() -> None:
    typed = READER.taken_apart("Ann@Example.com: spring prices")
    assert (typed.mailbox, typed.rest) == ("ann@example.com", "spring prices")
    assert READER.taken_apart("Re: spring prices").mailbox is None


@pytest.mark.parametrize("odd", ["'" * 2000, "/../../me", "a b", '"', "%00", "😀"])
async def test_odd_ids_are_not_found_and_harm_nothing(provider: GraphProvider, odd: str) -> None:
    for kind in (IdKind.GRAPH, IdKind.INTERNET):
        with pytest.raises((ProviderError, NotFoundError)):
            await provider.get(MailId(mailbox=ANN, kind=kind, value=odd).target)


def test_subjects_are_folded() -> None:
    assert fold(" Your\tINVOICE\n ") == "your invoice"
