//! Completing an activation with its registration code: `PUT …/activation` of the public interface.
//!
//! | Order | The code is | Then |
//! |---|---|---|
//! | open | a claim: nine digits to derive from | the first code is awaited |
//! | first code awaited | the same again, with the first code | found within 120 steps: active |
//! | claimed over the network, message 3 came | compared with the order's own | active |
//!
//! Wrong values are counted before they are answered: three registration codes or five first codes void
//! the order. A key file that is not the one the order was sealed with gives the same answer as a wrong
//! code, and a line in the log.

use std::sync::Arc;

use softtoken_core::activation::registration_code;
use softtoken_core::codec::decimal::RegistrationCode;
use softtoken_core::secret::SecretBytes;
use softtoken_core::time::UnixTime;

use super::offline::{DOORS, Derived, find};
use super::{Order, OrderState};
use crate::audit::{self, Entry, seconds};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::mail::MailKind;
use crate::secrets::Purpose;
use crate::store::Tx;
use crate::tokens::{Activated, activate};

/// How far a completion has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completed {
    /// The registration code was taken; the first code is awaited.
    Activating,
    /// The token is active.
    Active,
}

/// One completion on its way through the writer. No `Debug`: secrets.
struct Completion {
    issuer: Arc<Issuer>,
    now: UnixTime,
    actor: String,
    code: RegistrationCode,
    response: Option<SecretBytes>,
}

impl Issuer {
    /// Takes the registration code that the app shows and, for an activation without network, the first code
    /// beside it (`response`), in one call or two.
    ///
    /// [`Error::BadValue`] for a mistyped registration code, which claims nothing; [`Error::RegistrationCode`]
    /// for one that does not match, or whose first code does not; [`Error::Void`], [`Error::Expired`],
    /// [`Error::WrongState`] for orders that await none.
    pub async fn complete(
        self: &Arc<Self>,
        actor: &str,
        token: &str,
        registration_code: &str,
        response: Option<&str>,
    ) -> Result<Completed> {
        let code =
            registration_code::read(registration_code).map_err(|_| Error::BadValue("registrationCode"))?;
        let issuer = Arc::clone(self);
        let response = response.map(|text| SecretBytes::copy_of(text.as_bytes()));
        let completion = Completion { issuer, now: self.now(), actor: actor.to_owned(), code, response };
        match self.complete_order(token, completion).await {
            Err(Error::KeyMismatch) => {
                self.log_key_mismatch(actor, token).await?;
                Err(Error::RegistrationCode)
            }
            Ok(Completed::Active) => {
                let token = self.token(token).await?;
                let device = token.device.unwrap_or_default();
                self.tell(&token.id, MailKind::Activated { serial: token.serial, device }).await;
                Ok(Completed::Active)
            }
            other => other,
        }
    }

    async fn complete_order(&self, token: &str, completion: Completion) -> Result<Completed> {
        // What is slow comes before the writer's turn, which judges again.
        let open = "SELECT orders.id FROM orders WHERE token_id = ? AND state = 'OPEN' AND expires_at >= ?";
        let open: Option<String> = sqlx::query_scalar(open)
            .bind(token)
            .bind(seconds(completion.now))
            .fetch_optional(self.store.read())
            .await?;
        let prepared = match open {
            None => None,
            Some(order) => {
                let doors = sqlx::query(DOORS).bind(&order).fetch_all(self.store.read()).await?;
                let derived = self.derive(&order, &doors, &completion.code).await?;
                (!derived.is_empty()).then_some((order, derived))
            }
        };
        let token = token.to_owned();
        self.store
            .write(move |tx| Box::pin(async move { completion.judge(tx, &token, prepared).await }))
            .await?
    }

    async fn log_key_mismatch(&self, actor: &str, token: &str) -> Result<()> {
        let (actor, token, now) = (actor.to_owned(), token.to_owned(), self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let event = "key.mismatch";
                    let entry = Entry { event, actor: &actor, token: Some(&token), ..Entry::default() };
                    audit::write(tx, now, entry).await
                })
            })
            .await
    }
}

impl Completion {
    /// The outer result undoes everything, the inner one is durable before it is told.
    async fn judge(
        self,
        tx: &mut Tx,
        token: &str,
        prepared: Option<(String, Vec<Derived>)>,
    ) -> Result<Result<Completed>> {
        let order = Order::newest(&mut *tx, token).await?;
        match order.state {
            OrderState::Void => return Err(Error::Void),
            OrderState::Claimed | OrderState::Done | OrderState::Superseded => return Err(Error::WrongState),
            OrderState::Open | OrderState::Awaited | OrderState::Derived => {}
        }
        if order.is_too_old(self.now) {
            return Err(Error::Expired);
        }
        match (order.state, prepared) {
            (OrderState::Open, Some((id, derived))) if id == order.id => {
                self.claim(tx, &order, derived).await
            }
            (OrderState::Awaited, _) => self.confirm(tx, &order).await,
            (OrderState::Derived, _) => {
                if !self.is_right(&order)? {
                    return self.fail(tx, &order, MAX_WRONG_FIRST_CODES).await;
                }
                let derived = self.issuer.derived(tx, &order.id, &self.code).await?;
                self.first_code(tx, &order, derived).await
            }
            // Not allowed without network, or the order has changed since it was looked at.
            _ => Err(Error::WrongState),
        }
    }

