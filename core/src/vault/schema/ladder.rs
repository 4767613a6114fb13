//! The steps from an empty file to the newest schema, in SQL.
//!
//! A file in somebody's hands was made by a prefix of these steps, and its definitions are compared word for
//! word with what they make: a released step is never changed, not even in its white space.

/// Step n brings schema n to n + 1.
pub(super) const LADDER: [&str; 3] = [
    "
CREATE TABLE header(
    id INTEGER PRIMARY KEY CHECK(id = 1),
    vault_id BLOB NOT NULL CHECK(length(vault_id) = 16),
    version INTEGER NOT NULL CHECK(version > 0),
    body BLOB NOT NULL) STRICT;
CREATE TABLE state(
    id INTEGER PRIMARY KEY CHECK(id = 1),
    g INTEGER NOT NULL CHECK(g > 0),
    fails INTEGER NOT NULL CHECK(fails >= 0),
    e INTEGER NOT NULL CHECK(e > 0),
    u INTEGER NOT NULL CHECK(u > 0),
    mac BLOB) STRICT;
CREATE TABLE pin_slot(
    e INTEGER PRIMARY KEY CHECK(e > 0),
    wrap BLOB NOT NULL) STRICT;
CREATE TABLE groups(
    id BLOB PRIMARY KEY CHECK(length(id) = 16),
    version INTEGER NOT NULL CHECK(version > 0),
    info BLOB NOT NULL,
    key BLOB NOT NULL) STRICT;
CREATE TABLE identities(
    id BLOB PRIMARY KEY CHECK(length(id) = 16),
    group_id BLOB NOT NULL REFERENCES groups(id),
    label_version INTEGER NOT NULL CHECK(label_version > 0),
    label BLOB NOT NULL,
    version INTEGER NOT NULL CHECK(version > 0),
    record BLOB NOT NULL) STRICT;
CREATE INDEX identities_of_group ON identities(group_id);
CREATE TABLE names(
    tag BLOB PRIMARY KEY CHECK(length(tag) = 32),
    owner BLOB NOT NULL UNIQUE CHECK(length(owner) = 16)) STRICT, WITHOUT ROWID;
CREATE TABLE listing(
    id INTEGER PRIMARY KEY CHECK(id = 1),
    version INTEGER NOT NULL CHECK(version > 0),
    ids BLOB NOT NULL) STRICT;
CREATE TABLE drafts(
    id BLOB PRIMARY KEY CHECK(length(id) = 16),
    version INTEGER NOT NULL CHECK(version > 0),
    name BLOB,
    body BLOB NOT NULL) STRICT;
CREATE TABLE wraps(
    id BLOB PRIMARY KEY CHECK(length(id) = 16),
    group_id BLOB NOT NULL REFERENCES groups(id),
    version INTEGER NOT NULL CHECK(version > 0),
    wrap BLOB NOT NULL) STRICT;
",
    "
DROP TABLE wraps;
CREATE TABLE armings(
    a INTEGER PRIMARY KEY CHECK(a > 0),
    group_id BLOB NOT NULL UNIQUE REFERENCES groups(id),
    tries INTEGER NOT NULL CHECK(tries >= 0),
    body BLOB NOT NULL) STRICT;
CREATE TABLE wraps(
    id BLOB PRIMARY KEY CHECK(length(id) = 16),
    a INTEGER NOT NULL REFERENCES armings(a),
    info BLOB NOT NULL,
    wrap BLOB NOT NULL) STRICT;
CREATE INDEX wraps_of_arming ON wraps(a);
CREATE TABLE recovery(
    id INTEGER PRIMARY KEY CHECK(id = 1),
    code BLOB NOT NULL) STRICT;
ALTER TABLE state ADD COLUMN u_mac BLOB;
ALTER TABLE state ADD COLUMN tried_boot INTEGER;
ALTER TABLE state ADD COLUMN tried_millis INTEGER;
ALTER TABLE drafts ADD COLUMN group_id BLOB REFERENCES groups(id);
ALTER TABLE drafts ADD COLUMN recovery BLOB;
",
    "
CREATE TABLE whole(
    id INTEGER PRIMARY KEY CHECK(id = 1),
    device_mac BLOB NOT NULL CHECK(length(device_mac) = 32),
    root_mac BLOB CHECK(length(root_mac) = 32),
    events INTEGER NOT NULL CHECK(events >= 0),
    root BLOB) STRICT;
CREATE TABLE events(
    n INTEGER PRIMARY KEY CHECK(n > 0),
    body BLOB NOT NULL) STRICT;
CREATE TABLE bio_slot(
    b INTEGER PRIMARY KEY CHECK(b > 0),
    fails INTEGER NOT NULL CHECK(fails >= 0),
    pin_boot INTEGER,
    pin_millis INTEGER,
    wrap BLOB NOT NULL) STRICT;
",
];
