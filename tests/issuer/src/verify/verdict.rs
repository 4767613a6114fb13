//! Verdicts: passed or refused, inside the transaction that uses the ticket up or ends the review.

use softtoken_core::error::{VerificationKind, VerificationRefusal};
use softtoken_core::time::UnixTime;

use super::ticket::bit;
use crate::audit::{self, Entry};
use crate::error::Result;
use crate::orders::{Order, OrderState};
use crate::store::Tx;

/// Who has decided what.
pub(super) struct Verdict<'a> {
    pub(super) kind: VerificationKind,
    /// `None`: passed.
    pub(super) refused: Option<VerificationRefusal>,
    /// `browser` on a page, or the person's name.
    pub(super) actor: &'a str,
    pub(super) user: &'a str,
}

impl Verdict<'_> {
    /// Writes it down. The third refusal of a kind, and the user's own no, void the order.
    pub(super) async fn write(&self, tx: &mut Tx, now: UnixTime, order: &Order) -> Result<()> {
        let state = if self.refused.is_some() { "REFUSED" } else { "PASSED" };
        let reason = self.refused.map(|reason| i64::try_from(reason.number()).unwrap_or_default());
        let update = "UPDATE verifications SET state = ?, reason = ?, refusals = refusals + ?, decided_by = ?, \
                      picture = NULL, picture_type = NULL WHERE order_id = ? AND kind = ? RETURNING refusals";
        let refusals: i64 = sqlx::query_scalar(update)
            .bind(state)
            .bind(reason)
            .bind(i64::from(self.refused.is_some()))
            .bind(self.actor.to_owned())
            .bind(order.id.clone())
            .bind(bit(self.kind))
            .fetch_one(&mut *tx)
            .await?;
        let by_user = self.refused == Some(VerificationRefusal::ByUser);
        if by_user || refusals >= MAX_REFUSALS {
            sqlx::query("UPDATE orders SET state = ?, refused_kind = ?, refused_reason = ? WHERE id = ?")
                .bind(OrderState::Void.word())
                .bind(bit(self.kind))
                .bind(reason)
                .bind(order.id.clone())
                .execute(&mut *tx)
                .await?;
        }
        let event = if self.refused.is_some() { "verification.refused" } else { "verification.passed" };
        let detail = match self.kind {
            VerificationKind::Certificate => "certificate",
            VerificationKind::Face => "face",
        };
        let entry = Entry {
            event,
            actor: self.actor,
            user: Some(self.user),
            token: Some(&order.token),
            detail: Some(detail),
        };
        audit::write(tx, now, entry).await
    }
}

/// Refusals of one kind that void an order.
const MAX_REFUSALS: i64 = 3;
