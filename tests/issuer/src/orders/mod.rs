//! Orders: what a user is given to activate a token with, and how an activation without network ends.
//!
//! | State | Means | Ends in |
//! |---|---|---|
//! | OPEN | no device has it | CLAIMED, DERIVED, SUPERSEDED, VOID |
//! | CLAIMED | a device has claimed it over the network | AWAITED, DONE, SUPERSEDED, VOID |
//! | AWAITED | message 3 came, the registration code is awaited | DONE, SUPERSEDED, VOID |
//! | DERIVED | a registration code was told, its first code is awaited | DONE, SUPERSEDED, VOID |
//! | DONE, SUPERSEDED, VOID | over | – |
//!
//! Expiry is no state: an open order ends at `expires_at`, a claimed one a day after its claim, or later when a person
//! has to look at a verification.
//! Rows of orders that are over are kept for a time (`forget`), so that a device can be told so under the handshake.

mod complete;
mod forget;
mod make;
mod offline;
mod online;

use softtoken_core::activation::exchange::messages::Refused;
use softtoken_core::error::{VerificationKind, VerificationRefusal};
use softtoken_core::time::UnixTime;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

pub use complete::Completed;
pub use forget::KEPT;
pub use make::OrderRequest;

use crate::audit::seconds;
use crate::error::{Error, Result};
use crate::store::Tx;

/// An order as it is judged.
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) state: OrderState,
    pub(crate) confirm: bool,
    pub(crate) expires_at: i64,
    pub(crate) claimed_at: Option<i64>,
    pub(crate) mode: Option<i64>,
    pub(crate) claim: Option<Vec<u8>>,
    pub(crate) claims: i64,
    pub(crate) wrong_passwords: i64,
    pub(crate) wrong_codes: i64,
    pub(crate) told: bool,
    pub(crate) device: Option<String>,
    pub(crate) session: Option<Vec<u8>>,
    pub(crate) registration_code: Option<Vec<u8>>,
    /// Bits of the verifications that come before message 3.
    pub(crate) verifications: u64,
    /// While and after a person looks at a verification.
    pub(crate) extended_until: Option<i64>,
    /// Kind and reason of the refused verification that has voided it.
    pub(crate) refused: Option<(u64, u64)>,
}

/// See the table above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderState {
    Open,
    Claimed,
    Awaited,
    Derived,
    Done,
    Superseded,
    Void,
}

impl OrderState {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Claimed => "CLAIMED",
            Self::Awaited => "AWAITED",
            Self::Derived => "DERIVED",
            Self::Done => "DONE",
            Self::Superseded => "SUPERSEDED",
            Self::Void => "VOID",
        }
    }

    fn read(word: &str) -> Result<Self> {
        let all = [
            Self::Open,
            Self::Claimed,
            Self::Awaited,
            Self::Derived,
            Self::Done,
            Self::Superseded,
            Self::Void,
        ];
        all.into_iter()
            .find(|state| state.word() == word)
            .ok_or(Error::Internal("an order has an unknown state"))
    }
}

impl Order {
    /// Reads one inside the transaction that judges it.
    pub(crate) async fn load(tx: &mut Tx, id: &str) -> Result<Self> {
        let query = sqlx::query("SELECT * FROM orders WHERE id = ?").bind(id.to_owned());
        Self::from_row(&query.fetch_optional(tx).await?.ok_or(Error::NotFound)?)
    }

    /// The newest order of a token.
    pub(crate) async fn newest(tx: &mut Tx, token: &str) -> Result<Self> {
        let newest = "SELECT orders.* FROM orders JOIN doors ON doors.order_id = orders.id \
                      WHERE token_id = ? ORDER BY doors.number DESC LIMIT 1";
        let query = sqlx::query(newest).bind(token.to_owned());
        Self::from_row(&query.fetch_optional(tx).await?.ok_or(Error::NotFound)?)
    }

    /// True when nothing may come of it any more because of its age.
    pub(crate) fn is_too_old(&self, now: UnixTime) -> bool {
        match self.claimed_at {
            Some(claimed_at) => {
                let life = claimed_at.saturating_add(CLAIMED_LIFE);
                seconds(now) > life.max(self.extended_until.unwrap_or(life))
            }
            None => seconds(now) > self.expires_at,
        }
    }

    /// What a device is told of a void order.
    pub(crate) fn void(&self) -> Refused {
        let kind = |bit| VerificationKind::ALL.into_iter().find(|kind| kind.bit() == bit);
        match self.refused.and_then(|(bit, reason)| Some((kind(bit)?, reason))) {
            Some((kind, reason)) => Refused::Verification { kind, reason: VerificationRefusal::of(reason) },
            None => Refused::Void,
        }
    }

    pub(crate) async fn set_state(&self, tx: &mut Tx, state: OrderState) -> Result<()> {
        sqlx::query("UPDATE orders SET state = ? WHERE id = ?")
            .bind(state.word())
            .bind(self.id.clone())
            .execute(tx)
            .await?;
        Ok(())
    }

    fn from_row(row: &SqliteRow) -> Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            token: row.try_get("token_id")?,
            state: OrderState::read(row.try_get("state")?)?,
            confirm: row.try_get::<i64, _>("confirm")? != 0,
            expires_at: row.try_get("expires_at")?,
            claimed_at: row.try_get("claimed_at")?,
            mode: row.try_get("mode")?,
            claim: row.try_get("claim")?,
            claims: row.try_get("claims")?,
            wrong_passwords: row.try_get("wrong_passwords")?,
            wrong_codes: row.try_get("wrong_codes")?,
            told: row.try_get::<i64, _>("told")? != 0,
            device: row.try_get("device")?,
            session: row.try_get("session")?,
            registration_code: row.try_get("registration_code")?,
            verifications: unsigned(row.try_get("verifications")?),
            extended_until: row.try_get("extended_until")?,
            refused: row
                .try_get::<Option<i64>, _>("refused_kind")?
                .zip(row.try_get::<Option<i64>, _>("refused_reason")?)
                .map(|(kind, reason)| (unsigned(kind), unsigned(reason))),
        })
    }
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// What sealed values of a door are bound to.
pub(crate) fn door_row(order: &str, mode: i64) -> Vec<u8> {
    format!("{order} {mode}").into_bytes()
}

/// Seconds that a claimed order lives.
pub(crate) const CLAIMED_LIFE: i64 = 86_400;
pub(crate) const LINK: i64 = 1;
pub(crate) const QR_CODE: i64 = 2;
pub(crate) const TYPED: i64 = 3;
