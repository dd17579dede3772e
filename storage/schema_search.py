"""The tables of search, as migrations: what changes is added below, what stands is never changed."""

SEARCH = """
CREATE VIRTUAL TABLE target_words USING fts5 (
    name, id, content = 'target', content_rowid = 'n',
    tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
);;
CREATE VIRTUAL TABLE target_grams USING fts5 (
    name, id, content = 'target', content_rowid = 'n', tokenize = 'trigram', columnsize = 0
);;
CREATE TRIGGER target_is_added AFTER INSERT ON target BEGIN
    INSERT INTO target_words (rowid, name, id) VALUES (new.n, new.name, new.id);
    INSERT INTO target_grams (rowid, name, id) VALUES (new.n, new.name, new.id);
END;;
CREATE TRIGGER target_is_removed AFTER DELETE ON target BEGIN
    INSERT INTO target_words (target_words, rowid, name, id) VALUES ('delete', old.n, old.name, old.id);
    INSERT INTO target_grams (target_grams, rowid, name, id) VALUES ('delete', old.n, old.name, old.id);
END;;
CREATE TRIGGER target_is_renamed AFTER UPDATE OF name, id ON target BEGIN
    INSERT INTO target_words (target_words, rowid, name, id) VALUES ('delete', old.n, old.name, old.id);
    INSERT INTO target_grams (target_grams, rowid, name, id) VALUES ('delete', old.n, old.name, old.id);
    INSERT INTO target_words (rowid, name, id) VALUES (new.n, new.name, new.id);
    INSERT INTO target_grams (rowid, name, id) VALUES (new.n, new.name, new.id);
END;;
INSERT INTO target_words (target_words) VALUES ('rebuild');;
INSERT INTO target_grams (target_grams) VALUES ('rebuild')
"""

QUICKER = """
DROP TRIGGER target_is_added;;
DROP TRIGGER target_is_removed;;
DROP TRIGGER target_is_renamed;;
DROP TABLE target_words;;
CREATE TABLE target_body (      -- apart, so that hundreds of names can be read without what goes with them
    n INTEGER PRIMARY KEY,
    body TEXT NOT NULL
) STRICT;;
INSERT INTO target_body (n, body) SELECT n, body FROM target ORDER BY n;;
ALTER TABLE target DROP COLUMN body;;
CREATE INDEX target_by_provider ON target (provider);;
CREATE VIRTUAL TABLE target_words USING fts5 (
    name, id, provider, content = 'target', content_rowid = 'n', columnsize = 0,
    tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3 4 5 6'
);;
CREATE TRIGGER target_is_added AFTER INSERT ON target BEGIN
    INSERT INTO target_words (rowid, name, id, provider) VALUES (new.n, new.name, new.id, new.provider);
    INSERT INTO target_grams (rowid, name, id) VALUES (new.n, new.name, new.id);
END;;
CREATE TRIGGER target_is_removed AFTER DELETE ON target BEGIN
    INSERT INTO target_words (target_words, rowid, name, id, provider)
        VALUES ('delete', old.n, old.name, old.id, old.provider);
    INSERT INTO target_grams (target_grams, rowid, name, id) VALUES ('delete', old.n, old.name, old.id);
    DELETE FROM target_body WHERE n = old.n;
END;;
CREATE TRIGGER target_is_renamed AFTER UPDATE OF name, id, provider ON target BEGIN
    INSERT INTO target_words (target_words, rowid, name, id, provider)
        VALUES ('delete', old.n, old.name, old.id, old.provider);
    INSERT INTO target_grams (target_grams, rowid, name, id) VALUES ('delete', old.n, old.name, old.id);
    INSERT INTO target_words (rowid, name, id, provider) VALUES (new.n, new.name, new.id, new.provider);
    INSERT INTO target_grams (rowid, name, id) VALUES (new.n, new.name, new.id);
END
"""

WORDS = """
DROP TRIGGER target_is_added;;
DROP TRIGGER target_is_removed;;
DROP TRIGGER target_is_renamed;;
DROP TABLE target_grams;;
DROP TABLE target_words;;
CREATE VIEW target_text AS SELECT n, name, id, char(57344) || hex(provider) AS provider FROM target;;
CREATE VIRTUAL TABLE target_words USING fts5 (  -- a provider is one word that nobody types
    name, id, provider, content = 'target_text', content_rowid = 'n', columnsize = 0,
    tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3 4 5 6'
);;
CREATE TRIGGER target_is_added AFTER INSERT ON target BEGIN
    INSERT INTO target_words (rowid, name, id, provider)
        VALUES (new.n, new.name, new.id, char(57344) || hex(new.provider));
END;;
CREATE TRIGGER target_is_removed AFTER DELETE ON target BEGIN
    INSERT INTO target_words (target_words, rowid, name, id, provider)
        VALUES ('delete', old.n, old.name, old.id, char(57344) || hex(old.provider));
    DELETE FROM target_body WHERE n = old.n;
END;;
CREATE TRIGGER target_is_renamed AFTER UPDATE OF name, id, provider ON target BEGIN
    INSERT INTO target_words (target_words, rowid, name, id, provider)
        VALUES ('delete', old.n, old.name, old.id, char(57344) || hex(old.provider));
    INSERT INTO target_words (rowid, name, id, provider)
        VALUES (new.n, new.name, new.id, char(57344) || hex(new.provider));
END;;
INSERT INTO target_words (target_words) VALUES ('rebuild');;
CREATE TABLE word (                 -- of the names; never removed: one that no name has any more finds nothing
    n INTEGER PRIMARY KEY,
    folded TEXT NOT NULL,           -- without case and accents
    spelt TEXT NOT NULL,
    UNIQUE (folded, spelt)
) STRICT;;
CREATE TABLE word_piece (           -- the word, and what is left of it without one of its letters
    piece TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (piece, n)
) STRICT, WITHOUT ROWID;;
CREATE VIRTUAL TABLE word_grams USING fts5 (
    folded, content = 'word', content_rowid = 'n', tokenize = 'trigram', columnsize = 0
);;
CREATE TRIGGER word_is_added AFTER INSERT ON word BEGIN
    INSERT INTO word_grams (rowid, folded) VALUES (new.n, new.folded);
END
"""

PAIRS = """
DROP TRIGGER target_is_added;;
DROP TRIGGER target_is_removed;;
DROP TRIGGER target_is_renamed;;
DROP TABLE target_words;;
DROP VIEW target_text;;
CREATE TRIGGER target_is_removed AFTER DELETE ON target BEGIN
    DELETE FROM target_body WHERE n = old.n;
END;;
CREATE VIRTUAL TABLE target_words USING fts5 (  -- written by storage/entries.py; a provider is one sign that nobody types
    name, id, provider, content = '', columnsize = 0,
    tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3 4 5 6'
);;
CREATE VIRTUAL TABLE target_pairs USING fts5 (  -- storage/pairs.py
    pairs, content = '', columnsize = 0, detail = none, tokenize = 'ascii'
);;
INSERT INTO target_words (target_words, rank) VALUES ('automerge', 0);;
INSERT INTO target_pairs (target_pairs, rank) VALUES ('automerge', 0)
"""
