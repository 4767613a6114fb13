//! So many tries in an hour or a day, counted in the database: a restart forgives nothing.

use softtoken_core::time::UnixTime;

use crate::audit::seconds;
use crate::error::Result;
use crate::store::Tx;

/// Stores a try of `subject`. False when it has had `limit` in the last hour; then nothing is stored.
pub(crate) async fn take(tx: &mut Tx, now: UnixTime, subject: &str, limit: u64) -> Result<bool> {
    take_within(tx, now, subject, limit, HOUR).await
}

/// The same for the last `period` seconds. A subject must always have the same period.
pub(crate) async fn take_within(
    tx: &mut Tx,
    now: UnixTime,
    subject: &str,
    limit: u64,
    period: i64,
) -> Result<bool> {
    let over = seconds(now).saturating_sub(period);
    let old = sqlx::query("DELETE FROM tries WHERE subject = ? AND at <= ?");
    old.bind(subject.to_owned()).bind(over).execute(&mut *tx).await?;
    let had: i64 = sqlx::query_scalar("SELECT count(*) FROM tries WHERE subject = ?")
        .bind(subject.to_owned())
        .fetch_one(&mut *tx)
        .await?;
    if u64::try_from(had).unwrap_or(u64::MAX) >= limit {
        return Ok(false);
    }
    let new = sqlx::query("INSERT INTO tries (subject, at) VALUES (?, ?)");
    new.bind(subject.to_owned()).bind(seconds(now)).execute(tx).await?;
    Ok(true)
}

/// Forgets the tries of `subject`.
pub(crate) async fn forgive(tx: &mut Tx, subject: &str) -> Result<()> {
    sqlx::query("DELETE FROM tries WHERE subject = ?").bind(subject.to_owned()).execute(tx).await?;
    Ok(())
}

const HOUR: i64 = 3_600;
/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;
