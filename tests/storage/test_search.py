import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
import sqlite_utils
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.ports import Match, Store
from bot.target import ProviderName
from storage import open_store
from storage.codec import dump
from storage.schema import MIGRATIONS
from tests.builders import T0, FixedClock, make_target

HOUR = timedelta(hours=1)


@pytest.fixture
async def index(store: Store) -> Store:
    names = [
        ("4711", "Spring sale"),
        ("4712", "Spring sale – last day"),
        ("4713", "Sale of the spring collection"),
        ("4714", "Güneş indirimi"),
        ("4715", "Test please ignore 🎉"),
        ("AbC-9", "Black Friday"),
        ("4716", "春のセール開催"),
    ]
    await store.remember(
        make_target(id=key, name=name, sent_at=T0 + n * HOUR) for n, (key, name) in enumerate(names)
    )
    await store.remember([make_target(provider="mail", id="m1", name="Spring letter", sent_at=T0)])
    return store


def names(found: object) -> list[str]:
    assert isinstance(found, list)
    return [match.target.name for match in found]


async def test_an_exact_id_is_found_whatever_its_case_and_comes_alone(index: Store) -> None:
    assert await index.search(" abc-9 ", 10) == [
        Match(target=make_target(id="AbC-9", name="Black Friday", sent_at=T0 + 5 * HOUR), exact=True)
    ]


async def test_a_whole_phrase_comes_before_scattered_words(index: Store) -> None:
    assert names(await index.search("spring sale", 10)) == ["Spring sale", "Spring sale – last day"]


async def test_all_words_as_prefixes_in_any_order(index: Store) -> None:
    found = await index.search("coll spr", 10)

    assert names(found) == ["Sale of the spring collection"]
    assert not found[0].fuzzy
    assert not found[0].exact


async def test_a_part_of_an_id_finds_it(index: Store) -> None:
    assert len(await index.search("471", 10)) == 6


async def test_accents_and_case_do_not_matter(index: Store) -> None:
    for typed in ("gunes", "GÜNEŞ", "gu\u0308nes\u0327"):
        assert names(await index.search(typed, 10)) == ["Güneş indirimi"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("sprnig sale", "Spring"), ("spirng", "spring"), ("blakc fridya", "Black"), ("frday", "Friday")],
)
async def test_a_misspelling_finds_something_near_and_says_that_it_is_a_guess(
    index: Store, typed: str, meant: str
) -> None:
    found = await index.search(typed, 10)

    assert found
    assert all(match.fuzzy for match in found)
    assert meant in found[0].target.name


async def test_the_middle_of_a_word_finds_it_as_a_guess(index: Store) -> None:
    for typed, name in (("riday", "Black Friday"), ("セール", "春のセール開催")):
        found = await index.search(typed, 10)
        assert names(found)[0] == name
        assert found[0].fuzzy


async def test_a_sign_that_is_no_letter_can_be_searched_for(index: Store) -> None:
    assert names(await index.search("🎉", 10)) == ["Test please ignore 🎉"]


async def test_nothing_like_it_finds_nothing(index: Store) -> None:
    assert await index.search("qqxxzz wwvvkk", 10) == []


@pytest.mark.parametrize("typed", ["", "   ", "s"])
async def test_no_word_or_one_letter_gives_the_newest(index: Store, typed: str) -> None:
    found = await index.search(typed, 2)

    assert names(found) == ["春のセール開催", "Black Friday"]


async def test_only_the_asked_providers_are_searched(index: Store) -> None:
    mail = [ProviderName("mail")]

    assert names(await index.search("spring", 10, mail)) == ["Spring letter"]
    assert names(await index.search("sprnig", 10, mail)) == ["Spring letter"]
    assert await index.search("4711", 10, mail) == []
    assert await index.search("spring", 10, []) == []


async def test_a_short_prefix_takes_the_newest_of_many(store: Store) -> None:
    await store.remember(
        make_target(id=f"x{n}", name=f"Sample {n}", sent_at=T0 + n * timedelta(minutes=1))
        for n in range(1200)
    )

    found = await store.search("sa", 3)

    assert names(found) == ["Sample 1199", "Sample 1198", "Sample 1197"]


async def test_an_old_misspelt_name_is_found_among_many_newer_ones(store: Store) -> None:
    await store.remember([make_target(id="old", name="Wintersonnenwende", sent_at=T0)])
    await store.remember(
        make_target(id=f"x{n}", name=f"Newsletter {n}", sent_at=T0 + n * HOUR) for n in range(1, 1500)
    )

    assert names(await store.search("wintersonenwnede", 3)) == ["Wintersonnenwende"]


