"""What no version of ours ever sent, what is broken, and what comes twice."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.request.async_request import AsyncBoltRequest

from handlers import ids, payloads
from handlers.payloads import MalformedError
from sandbox.slack import plain
from tests.handlers.conftest import TEAM, Office

USER = {"id": "U0ANN", "team_id": TEAM}


def clicked(action: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": USER,
        "team": {"id": TEAM},
        "trigger_id": "1.1",
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "C0CAMPAIGNS"},
        "channel": {"id": "C0CAMPAIGNS"},
        "actions": [action],
        **more,
    }


async def send(office: Office, body: dict[str, Any]) -> int:
    request = AsyncBoltRequest(mode="socket_mode", body=body)
    answer = await office.app.async_dispatch(request)
    await office.desk.tasks.settle()
    return answer.status


async def test_an_unknown_button_is_answered_in_words(office: Office) -> None:
    action = {"action_id": "from_the_future", "block_id": "b", "type": "button", "action_ts": "1.2"}
    assert await send(office, clicked(action)) == 200
    await office.shown("ann", "does not know this button", "#campaigns")


@pytest.mark.parametrize(
    "action",
    [
        {"action_id": ids.YES},
        {"action_id": ids.RECALL, "value": "no-slash"},
        {"action_id": ids.MORE, "value": "yesterday"},
        {"action_id": ids.REASON, "selected_option": {"value": "r1:boredom"}},
    ],
)
async def test_a_button_without_what_it_must_carry_is_answered(
    office: Office, action: dict[str, Any]
) -> None:
    body = clicked({"block_id": "b", "type": "button", "action_ts": "1.2", **action})
    assert await send(office, body) == 200
    await office.shown("ann", "does not know this button", "#campaigns")


@pytest.mark.parametrize(
    "action_id", [ids.YES, ids.NO, ids.STOP, ids.RETRY, ids.APPROVE, ids.ASK_AGAIN, ids.CHECK_NOW]
)
async def test_a_recall_that_nobody_knows_is_said(office: Office, action_id: str) -> None:
    body = clicked(
        {"action_id": action_id, "value": "r404", "block_id": "b", "type": "button", "action_ts": "1.2"}
    )
    assert await send(office, body) == 200
    await office.shown("ann", "no recall that is known", "#campaigns")


async def test_an_unknown_modal_says_so_in_its_place(office: Office) -> None:
    view = {"id": "V1", "type": "modal", "callback_id": "from_the_future", "hash": "1"}
    request = AsyncBoltRequest(
        mode="socket_mode", body={"type": "view_submission", "user": USER, "team": {"id": TEAM}, "view": view}
    )
    answer = await office.app.async_dispatch(request)
    assert "does not know this window" in json.loads(answer.body)["view"]["blocks"][0].__str__()


@pytest.mark.parametrize(
    "body",
    [
        {"command": "/recall"},
        {"command": "/recall", "user_id": "U0ANN", "team_id": TEAM},
        {"type": "block_actions", "actions": [{"action_id": ids.YES}]},
        {"type": "block_actions", "actions": [{"action_id": ids.YES}], "user": USER},
        {"type": "message_action", "callback_id": ids.MESSAGE_SHORTCUT, "user": USER},
        {"type": "shortcut", "callback_id": ids.GLOBAL_SHORTCUT, "user": USER},
        {"type": "shortcut", "callback_id": "from_the_future", "user": USER},
        {"type": "view_submission", "view": {"callback_id": ids.CHOOSER, "type": "modal"}},
        {"type": "view_closed", "view": {"callback_id": ids.CHOOSER, "type": "modal"}},
        {"type": "event_callback", "event": {"type": "app_home_opened"}},
        {"type": "event_callback", "event": {"type": "member_joined_channel"}},
    ],
)
async def test_a_payload_with_holes_is_acknowledged(office: Office, body: dict[str, Any]) -> None:
    assert await send(office, body) == 200


async def test_a_repeated_envelope_is_acknowledged_and_does_nothing_twice(office: Office) -> None:
    body = {
        "command": "/recall",
        "text": "help",
        "user_id": "U0ANN",
        "team_id": TEAM,
        "channel_id": "C0CAMPAIGNS",
        "trigger_id": "7.7",
    }
    assert [await send(office, body) for _ in range(3)] == [200, 200, 200]
    assert office.posted("chat.postEphemeral") == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "value", "type", "values", "actions", "ts", "state"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
FIELDS = [
    "user",
    "team",
    "actions",
    "container",
    "view",
    "channel",
    "message",
    "trigger_id",
    "event",
    "command",
    "user_id",
    "team_id",
]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_parsing_either_works_or_says_that_it_is_malformed(body: dict[str, Any]) -> None:
    for parse in (
        payloads.command,
        payloads.click,
        payloads.pointed,
        payloads.summoned,
        payloads.submission,
        payloads.suggestion,
        payloads.home_opened,
    ):
        try:
            parse(body)
        except MalformedError:
            continue
    payloads.asker(body)


async def test_a_bug_is_answered_with_an_id_that_stands_in_the_log(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.vendor.campaigns["4711"] = None  # type: ignore[assignment]
    await office.slack.person("ann").types("/recall 4711", "#campaigns")
    told = plain(await office.shown("ann", "Something went wrong on our side", "#campaigns"))
    incident = told.partition("(id ")[2].partition(")")[0]
    assert f"incident {incident}" in caplog.text
