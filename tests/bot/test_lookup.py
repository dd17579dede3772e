"""Words, links and ids: what leads straight to a card, and what never does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import NotFoundError, ProviderDownError
from bot.lookup import Lookup, reference
from bot.ports import NOBODY
from bot.target import ProviderName, SlackPost, TargetId, TargetRef
from tests.bot.conftest import House
from tests.builders import ANN, T0
from tests.vendor import MemoryVendor


async def test_recent_lists_newest_first_and_offers_more(house: House) -> None:
    for age in range(7):
        house.vendor.sent(str(age), name=f"Campaign {age}", sent_at=T0 - timedelta(hours=age))

    first = await house.service.recent(ANN, limit=5)
    rest = await house.service.recent(ANN, limit=5, before=first.older)

    assert [each.ref.id for each in first.targets] == ["0", "1", "2", "3", "4"]
    assert [each.ref.id for each in rest.targets] == ["5", "6"]
    assert rest.older is None


async def test_a_vendor_that_does_not_answer_is_named_and_the_index_steps_in(house: House) -> None:
    house.vendor.sent()
    await house.service.recent(ANN)
    house.vendor.trouble["recent"] = [ProviderDownError()]

    found = await house.service.recent(ANN)

    assert found.silent == ("Netmera",)
    assert [each.ref.id for each in found.targets] == ["4711"]


async def test_an_exact_id_is_certain_and_fetched_from_the_vendor(house: House) -> None:
    house.vendor.sent("12")
    house.vendor.sent("123")

    found = await house.service.find(ANN, "12")

    assert found.certain
    assert [each.ref.id for each in found.targets] == ["12"]


async def test_quotes_force_a_search(house: House) -> None:
    house.vendor.sent("12", name="Plan 123 for spring")

    found = await house.service.find(ANN, '"123"')

    assert [each.ref.id for each in found.targets] == ["12"]


async def test_part_of_a_name_finds_one_and_is_certain(house: House) -> None:
    house.vendor.sent("1", name="Spring sale: 50% off")
    house.vendor.sent("2", name="Weekend flash")
    await house.lookup.refresh()

    found = await house.service.find(ANN, "spring sa")

    assert found.certain
    assert [each.ref.id for each in found.targets] == ["1"]


async def test_several_matches_are_a_list_and_never_certain(house: House) -> None:
    house.vendor.sent("1", name="Spring sale")
    house.vendor.sent("2", name="Spring teaser")

    found = await house.service.find(ANN, "spring")

    assert not found.certain
    assert {each.ref.id for each in found.targets} == {"1", "2"}


async def test_a_misspelt_name_is_a_suggestion_and_never_a_card(house: House) -> None:
    house.vendor.sent("1", name="Spring sale: 50% off")
    await house.lookup.refresh()

    found = await house.service.find(ANN, "sprnig sael")

    assert not found.targets
    assert not found.certain
    assert [each.ref.id for each in found.nearest] == ["1"]


async def test_one_match_is_not_certain_while_a_vendor_is_silent(house: House) -> None:
    house.vendor.sent("1", name="Spring sale")
    await house.lookup.refresh()
    house.vendor.trouble["search"] = [ProviderDownError()]

    found = await house.service.find(ANN, "spring")

    assert not found.certain
    assert found.silent == ("Netmera",)


async def test_nothing_found_is_empty_and_names_nobody(house: House) -> None:
    found = await house.service.find(ANN, "zzz")

    assert (found.targets, found.nearest, found.silent) == ((), (), ())


async def test_the_typeahead_asks_the_index_only(house: House) -> None:
    house.vendor.sent("1", name="Spring sale")
    await house.lookup.refresh()
    asked = len(house.vendor.calls)

    assert [each.ref.id for each in await house.service.suggest(ANN, "spr")] == ["1"]
    assert [each.ref.id for each in await house.service.suggest(ANN, "")] == ["1"]
    assert len(house.vendor.calls) == asked


async def test_a_post_names_what_each_provider_recognises(house: House) -> None:
    house.vendor.sent("4711")

    named = house.service.candidates(SlackPost(text="campaign 4711 went out"))

    assert named == (TargetRef(provider=ProviderName("push"), id=TargetId("4711")),)
    assert house.vendor.calls == []


def test_a_reference_survives_a_button() -> None:
    ref = TargetRef(provider=ProviderName("push"), id=TargetId("a/b/c"))

    assert reference(str(ref)) == ref
    assert reference("nonsense") is None
    assert reference("/") is None


async def test_a_provider_that_left_the_settings_is_said(house: House) -> None:
    with pytest.raises(NotFoundError, match="gone"):
        await house.lookup.fetch(TargetRef(provider=ProviderName("gone"), id=TargetId("1")))


@pytest.mark.parametrize("call", ["recent", "search"])
async def test_a_vendors_bug_is_its_own_and_looking_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    house.vendor.sent()
    await house.service.recent(ANN)

    async def wrongly(*_: object, **__: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(house.vendor, call, wrongly)

    assert [each.ref.id for each in (await house.service.recent(ANN)).targets] == ["4711"]
    assert [each.ref.id for each in (await house.service.find(ANN, "spring")).targets] == ["4711"]


async def test_a_vendor_that_says_not_found_to_a_search_found_nothing(house: House) -> None:
    house.vendor.trouble["search"] = [NotFoundError("No campaign matches.")]  # type: ignore[list-item]

    found = await house.service.find(ANN, "umbrella")

    assert found.targets == ()
    assert found.silent == ()


async def test_somebodys_own_messages_do_not_crowd_out_the_teams_campaigns(house: House) -> None:
    chat = MemoryVendor(name=ProviderName("chat"))
    chat.traits = replace(chat.traits, listing_is_open=False)
    lookup = Lookup(providers={house.vendor.name: house.vendor, chat.name: chat}, index=house.store)
    for age in range(8):
        house.vendor.sent(f"c{age}", sent_at=T0 - timedelta(days=age))
        chat.sent(f"m{age}", sent_at=T0 - timedelta(seconds=age))
    everybody = dict.fromkeys((house.vendor.name, chat.name), NOBODY)

    found = await lookup.recent(everybody, limit=5)
    alone = await lookup.recent({chat.name: NOBODY}, limit=5)

    assert sorted(each.ref.id for each in found.targets) == ["c0", "c1", "c2", "m0", "m1"]
    assert [each.ref.id for each in alone.targets] == ["m0", "m1", "m2", "m3", "m4"]
