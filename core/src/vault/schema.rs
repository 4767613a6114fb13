//! The database: tables, settings, the ladder of versions.
//!
//! `user_version` is the schema; each step of the ladder brings an older file up in one transaction,
//! and a newer file is refused untouched. All tables are STRICT, and none holds a plain word about an
//! identity: what is not sealed is random ids, versions and counts.
//!
//! The tables found in a file must be exactly those that the ladder makes: a file with a missing
//! UNIQUE, an added trigger or a foreign table is damaged.

mod ladder;

use std::sync::OnceLock;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Transaction, TransactionBehavior, ffi};

use ladder::LADDER;

/// "STv2": the file belongs to this program.
pub(super) const APPLICATION_ID: i32 = 0x5354_7632;

/// The newest schema that this version knows.
pub const SCHEMA: u32 = 3;

/// The settings of every connection, once the file was recognised as ours.
pub(super) fn configure(db: &Connection) -> rusqlite::Result<()> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    db.set_prepared_statement_cache_capacity(64);
    db.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = EXTRA; PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;
         PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;
         PRAGMA foreign_keys = ON;",
    )?;
    db.query_row("PRAGMA journal_mode = TRUNCATE", [], |_| Ok(()))
}

/// True when the file has no page.
pub(super) fn is_empty(db: &Connection) -> rusqlite::Result<bool> {
    Ok(db.query_row("PRAGMA page_count", [], |row| row.get::<_, i64>(0))? == 0)
}

/// `application_id` and `user_version`.
pub(super) fn identify(db: &Connection) -> rusqlite::Result<(i32, i64)> {
    let application = db.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let version = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok((application, version))
}

/// True when SQLite finds the pages in order, every index fits its table (the MACs cover tables only), and the
/// tables are those of the ladder up to `schema`.
///
/// # Errors
/// What disk and memory say, also where `integrity_check` puts it among its findings.
pub(super) fn is_sound(db: &Connection, schema: u32) -> rusqlite::Result<bool> {
    Ok(pages_are_sound(db)? && tables(db)? == *model(schema)?)
}

/// Damage has to be found twice, with memory at hand: `integrity_check` takes a failed read or allocation of its
/// own for a finding.
fn pages_are_sound(db: &Connection) -> rusqlite::Result<bool> {
    for _ in 0..2 {
        let verdict: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if verdict == "ok" {
            return Ok(true);
        }
        if let Some(code) = unreadable(&verdict) {
            return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
        }
        db.query_row("SELECT length(hex(zeroblob(65536)))", [], |_| Ok(()))?;
    }
    Ok(false)
}

/// The tables that the ladder makes up to `schema`.
fn model(schema: u32) -> rusqlite::Result<&'static Tables> {
    static MODELS: [OnceLock<Tables>; LADDER.len()] = [const { OnceLock::new() }; LADDER.len()];
    let place = usize::try_from(schema).ok().and_then(|schema| MODELS.get(schema.checked_sub(1)?));
    let place = place.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    if let Some(made) = place.get() {
        return Ok(made);
    }
    let mut model = Connection::open_in_memory()?;
    let transaction = model.transaction()?;
    steps(&transaction, 0, schema)?;
    let made = tables(&transaction)?;
    Ok(place.get_or_init(|| made))
}

/// Type, name, table and definition of everything in a database.
type Tables = Vec<(String, String, String, Option<String>)>;

/// Brings a file from `from` up to [`SCHEMA`], all steps in one transaction.
pub(super) fn climb(db: &mut Connection, from: u32) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    climb_in(&transaction, from)?;
    transaction.commit()
}

/// The same inside a transaction of the caller.
pub(super) fn climb_in(transaction: &Transaction<'_>, from: u32) -> rusqlite::Result<()> {
    steps(transaction, from, SCHEMA)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA)
}

/// A finding that is no finding: the page could not be read, so nobody knows whether it is damaged.
fn unreadable(verdict: &str) -> Option<i32> {
    let number = |mark: &str| {
        let (_, rest) = verdict.split_once(mark)?;
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse::<i32>().ok()
    };
    let code = ["error code=", "error code "].into_iter().find_map(number);
    match code {
        Some(code) if ![ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB].contains(&(code & 0xff)) => Some(code),
        None if verdict.contains("failed to get page") => Some(ffi::SQLITE_IOERR),
        _ => None,
    }
}

