"""What must never happen (DESIGN, section 5), looked for in the file, at the vendors and in Slack."""

import sqlite3
from collections import Counter, defaultdict

from bot.recall import Recall, State
from bot.tally import counts_of
from bot.target import ItemState, RepeatClass
from handlers.cards.card import card
from storage.audit import _verify
from tests.simulation.house import GROUPS
from tests.simulation.slack import Post
from tests.simulation.world import World

NEVER_CONFIRMED = {State.PROPOSED, State.DECLINED, State.EXPIRED, State.REFUSED}
OVER = {
    State.DONE, State.PARTIAL, State.FAILED, State.UNKNOWN, State.STOPPED, State.DECLINED, State.EXPIRED,
    State.REFUSED, State.CANCELLED,
}  # fmt: skip


def always(world: World) -> None:
    """What must hold at every instant."""
    recalls = world.recalls()
    for vendor in world.vendors.values():
        assert not vendor.wrongs, vendor.wrongs
    for recall in recalls:
        _rightly_confirmed(recall)
        _true(world, recall)
    _one_open_each(recalls)
    _told_once(world.slack.posts)


def in_the_end(world: World) -> None:
    """What must hold once nothing is wrong any more and time has passed."""
    always(world)
    waiting = world.rows("SELECT key, kind, tries, not_before FROM outbox WHERE state < 2")
    assert not waiting, f"never told: {waiting}"
    unheard = world.rows("SELECT key, verb FROM request WHERE answered = 0 AND verb <> ''")
    assert not unheard, f"clicks that were kept and never carried out: {unheard}"
    for recall in world.recalls():
        assert recall.state in OVER, f"{recall.id} is still {recall.state}"
        _nothing_left(world, recall)
        _shown(world, recall)
    _all_told(world)
    _sound(world)


def quiet(world: World) -> bool:
    """Say whether nothing is left to do."""
    if world.rows("SELECT 1 FROM outbox WHERE state < 2 LIMIT 1"):
        return False
    return all(each.state in OVER for each in world.recalls())


def _rightly_confirmed(recall: Recall) -> None:
    if recall.state in NEVER_CONFIRMED and recall.confirmed_by is None:
        return
    if recall.state is State.PROPOSED:
        return
    by = recall.confirmed_by
    assert by is not None, f"{recall.id} is {recall.state}, and nobody said yes"
    assert "S_MARKETING" in GROUPS[by.user], f"{by.user} may not confirm"
    if recall.needs_second and recall.state not in NEVER_CONFIRMED | {State.APPROVING}:
        second = recall.approved_by
        assert second is not None, f"{recall.id} is {recall.state} without a second person"
        assert "S_LEADS" in GROUPS[second.user]
        assert second != by, "one person said yes twice"


def _true(world: World, recall: Recall) -> None:
    """What is noted of items is what the vendor's own record says."""
    vendor = world.vendors[recall.target.ref.provider]
    things = vendor.sendings[recall.target.ref.id].things
    items = world.items(recall.id)
    for item, state in items.items():
        thing = things[item]
        if state is ItemState.DONE:
            assert vendor.shows_gone(thing), f"{recall.id}: {item} is called done, and is not"
            world.finished.add((recall.id, item))
        elif state is ItemState.FAILED:
            assert thing.gone_at is None, f"{recall.id}: {item} is called failed, and is gone"
        if vendor.repeat is not RepeatClass.HARMLESS:
            assert thing.effects[recall.id] <= 1, f"{item} was taken back twice"
    if recall.state is State.DONE:
        gone = [each in {ItemState.DONE, ItemState.SKIPPED} for each in items.values()]
        assert gone, f"{recall.id} is called done: {items}"
        assert all(gone), f"{recall.id} is called done: {items}"
    counted_up = {State.DONE, State.PARTIAL, State.STOPPED, State.UNKNOWN}
    if (
        recall.state in counted_up and recall.not_before is None
    ):  # else a look may be under way, chunk by chunk
        counted = counts_of(Counter(items.values()))
        assert recall.counts == counted, f"{recall.id} is {recall.state}: {recall.counts} for {items}"


def _one_open_each(recalls: list[Recall]) -> None:
    opened = Counter(each.target.ref for each in recalls if each.state not in OVER)
    assert not opened or max(opened.values()) == 1, f"several open recalls of one target: {opened}"


def _told_once(posts: list[Post]) -> None:
    """Each message once in its place, below its own card, in order.

    What moves to another place, since its own is gone, may have reached the first one unnoticed; and what somebody
    deleted before it was known to stand is posted anew.
    """
    keys = Counter((each.key, each.channel, each.thread) for each in posts if each.key and not each.deleted)
    twice = [key for (key, _, _), many in keys.items() if many > 1]
    assert not twice, f"posted twice: {twice}"
    roots = {(each.channel, each.ts): each for each in posts if each.key and _kind(each) == "card"}
    last: dict[tuple[str, str], int] = defaultdict(int)
    for post in posts:
        if post.key is None or _kind(post) == "card":
            continue
        assert post.thread is not None, f"{post.key} is not in a thread"
        root = roots.get((post.channel, post.thread))
        assert root is not None, f"{post.key} is below something else"
        assert root.recall == post.recall, f"{post.key} is in the thread of {root.key}"
        version = int(post.key.split(":")[2])
        place = (post.channel, post.thread)
        assert version > last[place], f"{post.key} comes after step {last[place]}"
        last[place] = version


def _kind(post: Post) -> str:
    assert post.key is not None
    return post.key.rsplit(":", 1)[1]


def _nothing_left(world: World, recall: Recall) -> None:
    states = set(world.items(recall.id).values())
    assert ItemState.INTENT not in states, f"{recall.id} is {recall.state}: {states}"
    assert ItemState.ACCEPTED not in states, f"{recall.id} is {recall.state}: {states}"
    if recall.state in {State.DONE, State.PARTIAL, State.UNKNOWN, State.FAILED} and recall.started_at:
        assert ItemState.PENDING not in states, f"{recall.id} is {recall.state}: {states}"


def _shown(world: World, recall: Recall) -> None:
    """Every card that stands shows how it stands."""
    shall = card(recall, image=True)
    for channel, ts in world.rows(
        "SELECT channel, ts FROM card WHERE recall = ? AND NOT gone AND ts IS NOT NULL", recall.id
    ):
        post = world.slack.found(channel, ts)
        if post is not None and channel not in world.slack.closed:
            assert post.body["text"] == shall.text, f"{recall.id} is {recall.state}: {post.body['text']}"
            assert post.body["blocks"] == list(shall.blocks)


def _all_told(world: World) -> None:
    """What the outbox calls sent stands in Slack once; what it calls dropped does not."""
    keys = Counter(each.key for each in world.slack.posts if each.key)
    for key, kind, state, why in world.rows("SELECT key, kind, state, why FROM outbox"):
        if kind == "refresh":
            continue
        if state == 2 and kind != "progress":
            assert keys[key], f"{key} is called sent, and stands nowhere"
        elif state == 3:
            assert why, f"{key} was given up without a word"
    known = {key for (key,) in world.rows("SELECT key FROM outbox")}
    assert set(keys) <= known, "Slack has messages that nobody noted"


def _sound(world: World) -> None:
    connection = sqlite3.connect(f"file:{world.disk.path}?mode=ro", uri=True)
    try:
        found = _verify(connection)
        assert found.whole, found.broken
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()
