"""May this person recall this now? Pure, and denied by default: nobody may until a rule says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.ports import Person, Traits, Viewer
from bot.recall import Actor
from bot.target import ProviderName, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One `[[policy.allow]]` of the settings."""

    who: frozenset[str]  # ids of users and user groups
    providers: frozenset[ProviderName] | None = None  # None: all
    on_behalf: bool = False  # may recall what others sent, where the vendor knows senders


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondPerson:
    """`[policy.second_person]`: who else has to say yes, and when."""

    audience_over: int  # recipients; an unknown number counts as over
    who: frozenset[str]
    self_approval: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Yes or no, with the sentence that says why not."""

    allowed: bool
    why: str = ""
    code: str = "allowed"


YES = Verdict(allowed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All rules. Rights are asked for at look-up and at each click; the audience again before the first request."""

    allow: tuple[Rule, ...] = ()
    second_person: SecondPerson | None = None
    people: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Slack user id -> provider name -> the person's id there."""

    @property
    def anybody(self) -> bool:
        """Say whether any rule names anyone at all."""
        return any(rule.who for rule in self.allow)

    def may_look(self, person: Person) -> Verdict:
        """Judge whether somebody may see what was sent and what was recalled: members of the workspace only."""
        return _standing(person) or YES

    def may_recall(self, person: Person, provider: ProviderName) -> Verdict:
        """Judge whether somebody may open a card, press Yes, Stop or Retry for a provider's targets."""
        if (no := _standing(person)) is not None:
            return no
        rules = [rule for rule in self.allow if rule.providers is None or provider in rule.providers]
        if not rules:
            return _no(
                "no_rule",
                f"Nobody may recall anything from “{provider}” yet: no rule in Recall's settings allows it. "
                "Ask whoever looks after Recall to add one.",
            )
        return _listed(
            person,
            frozenset().union(*(rule.who for rule in rules)),
            f"You may not recall anything from “{provider}”: no rule in Recall's settings names you or a group of yours.",
        )

    def viewer(self, person: Person, provider: ProviderName) -> Viewer:
        """Say who a person is at a vendor, and whether they may act for others there."""
        rules = [
            rule
            for rule in self.allow
            if rule.on_behalf and (rule.providers is None or provider in rule.providers)
        ]
        who = frozenset[str]().union(*(rule.who for rule in rules))
        acts = person.actor.user in who or bool((person.groups or frozenset()) & who)
        known_as = self.people.get(person.actor.user, {}).get(provider)
        return Viewer(identity=known_as, on_behalf=acts, email=person.email)

    def may_recall_this(self, person: Person, target: Target, traits: Traits) -> Verdict:
        """Judge a target of a vendor that lets senders alone take back what they sent."""
        verdict = self.may_recall(person, target.ref.provider)
        if not verdict.allowed or not traits.sender_only:
            return verdict
        viewer = self.viewer(person, target.ref.provider)
        known_as = person.actor.user if traits.slack_ids else viewer.identity
        mailed = traits.match_by_email and _same(person.email, target.sender_email)
        if target.team_owned or viewer.on_behalf or mailed or _same(known_as, target.sender_id):
            return YES
        sender = (
            f"Only {target.sent_by}, who sent it, may take it back."
            if target.sent_by
            else "Only its sender may take it back."
        )
        sender = f"{sender} {traits.others}".rstrip()
        if known_as is None:
            return _no(
                "sender_unknown", f"{sender} Recall's settings don't say who you are at {target.vendor}."
            )
        return _no("not_sender", sender)

    def sender(self, target: Target, traits: Traits) -> str | None:
        """Name the Slack user who sent a target, as far as the settings or the vendor tell; None: not known."""
        if traits.slack_ids:
            return target.sender_id
        provider = target.ref.provider
        known = ((user, there[provider]) for user, there in self.people.items() if provider in there)
        names = (target.sender_id, target.sent_by)
        return next((user for user, name in known if any(_same(name, each) for each in names)), None)

    def needs_second(self, target: Target) -> bool:
        """Say whether one yes is not enough for this audience; an unknown number counts as over."""
        if self.second_person is None:
            return False
        sent = target.audience.sent
        return sent is None or sent > self.second_person.audience_over

    def approvers(self, target: Target) -> tuple[str, ...]:
        """Name the users and user groups whose second yes this audience needs; empty where one is enough."""
        second = self.second_person
        return tuple(sorted(second.who)) if second is not None and self.needs_second(target) else ()

    def may_approve(self, person: Person, asker: Actor) -> Verdict:
        """Judge whether somebody's Approve or Decline counts as the second yes for what `asker` confirmed."""
        if (no := _standing(person)) is not None:
            return no
        if self.second_person is None:
            return _no("no_approver", "Nobody can approve this: the settings name no second person.")
        if person.actor == asker and not self.second_person.self_approval:
            return _no(
                "self_approval", "Your own yes is already counted; somebody else has to approve this one."
            )
        return _listed(
            person,
            self.second_person.who,
            "You may not approve this: the settings don't name you, or a group of yours, as a second person.",
        )


def _standing(person: Person) -> Verdict | None:
    if not person.home:
        return _no("other_team", "Only members of the workspace that Recall is installed in may do this.")
    if not person.known:
        return _no(
            "person_unreadable",
            "Slack does not tell right now who you are, so your right can't be checked. "
            "Please try again in a minute.",
        )
    if not person.active:
        return _no("deactivated", "This account is deactivated, so it may not do this.")
    if person.guest:
        return _no("guest", "Guests may not recall anything. Ask a member of the workspace.")
    return None


def _listed(person: Person, who: frozenset[str], otherwise: str) -> Verdict:
    if person.actor.user in who:
        return YES
    if person.groups is None:
        return _no(
            "groups_unreadable",
            "Slack does not tell right now which user groups you are in, so your right can't be checked. "
            "Please try again in a minute.",
        )
    return YES if person.groups & who else _no("not_listed", otherwise)


def _same(one: str | None, other: str | None) -> bool:
    """Compare two ids or addresses; what is not known is nobody's."""
    return bool(one) and bool(other) and str(one).casefold() == str(other).casefold()


def _no(code: str, why: str) -> Verdict:
    return Verdict(allowed=False, why=why, code=code)
