//! The database: SQLite in WAL mode with `synchronous = FULL`, behind one writer.
//!
//! | Verb | What it does |
//! |---|---|
//! | [`Store::write`] | runs a change in the writer's transaction, and answers once that is committed |
//! | [`Store::read`] | the pool of read-only connections: sees what is committed |
//!
//! Invariant: what `write` has answered survives a power cut; what failed has changed nothing.
//! Decisions are made inside `write`, from what is read there: the writer is the only one.

mod writer;

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::error::{Error, Result};
use writer::Writer;
pub use writer::{Counts, Work};

/// What a change works on: the writer's connection, inside its transaction and a savepoint of its own.
pub type Tx = SqliteConnection;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    readers: SqlitePool,
    writer: Writer,
}

impl Store {
    /// Opens the file, makes it (mode 0600) and its tables when it is not there, and starts the writer.
    pub async fn open(path: &Path) -> Result<Self> {
        create_private(path)?;
        let options = SqliteConnectOptions::from_str("sqlite:")?
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .pragma("wal_autocheckpoint", CHECKPOINT)
            .disable_statement_logging();
        let mut connection = options.connect().await?;
        make_tables(&mut connection).await?;
        let readers =
            SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { readers, writer: Writer::start(connection) })
    }

    /// Runs `work` and answers once its group is committed. An `Err` takes back this change alone; a failed
    /// commit takes back the whole group ([`Error::NotCommitted`]). A caller that goes away cannot stop it.
    ///
    /// ```text
    /// store.write(move |tx| Box::pin(async move { … sqlx::query(…).execute(&mut *tx).await?; Ok(()) })).await?
    /// ```
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
        T: Send + 'static,
    {
        self.writer.write(work).await
    }

    /// Connections that only read.
    pub fn read(&self) -> &SqlitePool {
        &self.readers
    }

    /// Changes and commits so far.
    pub fn counts(&self) -> Arc<Counts> {
        self.writer.counts()
    }

    /// Ends the writer after the changes that it has, and closes all connections.
    pub async fn close(&self) {
        self.writer.stop().await;
        self.readers.close().await;
    }
}

/// Makes the tables of an empty file, adds those that an older file lacks, and refuses a file of any other.
async fn make_tables(connection: &mut SqliteConnection) -> Result<()> {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *tx).await?;
    let steps = usize::try_from(version).ok().and_then(|done| STEPS.get(done..));
    for step in
        steps.ok_or_else(|| Error::Settings("the database is of another version of the issuer".into()))?
    {
        sqlx::raw_sql(*step).execute(&mut *tx).await?;
    }
    if version != SCHEMA_VERSION {
        sqlx::raw_sql(SET_VERSION).execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}

/// The database file, readable by its owner only.
fn create_private(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    Ok(())
}

/// What each version adds to the one before.
const STEPS: [&str; 4] = [
    include_str!("schema.sql"),
    include_str!("contacts.sql"),
    include_str!("portal.sql"),
    include_str!("verifications.sql"),
];
/// `PRAGMA user_version` of the files that this issuer opens.
pub const SCHEMA_VERSION: i64 = 4;
const SET_VERSION: &str = "PRAGMA user_version = 4";
const READERS: u32 = 8;
/// Pages of the log (16 MiB) after which they go into the database: a pause of two syncs for everybody who waits.
const CHECKPOINT: &str = "4000";
const BUSY: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
