"""The budgets against a simulated clock: within Slack's limits, fair, and what matters first."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

from hypothesis import given
from hypothesis import strategies as st

from handlers.pace import Edits, Posts

T0 = datetime(2026, 5, 4, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)

Ask = Callable[[int, datetime], datetime | None]


def most_in_a_minute(at: list[datetime]) -> int:
    return max((sum(start <= each < start + MINUTE for each in at) for start in at), default=0)


class Cards:
    """Recalls that run at once. Each has a new count as soon as its last one went out, as the outbox folds them."""

    def __init__(self, edits: Edits, recalls: int) -> None:
        self.edits = edits
        self.ids = count(1)
        self.waiting = {f"r{n}": (next(self.ids), T0) for n in range(recalls)}
        self.went: list[tuple[datetime, str]] = []

    def tick(self, now: datetime) -> None:
        """Ask for whatever is due, oldest notice first, as the outbox lists it."""
        for name, (notice, due) in sorted(self.waiting.items(), key=lambda each: each[1][0]):
            if due <= now:
                later = self.edits.count(notice, now)
                if later is None:
                    self.went.append((now, name))
                    self.waiting[name] = (next(self.ids), now + 3 * SECOND)
                else:
                    self.waiting[name] = (notice, later)


def test_ten_recalls_at_once_all_show_life_and_none_starves() -> None:
    cards = Cards(Edits(), 10)
    for second in range(300):
        cards.tick(T0 + second * SECOND)

    assert most_in_a_minute([at for at, _ in cards.went]) <= 31
    shares = Counter(name for _, name in cards.went)
    assert len(shares) == 10
    assert max(shares.values()) - min(shares.values()) <= 1
    for name in shares:
        mine = [at for at, each in cards.went if each == name]
        assert max(b - a for a, b in pairwise(mine)) <= 22 * SECOND


def test_one_recall_alone_is_not_held_back() -> None:
    cards = Cards(Edits(), 1)
    for second in range(120):
        cards.tick(T0 + second * SECOND)

    assert len(cards.went) == 40


def test_a_card_goes_at_once_however_many_counts_wait() -> None:
    edits = Edits()
    cards = Cards(edits, 60)
    for second in range(90):
        cards.tick(T0 + second * SECOND)

    assert [edits.card(10_000 + n, T0 + 90 * SECOND) for n in range(12)] == [None] * 12


def test_a_burst_of_cards_goes_out_within_the_budget_and_before_any_count() -> None:
    edits, at = Edits(), list[datetime]()
    cards = Cards(edits, 10)
    due = dict.fromkeys(range(1000, 1100), T0)
    for second in range(200):
        now = T0 + second * SECOND
        for notice in [n for n, when in due.items() if when <= now]:
            later = edits.card(notice, now)
            if later is None:
                at.append(now)
                del due[notice]
            else:
                due[notice] = later
        cards.tick(now)

    assert not due
    assert max(at) - T0 <= 2 * MINUTE
    assert most_in_a_minute(at + [each for each, _ in cards.went]) <= 46
    assert all(each >= max(at) for each, _ in cards.went)


def test_after_a_429_no_edit_goes_before_its_time() -> None:
    edits = Edits()
    assert edits.card(1, T0) is None
    edits.hold(T0 + 30 * SECOND)

    assert edits.card(2, T0) == T0 + 30 * SECOND
    assert edits.count(3, T0) == T0 + 30 * SECOND
    assert edits.card(2, T0 + 30 * SECOND) is None


def test_a_burst_in_one_channel_is_paced_in_order_and_another_channel_goes_on() -> None:
    posts = Posts()
    turns = [posts.turn(n, "C1", T0) for n in range(70)]

    assert turns[:8] == [None] * 8
    assert turns[8:] == sorted(each for each in turns[8:] if each)
    assert posts.turn(100, "C2", T0) is None
    assert most_in_a_minute([each or T0 for each in turns]) <= 58
    assert turns[8] is not None
    assert posts.turn(8, "C1", turns[8]) is None


def test_after_a_429_only_that_channel_waits() -> None:
    posts = Posts()
    posts.hold("C1", T0 + 30 * SECOND)

    assert posts.turn(1, "C1", T0) == T0 + 30 * SECOND
    assert posts.turn(2, "C2", T0) is None
    assert posts.turn(1, "C1", T0 + 30 * SECOND) is None


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=150))
def test_whatever_is_asked_when_no_minute_has_more_edits_than_slack_allows(
    asked: list[tuple[int, bool]],
) -> None:
    edits, now, went = Edits(), T0, list[datetime]()
    waiting = dict[int, tuple[datetime, bool]]()
    for number, (seconds, card) in enumerate([*asked, *[(20, True)] * 30]):
        now += seconds * SECOND
        waiting[number] = (now, card)
        for notice, (due, is_card) in list(waiting.items()):
            if due <= now:
                later = (edits.card if is_card else edits.count)(notice, now)
                if later is None:
                    went.append(now)
                    del waiting[notice]
                else:
                    assert later > now
                    waiting[notice] = (later, is_card)

    assert most_in_a_minute(went) <= 50
