"""Vendors without an API: what people name becomes a target, and nothing is ever found, sent or confirmed."""

import pytest

from bot.errors import NotFoundError
from bot.ports import ItemId, SystemClock
from bot.providers.manual import ManualProvider, ManualSettings
from bot.target import ItemState, Operation, ProviderName, SlackPost, TargetId

LINK = "https://manager.line.example/broadcast/77?x=1&y=2"


@pytest.fixture
def line() -> ManualProvider:
    settings = ManualSettings(
        title="LINE Official",
        noun="broadcast",
        panel="https://manager.line.example/",
        link_hosts=("Manager.LINE.example",),
        steps=("Open it.", "Delete it."),
    )
    return ManualProvider(ProviderName("line"), settings, SystemClock())


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("line: wrong  greeting", "wrong greeting"),
        ("LINE Official: wrong greeting", "wrong greeting"),
        ("manual:line wrong greeting", "wrong greeting"),
        ("Manual:LINE: wrong greeting", "wrong greeting"),
        (LINK, LINK),
        (f"<{LINK}|the broadcast>", LINK),
        ("https://sub.manager.line.example/7", "https://sub.manager.line.example/7"),
        ("https://line.example/7", None),
        ("https://manager.line.example.evil.example/7", None),
        ("wrong greeting", None),
        ("line wrong greeting", None),
        ("line:", None),
        ("liner: notes", None),
        ("line://7", None),
        ("line: " + "x" * 301, None),
    ],
)
def test_words_behind_its_name_and_links_to_its_hosts_name_something(
    line: ManualProvider, typed: str, named: str | None
) -> None:
    assert line.link_to(typed) == named


def test_a_post_names_what_it_links_to(line: ManualProvider) -> None:
    post = SlackPost(text="line: not this", links=(LINK, "https://elsewhere.example/", "https://[", LINK))
    assert line.recognise(post) == (LINK,)


async def test_the_same_words_are_the_same_target(line: ManualProvider) -> None:
    one, other = await line.get(TargetId("wrong  greeting")), await line.get(TargetId(" wrong greeting"))
    assert one == other
    assert one.capability.operation is Operation.MANUAL
    assert one.capability.steps == ("Open it.", "Delete it.")
    assert one.url == "https://manager.line.example/"
    assert (await line.get(TargetId(LINK))).url == LINK


@pytest.mark.parametrize("named", ["", "  ", "x" * 301, "https://a.example/" + "x" * 1_900])
async def test_nothing_and_far_too_much_name_nothing(line: ManualProvider, named: str) -> None:
    with pytest.raises(NotFoundError):
        await line.get(TargetId(named))


async def test_it_lists_nothing_and_confirms_nothing(line: ManualProvider) -> None:
    target = await line.get(TargetId("wrong greeting"))
    items = [item async for page in line.items(target) for item in page]
    assert items == [ItemId("wrong greeting")]
    assert await line.recent(5) == await line.search("wrong", 5) == ()
    handed = await line.recall(target, items, key="k")
    looked = await line.check(target, items)
    assert [each.state for each in (*handed, *looked)] == [ItemState.ACCEPTED] * 2
    assert await line.preview(target) == ""
    assert [each.found for each in await line.diagnose()] == [
        "by hand, 2 steps, https://manager.line.example/"
    ]
    await line.close()
