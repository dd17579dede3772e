from dataclasses import replace

import pytest

from bot.recall import Actor, Place
from handlers.payloads import Origin
from handlers.places import NoPlaceError, Places, Standing
from sandbox.slack import Message
from tests.handlers.conftest import TEAM, Office

ANN = Actor(team=TEAM, user="U0ANN")


def at(channel: str | None, thread: str | None = None) -> Origin:
    return Origin(actor=ANN, channel=channel, thread=thread)


@pytest.mark.parametrize(
    ("channel", "stands", "instead_of"),
    [
        ("C0CAMPAIGNS", "C0CAMPAIGNS", None),
        ("C0GENERAL", "C0RECALLS", Standing.OUTSIDE),
        ("G0SECRET", "D0ANN", Standing.HIDDEN),
        ("D0ANNBOB", "D0ANN", Standing.HIDDEN),
        ("D0ANN", "D0ANN", None),
        (None, "C0RECALLS", None),
    ],
)
async def test_a_card_stands_where_it_was_asked_for_or_where_fewer_see_it(
    office: Office, channel: str | None, stands: str, instead_of: Standing | None
) -> None:
    placed = await office.places.for_card(at(channel, "1.2"))
    assert placed.place.channel == stands
    assert placed.place.thread == ("1.2" if channel == stands else None)
    assert placed.instead_of is instead_of


async def test_no_card_in_a_channel_shared_with_others_unless_set(office: Office) -> None:
    with pytest.raises(NoPlaceError, match="another organisation"):
        await office.places.for_card(at("C0PARTNERS"))
    open_places = Places(client=office.client, clock=office.world.clock, channel=None, allow_shared=True)
    assert (await open_places.for_card(at("C0PARTNERS"))).place == Place(channel="C0PARTNERS")


async def test_an_archived_channel_is_named_as_the_reason(office: Office) -> None:
    workspace = office.slack.state.workspace
    workspace.add_channel(replace(workspace.channels["C0CAMPAIGNS"], archived=True))
    with pytest.raises(NoPlaceError, match="archived"):
        await office.places.for_card(at("C0CAMPAIGNS"))


async def test_without_a_settings_channel_the_card_goes_to_the_person(office: Office) -> None:
    places = Places(client=office.client, clock=office.world.clock, channel=None)
    assert (await places.for_card(at("C0GENERAL"))).place == Place(channel="D0ANN")


async def test_an_unreadable_channel_is_taken_for_a_private_one(office: Office) -> None:
    office.slack.state.faults.add(method="conversations.info", kind="503")
    placed = await office.places.for_card(at("C0CAMPAIGNS"))
    assert placed.place == Place(channel="D0ANN")


async def test_an_invitation_works_at_once(office: Office) -> None:
    await office.places.for_card(at("C0GENERAL"))
    office.slack.person("ann").invites("U0RECALL", "#general")
    assert (await office.places.for_card(at("C0GENERAL"))).place == Place(channel="C0GENERAL")


async def test_slack_is_asked_once_a_minute(office: Office) -> None:
    for _ in range(3):
        await office.places.for_card(at("C0CAMPAIGNS"))
    assert office.posted("conversations.info") == 1
    office.world.clock.advance(61)
    await office.places.for_card(at("C0CAMPAIGNS"))
    assert office.posted("conversations.info") == 2


async def test_nowhere_to_go_is_said(office: Office) -> None:
    office.slack.state.faults.add(method="conversations.open", kind="error", error="user_disabled")
    with pytest.raises(NoPlaceError, match="/invite"):
        await office.places.for_card(at("G0SECRET"))


@pytest.mark.parametrize("fault", ["503", "429", "reset"])
async def test_a_slack_that_is_merely_away_is_said_and_nobody_is_sent_to_invite(
    office: Office, fault: str
) -> None:
    office.slack.state.faults.add(method="conversations.open", kind=fault)
    with pytest.raises(NoPlaceError, match="did not answer") as told:
        await office.places.for_card(at("G0SECRET"))
    assert "/invite" not in told.value.sentence


async def test_in_a_shared_channel_the_person_is_told_and_no_card_is_shown(office: Office) -> None:
    ann = office.slack.person("ann")
    await ann.types("/recall spring", "#partners")
    told: Message = await office.shown("ann", "another organisation", "#partners")
    assert told.seen_by == "U0ANN"
    assert office.posted() == 0
