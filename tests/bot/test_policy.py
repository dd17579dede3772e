"""Who may recall: nobody, until a rule says so."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy import Policy, Rule, SecondPerson
from bot.ports import Person, Traits
from bot.recall import Actor
from bot.target import Audience, Capability, Operation, ProviderName, RepeatClass, Target, TargetId, TargetRef

PUSH, CHAT = ProviderName("push"), ProviderName("chat")


def person(
    user: str = "U0ANN",
    groups: frozenset[str] | None = frozenset(),
    *,
    home: bool = True,
    guest: bool = False,
    active: bool = True,
) -> Person:
    return Person(actor=Actor(team="T1", user=user), groups=groups, home=home, guest=guest, active=active)


def target(sent: int | None) -> Target:
    return Target(
        ref=TargetRef(provider=PUSH, id=TargetId("c1")),
        vendor="Netmera",
        noun="push campaign",
        name="Spring",
        audience=Audience(sent=sent),
        capability=Capability(operation=Operation.RECALL),
    )


def rules(*who: str, providers: frozenset[ProviderName] | None = None) -> Policy:
    return Policy(allow=(Rule(who=frozenset(who), providers=providers),))


@given(user=st.text(), groups=st.frozensets(st.text()) | st.none(), provider=st.text())
def test_without_a_rule_nobody_may(user: str, groups: frozenset[str] | None, provider: str) -> None:
    verdict = Policy().may_recall(person(user, groups), ProviderName(provider))

    assert not verdict.allowed
    assert verdict.code == "no_rule"
    assert verdict.why


def test_a_rule_covers_users_by_name_and_by_group() -> None:
    policy = rules("U0ANN", "S0MARKETING")

    assert policy.may_recall(person("U0ANN"), PUSH).allowed
    assert policy.may_recall(person("U0BOB", frozenset({"S0MARKETING"})), PUSH).allowed
    assert policy.may_recall(person("U0CLEO"), PUSH).code == "not_listed"


def test_a_rule_for_one_provider_says_nothing_about_another() -> None:
    policy = rules("U0ANN", providers=frozenset({PUSH}))

    assert policy.may_recall(person(), PUSH).allowed
    assert policy.may_recall(person(), CHAT).code == "no_rule"


def test_unreadable_groups_refuse_whom_no_rule_names_directly() -> None:
    policy = rules("U0ANN", "S0MARKETING")

    assert policy.may_recall(person("U0ANN", None), PUSH).allowed
    assert policy.may_recall(person("U0BOB", None), PUSH).code == "groups_unreadable"


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (person(home=False), "other_team"),
        (person(active=False), "deactivated"),
        (person(guest=True), "guest"),
    ],
)
def test_strangers_guests_and_deactivated_people_may_not_even_when_listed(who: Person, code: str) -> None:
    policy = Policy(
        allow=(Rule(who=frozenset({"U0ANN"})),),
        second_person=SecondPerson(audience_over=1, who=frozenset({"U0ANN"})),
    )

    assert policy.may_recall(who, PUSH).code == code
    assert policy.may_approve(who, Actor(team="T1", user="U0BOB")).code == code


@pytest.mark.parametrize(("sent", "needed"), [(10_000, False), (10_001, True), (0, False), (None, True)])
def test_a_second_person_is_needed_above_the_limit_and_when_the_number_is_unknown(
    sent: int | None, needed: bool
) -> None:
    policy = Policy(second_person=SecondPerson(audience_over=10_000, who=frozenset({"S0LEADS"})))

    assert policy.needs_second(target(sent)) is needed


def test_without_the_setting_one_yes_is_enough() -> None:
    assert not Policy().needs_second(target(None))


def test_nobody_approves_their_own_recall_unless_that_is_set() -> None:
    bob = person("U0BOB", frozenset({"S0LEADS"}))
    strict = Policy(second_person=SecondPerson(audience_over=1, who=frozenset({"S0LEADS"})))
    lenient = Policy(
        second_person=SecondPerson(audience_over=1, who=frozenset({"S0LEADS"}), self_approval=True)
    )

    assert strict.may_approve(bob, bob.actor).code == "self_approval"
    assert lenient.may_approve(bob, bob.actor).allowed
    assert strict.may_approve(bob, Actor(team="T1", user="U0ANN")).allowed
    assert strict.may_approve(person("U0CLEO"), bob.actor).code == "not_listed"


BOB_AT_CHAT = {"U0BOB": {"chat": "7"}}
SENDER_ONLY = Traits(vendor="Chatwoot", noun="chat message", repeat=RepeatClass.READABLE, sender_only=True)


def message(sender_id: str | None = "7", email: str | None = None) -> Target:
    return Target(
        ref=TargetRef(provider=CHAT, id=TargetId("m1")),
        vendor="Chatwoot",
        noun="chat message",
        name="Hello",
        sent_by="Bob Okafor",
        sender_id=sender_id,
        sender_email=email,
        capability=Capability(operation=Operation.RECALL),
    )


def test_of_what_belongs_to_its_sender_others_are_told_who_may() -> None:
    policy = replace(rules("U0ANN", "U0BOB"), people=BOB_AT_CHAT)

    assert policy.may_recall_this(person("U0BOB"), message(), SENDER_ONLY).allowed
    refused = policy.may_recall_this(person("U0ANN"), message(), SENDER_ONLY)
    assert refused.code == "sender_unknown"
    assert "Only Bob Okafor" in refused.why
    assert policy.may_recall_this(person("U0BOB"), message("8"), SENDER_ONLY).code == "not_sender"


def test_being_the_sender_is_no_right_without_a_rule() -> None:
    policy = replace(rules("U0ANN"), people=BOB_AT_CHAT)

    assert policy.may_recall_this(person("U0BOB"), message(), SENDER_ONLY).code == "not_listed"


def test_an_on_behalf_rule_lets_somebody_act_for_others_at_that_provider_only() -> None:
    policy = Policy(allow=(Rule(who=frozenset({"S0ADMINS"}), providers=frozenset({CHAT}), on_behalf=True),))
    admin = person("U0ANN", frozenset({"S0ADMINS"}))

    assert policy.may_recall_this(admin, message(), SENDER_ONLY).allowed
    assert policy.viewer(admin, CHAT).on_behalf
    assert not policy.viewer(admin, PUSH).on_behalf


@pytest.mark.parametrize("matching", [True, False])
def test_matching_by_email_is_off_unless_set(matching: bool) -> None:
    traits = replace(SENDER_ONLY, match_by_email=matching)
    bob = replace(person("U0BOB"), email="Bob@example.com")

    verdict = rules("U0BOB").may_recall_this(bob, message("9", "bob@example.com"), traits)

    assert verdict.allowed is matching


def test_an_unknown_sender_matches_nobody() -> None:
    policy = replace(rules("U0BOB"), people={"U0BOB": {"chat": ""}})

    assert not policy.may_recall_this(person("U0BOB"), message(None), SENDER_ONLY).allowed
