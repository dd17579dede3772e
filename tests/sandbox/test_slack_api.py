from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import LocalSlack
from sandbox.slack.state import Installation
from sandbox.world import World
from tests.sandbox.slack_app import actions, bot, button, section

META = {"event_type": "card", "event_payload": {"recall": "r1"}}


@pytest.fixture
def slack(world: World) -> LocalSlack:
    return world.slack


@pytest.fixture
def client(slack: LocalSlack) -> AsyncWebClient:
    return bot(slack)


async def refusal(awaitable: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await awaitable
    return str(caught.value.response["error"])


def without(slack: LocalSlack, *scopes: str) -> None:
    app = slack.state.app
    slack.state.app = Installation(
        scopes=tuple(scope for scope in app.scopes if scope not in scopes),
        commands=app.commands,
        shortcuts=app.shortcuts,
        events=app.events,
    )


async def test_tokens_are_checked_on_each_call(slack: LocalSlack, client: AsyncWebClient) -> None:
    assert (await client.auth_test())["user_id"] == slack.BOT_USER
    assert await refusal(bot(slack, "xoxb-other").auth_test()) == "invalid_auth"
    assert await refusal(client.apps_connections_open(app_token=slack.BOT_TOKEN)) == "not_allowed_token_type"
    assert await refusal(bot(slack, slack.APP_TOKEN).users_info(user="U0ANN")) == "not_allowed_token_type"
    assert await refusal(client.api_call("chat.meMessage")) == "unknown_method"
    assert (await client.auth_test()).headers["x-oauth-scopes"].startswith("commands,chat:write")


async def test_a_missing_scope_is_named(slack: LocalSlack, client: AsyncWebClient) -> None:
    without(slack, "chat:write", "groups:read")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0CAMPAIGNS", text="x")
    assert caught.value.response["needed"] == "chat:write"
    assert "users:read" in caught.value.response["provided"]
    slack.workspace.join(slack.BOT_USER, "G0SECRET")
    assert await refusal(client.conversations_info(channel="G0SECRET")) == "missing_scope"


async def test_the_bot_posts_only_where_it_is(client: AsyncWebClient) -> None:
    assert await refusal(client.chat_postMessage(channel="C0GENERAL", text="x")) == "not_in_channel"
    for unseen in ("G0SECRET", "D0ANNBOB", "C0NOWHERE"):
        assert await refusal(client.chat_postMessage(channel=unseen, text="x")) == "channel_not_found"
    assert (await client.chat_postMessage(channel="U0ANN", text="x"))["channel"] == "D0ANN"
    empty = client.api_call("chat.postMessage", json={"channel": "C0CAMPAIGNS", "text": " "})
    assert await refusal(empty) == "no_text"


async def test_an_update_treats_text_and_blocks_as_slack_does(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    posted = await client.chat_postMessage(
        channel="C0CAMPAIGNS", text="a", blocks=[section("b")], metadata=META
    )
    where: Any = {"channel": "C0CAMPAIGNS", "ts": posted["ts"]}

    def now() -> Any:
        return slack.workspace.message("C0CAMPAIGNS", posted["ts"])

    await client.chat_update(
        **where, metadata={"event_type": "card", "event_payload": {}}, text="c", blocks=[section("d")]
    )
    assert now().blocks[0]["text"]["text"] == "d"
    assert not now().edited
    await client.chat_update(**where, text="only text")
    assert now().blocks == ()
    assert now().edited
    assert now().metadata["event_payload"] == {}
    await client.chat_update(**where, text="x", metadata={})
    assert now().metadata is None
    assert await refusal(client.chat_update(**where, text="x" * 4001)) == "msg_too_long"
    assert (
        await refusal(client.chat_update(channel="U0ANN", ts=posted["ts"], text="x")) == "channel_not_found"
    )


async def test_the_bot_changes_and_deletes_its_own_messages_only(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    others = slack.person("ann").sees("#campaigns")[0]
    where: Any = {"channel": others.channel, "ts": others.ts}
    assert await refusal(client.chat_update(**where, text="x")) == "cant_update_message"
    assert await refusal(client.chat_delete(**where)) == "cant_delete_message"
    shown = await client.chat_postEphemeral(channel="C0CAMPAIGNS", user="U0ANN", text="x")
    own: Any = {"channel": "C0CAMPAIGNS", "ts": shown["message_ts"]}
    assert await refusal(client.chat_update(**own, text="x")) == "message_not_found"
    mine = await client.chat_postMessage(channel="C0CAMPAIGNS", text="x")
    await client.chat_postMessage(channel="C0CAMPAIGNS", text="y", thread_ts=mine["ts"])
    await client.chat_delete(channel="C0CAMPAIGNS", ts=mine["ts"])
    root, reply = slack.person("ann").sees("#campaigns", mine["ts"])
    assert root.deleted
    assert reply.text == "y"


async def test_ephemerals_show_to_one_member_and_not_in_a_sleeping_thread(
    slack: LocalSlack, client: AsyncWebClient
) -> None:
    ann, bob = slack.person("ann"), slack.person("bob")
    root = ann.sees("#campaigns")[0]
    await client.chat_postEphemeral(channel="C0CAMPAIGNS", user="U0ANN", text="psst", thread_ts=root.ts)
    assert [m.text for m in ann.sees("#campaigns", root.ts)] == [root.text]
    await client.chat_postMessage(channel="C0CAMPAIGNS", text="awake", thread_ts=root.ts)
    await client.chat_postEphemeral(channel="C0CAMPAIGNS", user="U0ANN", text="psst", thread_ts=root.ts)
    assert [m.text for m in ann.sees("#campaigns", root.ts)] == [root.text, "awake", "psst"]
    assert [m.text for m in bob.sees("#campaigns", root.ts)] == [root.text, "awake"]
    stranger = client.chat_postEphemeral(channel="C0RECALLS", user="U0GUS", text="x")
    assert await refusal(stranger) == "user_not_in_channel"


async def test_a_thread_is_read_page_by_page_with_metadata(client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel="C0CAMPAIGNS", text="root", metadata=META))["ts"]
    for number in range(5):
        await client.chat_postMessage(channel="C0CAMPAIGNS", text=str(number), thread_ts=root)
    where: Any = {"channel": "C0CAMPAIGNS", "ts": root, "limit": 3}
    first = await client.conversations_replies(**where, include_all_metadata=True)
    assert [m["text"] for m in first["messages"]] == ["root", "0", "1"]
    assert first["messages"][0]["metadata"] == META
    assert first["messages"][0]["reply_count"] == 5
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_replies(**where, cursor=cursor)
    assert [m["text"] for m in second["messages"]] == ["2", "3", "4"]
    assert not second["has_more"]
    assert await refusal(client.conversations_replies(channel="C0CAMPAIGNS", ts="1.0")) == "thread_not_found"
    history = await client.conversations_history(channel="C0CAMPAIGNS", limit=1)
    assert [m["ts"] for m in history["messages"]] == [root]
    assert "event_payload" not in history["messages"][0]["metadata"]
    only_it = await client.conversations_history(
        channel="C0CAMPAIGNS", oldest=root, latest=root, inclusive=True
    )
    assert len(only_it["messages"]) == 1
    assert await refusal(client.conversations_history(channel="C0GENERAL")) == "not_in_channel"


async def test_people_channels_and_groups_can_be_looked_up(client: AsyncWebClient) -> None:
    assert (await client.users_info(user="U0GUS"))["user"]["is_restricted"]
    assert (await client.users_info(user="U0EVE"))["user"]["deleted"]
    assert await refusal(client.users_info(user="U0NOBODY")) == "user_not_found"
    assert (await client.usergroups_users_list(usergroup="S0LEADS"))["users"] == ["U0BOB"]
    assert await refusal(client.usergroups_users_list(usergroup="S0NONE")) == "no_such_subteam"
    assert (await client.conversations_info(channel="C0PARTNERS"))["channel"]["is_ext_shared"]
    assert not (await client.conversations_info(channel="C0GENERAL"))["channel"]["is_member"]
    assert (await client.conversations_open(users="U0ANN"))["channel"]["id"] == "D0ANN"
    assert await refusal(client.conversations_open(users="U0EVE")) == "user_disabled"
    listed = await client.conversations_list(types="public_channel,private_channel", limit=2)
    assert len(listed["channels"]) == 2
    assert "C0RECALLS" in {channel["id"] for channel in listed["channels"]}
    everybody = [m async for page in await client.users_list(limit=3) for m in page["members"]]
    assert len(everybody) == 9
    assert "U0ANN" in (await client.conversations_members(channel="C0RECALLS"))["members"]


async def test_broken_blocks_are_refused_and_remembered(slack: LocalSlack, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0CAMPAIGNS", text="x", blocks=[section("x" * 3001)])
    told = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["response_metadata"]["messages"] == [f"[ERROR] {told}"]
    assert [violation.messages for violation in slack.violations] == [(told,)]
    bad = client.chat_postMessage(channel="C0CAMPAIGNS", text="x", blocks="[{")
    assert await refusal(bad) == "invalid_blocks_format"
    assert await refusal(client.blocks_validate(blocks=[section("")])) == "invalid_blocks"


async def test_too_many_calls_are_told_to_wait(
    world: World, slack: LocalSlack, client: AsyncWebClient
) -> None:
    for _ in range(20):
        await client.usergroups_list()
    with pytest.raises(SlackApiError) as caught:
        await client.usergroups_list()
    assert caught.value.response.status_code == 429
    assert 0 < int(caught.value.response.headers["Retry-After"]) <= 60
    await client.usergroups_users_list(usergroup="S0LEADS")
    world.clock.advance(60)
    await client.usergroups_list()
    slack.limits.enabled = False
    for _ in range(25):
        await client.usergroups_list()


@pytest.mark.parametrize(
    ("kind", "applied"),
    [
        ("429", False),
        ("500_before", False),
        ("500_after", True),
        ("503", False),
        ("error", False),
        ("error_after", True),
        ("reset", False),
        ("reset_after", True),
        ("slow", True),
        ("malformed", True),
    ],
)
async def test_a_fault_meets_one_call_and_is_over(
    slack: LocalSlack, client: AsyncWebClient, kind: str, applied: bool
) -> None:
    ann = slack.person("ann")
    slack.faults.add(method="chat.postMessage", kind=kind, seconds=0)
    before = len(ann.sees("#campaigns"))
    if kind == "slow":
        await client.chat_postMessage(channel="C0CAMPAIGNS", text="once")
    else:
        with pytest.raises(Exception, match=r".+"):  # what it is depends on the fault: that is the point
            await client.chat_postMessage(channel="C0CAMPAIGNS", text="once")
    assert len(ann.sees("#campaigns")) - before == int(applied)
    await client.chat_postMessage(channel="C0CAMPAIGNS", text="again")
    assert ann.sees("#campaigns")[-1].text == "again"


async def test_whatever_would_ring_phones_is_written_down(slack: LocalSlack, client: AsyncWebClient) -> None:
    shown = [section("<!here> and <@U0BOB>"), actions(button("<!channel>", "a"))]
    await client.chat_postMessage(channel="C0CAMPAIGNS", text="&lt;!channel&gt;", blocks=shown)
    assert [mention.target for mention in slack.mentions] == ["here", "U0BOB"]
    await client.chat_postMessage(channel="C0CAMPAIGNS", text="@channel")
    assert len(slack.mentions) == 2
    await client.chat_postMessage(channel="C0CAMPAIGNS", text="@channel", link_names=True)
    assert slack.mentions[-1].target == "channel"
    rich = [{"type": "broadcast", "range": "everyone"}]
    blocks = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": rich}]}]
    await client.chat_postMessage(channel="C0CAMPAIGNS", text="x", blocks=blocks)
    assert slack.mentions[-1].target == "everyone"


async def test_a_link_leads_to_a_message(slack: LocalSlack, client: AsyncWebClient) -> None:
    message = slack.person("ann").sees("#campaigns")[0]
    link = await client.chat_getPermalink(channel=message.channel, message_ts=message.ts)
    assert (
        link["permalink"] == f"https://sandbox.slack.com/archives/C0CAMPAIGNS/p{message.ts.replace('.', '')}"
    )
