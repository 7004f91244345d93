PRAGMA application_id = 1330336327;
PRAGMA user_version = 3;

CREATE TABLE audits (           -- audits in small, for the trend, outside the log; a restore leaves them
  as_of    TEXT    NOT NULL PRIMARY KEY,  -- the day, YYYY-MM-DD
  revision INTEGER NOT NULL,
  content  BLOB    NOT NULL     -- JSON: shares, counts and fingerprints, no names
) STRICT, WITHOUT ROWID;

CREATE TABLE broken (           -- references to nothing, kept as text
  node      TEXT    NOT NULL REFERENCES nodes (id),
  kind      TEXT    NOT NULL,
  reference TEXT    NOT NULL,
  outgoing  INTEGER NOT NULL CHECK (outgoing IN (0, 1)),
  body      TEXT    NOT NULL,
  PRIMARY KEY (node, kind, reference, outgoing)
) STRICT, WITHOUT ROWID;

CREATE TABLE check_ins (
  goal     TEXT    NOT NULL,
  at       INTEGER NOT NULL,    -- microseconds since 1970, UTC
  revision INTEGER NOT NULL,
  position INTEGER NOT NULL,
  id       TEXT    NOT NULL UNIQUE,
  body     TEXT    NOT NULL,    -- JSON, with value, confidence, note
  PRIMARY KEY (goal, at, revision, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE links (
  source TEXT NOT NULL,
  target TEXT NOT NULL,
  kind   TEXT NOT NULL,
  body   TEXT NOT NULL,         -- JSON, with weight, position, roles
  PRIMARY KEY (source, target, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE log (              -- every commit, in order, never changed
  revision INTEGER PRIMARY KEY,
  header   BLOB    NOT NULL,    -- canonical JSON; names the hash of the entry before it and of each part
  hash     BLOB    NOT NULL     -- SHA-256 of the header
) STRICT;

CREATE TABLE meta (             -- one row: where the store stands
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  epoch    TEXT    NOT NULL,    -- made new by a restore
  revision INTEGER NOT NULL,
  head     BLOB    NOT NULL,    -- the hash of the newest entry of the log
  seal     BLOB    NOT NULL     -- SHA-256 of the three above
) STRICT;

CREATE TABLE nodes (            -- objectives, key results, people, teams, periods, initiatives, KPIs, role charters
  id       TEXT    NOT NULL PRIMARY KEY,
  kind     TEXT    NOT NULL,
  revision INTEGER NOT NULL,    -- of the last change; of the removal, if it is removed
  removed  INTEGER NOT NULL CHECK (removed IN (0, 1)),
  body     TEXT    NOT NULL     -- JSON; for a person who is not erased, `name` is a hash of `personal`
) STRICT, WITHOUT ROWID;

CREATE TABLE parts (            -- what the commits changed, step by step: canonical JSON
  revision INTEGER NOT NULL REFERENCES log (revision),
  part     INTEGER NOT NULL,
  body     BLOB    NOT NULL,
  PRIMARY KEY (revision, part)
) STRICT;

CREATE TABLE personal (         -- names, e-mails and attributes of people, past and present; nowhere else in the file
  hash   TEXT NOT NULL PRIMARY KEY,  -- SHA-256 of salt and body, in hex: stands in the log and in nodes for the name
  person TEXT NOT NULL,
  salt   BLOB,                  -- salt and body are NULL once the person is erased
  body   BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE remembered (       -- idempotency keys, for a week
  revision INTEGER PRIMARY KEY,
  key      TEXT    NOT NULL UNIQUE,
  digest   BLOB    NOT NULL,    -- of the input it came with
  answer   BLOB    NOT NULL,
  at       INTEGER NOT NULL     -- microseconds since 1970, UTC
) STRICT;

CREATE TABLE removed_links (    -- what removed nodes took along
  node   TEXT NOT NULL REFERENCES nodes (id),
  source TEXT NOT NULL,
  target TEXT NOT NULL,
  kind   TEXT NOT NULL,
  body   TEXT NOT NULL,
  PRIMARY KEY (node, source, target, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (           -- access tokens, outside the log; a restore leaves them
  id      TEXT    NOT NULL PRIMARY KEY,
  name    TEXT    NOT NULL,
  scope   TEXT    NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
  digest  BLOB    NOT NULL,     -- SHA-256 of the secret, which is nowhere
  created INTEGER NOT NULL,     -- microseconds since 1970, UTC, like the two below
  expires INTEGER,              -- NULL: never
  revoked INTEGER,              -- NULL: not withdrawn
  root    TEXT,                 -- the goal that it is narrowed to, and the picture of it
  view    TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE workspace (        -- at most one row: levels, limits, cadence, time zone; none: the defaults
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  body TEXT    NOT NULL
) STRICT;

CREATE INDEX people ON nodes (id) WHERE kind = 'person';

CREATE INDEX removed_nodes ON nodes (id) WHERE removed = 1;
