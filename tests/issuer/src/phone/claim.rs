//! Whether message 1 gets the order: the judgement of `core/PROTOCOL.md` 7.4, in its order.

use ring::digest::{Context, SHA256};
use softtoken_core::activation::exchange::messages::{Hello, Refused};
use softtoken_core::secret::SecretBytes;
use softtoken_core::time::UnixTime;
use subtle::ConstantTimeEq;

use crate::audit::{self, Entry, seconds};
use crate::error::Result;
use crate::orders::{Order, OrderState, TYPED};
use crate::store::Tx;

/// One try to claim an order.
pub(super) struct Claim<'a> {
    /// The door.
    pub(super) mode: i64,
    /// Message 1.
    pub(super) hello: &'a Hello,
    /// The door's password, for QR codes.
    pub(super) password: Option<&'a SecretBytes>,
}

/// What message 2 says.
pub(super) enum Verdict {
    /// The order is this device's.
    Accepted,
    /// It is not.
    Refused {
        /// Why.
        refused: Refused,
        /// The holder is to be told that another device has tried.
        tell: bool,
    },
}

impl Claim<'_> {
    /// Judges and writes down what follows from it.
    pub(super) async fn judge(&self, tx: &mut Tx, now: UnixTime, order: &Order) -> Result<Verdict> {
        match order.state {
            OrderState::Void => return Ok(Verdict::refused(order.void())),
            OrderState::Superseded => return Ok(Verdict::refused(Refused::Superseded)),
            OrderState::Awaited | OrderState::Derived | OrderState::Done => {
                return self.another_device(tx, order).await;
            }
            OrderState::Open | OrderState::Claimed => {}
        }
        if order.is_too_old(now) {
            return Ok(Verdict::refused(Refused::Expired));
        }
        let pair = self.pair();
        if order.claim.as_ref().is_some_and(|claim| !bool::from(claim.as_slice().ct_eq(&pair))) {
            return self.another_device(tx, order).await;
        }
        if order.claims >= MAX_CLAIMS {
            return Ok(Verdict::refused(Refused::AlreadyUsed));
        }
        let right = match (self.password, &self.hello.password) {
            (Some(right), Some(said)) => right.ct_eq(said.expose()),
            (right, said) => right.is_none() && said.is_none(),
        };
        if !right {
            return wrong_password(tx, now, order).await;
        }
        if order.verifications & !self.hello.capabilities != 0 {
            return Ok(Verdict::refused(Refused::Unsupported));
        }
        self.accept(tx, now, order, &pair).await
    }

    async fn accept(&self, tx: &mut Tx, now: UnixTime, order: &Order, pair: &[u8]) -> Result<Verdict> {
        let accept = "UPDATE orders SET state = 'CLAIMED', claim = ?, claims = claims + 1, mode = ?, device = ?, \
                      claimed_at = ?, confirm = ? WHERE id = ?";
        sqlx::query(accept)
            .bind(pair.to_vec())
            .bind(self.mode)
            .bind(self.hello.device.clone())
            .bind(order.claimed_at.unwrap_or(seconds(now)))
            .bind(i64::from(order.confirm || self.mode == TYPED))
            .bind(order.id.clone())
            .execute(&mut *tx)
            .await?;
        log(tx, now, order, "order.claimed", Some(&self.hello.device)).await?;
        Ok(Verdict::Accepted)
    }

    /// Tells the holder once for each order.
    async fn another_device(&self, tx: &mut Tx, order: &Order) -> Result<Verdict> {
        let same = order.claim.as_ref().is_some_and(|claim| claim.as_slice().ct_eq(&self.pair()).into());
        let tell = !same && !order.told;
        if tell {
            sqlx::query("UPDATE orders SET told = 1 WHERE id = ?").bind(order.id.clone()).execute(tx).await?;
        }
        Ok(Verdict::Refused { refused: Refused::AlreadyUsed, tell })
    }

    /// Door, r_d and commitment in one hash: the same pair at another door is another device.
    fn pair(&self) -> Vec<u8> {
        let mut hash = Context::new(&SHA256);
        hash.update(&self.mode.to_be_bytes());
        hash.update(self.hello.random.expose());
        hash.update(&self.hello.commitment);
        hash.finish().as_ref().to_vec()
    }
}

async fn wrong_password(tx: &mut Tx, now: UnixTime, order: &Order) -> Result<Verdict> {
    let wrong = order.wrong_passwords.saturating_add(1);
    let left = u8::try_from(MAX_WRONG_PASSWORDS.saturating_sub(wrong)).unwrap_or(0);
    let state = if left == 0 { OrderState::Void } else { order.state };
    sqlx::query("UPDATE orders SET wrong_passwords = ?, state = ? WHERE id = ?")
        .bind(wrong)
        .bind(state.word())
        .bind(order.id.clone())
        .execute(&mut *tx)
        .await?;
    log(tx, now, order, "order.wrong_password", None).await?;
    Ok(Verdict::refused(match left {
        0 => Refused::Void,
        tries_left => Refused::WrongPassword { tries_left },
    }))
}

async fn log(
    tx: &mut Tx,
    now: UnixTime,
    order: &Order,
    event: &'static str,
    detail: Option<&str>,
) -> Result<()> {
    audit::write(tx, now, Entry { event, actor: "device", user: None, token: Some(&order.token), detail })
        .await
}

/// The first claim and five more of the same pair.
const MAX_CLAIMS: i64 = 6;
const MAX_WRONG_PASSWORDS: i64 = 5;
