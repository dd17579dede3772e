"""What every provider has to keep, as tests that any author can run.

Write a test file with a subclass that says how to reach a practice vendor, and run `pytest` on it:

    class TestMine(ProviderContract):
        @asynccontextmanager
        async def subject(self):
            async with practice_vendor() as vendor:
                provider = MyProvider(…)
                yield Subject(provider=provider, sent=TargetId("1"), missing=TargetId("nothing-like-it"))
                await provider.close()

Each test opens a subject of its own. No pytest plugin is needed. What a subject leaves out is not tested.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.errors import NotFoundError, ProviderDownError, ProviderError, RecallError
from bot.ports import NOBODY, ItemId, Provider, ReadsReports, Viewer
from bot.target import ItemState, Operation, Outcome, RepeatClass, SlackPost, Target, TargetId

PATIENCE = 30.0
"""Seconds that one test may take."""

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

Order = Callable[[], Awaitable[None]]
"""Something that the practice vendor is made to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A provider that is connected to a practice vendor, and what is there to be found."""

    provider: Provider
    sent: TargetId  # can be taken back
    missing: TargetId  # has the form of an id, and names nothing; by hand: more than anybody names
    refused: TargetId | None = None  # can't be taken back
    words: Mapping[str, TargetId] = field(default_factory=dict)  # links and ids as people type them
    settle: Order | None = None  # lets the vendor finish what it accepted
    go_away: Order | None = None  # makes the vendor unreachable
    lose_answer: Order | None = None  # the next order takes effect, and its answer is lost
    viewer: Viewer = NOBODY  # who may list what was sent
    lists: bool = True  # False: this vendor has no list of what was sent
    secrets: tuple[str, ...] = ()  # must stand in no error, text or diagnosis


class ProviderContract:
    """The tests. Subclass it with a name that pytest collects."""

    def subject(self) -> AbstractAsyncContextManager[Subject]:
        """Open a fresh practice vendor, and a provider that is connected to it."""
        raise NotImplementedError

    def test_it_declares_what_it_is(self) -> None:
        """Cards and answers call the vendor by these words."""

        async def story(subject: Subject) -> None:
            traits = subject.provider.traits
            assert subject.provider.name, "a provider has the name that the settings gave it"
            assert traits.vendor, "traits.vendor is how people call it"
            assert traits.noun, "traits.noun is what it sends"
            assert traits.concurrency >= 1
            assert traits.batch >= 1

        self._play(story)

    def test_recent_is_newest_first_and_no_longer_than_asked(self) -> None:
        """The list is the first thing that people see."""

        async def story(subject: Subject) -> None:
            found = await subject.provider.recent(3, viewer=subject.viewer)
            if not subject.lists:
                assert not found, "a vendor without a list lists nothing"
                return
            assert 0 < len(found) <= 3, "recent(3) gives one to three targets"  # noqa: PLR2004
            times = [target.sent_at for target in found if target.sent_at]
            assert times == sorted(times, reverse=True), "recent is newest first"
            for target in found:
                _whole(target, subject)

        self._play(story)

    def test_older_ones_follow(self) -> None:
        """“More” asks for what was sent before the last one shown."""

        async def story(subject: Subject) -> None:
            if not subject.lists:
                return
            newest = (await subject.provider.recent(1, viewer=subject.viewer))[0]
            assert newest.sent_at, "what was sent has a time"
            for target in await subject.provider.recent(5, before=newest.sent_at, viewer=subject.viewer):
                assert target.sent_at, "only what has a time can be before another"
                assert target.sent_at < newest.sent_at, "before means earlier"

        self._play(story)

    def test_get_gives_a_whole_target(self) -> None:
        """The card is made of it alone."""

        async def story(subject: Subject) -> None:
            target = await subject.provider.get(subject.sent)
            assert target.ref.id == subject.sent
            assert target.capability.operation is not None, "what was sent can be taken back"
            _whole(target, subject)

        self._play(story)

    def test_an_unknown_id_is_not_found(self) -> None:
        """The person is told so, with the nearest names."""

        async def story(subject: Subject) -> None:
            error = await _error_of(subject.provider.get(subject.missing))
            assert isinstance(error, NotFoundError), "get raises NotFoundError for an unknown id"

        self._play(story)

    def test_what_cannot_be_taken_back_says_why(self) -> None:
        """The card shows the reason instead of a button."""

        async def story(subject: Subject) -> None:
            if subject.refused is not None:
                target = await subject.provider.get(subject.refused)
                assert target.capability.operation is None
                _whole(target, subject)

        self._play(story)

    def test_links_and_ids_are_recognised(self) -> None:
        """Typed after the command, and within somebody's post."""

        async def story(subject: Subject) -> None:
            for words, target in subject.words.items():
                assert subject.provider.link_to(words) == target, f"link_to({words!r})"
                links = (words,) if words.startswith("http") else ()
                post = SlackPost(text=f"see {words} please", links=links)
                assert target in subject.provider.recognise(post), f"recognise a post with {words!r}"

        self._play(story)

    def test_strange_posts_raise_nothing(self) -> None:
        """Any post can be pointed at."""

        async def story(subject: Subject) -> None:
            for odd in ("", "\x00\ud800", "<!channel>" * 999, "https://[", "http://x:y@/%", "0" * 40_000):
                post = SlackPost(text=odd, links=(odd,), metadata_type=odd, metadata=((odd, odd),))
                subject.provider.recognise(post)
                subject.provider.link_to(odd)
            assert subject.provider.link_to("spring sale") is None, "words are no link"

        self._play(story)

    def test_items_are_as_many_as_the_target_says(self) -> None:
        """Progress is counted in items."""

        async def story(subject: Subject) -> None:
            target = await subject.provider.get(subject.sent)
            items = await _items(subject.provider, target)
            assert len(items) == target.items
            assert len(set(items)) == len(items), "each item is there once"

        self._play(story)

    def test_taken_back_is_confirmed_by_the_record(self) -> None:
        """Done is said only when the vendor says so; a repeat is no failure."""

        async def story(subject: Subject) -> None:
            provider = subject.provider
            target = await provider.get(subject.sent)
            items = await _items(provider, target)
            first = await provider.recall(target, items, key="contract")
            assert len(first) == len(items), "one outcome for each item"
            assert {each.state for each in first} <= {ItemState.ACCEPTED, ItemState.DONE}
            if subject.settle is not None:
                await subject.settle()
                for each in await _checked(provider, target, items):
                    assert each.state is ItemState.DONE, "the record shows it, so it is done"
                    assert each.evidence, "done comes with what the vendor said"
                again = await provider.recall(target, items, key="contract")
                assert {each.state for each in again} <= {ItemState.ACCEPTED, ItemState.DONE}
            _sentences([*first], subject)

        self._play(story)

    def test_by_hand_nothing_is_confirmed(self) -> None:
        """Where people take things back themselves, only their word tells: no answer may pass for it."""

        async def story(subject: Subject) -> None:
            if not subject.provider.traits.by_hand:
                return
            target = await subject.provider.get(subject.sent)
            assert target.capability.operation is Operation.MANUAL
            assert target.capability.steps, "a person needs to be told what to do"
            assert not target.capability.repeatable, "nobody knows what a person did already"
            items = await _items(subject.provider, target)
            handed = await subject.provider.recall(target, items, key="contract")
            looked = await subject.provider.check(target, items)
            assert {each.state for each in (*handed, *looked)} == {ItemState.ACCEPTED}

        self._play(story)

    def test_a_dead_vendor_is_told_and_nothing_was_done(self) -> None:
        """The thread says that it can't be reached; the recall may be tried again."""

        async def story(subject: Subject) -> None:
            if subject.go_away is None:
                return
            target = await subject.provider.get(subject.sent)
            items = await _items(subject.provider, target)
            await subject.go_away()
            ask = subject.provider.recall(target, items[:1], key="contract")
            error = await _error_of(ask)
            assert isinstance(error, ProviderDownError), "ProviderDownError where nothing answers"
            assert error.passing
            harmless = subject.provider.traits.repeat is RepeatClass.HARMLESS  # it may leave a needless doubt
            assert harmless or not error.maybe_applied, "nothing was sent, so nothing was applied"
            _no_secret(error.sentence, subject)

        self._play(story)

    def test_a_lost_answer_leaves_a_doubt_that_the_record_settles(self) -> None:
        """After a crash or a cut line nothing is sent twice unseen."""

        async def story(subject: Subject) -> None:
            if subject.lose_answer is None:
                return
            provider = subject.provider
            target = await provider.get(subject.sent)
            items = await _items(provider, target)
            await subject.lose_answer()
            error = await _error_of(provider.recall(target, items[:1], key="contract"))
            assert isinstance(error, ProviderError), "recall raises where no answer came"
            assert error.maybe_applied, "an order without an answer may have taken effect"
            _no_secret(error.sentence, subject)
            if provider.traits.repeat is RepeatClass.READABLE:
                (found,) = await _checked(provider, target, items[:1])
                assert found.state in {ItemState.ACCEPTED, ItemState.DONE}, "the record shows that it took"

        self._play(story)

    def test_the_diagnosis_is_in_plain_words(self) -> None:
        """`app.py check` prints it."""

        async def story(subject: Subject) -> None:
            lines = await subject.provider.diagnose()
            assert lines, "diagnose says at least one thing"
            for line in lines:
                assert line.ok or line.mend, f"what is wrong comes with what to do: {line.found}"
                _no_secret(f"{line.what} {line.found} {line.mend}", subject)

        self._play(story)

    def test_it_closes_without_delay(self) -> None:
        """The bot stops within seconds, whatever a vendor does."""

        async def story(subject: Subject) -> None:
            await subject.provider.recent(1, viewer=subject.viewer)
            if subject.go_away is not None:
                await subject.go_away()
            async with asyncio.timeout(10):
                await subject.provider.close()

        self._play(story)

    def _play(self, story: Callable[[Subject], Coroutine[Any, Any, None]]) -> None:
        async def played() -> None:
            async with asyncio.timeout(PATIENCE), self.subject() as subject:
                await story(subject)

        asyncio.run(played())


