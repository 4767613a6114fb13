//! Group commit: one task runs every queued change inside one transaction and commits once for all of them.
//!
//! A sync of the disk costs milliseconds, a change costs microseconds: changes that arrive while a commit
//! runs share the next one. Each has a savepoint, so one that fails leaves its neighbours alone.
//! Answers go out after the commit, never before.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::Tx;
use crate::error::{Error, Result};

/// What a change returns.
pub type Work<'t, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 't>>;

/// What the writer has done so far.
#[derive(Debug, Default)]
pub struct Counts {
    changes: AtomicU64,
    commits: AtomicU64,
}

/// The way to the writer's task. Cheap to clone.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    counts: Arc<Counts>,
}

enum Message {
    Change(Box<dyn Change>),
    Stop(oneshot::Sender<()>),
}

/// A change whose result type is forgotten.
trait Change: Send {
    /// Runs it and keeps the result; true when its savepoint is to be kept.
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> Pin<Box<dyn Future<Output = bool> + Send + 't>>;
    /// Gives the result away, or says that the group was not committed.
    fn answer(self: Box<Self>, committed: bool);
}

struct Typed<T, F> {
    work: Option<F>,
    result: Option<Result<T>>,
    to: oneshot::Sender<Result<T>>,
}

impl Counts {
    /// Changes that were run, failed ones included.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// Commits that were made for them.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}

impl Writer {
    /// Starts the task.
    pub(super) fn start(connection: SqliteConnection) -> Self {
        let (queue, messages) = mpsc::channel(QUEUE);
        let counts = Arc::new(Counts::default());
        tokio::spawn(run(connection, messages, Arc::clone(&counts)));
        Self { queue, counts }
    }

    pub(super) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
        T: Send + 'static,
    {
        let (to, answer) = oneshot::channel();
        let change = Typed { work: Some(work), result: None, to };
        self.queue.send(Message::Change(Box::new(change))).await.map_err(|_| Error::Stopping)?;
        answer.await.map_err(|_| Error::Stopping)?
    }

    /// Returns once everything that was queued before is committed and the connection is closed.
    pub(super) async fn stop(&self) {
        let (done, ended) = oneshot::channel();
        if self.queue.send(Message::Stop(done)).await.is_ok() {
            // An error means that another call has stopped it already.
            let _ = ended.await;
        }
    }

    pub(super) fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.counts)
    }
}

async fn run(mut connection: SqliteConnection, mut messages: mpsc::Receiver<Message>, counts: Arc<Counts>) {
    let mut stopping = None;
    while stopping.is_none() {
        let Some(first) = messages.recv().await else { break };
        let mut group = Vec::new();
        let mut next = Some(first);
        let mut begun = sqlx::raw_sql(BEGIN).execute(&mut connection).await.is_ok();
        while let Some(message) = next.take() {
            match message {
                Message::Stop(done) => stopping = Some(done),
                Message::Change(mut change) => {
                    begun = begun && run_one(&mut connection, &mut *change).await;
                    counts.changes.fetch_add(1, Ordering::Relaxed);
                    group.push(change);
                }
            }
            if stopping.is_none() && group.len() < LARGEST_GROUP {
                next = messages.try_recv().ok();
            }
        }
        let committed = begun && sqlx::raw_sql("COMMIT").execute(&mut connection).await.is_ok();
        if !committed {
            // SQLite may have rolled back itself; then there is nothing left to take back.
            let _ = sqlx::raw_sql("ROLLBACK").execute(&mut connection).await;
        }
        counts.commits.fetch_add(1, Ordering::Relaxed);
        group.into_iter().for_each(|change| change.answer(committed));
    }
    let _ = connection.close().await;
    if let Some(done) = stopping {
        let _ = done.send(());
    }
}

/// Runs a change in the savepoint that is open, and leaves one open for the next. False when the transaction
/// itself is lost.
async fn run_one(connection: &mut SqliteConnection, change: &mut dyn Change) -> bool {
    // A panic in one change must not end the writer of all; its savepoint is taken back.
    let kept = AssertUnwindSafe(change.run(connection)).catch_unwind().await.unwrap_or(false);
    let next = if kept { KEEP } else { TAKE_BACK };
    sqlx::raw_sql(next).execute(&mut *connection).await.is_ok()
}

impl<T, F> Change for Typed<T, F>
where
    F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send,
    T: Send,
{
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> Pin<Box<dyn Future<Output = bool> + Send + 't>> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return false };
            let result = work(tx).await;
            let kept = result.is_ok();
            self.result = Some(result);
            kept
        })
    }

    fn answer(self: Box<Self>, committed: bool) {
        let result = match self.result {
            Some(Ok(_)) if !committed => Err(Error::NotCommitted),
            Some(result) => result,
            None if committed => Err(Error::Internal("a change has panicked")),
            None => Err(Error::NotCommitted),
        };
        // Whoever asked may have gone; the change stands.
        let _ = self.to.send(result);
    }
}

// Statements that belong together go to the connection's thread together: each way there and back costs as
// much as the statement.
const BEGIN: &str = "BEGIN IMMEDIATE; SAVEPOINT change";
const KEEP: &str = "RELEASE change; SAVEPOINT change";
const TAKE_BACK: &str = "ROLLBACK TO change";

/// Changes that may wait.
const QUEUE: usize = 4096;
/// Changes that share one commit; a larger group would make its first member wait too long.
const LARGEST_GROUP: usize = 256;
