//! Sealed requests: message 3 and the status, each answered once and then with the same bytes.

use std::sync::Arc;

use ring::digest::{SHA256, digest};
use softtoken_core::activation::exchange::SessionKeys;
use softtoken_core::activation::exchange::commitment;
use softtoken_core::activation::exchange::messages::Refused;
use softtoken_core::activation::exchange::sealed::{self, Ask, Standing};
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use subtle::ConstantTimeEq;

use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::mail::MailKind;
use crate::orders::{Order, OrderState};
use crate::secrets::Purpose;
use crate::store::Tx;

/// A request that has opened. No `Debug`: secrets.
pub(super) struct Opened<A> {
    pub(super) session: [u8; 16],
    pub(super) number: u32,
    /// SHA-256 of the body.
    pub(super) hash: Vec<u8>,
    pub(super) ask: A,
    pub(super) to_device: Key<32>,
}

/// What the writer has decided.
struct Decided {
    answer: Vec<u8>,
    /// The token that has just become active.
    activated: Option<String>,
}

impl Issuer {
    /// A sealed request in, its sealed answer out. [`Error::Unreadable`], [`Error::NotFound`] and
    /// [`Error::OutOfTurn`] change nothing.
    pub async fn answer_sealed(self: &Arc<Self>, body: &[u8]) -> Result<Vec<u8>> {
        let of_order = "SELECT transport FROM sessions WHERE id = ?";
        let opened = match self.open_sealed(of_order, body, Ask::decode).await {
            // No session of an order: of a contact, or of nothing.
            Err(Error::NotFound) => return self.answer_contact(body).await,
            opened => opened?,
        };
        let (issuer, now) = (Arc::clone(self), self.now());
        let decided = self
            .store
            .write(move |tx| Box::pin(async move { issuer.answer_once(tx, now, opened).await }))
            .await?;
        if let Some(token) = decided.activated {
            let token = self.token(&token).await?;
            let device = token.device.unwrap_or_default();
            self.tell(&token.id, MailKind::Activated { serial: token.serial, device }).await;
        }
        Ok(decided.answer)
    }

    /// Opens a request of the session whose keys `query` finds.
    pub(super) async fn open_sealed<A, E>(
        &self,
        query: &'static str,
        body: &[u8],
        decode: impl FnOnce(&[u8]) -> std::result::Result<A, E>,
    ) -> Result<Opened<A>> {
        let (session, number) = sealed::head(body).ok_or(Error::Unreadable)?;
        let transport: Option<Vec<u8>> =
            sqlx::query_scalar(query).bind(session.to_vec()).fetch_optional(self.store.read()).await?;
        let transport =
            self.secrets.open(Purpose::Transport, &session, &transport.ok_or(Error::NotFound)?)?;
        let (to_issuer, to_device) =
            transport.expose().split_first_chunk::<32>().ok_or(Error::KeyMismatch)?;
        let to_issuer = Key::from_slice(to_issuer).ok_or(Error::KeyMismatch)?;
        let to_device = Key::from_slice(to_device).ok_or(Error::KeyMismatch)?;
        let plain = sealed::open(&to_issuer, &session, number, body).ok_or(Error::Unreadable)?;
        let ask = decode(plain.expose()).map_err(|_| Error::Unreadable)?;
        Ok(Opened { session, number, hash: digest(&SHA256, body).as_ref().to_vec(), ask, to_device })
    }

    /// Inside the writer: the answer is stored before it is given, and given again to the same request.
    async fn answer_once(&self, tx: &mut Tx, now: UnixTime, opened: Opened<Ask>) -> Result<Decided> {
        let query =
            "SELECT order_id, commitment, last_number, request, answer, finished FROM sessions WHERE id = ?";
        let query = sqlx::query(query).bind(opened.session.to_vec());
        let row = query.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
        if let Some(answer) = opened.answered(&row)? {
            return Ok(Decided { answer, activated: None });
        }
        let order = Order::load(&mut *tx, row.try_get("order_id")?).await?;
        let was = order.state;
        let finished = row.try_get::<i64, _>("finished")? != 0;
        let mut standing = None;
        let plain = match &opened.ask {
            // A wrong opening ends the session: it cannot be put right under a later number.
            Ask::Finish { .. } | Ask::Verifications { .. } if finished => return Err(Error::OutOfTurn),
            Ask::Verifications { again } => self.verifications(&mut *tx, now, &order, *again).await?.encode(),
            Ask::Finish { nonce } => {
                self.all_have_passed(&mut *tx, &order).await?;
                let right = commitment(nonce).ct_eq(row.try_get::<&[u8], _>("commitment")?).into();
                let said = self.finish(&mut *tx, now, &order, &opened.session, nonce, right).await?;
                standing.insert(said).encode()
            }
            Ask::Status => standing.insert(status(now, &order)?).encode(),
        };
        let plain = plain.map_err(|_| Error::Internal("no answer"))?;
        let keep = if finished || matches!(opened.ask, Ask::Finish { .. }) { KEEP_FINISHED } else { KEEP };
        let answer = opened.answer(tx, keep, plain.expose()).await?;
        let activated = standing == Some(Standing::Active) && was == OrderState::Claimed;
        Ok(Decided { answer, activated: activated.then_some(order.token) })
    }