async def test_a_renewed_target_is_found_by_its_new_name_only(index: Store) -> None:
    renewed = make_target(id="4711", name="Autumn sale", sent_at=T0)
    await index.remember([renewed])

    assert await index.known(renewed.ref) == renewed
    assert names(await index.search("autumn", 10)) == ["Autumn sale"]
    assert names(await index.search("spring sale", 10)) == ["Spring sale – last day"]


async def test_a_target_that_is_sent_later_than_it_was_planned_moves_to_its_place(index: Store) -> None:
    await index.remember([make_target(id="4711", name="Spring sale", sent_at=T0 + 100 * HOUR)])

    recent = await index.recent(20)
    assert recent[0].ref.id == "4711"
    assert len(recent) == 8


async def test_the_recent_ones_come_newest_first_in_pages_and_undated_ones_last(index: Store) -> None:
    await index.remember([make_target(id="undated", name="No date", sent_at=None)])
    push = [ProviderName("push")]

    first = await index.recent(4, providers=push)
    second = await index.recent(4, before=first[-1].sent_at, providers=push)

    assert [target.ref.id for target in first] == ["4716", "AbC-9", "4715", "4714"]
    assert [target.ref.id for target in second] == ["4713", "4712", "4711"]
    assert (await index.recent(20))[-1].name == "No date"


async def test_many_of_the_same_instant_are_all_kept(store: Store) -> None:
    await store.remember(make_target(id=f"x{n}") for n in range(50))

    assert len(await store.recent(100)) == 50


async def test_an_unknown_target_is_not_known(store: Store) -> None:
    assert await store.known(make_target().ref) is None


@pytest.mark.parametrize(
    "typed",
    [
        "a" * 10_000,
        "word " * 2_000,
        '"',
        "'",
        '""" OR *',
        "name:",
        "NEAR(a b)",
        "a AND",
        "-x",
        "^spring",
        "\0",
        "sp\0ring",
        "\ud83d",
        "{name}: x",
        "(",
        "*",
        "%",
        "spring*",
        "🎉🎉",
        "\u202e",
        "a\nb",
        "__",
    ],
)
async def test_no_foreign_input_upsets_the_search(index: Store, typed: str) -> None:
    assert isinstance(await index.search(typed, 10), list)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(typed=st.text(max_size=60) | st.text('"*:^(){}-+ ANDORT\0'))
async def test_no_text_at_all_makes_the_search_raise(index: Store, typed: str) -> None:
    found = await index.search(typed, 5)
    assert len(found) <= 5


async def test_a_small_vendors_target_is_found_behind_a_thousand_newer_ones_of_another(store: Store) -> None:
    await store.remember([make_target(provider="mail", id="m1", name="Spring letter", sent_at=T0)])
    await store.remember(
        make_target(id=f"x{n}", name=f"Spring {n}", sent_at=T0 + n * HOUR) for n in range(1, 1000)
    )

    for typed in ("spring", "sp", "spirng"):
        assert names(await store.search(typed, 3, [ProviderName("mail")])) == ["Spring letter"]


async def test_a_long_word_is_found_behind_a_thousand_newer_ones_that_begin_like_it(store: Store) -> None:
    await store.remember([make_target(id="old", name="Newslettering for beginners", sent_at=T0)])
    await store.remember(
        make_target(id=f"x{n}", name=f"Newsletter {n}", sent_at=T0 + n * HOUR) for n in range(1, 1000)
    )

    assert names(await store.search("newslettering", 3)) == ["Newslettering for beginners"]
    assert names(await store.search("beginn newslettering", 3)) == ["Newslettering for beginners"]


async def test_what_an_earlier_version_remembered_is_found_after_the_change(url: str, path: Path) -> None:
    old = sqlite_utils.Database(path)
    MIGRATIONS.apply(old, stop_before="m0005_quicker_search")
    target = make_target(id="4711", name="Spring sale", sent_at=T0)
    old.execute(
        "INSERT INTO target (n, provider, id, name, body) VALUES (1048576, 'push', '4711', 'Spring sale', ?)",
        [dump(target)],
    )
    old.conn.commit()
    old.close()

    store = await open_store(url, clock=FixedClock())

    assert [match.target for match in await store.search("spri", 3)] == [target]
    assert [match.target for match in await store.search("sprnig slae", 3)] == [target]
    assert await store.known(target.ref) == target
    await store.close()


@pytest.mark.parametrize("typed", ["blackfriday", "blac kfriday", "bla ckfriday", "fri day", "lack rida"])
async def test_a_space_too_few_or_at_the_wrong_place_is_put_right(index: Store, typed: str) -> None:
    found = await index.search(typed, 3)

    assert names(found)[:1] == ["Black Friday"]
    assert found[0].fuzzy


