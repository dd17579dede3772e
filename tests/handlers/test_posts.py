import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.posts import own_recall, slack_post

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=30,
)


def test_text_blocks_attachments_and_files_are_read() -> None:
    post = slack_post(
        {
            "text": "see <https://panel.example/1?a=b&amp;c=d|the panel>",
            "blocks": [
                {"type": "section", "text": {"type": "mrkdwn", "text": "cmp-1 &lt;new&gt;"}},
                {
                    "type": "rich_text",
                    "elements": [
                        {
                            "type": "rich_text_section",
                            "elements": [
                                {"type": "text", "text": "cmp-2"},
                                {"type": "link", "url": "https://panel.example/2"},
                            ],
                        }
                    ],
                },
                {
                    "type": "actions",
                    "elements": [
                        {"type": "button", "text": {"text": "Open"}, "url": "https://panel.example/3"}
                    ],
                },
            ],
            "attachments": [
                {
                    "fallback": "cmp-4",
                    "fields": [{"title": "id", "value": "cmp-5"}],
                    "title_link": "https://panel.example/6",
                }
            ],
            "files": [{"title": "report of cmp-7"}],
        }
    )
    for each in ("cmp-1 <new>", "cmp-2", "cmp-4", "cmp-5", "cmp-7"):
        assert each in post.text
    assert set(post.links) == {
        "https://panel.example/1?a=b&c=d",
        "https://panel.example/2",
        "https://panel.example/3",
        "https://panel.example/6",
    }


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("See https://x.example/a.", "https://x.example/a"),
        ("**Sent** [report](https://x.example/a)", "https://x.example/a"),
        ("(https://x.example/a_(b))", "https://x.example/a_(b)"),
        ('{"url": "https://x.example/a"}', "https://x.example/a"),
        ("<https://x.example/a.|there>", "https://x.example/a."),
    ],
)
def test_a_link_ends_before_the_sentence_around_it(text: str, link: str) -> None:
    assert slack_post({"text": text}).links == (link,)


def test_metadata_is_read_as_text() -> None:
    payload = {"provider": "push", "id": 4711, "nested": {"no": 1}}
    post = slack_post({"metadata": {"event_type": "campaign_sent", "event_payload": payload}})
    assert post.metadata_type == "campaign_sent"
    assert dict(post.metadata) == {"provider": "push", "id": "4711"}


def test_our_own_messages_name_their_recall() -> None:
    mine = {"metadata": {"event_type": "recall_card", "event_payload": {"k": "1", "recall": "r1"}}}
    assert own_recall(mine) == "r1"
    assert own_recall({"metadata": {"event_type": "other", "event_payload": {"recall": "r1"}}}) is None


@given(
    st.fixed_dictionaries(
        {}, optional={"text": JSON, "blocks": JSON, "attachments": JSON, "files": JSON, "metadata": JSON}
    )
)
def test_no_message_however_odd_stops_it(message: dict[str, object]) -> None:
    post = slack_post(message)
    assert len(post.text) <= 20_000
    own_recall(message)


def test_depth_and_length_are_bounded() -> None:
    deep: dict[str, object] = {"text": "bottom"}
    for _ in range(500):
        deep = {"elements": [deep]}
    post = slack_post({"text": "x" * 100_000, "blocks": [deep]})
    assert len(post.text) == 20_000