fn steps(transaction: &Transaction<'_>, from: u32, to: u32) -> rusqlite::Result<()> {
    let (from, to) = (usize::try_from(from), usize::try_from(to));
    let (from, to) = (from.unwrap_or(usize::MAX), to.unwrap_or(usize::MAX));
    LADDER.iter().take(to).skip(from).try_for_each(|step| transaction.execute_batch(step))
}

fn tables(db: &Connection) -> rusqlite::Result<Tables> {
    db.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> Connection {
        let mut db = Connection::open_in_memory().unwrap();
        climb(&mut db, 0).unwrap();
        db
    }

    #[test]
    fn the_ladder_has_a_step_for_every_schema() {
        assert_eq!(LADDER.len(), usize::try_from(SCHEMA).unwrap());
        assert_eq!(identify(&fresh()).unwrap(), (APPLICATION_ID, i64::from(SCHEMA)));
        assert!(is_sound(&fresh(), SCHEMA).unwrap());
    }

    #[test]
    fn every_connection_has_the_settings_of_the_format() {
        let dir = tempfile::tempdir().unwrap();
        let db = Connection::open(dir.path().join("x.db")).unwrap();
        configure(&db).unwrap();
        for (pragma, value) in [
            ("synchronous", 3),
            ("fullfsync", 1),
            ("checkpoint_fullfsync", 1),
            ("secure_delete", 1),
            ("temp_store", 2),
            ("mmap_size", 0),
            ("trusted_schema", 0),
            ("cell_size_check", 1),
            ("foreign_keys", 1),
        ] {
            let found: i64 = db.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0)).unwrap();
            assert_eq!(found, value, "{pragma}");
        }
        for (pragma, value) in [("journal_mode", "truncate"), ("locking_mode", "exclusive")] {
            let found: String = db.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0)).unwrap();
            assert_eq!(found, value, "{pragma}");
        }
    }

    #[test]
    fn the_database_itself_refuses_a_second_owner_of_a_name() {
        let db = fresh();
        let insert = |tag: u8, owner: u8| {
            db.execute("INSERT INTO names(tag, owner) VALUES (?1, ?2)", ([tag; 32], [owner; 16]))
        };
        insert(1, 1).unwrap();
        assert!(insert(1, 2).is_err(), "two owners of one name");
        assert!(insert(2, 1).is_err(), "two names of one owner");
        insert(2, 2).unwrap();
    }

    #[test]
    fn an_added_or_missing_thing_is_noticed() {
        for change in [
            "CREATE TRIGGER t AFTER INSERT ON names BEGIN DELETE FROM names; END",
            "CREATE VIEW v AS SELECT 1",
            "CREATE TABLE extra(x)",
            "DROP TABLE wraps",
            "DROP INDEX identities_of_group",
            "DROP TABLE names; CREATE TABLE names(tag BLOB, owner BLOB)",
        ] {
            let db = fresh();
            db.execute_batch(change).unwrap();
            assert!(!is_sound(&db, SCHEMA).unwrap(), "{change}");
        }
    }

    #[test]
    fn an_unreadable_page_is_no_damage() {
        for (verdict, code) in [
            ("ok", None),
            ("*** in database main ***\nPage 4: unable to get the page. error code=266", Some(266)),
            ("Tree 9 page 9: btreeInitPage() returns error code 11", None),
            ("Tree 9 page 9: unable to get the page. error code=522", Some(522)),
            ("Tree 9 page 9: unable to get the page. error code=7", Some(7)),
            ("Freelist: failed to get page 12", Some(ffi::SQLITE_IOERR)),
            ("Tree 2 page 2 cell 0: Rowid 5 out of order", None),
        ] {
            assert_eq!(unreadable(verdict), code, "{verdict}");
        }
    }

    #[test]
    fn words_are_refused_where_bytes_belong() {
        let db = fresh();
        assert!(db.execute("INSERT INTO names(tag, owner) VALUES ('x', 'y')", []).is_err());
        assert!(
            db.execute("INSERT INTO drafts(id, version, body) VALUES (zeroblob(16), 'one', x'00')", [])
                .is_err()
        );
    }
}