@pytest.mark.parametrize(
    "typed", ["collectoin spring", "plase ignore", "Tset pleas ignore", "indrimi", "colection of the sprng"]
)
async def test_every_word_may_have_a_slip(index: Store, typed: str) -> None:
    meant = {"c": "Sale of the spring collection", "i": "Güneş indirimi"}.get(
        typed[0], "Test please ignore 🎉"
    )

    assert names(await index.search(typed, 3))[0] == meant


async def test_a_misspelt_name_comes_before_others_of_the_same_words(store: Store) -> None:
    for n, name in enumerate(("Spring sale EMEA v4 🎉", "Spring sale EMEA v4", "Spring Kalmor sale EMEA v4")):
        await store.remember([make_target(id=f"x{n}", name=name, sent_at=T0 + n * HOUR)])

    assert names(await store.search("Spirng sale EMEA v4 🎉", 1)) == ["Spring sale EMEA v4 🎉"]
    assert names(await store.search("Spring sale EMEA v4 🎉", 1)) == ["Spring sale EMEA v4 🎉"]
    assert names(await store.search("Spring sale EMAE v4", 1)) == ["Spring sale EMEA v4"]


async def test_a_number_that_no_name_has_hides_no_name_with_the_other_words(index: Store) -> None:
    assert names(await index.search("black friday 2025", 3)) == ["Black Friday"]


async def test_what_a_provider_is_called_is_no_word_of_its_campaigns(store: Store) -> None:
    await store.remember([make_target(provider="push", id="x1", name="Spring sale", sent_at=T0)])

    assert await store.search("push", 3) == []
    assert names(await store.search("spring", 3, [ProviderName("push")])) == ["Spring sale"]


async def test_a_provider_is_told_from_one_whose_name_begins_the_same(store: Store) -> None:
    for provider in ("mail", "mail-merge", "Ж mail"):
        await store.remember(
            make_target(
                provider=provider, id=f"{provider}{n}", name=f"Spring {provider}", sent_at=T0 + n * HOUR
            )
            for n in range(250)
        )

    for provider in ("mail", "mail-merge", "Ж mail"):
        assert set(names(await store.search("spring", 10, [ProviderName(provider)]))) == {
            f"Spring {provider}"
        }


async def test_something_small_is_written_between_the_targets_of_a_long_page(store: Store) -> None:
    page = asyncio.create_task(
        store.remember(
            make_target(id=f"x{n}", name=f"Sample {n}", sent_at=T0 + n * HOUR) for n in range(2000)
        )
    )
    async with asyncio.timeout(10):
        while not await store.recent(1):
            pass

    await store.remember([make_target(id="small", name="Something small", sent_at=T0)])
    assert not page.done()
    await page
    assert len(await store.recent(3000)) == 2001


@pytest.mark.parametrize(
    "typed", ["weekly sale lapsed v8", "sale lap", "lapsed sale", "sale v8 weekly", "wekly sale lapsed v8"]
)
async def test_common_words_find_an_old_name_behind_many_that_have_some_of_them(
    store: Store, typed: str
) -> None:
    await store.remember([make_target(id="old", name="Weekly sale lapsed v8", sent_at=T0)])
    others = ("Weekly sale v9", "Weekly letter lapsed v8", "Salad weekly v8", "Lapsus of weekly salt")
    await store.remember(
        make_target(id=f"x{n}", name=f"{others[n % 4]} {n}", sent_at=T0 + n * HOUR) for n in range(1, 1300)
    )

    assert names(await store.search(typed, 3))[0] == "Weekly sale lapsed v8"


async def test_a_name_of_very_many_words_is_found_by_any_of_them(store: Store) -> None:
    name = " ".join(f"{a}{b}word" for a in "abcde" for b in "vwxyz")
    await store.remember([make_target(id="long", name=name, sent_at=T0)])

    for typed in ("ezword avword", "bvword bwword bxword bywo"):
        found = await store.search(typed, 3)
        assert names(found) == [name]
        assert not found[0].fuzzy


async def test_words_of_name_and_id_find_it_together(index: Store) -> None:
    assert names(await index.search("fri abc", 10)) == ["Black Friday"]


@pytest.mark.parametrize("typed", ["हिन्दी समाचार", "समाचार हिन्दी", "हिन्दी समा"])
async def test_words_with_marks_that_are_no_letters_are_found(store: Store, typed: str) -> None:
    await store.remember([make_target(id="x", name="हिन्दी समाचार", sent_at=T0)])

    found = await store.search(typed, 3)
    assert names(found) == ["हिन्दी समाचार"]
    assert not found[0].fuzzy
