"""Posts of webhooks, e-mail apps, monitoring and workflows: what they are about is found wherever it stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from bot.ports import SystemClock
from bot.providers import (
    chatwoot_links,
    graph_ids,
    http_links,
    matrix_links,
    netmera_links,
    slack_links,
)
from bot.providers.chatwoot_settings import ChatwootSettings
from bot.providers.http_settings import HttpSettings
from bot.providers.manual import ManualProvider, ManualSettings
from bot.providers.netmera_settings import NetmeraSettings
from bot.target import ProviderName, SlackPost
from handlers.posts import slack_post
from tests.handlers.other_apps import EVENT, ID, PAGE, POSTS, Post, about, has_page

EVENT_ID = "$" + "Rq1zT" * 8 + "abc"
MAIL_ID = "AAMkAGI2" + "bZ9-_" * 28 + "AAA="
LETTER = "DB9PR04MB8421F2C7A1B9D0@DB9PR04MB8421.eurprd04.prod.outlook.example"
NAME = ProviderName("one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """What one vendor's things are called in posts, and what recognises them."""

    finds: Callable[[SlackPost], Sequence[str]]
    page: str
    page_is: str  # the id that the address names
    said: str = ""  # how the id stands in a text; empty where only addresses are recognised
    said_is: str = ""
    event: str = ""  # the type of hidden details; empty where they are not read

    def posts(self) -> list[Post]:
        """Every post, about this vendor's thing; those that it can't be named in are left out."""
        return [
            about(post, page=self.page, said=self.said, event=self.event)
            for post in POSTS.values()
            if has_page(post) or (self.said and (self.event or EVENT not in str(post)))
        ]


VENDORS = {
    "push": Vendor(
        finds=netmera_links.Recogniser(
            provider=NAME,
            settings=NetmeraSettings.model_validate(
                {
                    "url": "https://ai.netmera.com/ai/mcp",
                    "token": "t",
                    "link_hosts": ["panel.netmera.example"],
                }
            ),
        ).in_post,
        page=PAGE,
        page_is=ID,
        said=ID,
        said_is=ID,
        event=EVENT,
    ),
    "chat": Vendor(
        finds=chatwoot_links.Recogniser(
            provider=NAME,
            settings=ChatwootSettings.model_validate(
                {"url": "https://chat.example.com", "token": "t", "account": 1}
            ),
        ).in_post,
        page="https://chat.example.com/app/accounts/1/inbox/3/conversations/42?messageId=1002",
        page_is="42/1002",
        said="#42/1002",
        said_is="42/1002",
        event="recall_copy",
    ),
    "mail": Vendor(
        finds=graph_ids.Recogniser(link_hosts=("outlook.office.com",)).in_post,
        page=f"https://outlook.office.com/owa/?ItemID={MAIL_ID}&amp;exvsurl=1",
        page_is=f":g:{MAIL_ID}",
        said=LETTER,
        said_is=f":i:{LETTER}",
    ),
    "any vendor with a REST API": Vendor(
        finds=http_links.Recogniser(
            provider=NAME,
            settings=HttpSettings.model_validate(
                {
                    "title": "Bulletins",
                    "noun": "bulletin",
                    "get": {"url": "https://api.example.com/bulletins/{id}"},
                    "recall": {"url": "https://api.example.com/bulletins/{id}/withdraw"},
                    "fields": {"id": "/id", "name": "/title"},
                    "links": ["https://bulletins.example.com/b/{id}"],
                    "id_pattern": r"BLT-\d+",
                    "event_types": ["bulletin_sent"],
                    "metadata_ids": ["id"],
                }
            ),
        ).in_post,
        page="https://bulletins.example.com/b/BLT-77",
        page_is="BLT-77",
        said="BLT-77",
        said_is="BLT-77",
        event="bulletin_sent",
    ),
    "matrix": Vendor(
        finds=matrix_links.Recogniser(rooms=()).in_post,
        page=f"https://matrix.to/#/!room:example.org/{EVENT_ID}",
        page_is=f"!room:example.org/{EVENT_ID}",
        said=EVENT_ID,
        said_is=EVENT_ID,
    ),
    "slack posts": Vendor(
        finds=slack_links.in_post,
        page="https://fernhill.slack.com/archives/C0NEWS/p1790000123000100",
        page_is="C0NEWS/1790000123.000100",
        said="C0NEWS/1790000123.000100",
        said_is="C0NEWS/1790000123.000100",
    ),
    "a vendor without an API": Vendor(
        finds=ManualProvider(
            NAME,
            ManualSettings.model_validate(
                {"title": "LINE", "steps": ["Delete it."], "link_hosts": ["manager.line.example"]}
            ),
            SystemClock(),
        ).recognise,
        page="https://manager.line.example/account/broadcast/77",
        page_is="https://manager.line.example/account/broadcast/77",
    ),
}
each_vendor = pytest.mark.parametrize("vendor", VENDORS.values(), ids=list(VENDORS))


@each_vendor
def test_what_a_post_is_about_is_found_wherever_it_stands(vendor: Vendor) -> None:
    missed = [
        (post, found)
        for post in vendor.posts()
        if (found := [each.split("?")[0] for each in vendor.finds(slack_post(post))])
        not in ([vendor.page_is], [vendor.said_is])
    ]
    assert missed == []


@each_vendor
def test_a_post_about_one_vendors_thing_names_nothing_at_the_others(vendor: Vendor) -> None:
    others = [each for each in VENDORS.values() if each is not vendor]
    seen = [slack_post(post) for post in vendor.posts()]
    taken = [(post.text, other.page, list(other.finds(post))) for post in seen for other in others]
    assert [each for each in taken if each[-1]] == []


@each_vendor
def test_the_same_posts_without_it_are_about_nothing(vendor: Vendor) -> None:
    blank = [
        about(post, page="https://elsewhere.example/", said="something") | {"metadata": None}
        for post in POSTS.values()
    ]
    assert [list(found) for post in blank if (found := vendor.finds(slack_post(post)))] == []


@pytest.mark.parametrize("post", POSTS.values(), ids=list(POSTS))
def test_what_only_programs_read_is_not_taken_for_words(post: Post) -> None:
    seen = slack_post(post)
    for hidden in ("B0GRAF", "B0FLOW", "A0FLOW", "1790000000", "primary", "file_share"):
        assert hidden not in seen.text
