"""Posts of webhooks, e-mail apps, monitoring and workflows: what they are about is found wherever it stands."""

import json

import pytest

from bot.providers.netmera_links import Recogniser
from bot.providers.netmera_settings import NetmeraSettings
from bot.target import ProviderName
from handlers.posts import slack_post
from tests.handlers.other_apps import PAGE, POSTS, Post

SETTINGS = NetmeraSettings.model_validate(
    {"url": "https://ai.netmera.com/ai/mcp", "token": "t", "link_hosts": ["panel.netmera.example"]}
)
PUSH = Recogniser(provider=ProviderName("push"), settings=SETTINGS)


@pytest.mark.parametrize("post", POSTS.values(), ids=list(POSTS))
def test_the_campaign_that_a_post_is_about_is_found(post: Post) -> None:
    assert list(PUSH.in_post(slack_post(post))) == ["cmp-1042"]


@pytest.mark.parametrize("post", POSTS.values(), ids=list(POSTS))
def test_the_same_post_without_it_is_about_nothing(post: Post) -> None:
    written = json.dumps({name: part for name, part in post.items() if name != "metadata"})
    blank = json.loads(written.replace(PAGE, "https://elsewhere.example/").replace("cmp-1042", "something"))
    assert list(PUSH.in_post(slack_post(blank))) == []


@pytest.mark.parametrize("post", POSTS.values(), ids=list(POSTS))
def test_what_only_programs_read_is_not_taken_for_words(post: Post) -> None:
    seen = slack_post(post)
    for hidden in ("B0GRAF", "B0FLOW", "A0FLOW", "1790000000", "primary", "file_share"):
        assert hidden not in seen.text