async def _error_of(ask: Awaitable[object]) -> RecallError | None:
    try:
        await ask
    except RecallError as error:
        return error
    return None


async def _items(provider: Provider, target: Target) -> list[ItemId]:
    return [item async for page in provider.items(target) for item in page]


async def _checked(provider: Provider, target: Target, items: Sequence[ItemId]) -> Sequence[Outcome]:
    """Ask as the engine does. Nothing was recalled before the test, so every report counts."""
    if isinstance(provider, ReadsReports):
        return await provider.check_since(target, items, since=target.sent_at or LONG_AGO)
    return await provider.check(target, items)


def _whole(target: Target, subject: Subject) -> None:
    """Check what cards and memory rely on."""
    capability = target.capability
    assert target.ref.provider == subject.provider.name
    assert target.vendor == subject.provider.traits.vendor
    assert target.name, "a target has a name, if only its id"
    assert (capability.operation is None) == bool(capability.refusal), (
        "a refusal exactly where nothing can be done"
    )
    for sentence in (capability.refusal, *capability.limits):
        assert not sentence or sentence.endswith("."), f"a full sentence: {sentence}"
    for moment in (target.sent_at, capability.closes_at):
        assert moment is None or moment.utcoffset() == timedelta(0), "times are aware UTC"
    target.fingerprint()  # fails where a text can't be encoded
    _no_secret(repr(target), subject)


def _sentences(outcomes: list[Outcome], subject: Subject) -> None:
    for each in outcomes:
        open_ends = each.state in {ItemState.FAILED, ItemState.UNKNOWN}
        assert bool(each.reason) or not open_ends, "what failed or is unknown has a reason"
        _no_secret(f"{each.reason} {each.evidence} {each.code}", subject)


def _no_secret(text: str, subject: Subject) -> None:
    for secret in subject.secrets:
        assert secret not in text, "a secret stands in a text"
