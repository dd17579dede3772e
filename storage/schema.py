"""The tables, as migrations that are only ever added to."""

from sqlite_utils import Database, Migrations

from bot.errors import StorageError, StorageNewerError
from storage.chunks import count_anew
from storage.entries import index_all
from storage.file import Connection
from storage.schema_search import PAIRS, QUICKER, SEARCH, WORDS
from storage.words import learn_all

MIGRATIONS = Migrations("recall")


def _run(database: Database, script: str) -> None:
    """Run statements one by one: `executescript` would commit in the middle."""
    for statement in script.split(";;"):
        if statement.strip():
            database.execute(statement)


@MIGRATIONS()
def m0001_memory(database: Database) -> None:
    """Requests, targets, recalls with their record, the engine's work, and what Slack has yet to be told."""
    _run(database, _MEMORY)


@MIGRATIONS()
def m0002_search(database: Database) -> None:
    """Full-text search over names and ids: words with prefixes, and trigrams for misspelling and substrings."""
    _run(database, SEARCH)


@MIGRATIONS()
def m0003_copies(database: Database) -> None:
    """Copies of what vendors told of by themselves, for the mirror."""
    _run(database, _COPIES)


@MIGRATIONS()
def m0004_gone_copies(database: Database) -> None:
    """When a vendor told that a copy's original was deleted there."""
    _run(database, "ALTER TABLE copy ADD COLUMN gone INTEGER")


@MIGRATIONS()
def m0005_quicker_search(database: Database) -> None:
    """Every beginning of a word that people type has its list ready; each provider's own targets are at hand."""
    _run(database, QUICKER)


@MIGRATIONS()
def m0006_pages_of_items(database: Database) -> None:
    """Items by the chunk instead of by the row, running totals, and vendors' words to wait."""
    _run(database, _PAGES)
    count_anew(database.conn)


@MIGRATIONS()
def m0007_known_words(database: Database) -> None:
    """What is misspelt is compared with the words of the names, no longer with every third letter of every name."""
    _run(database, WORDS)
    learn_all(database.conn)


@MIGRATIONS()
def m0008_quicker_start(database: Database) -> None:
    """What was being sent when a process died is found without reading everything that was ever sent."""
    _run(database, "CREATE INDEX copy_interrupted ON copy (id) WHERE state = 1")


@MIGRATIONS()
def m0009_pairs_of_words(database: Database) -> None:
    """Names are found by two of their words at once; who writes a target writes what it is found by."""
    _run(database, PAIRS)
    index_all(database.conn)


def is_current(connection: Connection) -> bool:
    """Tell whether every migration has been applied. Reads only.

    Raises:
        StorageNewerError: one was applied that this version does not know.
        StorageError: the file belongs to another program.
    """
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return False
    if "_sqlite_migrations" not in tables:
        raise StorageError("This file is another program's database. Name another file in storage.url.")
    applied = {
        row[0]
        for row in connection.execute(
            "SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (MIGRATIONS.name,)
        )
    }
    known = {migration.name for migration in MIGRATIONS._migrations}  # noqa: SLF001 - offers no other way
    if applied - known:
        raise StorageNewerError
    return applied == known


