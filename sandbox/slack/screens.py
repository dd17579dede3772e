"""What each person has open: a stack of modals, the app's home tab, and what they have filled in but not sent."""

import itertools
import secrets
from collections import defaultdict
from dataclasses import replace

from sandbox.feed import Feed
from sandbox.slack.elements import Surface, entered
from sandbox.slack.errors import SlackError
from sandbox.slack.values import Json, Message, View

STACK = 3  # modals on top of each other


class Screens:
    """Keeps views by id, who has which on top, and each person's unsent input on each surface."""

    def __init__(self, *, feed: Feed) -> None:
        self._feed = feed
        self._count = itertools.count(1)
        self._views: dict[str, View] = {}
        self._stacks: defaultdict[str, list[str]] = defaultdict(list)
        self._homes: dict[str, str] = {}
        self._filled: defaultdict[tuple[str, str], dict[str, Json]] = defaultdict(dict)
        self._errors: dict[str, dict[str, str]] = {}

    # views

    def view(self, view_id: str) -> View | None:
        """Return a view that somebody still has open (or a home tab)."""
        return self._views.get(view_id)

    def by_external_id(self, external_id: str) -> View | None:
        """Return an open view by the id the app gave it."""
        return next((v for v in self._views.values() if v.body.get("external_id") == external_id), None)

    def stack(self, user: str) -> list[View]:
        """Return somebody's open modals, bottom first."""
        return [self._views[view_id] for view_id in self._stacks[user]]

    def top(self, user: str) -> View | None:
        """Return the modal that somebody sees."""
        return next(reversed(self.stack(user)), None)

    def home(self, user: str) -> View | None:
        """Return somebody's home tab, if the app has published one."""
        return self._views.get(self._homes.get(user, ""))

    def open(self, user: str, body: Json) -> View:
        """Show a modal in place of whatever modal is open."""
        self._refuse_duplicate(body)
        self.clear(user)
        return self._push(user, body, previous=None)

    def push(self, user: str, body: Json) -> View:
        """Show a modal on top of the open one; `push_limit_reached` beyond three."""
        self._refuse_duplicate(body)
        below = self.top(user)
        if below is None:
            raise SlackError("not_found")
        if len(self._stacks[user]) >= STACK:
            raise SlackError("push_limit_reached")
        return self._push(user, body, previous=below)

    def update(self, view: View, body: Json, *, expected_hash: str | None) -> View:
        """Change a view that is open; `hash_conflict` when the app has seen an older one."""
        if expected_hash and expected_hash != view.hash:
            raise SlackError("hash_conflict")
        self._refuse_duplicate(body, besides=view.id)
        self._errors.pop(view.id, None)
        return self._keep(replace(view, body=body, hash=_new_hash()))

    def publish(self, user: str, body: Json, *, expected_hash: str | None) -> View:
        """Show the app's home tab to somebody."""
        present = self.home(user)
        if present:
            return self.update(present, body, expected_hash=expected_hash)
        view_id = self._new_id()
        self._homes[user] = view_id
        return self._keep(View(id=view_id, owner=user, hash=_new_hash(), body=body, root_id=view_id))

    def close(self, view: View) -> None:
        """Take one modal away."""
        if view.id in self._stacks[view.owner]:
            self._stacks[view.owner].remove(view.id)
            self._views.pop(view.id, None)
        self._feed.changed()

    def clear(self, user: str) -> None:
        """Take all of somebody's modals away."""
        for view_id in self._stacks.pop(user, []):
            self._views.pop(view_id, None)
        self._feed.changed()

    # what was filled in and what is wrong with it

    def fill(self, user: str, surface: str, block_id: str, action_id: str, value: Json) -> None:
        """Keep what somebody entered on a view or message."""
        self._filled[user, surface].setdefault(block_id, {})[action_id] = value
        self._feed.changed()

    def values(self, user: str, surface: Surface) -> Json:
        """Return `state.values`: entered where entered, else the element's initial value."""
        return entered(surface, self._filled[user, surface.key])

    def set_errors(self, view: View, errors: dict[str, str]) -> None:
        """Show complaints below a modal's inputs, by block id."""
        self._errors[view.id] = errors
        self._feed.changed()

    def errors(self, view: View) -> dict[str, str]:
        """Return the complaints that a modal shows."""
        return self._errors.get(view.id, {})

    def _push(self, user: str, body: Json, *, previous: View | None) -> View:
        view_id = self._new_id()
        view = View(
            id=view_id,
            owner=user,
            hash=_new_hash(),
            body=body,
            root_id=previous.root_id if previous else view_id,
            previous_id=previous.id if previous else None,
        )
        self._stacks[user].append(view_id)
        return self._keep(view)

    def _keep(self, view: View) -> View:
        self._views[view.id] = view
        self._feed.changed()
        return view

    def _refuse_duplicate(self, body: Json, *, besides: str | None = None) -> None:
        external_id = body.get("external_id")
        twin = self.by_external_id(external_id) if external_id else None
        if twin and twin.id != besides:
            raise SlackError("duplicate_external_id")

    def _new_id(self) -> str:
        return f"V0SANDBOX{next(self._count):04d}"


def surface_of(shown: Message | View) -> Surface:
    """Return a message or view as something that can be used."""
    if isinstance(shown, View):
        return Surface(key=shown.id, blocks=tuple(shown.blocks))
    attached = (block for attachment in shown.attachments for block in attachment.get("blocks", []))
    return Surface(key=f"{shown.channel}:{shown.ts}", blocks=(*shown.blocks, *attached))


def _new_hash() -> str:
    return f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"
