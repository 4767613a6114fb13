//! Orders that nobody comes back to are forgotten, with their doors and sessions: once an hour, at start and with the
//! orders that are made.
//!
//! A device or a user that comes with an order that is over is told so (used, superseded, void, expired) for
//! [`KEPT`] seconds after the order could have been of use for the last time; after that it is unknown. The state of
//! its token and the audit log stay.

use std::sync::Arc;

use softtoken_core::time::UnixTime;

use super::CLAIMED_LIFE;
use crate::audit::seconds;
use crate::error::Result;
use crate::issuer::Issuer;
use crate::store::Tx;

impl Issuer {
    /// Forgets when an hour has passed since the last time that nothing was left to forget.
    pub(crate) async fn forget_orders(self: &Arc<Self>) -> Result<()> {
        let now = self.now();
        if !self.forgetting.is_due(now) {
            return Ok(());
        }
        let gone = self.store.write(move |tx| Box::pin(async move { forget(tx, now).await })).await?;
        if gone < AT_ONCE {
            self.forgetting.done(now);
        }
        Ok(())
    }
}

/// Forgets the oldest; how many. Doors and sessions go with their order.
async fn forget(tx: &mut Tx, now: UnixTime) -> Result<u64> {
    let dead = "DELETE FROM orders WHERE id IN (SELECT id FROM orders \
                WHERE expires_at < ? AND (claimed_at IS NULL OR claimed_at < ?) LIMIT ?)";
    let before = seconds(now).saturating_sub(KEPT);
    let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
    let query = sqlx::query(dead).bind(before).bind(before.saturating_sub(CLAIMED_LIFE)).bind(limit);
    Ok(query.execute(tx).await?.rows_affected())
}

/// Seconds that what an order has come to can be told after its end: thirty days.
pub const KEPT: i64 = 30 * 86_400;
/// Orders that go in one change; others wait for it.
const AT_ONCE: u64 = 200;