_MEMORY = """
CREATE TABLE request (
    key TEXT PRIMARY KEY,
    verb TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    answered INTEGER NOT NULL DEFAULT 0
) STRICT;;
CREATE INDEX request_unanswered ON request (at) WHERE answered = 0 AND verb <> '';;

CREATE TABLE target (
    n INTEGER PRIMARY KEY,          -- the time it was sent and a running number: the greatest is the newest
    provider TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (provider, id)
) STRICT;;
CREATE INDEX target_by_id ON target (id COLLATE NOCASE);;

CREATE TABLE recall (
    id TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    target TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,     -- a person said yes once
    at INTEGER NOT NULL,            -- when it was confirmed, or else asked for
    expires_at INTEGER,
    not_before INTEGER,
    body TEXT NOT NULL
) STRICT;;
CREATE UNIQUE INDEX recall_open ON recall (provider, target)
    WHERE state IN ('proposed', 'approving', 'scheduled', 'queued', 'running', 'submitted');;
CREATE INDEX recall_by_target ON recall (provider, target, at);;
CREATE INDEX recall_by_time ON recall (at) WHERE confirmed;;
CREATE INDEX recall_by_state ON recall (state, not_before);;

CREATE TABLE event (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    recall TEXT NOT NULL REFERENCES recall (id),
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    team TEXT,
    user TEXT,
    data TEXT NOT NULL,
    hash TEXT NOT NULL,             -- of the hash before it and everything in this row
    UNIQUE (recall, seq)
) STRICT;;
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'the record is only ever added to'); END;;
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'the record is only ever added to'); END;;

CREATE TABLE card (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    recall TEXT NOT NULL REFERENCES recall (id),
    channel TEXT NOT NULL,
    thread TEXT,
    ts TEXT,                        -- null until it has been posted
    team TEXT NOT NULL,
    user TEXT NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0 -- could never be posted
) STRICT;;
CREATE INDEX card_by_recall ON card (recall);;
CREATE INDEX card_by_message ON card (channel, ts);;

CREATE TABLE item (
    recall TEXT NOT NULL,
    n INTEGER NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (recall, n)
) STRICT, WITHOUT ROWID;;

CREATE TABLE chunk (
    recall TEXT NOT NULL REFERENCES recall (id),
    number INTEGER NOT NULL,
    start INTEGER NOT NULL,         -- item.n of its first item
    codes BLOB NOT NULL,            -- one byte per item: bot.target.ItemState
    todo INTEGER NOT NULL,          -- how many of them are PENDING or INTENT
    owner TEXT,
    lease_until INTEGER,
    fence INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (recall, number)
) STRICT;;
CREATE INDEX chunk_todo ON chunk (recall, number) WHERE todo > 0;;
CREATE INDEX chunk_claimed ON chunk (owner) WHERE owner IS NOT NULL;;

CREATE TABLE item_note (
    recall TEXT NOT NULL,
    n INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (recall, n)
) STRICT, WITHOUT ROWID;;

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    recall TEXT NOT NULL,
    card TEXT NOT NULL REFERENCES card (id),
    kind TEXT NOT NULL,
    seq INTEGER NOT NULL,           -- the event that caused it
    attempt INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,   -- 0 waiting, 1 being sent, 2 stands, 3 given up
    tries INTEGER NOT NULL DEFAULT 0,
    ambiguous INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER,
    channel TEXT,
    ts TEXT,
    why TEXT
) STRICT;;
CREATE INDEX outbox_unsent ON outbox (card, id) WHERE state < 2;;
CREATE INDEX outbox_by_message ON outbox (channel, ts) WHERE state = 2;;
CREATE INDEX outbox_by_card ON outbox (card, kind, attempt)
"""

_COPIES = """
CREATE TABLE copy (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    target TEXT NOT NULL,
    channel TEXT NOT NULL,
    body TEXT NOT NULL,             -- the target as it was first seen
    at INTEGER NOT NULL,
    ts TEXT,                        -- null until it has been posted
    recall TEXT,                    -- the recall that took the original back
    state INTEGER NOT NULL DEFAULT 0,   -- 0 waiting, 1 being sent, 2 stands, 3 given up
    tries INTEGER NOT NULL DEFAULT 0,
    ambiguous INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER,
    why TEXT,
    UNIQUE (provider, target)
) STRICT;;
CREATE INDEX copy_unsent ON copy (id) WHERE state = 0;;
CREATE INDEX copy_by_message ON copy (channel, ts)
"""

_PAGES = """
CREATE TABLE chunk_items (
    recall TEXT NOT NULL,
    number INTEGER NOT NULL,
    ids TEXT NOT NULL,              -- a JSON list: the chunk's items in their order
    PRIMARY KEY (recall, number)
) STRICT;;
INSERT INTO chunk_items (recall, number, ids) SELECT recall, number, (
    SELECT json_group_array(id) FROM (
        SELECT id FROM item WHERE item.recall = chunk.recall
        AND n >= chunk.start AND n < chunk.start + length(chunk.codes) ORDER BY n
    )
) FROM chunk;;
DROP TABLE item;;
CREATE VIEW item AS
    SELECT chunk_items.recall AS recall, chunk.start + each.key AS n, each.value AS id
    FROM chunk_items JOIN chunk USING (recall, number), json_each(chunk_items.ids) AS each;;

CREATE TABLE tally (
    recall TEXT NOT NULL,
    state INTEGER NOT NULL,         -- bot.target.ItemState
    n INTEGER NOT NULL,             -- how many of the recall's items
    PRIMARY KEY (recall, state)
) STRICT, WITHOUT ROWID;;

CREATE TABLE gate (
    provider TEXT PRIMARY KEY,      -- or, behind a stroke, one of its accounts
    held_until INTEGER NOT NULL,    -- its vendor asked us to wait until then
    why TEXT NOT NULL
) STRICT, WITHOUT ROWID;;

ALTER TABLE item_note ADD COLUMN recipients INTEGER NOT NULL DEFAULT 0;;
UPDATE item_note SET recipients = coalesce(json_array_length(outcome, '$.recipients'), 0);;
CREATE INDEX note_of_recipients ON item_note (recall) WHERE recipients > 0;;

DROP INDEX chunk_todo;;
CREATE INDEX chunk_next ON chunk (recall, fence, number) WHERE todo > 0
"""
