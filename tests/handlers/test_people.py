import asyncio

import pytest

from bot.ports import Person
from bot.recall import Actor
from tests.handlers.conftest import TEAM, Office


async def ask(office: Office, user: str, team: str = TEAM) -> Person:
    return await office.people.person(Actor(team=team, user=user))


async def test_groups_are_those_that_the_policy_names(office: Office) -> None:
    assert (await ask(office, "U0BOB")).groups == frozenset({"S0MARKETING"})
    assert (await ask(office, "U0CLEO")).groups == frozenset()


async def test_guests_the_deactivated_and_strangers_are_known(office: Office) -> None:
    assert (await ask(office, "U0GUS")).guest
    assert not (await ask(office, "U0EVE")).active
    assert not (await ask(office, "U0ANN", team="T0OTHER")).home


@pytest.mark.parametrize("kind", ["429", "500_before", "reset", "malformed"])
async def test_what_slack_does_not_tell_is_not_guessed(office: Office, kind: str) -> None:
    faults = office.slack.state.faults
    faults.add(method="users.info", kind=kind, times=9)
    assert not (await ask(office, "U0ANN")).known
    faults.clear()
    faults.add(method="usergroups.users.list", kind=kind, times=9)
    person = await ask(office, "U0ANN")
    assert person.known
    assert person.groups is None
    faults.clear()
    assert (await ask(office, "U0ANN")).groups == frozenset({"S0MARKETING"})


async def test_a_deleted_group_locks_out_nobody_else(office: Office) -> None:
    office.slack.state.faults.add(method="usergroups.users.list", kind="error", error="no_such_subteam")
    assert (await ask(office, "U0ANN")).groups == frozenset()


async def test_an_answer_is_used_for_a_minute_and_no_longer(office: Office) -> None:
    for _ in range(3):
        await ask(office, "U0ANN")
    assert office.posted("users.info") == 1
    assert office.posted("usergroups.users.list") == 1
    office.world.clock.advance(61)
    await ask(office, "U0ANN")
    assert office.posted("users.info") == 2
    assert office.posted("usergroups.users.list") == 2


async def test_a_person_whom_slack_can_not_describe_is_refused_in_words(office: Office) -> None:
    office.slack.state.faults.add(method="users.info", kind="503", times=2)
    await office.slack.person("ann").types("/recall spring", "#campaigns")
    await office.shown("ann", "does not tell right now", "#campaigns")


async def test_a_slow_answer_about_one_person_keeps_nobody_else_waiting(office: Office) -> None:
    office.slack.faults.add(method="users.info", kind="slow", seconds=30)
    waiting = asyncio.create_task(ask(office, "U0CLEO"))
    async with asyncio.timeout(3):
        while office.slack.faults._coming[0].times:  # noqa: ASYNC110 - see below
            await asyncio.sleep(0.01)  # Slack tells nobody that a question has come in
        assert (await ask(office, "U0BOB")).known

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_crowd_that_presses_at_once_asks_about_its_group_once(office: Office) -> None:
    await asyncio.gather(*(ask(office, user) for user in ("U0ANN", "U0BOB", "U0CLEO", "U0BOB")))

    asked = [each.method for each in office.slack.calls]
    assert asked.count("usergroups.users.list") == 1
    assert asked.count("users.info") == 3