    /// Message 3.
    async fn finish(
        &self,
        tx: &mut Tx,
        now: UnixTime,
        order: &Order,
        session: &[u8; 16],
        nonce: &Key<32>,
        right: bool,
    ) -> Result<Standing> {
        if order.state != OrderState::Claimed {
            return status(now, order);
        }
        if order.is_too_old(now) {
            return Ok(Standing::Refused(Refused::Expired));
        }
        if !right {
            return Ok(Standing::Refused(Refused::Declined));
        }
        sqlx::query("DELETE FROM sessions WHERE order_id = ? AND id <> ?")
            .bind(order.id.clone())
            .bind(session.to_vec())
            .execute(&mut *tx)
            .await?;
        if !order.confirm {
            order.activate_session(self, tx, now, session).await?;
            return Ok(Standing::Active);
        }
        let code = self.registration_code(tx, session, nonce).await?;
        let sealed =
            self.secrets.seal(Purpose::RegistrationCode, order.id.as_bytes(), &code, &self.ports.random)?;
        sqlx::query("UPDATE orders SET state = 'AWAITED', session = ?, registration_code = ? WHERE id = ?")
            .bind(session.to_vec())
            .bind(sealed)
            .bind(order.id.clone())
            .execute(tx)
            .await?;
        Ok(Standing::CodeAwaited)
    }

    async fn registration_code(
        &self,
        tx: &mut Tx,
        session: &[u8; 16],
        nonce: &Key<32>,
    ) -> Result<zeroize::Zeroizing<Vec<u8>>> {
        let sealed: Vec<u8> = sqlx::query_scalar("SELECT sas FROM sessions WHERE id = ?")
            .bind(session.to_vec())
            .fetch_one(tx)
            .await?;
        let sas = self.secrets.open_key(Purpose::Sas, session, &sealed)?;
        let none = || Key::new([0; 32]);
        // Only K_sas takes part.
        let keys = SessionKeys {
            session: *session,
            seed: none(),
            recovery: none(),
            sas,
            to_issuer: none(),
            to_device: none(),
        };
        let code = keys.registration_code(nonce).ok_or(Error::Internal("no registration code"))?;
        Ok(zeroize::Zeroizing::new(code.digits().as_bytes().to_vec()))
    }
}

/// The books of a session, of an order or of a contact: one answer to each number.
impl<A> Opened<A> {
    /// The answer that these very bytes had; `row` has `last_number`, `request` and `answer` of the session.
    /// [`Error::OutOfTurn`] unless the number is the next one.
    pub(super) fn answered(&self, row: &SqliteRow) -> Result<Option<Vec<u8>>> {
        let (last, number) = (row.try_get::<i64, _>("last_number")?, i64::from(self.number));
        if number == last && row.try_get::<Option<&[u8]>, _>("request")? == Some(&*self.hash) {
            return row
                .try_get::<Option<_>, _>("answer")?
                .map(Some)
                .ok_or(Error::Internal("an answer is missing"));
        }
        if number == last.saturating_add(1) { Ok(None) } else { Err(Error::OutOfTurn) }
    }

    /// Seals an answer and enters it with its request by `keep`, which binds number, request, answer and session.
    pub(super) async fn answer(self, tx: &mut Tx, keep: &'static str, plain: &[u8]) -> Result<Vec<u8>> {
        let answer = sealed::seal(&self.to_device, &self.session, self.number, plain);
        let answer = answer.ok_or(Error::Internal("no answer"))?;
        sqlx::query(keep)
            .bind(i64::from(self.number))
            .bind(self.hash)
            .bind(answer.clone())
            .bind(self.session.to_vec())
            .execute(tx)
            .await?;
        Ok(answer)
    }
}

/// What the device is told between message 3 and the end.
pub(crate) fn status(now: UnixTime, order: &Order) -> Result<Standing> {
    Ok(match order.state {
        OrderState::Done => Standing::Active,
        OrderState::Superseded => Standing::Refused(Refused::Superseded),
        OrderState::Void => Standing::Refused(order.void()),
        OrderState::Awaited if order.is_too_old(now) => Standing::Refused(Refused::Expired),
        OrderState::Awaited => Standing::CodeAwaited,
        // Before message 3 there is nothing to ask for.
        OrderState::Claimed | OrderState::Open | OrderState::Derived => return Err(Error::OutOfTurn),
    })
}

/// The books of an order's session, before message 3 and from it on.
const KEEP: &str = "UPDATE sessions SET last_number = ?, request = ?, answer = ? WHERE id = ?";
const KEEP_FINISHED: &str =
    "UPDATE sessions SET last_number = ?, request = ?, answer = ?, finished = 1 WHERE id = ?";
