//! The files of a vault: `vault.db`, its journal, `vault.lock`, and what was set aside.
//!
//! | Found | Answer |
//! |---|---|
//! | no `vault.db`, or an empty one (creating it was interrupted) | no vault yet |
//! | another holder of `vault.lock`, or another SQLite at the file | `Busy`, at once |
//! | a newer `user_version` | `TooNew`, untouched |
//! | no SQLite, another `application_id`, a broken page, other tables | set aside as `vault.db.damaged-<n>`, never deleted |
//! | no permission, full disk, read error | an error; nothing is renamed |

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::VaultError;
use super::schema::{self, SCHEMA};
use crate::error::FileProblem;

/// The sidecar lock, held as long as the handle lives. The database file is never opened elsewhere,
/// because POSIX drops its locks when any handle of the file is closed.
pub(super) fn acquire(dir: &Path) -> Result<File, VaultError> {
    let file = private().read(true).write(true).create(true).truncate(false).open(dir.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(VaultError::Busy),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Opens and checks an existing file; `None` when there is no vault.
pub(super) fn open(dir: &Path) -> Result<Option<Connection>, VaultError> {
    let path = dir.join(DB);
    match fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            // A journal alone is what an interrupted `set_aside` leaves; a new file must not meet it.
            if fs::metadata(dir.join(JOURNAL)).is_ok_and(|journal| journal.len() > 0) {
                set_aside(dir);
            }
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
        Ok(found) if !found.is_file() => return Err(VaultError::File(FileProblem::Other)),
        Ok(found) if found.len() == 0 => return Ok(None),
        Ok(_) => {}
    }
    // SQLite empties a journal that it cannot use; where nothing can be repaired, it is kept instead.
    let is_ours = |head: &[u8]| {
        // SQLite opens a file of later formats for reading only, and says no word of it.
        let formats = head.get(FORMATS).unwrap_or_default();
        head.starts_with(DB_MAGIC) && formats.iter().all(|version| (1..=2).contains(version))
    };
    if !is_ours(&head(&path)?) && !head(&dir.join(JOURNAL))?.starts_with(JOURNAL_MAGIC) {
        return Err(VaultError::DAMAGED);
    }
    let mut db = connect(&path)?;
    match check(&mut db) {
        Ok(true) => Ok(Some(db)),
        Ok(false) => Ok(None),
        // What SQLite has no better word for than "error" is a header or schema it cannot read.
        Err(Finding::Sqlite(error)) if is_generic(&error) => Err(VaultError::DAMAGED),
        Err(Finding::Sqlite(error)) => Err(error.into()),
        Err(Finding::Vault(error)) => Err(error),
    }
}

/// A new, empty file, readable by its owner only (SQLite gives its journal the same mode).
pub(super) fn create(dir: &Path) -> Result<Connection, VaultError> {
    let path = dir.join(DB);
    match private().write(true).create_new(true).open(&path) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            if fs::metadata(&path)?.len() != 0 {
                return Err(VaultError::Exists);
            }
        }
        Err(error) => return Err(error.into()),
    }
    let db = connect(&path)?;
    schema::configure(&db)?;
    Ok(db)
}

/// Renames the database and its journal; the first free number is the ending. `None` when that fails:
/// then everything stays where it is.
pub(super) fn set_aside(dir: &Path) -> Option<PathBuf> {
    for n in 1..=u32::MAX {
        let kept = dir.join(format!("{DB}.damaged-{n}"));
        let kept_journal = dir.join(format!("{DB}.damaged-{n}-journal"));
        let free = |path: &Path| matches!(path.try_exists(), Ok(false));
        if !free(&kept) || !free(&kept_journal) {
            continue;
        }
        // The database first: it must never stand there without its journal and be taken for sound.
        let moved = fs::rename(dir.join(DB), &kept);
        let journal = fs::rename(dir.join(JOURNAL), &kept_journal);
        return (moved.is_ok() || journal.is_ok()).then_some(kept);
    }
    None
}

/// Version first, by two numbers in the file's head: nothing of a newer file is interpreted. False when
/// the journal has undone the making of the vault: there is none.
fn check(db: &mut Connection) -> Result<bool, Finding> {
    if schema::is_empty(db)? {
        return Ok(false);
    }
    let (application, version) = schema::identify(db)?;
    let found = u32::try_from(version).unwrap_or(0);
    if application != schema::APPLICATION_ID || found == 0 {
        return Err(Finding::Vault(VaultError::DAMAGED));
    }
    if found > SCHEMA {
        return Err(Finding::Vault(VaultError::TooNew { found, known: SCHEMA }));
    }
    if db.is_readonly("main")? {
        return Err(Finding::Vault(VaultError::File(FileProblem::NoAccess)));
    }
    schema::configure(db)?;
    // A damaged file is set aside as it was found, not brought up first.
    if !schema::is_sound(db, found)? {
        return Err(Finding::Vault(VaultError::DAMAGED));
    }
    if found < SCHEMA {
        schema::climb(db, found)?;
    }
    Ok(true)
}

enum Finding {
    Sqlite(rusqlite::Error),
    Vault(VaultError),
}

impl From<rusqlite::Error> for Finding {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

fn is_generic(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code & 0xff == rusqlite::ffi::SQLITE_ERROR)
}

fn connect(path: &Path) -> Result<Connection, VaultError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    // SQLite refuses links anywhere in a path it must not follow, and folders may well be links.
    let path = match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => parent.canonicalize()?.join(name),
        _ => path.to_owned(),
    };
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(Duration::ZERO)?;
    Ok(db)
}

/// The first bytes of a file; none when it is not there.
fn head(path: &Path) -> Result<Vec<u8>, VaultError> {
    let mut head = Vec::with_capacity(HEAD);
    match File::open(path) {
        Ok(file) => file.take(HEAD as u64).read_to_end(&mut head)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(head),
        Err(error) => return Err(error.into()),
    };
    Ok(head)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

const HEAD: usize = 20;
/// Where the formats for writing and reading are.
const FORMATS: std::ops::Range<usize> = 18..20;
const DB_MAGIC: &[u8] = b"SQLite format 3\0";
const JOURNAL_MAGIC: &[u8] = &[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
const DB: &str = "vault.db";
const JOURNAL: &str = "vault.db-journal";
const LOCK: &str = "vault.lock";
