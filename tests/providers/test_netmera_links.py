"""Which campaign a post or a word is about."""

from typing import Any

import pytest

from bot.providers.netmera_links import Recogniser
from bot.providers.netmera_settings import NetmeraSettings
from bot.target import ProviderName, SlackPost


def _recogniser(**settings: Any) -> Recogniser:
    given = {"url": "https://ai.netmera.com/ai/mcp", "token": "t", **settings}
    return Recogniser(provider=ProviderName("push"), settings=NetmeraSettings.model_validate(given))


def _post(text: str = "", *links: str, kind: str | None = None, **payload: str) -> SlackPost:
    return SlackPost(text=text, links=links, metadata_type=kind, metadata=tuple(payload.items()))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("cmp-1042", "cmp-1042"),
        (" CMP-1042 ", "CMP-1042"),
        ("campaign 1042", "1042"),
        ("campaign #1042", "1042"),
        ("1042", None),
        ("spring 2026", None),
        ("cmp-1042 please", None),
        ("https://panel.netmera.com/app/campaigns/cmp-1042", "cmp-1042"),
        ("<https://panel.netmera.com/campaigns/1042?tab=report|Spring>", "1042"),
        ("https://netmera.com/#/campaigns/1042/report", "1042"),
        ("https://netmera.com.evil.example/campaigns/1042", None),
        ("https://evil.example/netmera.com/campaigns/1042", None),
        ("https://panel.netmera.com/campaigns/new", None),
        ("https://[", None),
        ("", None),
    ],
)
def test_what_a_person_types(words: str, found: str | None) -> None:
    assert _recogniser().in_words(words) == found


def test_a_panel_address_of_ones_own() -> None:
    recogniser = _recogniser(
        panel_url="https://push.shop.example/c?key={id}&view=1", link_hosts=["shop.example"]
    )
    assert recogniser.in_words("https://push.shop.example/c?key=ab-7&view=1") == "ab-7"
    assert recogniser.in_words("https://push.shop.example/c?key=ab-7&amp;view=1") == "ab-7"
    assert recogniser.in_words("https://www.shop.example/campaigns/88") == "88"
    assert recogniser.in_words("https://panel.netmera.com/campaigns/88") is None


def test_an_id_pattern_of_ones_own() -> None:
    recogniser = _recogniser(id_pattern=r"P\d{4}")
    assert recogniser.in_words("p1234") == "p1234"
    assert recogniser.in_post(_post("P1234 and cmp-1")) == ("P1234",)


def test_metadata_comes_before_links_and_links_before_text() -> None:
    post = _post(
        "campaign 33 and cmp-1",
        "https://panel.netmera.com/campaigns/22",
        kind="campaign_sent",
        provider="push",
        campaign_id="11",
    )
    assert _recogniser().in_post(post) == ("11", "22", "33", "cmp-1")


def test_metadata_for_somebody_else_is_not_ours() -> None:
    assert _recogniser().in_post(_post(kind="campaign_sent", provider="mail", id="11")) == ()
    assert _recogniser().in_post(_post(kind="order_placed", id="11")) == ()
    assert _recogniser().in_post(_post(kind="campaign_sent", id="11")) == ("11",)
    assert _recogniser().in_post(_post(kind="campaign_sent", id="1 or\n2")) == ()


def test_one_campaign_named_twice_is_one() -> None:
    post = _post("cmp-7 cmp-7", "https://panel.netmera.com/campaigns/cmp-7")
    assert _recogniser().in_post(post) == ("cmp-7",)


def test_chatter_names_nothing() -> None:
    text = "call me at 1042, room 33, COVID-19, my-cmp-1x, order 2026-03-01, campaigns 2 go"
    assert _recogniser().in_post(_post(text)) == ()
