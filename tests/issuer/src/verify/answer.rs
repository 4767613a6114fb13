//! What a device is told of its verifications, and whether message 3 may come.

use softtoken_core::activation::exchange::Refused;
use softtoken_core::activation::exchange::sealed::Standing;
use softtoken_core::activation::exchange::verification::{Check, Verifications};
use softtoken_core::error::{VerificationKind, VerificationRefusal};
use softtoken_core::time::UnixTime;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::ticket::bit;
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::orders::{Order, OrderState};
use crate::phone::status;
use crate::store::Tx;

impl Issuer {
    /// The answer to a question for the verifications of an order that has not seen message 3. Kinds in `again` that
    /// were refused get another ticket.
    pub(crate) async fn verifications(
        &self,
        tx: &mut Tx,
        now: UnixTime,
        order: &Order,
        again: u64,
    ) -> Result<Verifications> {
        if order.state != OrderState::Claimed {
            return match status(now, order)? {
                Standing::Refused(refused) => Ok(Verifications::Refused(refused)),
                Standing::Active | Standing::CodeAwaited => Err(Error::OutOfTurn),
            };
        }
        if order.is_too_old(now) {
            return Ok(Verifications::Refused(Refused::Expired));
        }
        let mut checks = Vec::new();
        for kind in VerificationKind::of(order.verifications) {
            let row = row(&mut *tx, order, kind).await?;
            let check = match row.as_ref().map(|row| row.try_get::<&str, _>("state")).transpose()? {
                Some("PASSED") => Check::Passed,
                Some("WAITING") => Check::Reviewed { retry_after: REVIEW_PAUSE },
                Some("REFUSED") if again & kind.bit() == 0 => {
                    Check::Refused { reason: reason(row.as_ref())? }
                }
                _ => Check::Open(self.issue(&mut *tx, now, order, kind, row.as_ref()).await?),
            };
            checks.push((kind, check));
        }
        let passed = checks.iter().all(|(_, check)| *check == Check::Passed);
        Ok(if passed { Verifications::Passed } else { Verifications::Open(checks) })
    }

    /// [`Error::OutOfTurn`] while a claimed order waits for a verification.
    pub(crate) async fn all_have_passed(&self, tx: &mut Tx, order: &Order) -> Result<()> {
        if order.state != OrderState::Claimed {
            return Ok(());
        }
        for kind in VerificationKind::of(order.verifications) {
            let row = row(&mut *tx, order, kind).await?.ok_or(Error::OutOfTurn)?;
            if row.try_get::<&str, _>("state")? != "PASSED" {
                return Err(Error::OutOfTurn);
            }
        }
        Ok(())
    }
}

async fn row(tx: &mut Tx, order: &Order, kind: VerificationKind) -> Result<Option<SqliteRow>> {
    let query = sqlx::query("SELECT * FROM verifications WHERE order_id = ? AND kind = ?");
    Ok(query.bind(order.id.clone()).bind(bit(kind)).fetch_optional(tx).await?)
}

fn reason(row: Option<&SqliteRow>) -> Result<VerificationRefusal> {
    let number = row.map(|row| row.try_get::<Option<i64>, _>("reason")).transpose()?.flatten();
    Ok(VerificationRefusal::of(number.and_then(|number| u64::try_from(number).ok()).unwrap_or_default()))
}

/// Seconds between two questions while a person decides.
const REVIEW_PAUSE: u32 = 15;
