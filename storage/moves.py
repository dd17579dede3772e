"""Moves: a recall's new state, its event and its notices, within the caller's transaction."""

from collections.abc import Iterable, Sequence

from bot.ports import Card, CardId, NoticeKind, OpenRecallError
from bot.recall import OPEN, Actor, Kind, Place, Recall, RecallId, State, Step
from storage import audit
from storage.codec import clean, dump, instant, instant_or_none, load
from storage.file import Connection

NEVER_CONFIRMED = frozenset({State.PROPOSED, State.DECLINED, State.EXPIRED, State.REFUSED})
"""States that a recall can be in without anybody's yes."""

_OPEN = ", ".join(f"'{state.value}'" for state in sorted(OPEN))
CARD_COLUMNS = "id, recall, channel, thread, ts, team, user"


def write_new(connection: Connection, step: Step, card: Card) -> None:
    """Write a recall with its first event, its card and the notice that posts it. Raises OpenRecallError."""
    recall = step.after
    _refuse_second(connection, recall)
    connection.execute(
        "INSERT INTO recall (provider, target, state, version, confirmed, at, expires_at, not_before, body, id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*_columns(recall), recall.id),
    ).fetchall()
    audit.append(connection, step.event)
    write_card(connection, card, recall)


def write_card(connection: Connection, card: Card, recall: Recall) -> None:
    """Write a card and the notice that posts it; a card that was written before stays as it is."""
    place, by = card.place, card.asked_by
    added = connection.execute(
        f"INSERT INTO card ({CARD_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1",  # noqa: S608 - a constant
        (card.id, card.recall, place.channel, place.thread, card.ts, by.team, by.user),
    ).fetchall()
    if added and card.ts is None:
        _write_notice(connection, recall, card.id, NoticeKind.CARD)


def write_step(connection: Connection, step: Step, kinds: Sequence[NoticeKind]) -> bool:
    """Write a move where the recall still has the version it started from; False: nothing was written.

    Raises OpenRecallError where a retry would open a second recall of the same target.
    """
    if not stands(connection, step):
        return False
    recall = step.after
    _refuse_second(connection, recall)
    connection.execute(
        "UPDATE recall SET provider = ?, target = ?, state = ?, version = ?, confirmed = ?, at = ?,"
        " expires_at = ?, not_before = ?, body = ? WHERE id = ?",
        (*_columns(recall), recall.id),
    ).fetchall()
    audit.append(connection, step.event)
    _write_notices(connection, recall, kinds)
    if recall.state is State.DONE:
        _mark_copy(connection, recall)
    if step.event.kind is Kind.REACHED:
        connection.execute(
            "UPDATE copy SET state = 0 WHERE recall = ? AND state = 2", (recall.id,)
        ).fetchall()
    return True


def stands(connection: Connection, step: Step) -> bool:
    """Say whether the recall still has the version that a move starts from."""
    row = connection.execute("SELECT version FROM recall WHERE id = ?", (step.after.id,)).fetchone()
    return row is not None and bool(row[0] == step.before.version)


def read_recall(connection: Connection, recall: RecallId) -> Recall | None:
    """Read one recall."""
    row = connection.execute("SELECT body FROM recall WHERE id = ?", (clean(recall),)).fetchone()
    return load(Recall, row[0]) if row else None


def card_of(row: Sequence[str | None]) -> Card:
    """Build a card from CARD_COLUMNS."""
    card, recall, channel, thread, ts, team, user = row
    assert card is not None
    assert recall is not None
    assert channel is not None
    assert team is not None
    assert user is not None
    return Card(
        id=CardId(card),
        recall=RecallId(recall),
        place=Place(channel=channel, thread=thread),
        ts=ts,
        asked_by=Actor(team=team, user=user),
    )


def _columns(recall: Recall) -> tuple[object, ...]:
    confirmed = recall.confirmed_at is not None or recall.state not in NEVER_CONFIRMED
    return (
        clean(recall.target.ref.provider),
        clean(recall.target.ref.id),
        recall.state.value,
        recall.version,
        int(confirmed),
        instant(recall.confirmed_at or recall.asked_at),
        instant_or_none(recall.expires_at),
        instant_or_none(recall.not_before),
        dump(recall),
    )


def _refuse_second(connection: Connection, recall: Recall) -> None:
    """Raise OpenRecallError where another recall of the same target is open; the index would refuse it too."""
    if recall.state not in OPEN:
        return
    ref = recall.target.ref
    other = connection.execute(
        f"SELECT id FROM recall WHERE provider = ? AND target = ? AND state IN ({_OPEN})",  # noqa: S608 - a constant
        (clean(ref.provider), clean(ref.id)),
    ).fetchone()
    if other and (other[0] != recall.id or recall.version == 1):
        raise OpenRecallError(RecallId(other[0]))


def _mark_copy(connection: Connection, recall: Recall) -> None:
    """Make the copy of what was just recalled due again, so that it says so."""
    ref = recall.target.ref
    connection.execute(
        "UPDATE copy SET recall = ?, state = iif(state = 2, 0, state), not_before = NULL, tries = 0"
        " WHERE provider = ? AND target = ? AND recall IS NULL",
        (recall.id, clean(ref.provider), clean(ref.id)),
    ).fetchall()


def _write_notices(connection: Connection, recall: Recall, kinds: Iterable[NoticeKind]) -> None:
    cards = connection.execute(
        "SELECT id FROM card WHERE recall = ? AND NOT gone ORDER BY n", (recall.id,)
    ).fetchall()
    for (card,) in cards:
        for kind in kinds:
            _write_notice(connection, recall, CardId(card), kind)


def _write_notice(connection: Connection, recall: Recall, card: CardId, kind: NoticeKind) -> None:
    """Put one notice into the outbox; one that shows the present state is not written twice while it waits."""
    if kind in {NoticeKind.REFRESH, NoticeKind.PROGRESS}:
        waiting = connection.execute(
            "SELECT 1 FROM outbox WHERE card = ? AND kind = ? AND attempt = ? AND state = 0 LIMIT 1",
            (card, kind.value, recall.attempt),
        ).fetchone()
        if waiting:
            return
    connection.execute(
        "INSERT INTO outbox (key, recall, card, kind, seq, attempt) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (key) DO NOTHING",
        (
            f"{recall.id}:{card}:{recall.version}:{kind.value}",
            recall.id,
            card,
            kind.value,
            recall.version,
            recall.attempt,
        ),
    ).fetchall()
