//! What outlives a seed: the pre-shared key of its contacts, under which its device is told that it is dead.
//!
//! Invariant: whatever takes a seed of an active token away writes its key down here in the same transaction.
//! No code can be made from it.

use softtoken_core::activation::exchange::Refused;
use sqlx::Row;

use crate::error::{Error, Result};
use crate::store::Tx;

/// Keys of dead seeds as they are sealed, the last one first, with what is said under them.
pub(crate) async fn dead_psks(
    readers: &sqlx::SqlitePool,
    contact_id: &[u8],
    most: usize,
) -> Result<Vec<(Vec<u8>, Refused)>> {
    let query = "SELECT psk, outcome FROM dead_seeds WHERE contact_id = ? ORDER BY number DESC LIMIT ?";
    let rows = sqlx::query(query).bind(contact_id).bind(i64::try_from(most).unwrap_or(0));
    let read = |row: &sqlx::sqlite::SqliteRow| {
        let refused = match row.try_get("outcome")? {
            SUPERSEDED => Refused::Superseded,
            DELETED => softtoken_core::activation::contact::DELETED,
            _ => return Err(Error::Internal("a dead seed has an unknown outcome")),
        };
        Ok((row.try_get("psk")?, refused))
    };
    rows.fetch_all(readers).await?.iter().map(read).collect()
}

/// Writes down one key.
pub(super) async fn bury(tx: &mut Tx, contact_id: &[u8], psk: Vec<u8>, outcome: i64) -> Result<()> {
    sqlx::query("INSERT INTO dead_seeds (contact_id, psk, outcome) VALUES (?, ?, ?)")
        .bind(contact_id.to_vec())
        .bind(psk)
        .bind(outcome)
        .execute(&mut *tx)
        .await?;
    let prune = "DELETE FROM dead_seeds WHERE contact_id = ? AND number NOT IN \
                 (SELECT number FROM dead_seeds WHERE contact_id = ? ORDER BY number DESC LIMIT ?)";
    sqlx::query(prune).bind(contact_id.to_vec()).bind(contact_id.to_vec()).bind(KEPT).execute(tx).await?;
    Ok(())
}

/// The older seed of a token is about to be taken away because the new one has proven itself.
pub(crate) async fn bury_former(tx: &mut Tx, token: &str) -> Result<()> {
    let former = "SELECT contact_id, former_psk FROM tokens \
                  WHERE id = ? AND contact_id IS NOT NULL AND former_psk IS NOT NULL";
    if let Some(row) = sqlx::query(former).bind(token.to_owned()).fetch_optional(&mut *tx).await? {
        let contact_id: Vec<u8> = row.try_get("contact_id")?;
        bury(tx, &contact_id, row.try_get("former_psk")?, SUPERSEDED).await?;
    }
    Ok(())
}

/// Takes a token away with its orders; its devices are told. False when there is none.
pub(crate) async fn remove(tx: &mut Tx, token: &str) -> Result<bool> {
    let keys = "SELECT contact_id, psk, former_psk FROM tokens WHERE id = ?";
    let Some(row) = sqlx::query(keys).bind(token.to_owned()).fetch_optional(&mut *tx).await? else {
        return Ok(false);
    };
    if let Some(contact_id) = row.try_get::<Option<Vec<u8>>, _>("contact_id")? {
        for column in ["former_psk", "psk"] {
            if let Some(psk) = row.try_get(column)? {
                bury(&mut *tx, &contact_id, psk, DELETED).await?;
            }
        }
    }
    sqlx::query("DELETE FROM tokens WHERE id = ?").bind(token.to_owned()).execute(tx).await?;
    Ok(true)
}

/// [`remove`] for all tokens of a user.
pub(crate) async fn remove_all_of(tx: &mut Tx, user: &str) -> Result<()> {
    let tokens: Vec<String> = sqlx::query_scalar("SELECT id FROM tokens WHERE user_id = ?")
        .bind(user.to_owned())
        .fetch_all(&mut *tx)
        .await?;
    for token in tokens {
        remove(&mut *tx, &token).await?;
    }
    Ok(())
}

/// As many as a handshake tries.
const KEPT: i64 = 3;
pub(super) const SUPERSEDED: i64 = 4;
pub(super) const DELETED: i64 = 8;
