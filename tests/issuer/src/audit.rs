//! The audit log: one line for each decision, written in the transaction that makes it.

use softtoken_core::time::UnixTime;

use crate::error::Result;
use crate::store::Tx;

/// One line. Neither field may hold a secret.
#[derive(Debug, Clone, Default)]
pub struct Entry<'a> {
    /// What happened, `room.word`.
    pub event: &'static str,
    /// Who did it: a user, an API key's name, `device`.
    pub actor: &'a str,
    /// Whose token.
    pub user: Option<&'a str>,
    /// Which token.
    pub token: Option<&'a str>,
    /// More, for people.
    pub detail: Option<&'a str>,
}

/// Writes a line.
pub async fn write(tx: &mut Tx, now: UnixTime, entry: Entry<'_>) -> Result<()> {
    sqlx::query("INSERT INTO audit (at, event, actor, user_id, token_id, detail) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(seconds(now))
        .bind(entry.event)
        .bind(entry.actor.to_owned())
        .bind(entry.user.map(str::to_owned))
        .bind(entry.token.map(str::to_owned))
        .bind(entry.detail.map(str::to_owned))
        .execute(tx)
        .await?;
    Ok(())
}

/// A time as the database keeps it.
pub fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}