    async fn claim(self, tx: &mut Tx, order: &Order, derived: Vec<Derived>) -> Result<Result<Completed>> {
        let code = self.code.digits().as_bytes();
        let random = &self.issuer.ports.random;
        let sealed =
            self.issuer.secrets.seal(Purpose::RegistrationCode, order.id.as_bytes(), code, random)?;
        let claim = "UPDATE orders SET state = 'DERIVED', claimed_at = ?, registration_code = ? WHERE id = ?";
        sqlx::query(claim)
            .bind(seconds(self.now))
            .bind(sealed)
            .bind(order.id.clone())
            .execute(&mut *tx)
            .await?;
        self.issuer.keep_derived(tx, &order.id, &derived).await?;
        self.log(tx, order, "order.registration_code").await?;
        self.first_code(tx, order, derived).await
    }

    async fn first_code(
        self,
        tx: &mut Tx,
        order: &Order,
        derived: Vec<Derived>,
    ) -> Result<Result<Completed>> {
        let Some(response) = &self.response else { return Ok(Ok(Completed::Activating)) };
        let response = std::str::from_utf8(response.expose()).unwrap_or_default();
        let Some((derived, found)) = find(derived, response, self.now) else {
            return self.fail(tx, order, MAX_WRONG_FIRST_CODES).await;
        };
        let last_step = i64::try_from(found.step).map_err(|_| Error::Internal("a step out of range"))?;
        let new = Activated {
            token: order.token.clone(),
            seed: derived.result.seed,
            recovery: derived.result.recovery_key,
            profile: derived.profile,
            device: None,
            drift: found.drift,
            last_step: Some(last_step),
        };
        activate(&self.issuer, tx, self.now, new).await?;
        let clear = "UPDATE doors SET seed = NULL, recovery = NULL, secret = NULL WHERE order_id = ?";
        sqlx::query(clear).bind(order.id.clone()).execute(&mut *tx).await?;
        order.set_state(tx, OrderState::Done).await?;
        Ok(Ok(Completed::Active))
    }

    async fn confirm(self, tx: &mut Tx, order: &Order) -> Result<Result<Completed>> {
        if !self.is_right(order)? {
            return self.fail(tx, order, MAX_WRONG_REGISTRATION_CODES).await;
        }
        let session = order.session.as_deref().ok_or(Error::Internal("an awaited order has no session"))?;
        order.activate_session(&self.issuer, &mut *tx, self.now, session).await?;
        self.log(tx, order, "order.confirmed").await?;
        Ok(Ok(Completed::Active))
    }

    fn is_right(&self, order: &Order) -> Result<bool> {
        let sealed = order.registration_code.as_deref().ok_or(Error::Internal("an order has no code"))?;
        let right = self.issuer.secrets.open(Purpose::RegistrationCode, order.id.as_bytes(), sealed)?;
        Ok(right.ct_eq(self.code.digits().as_bytes()))
    }

    async fn fail(&self, tx: &mut Tx, order: &Order, most: i64) -> Result<Result<Completed>> {
        let wrong = order.wrong_codes.saturating_add(1);
        let state =
            if wrong >= most { OrderState::Void.word() } else { order_state_after_claim(order).word() };
        sqlx::query("UPDATE orders SET wrong_codes = ?, state = ? WHERE id = ?")
            .bind(wrong)
            .bind(state)
            .bind(order.id.clone())
            .execute(&mut *tx)
            .await?;
        self.log(tx, order, "order.wrong_code").await?;
        Ok(Err(Error::RegistrationCode))
    }

    async fn log(&self, tx: &mut Tx, order: &Order, event: &'static str) -> Result<()> {
        let entry = Entry { event, actor: &self.actor, token: Some(&order.token), ..Entry::default() };
        audit::write(tx, self.now, entry).await
    }
}

/// An open order that fails at its first code in the same call was claimed by its registration code.
fn order_state_after_claim(order: &Order) -> OrderState {
    if order.state == OrderState::Open { OrderState::Derived } else { order.state }
}

const MAX_WRONG_REGISTRATION_CODES: i64 = 3;
const MAX_WRONG_FIRST_CODES: i64 = 5;
