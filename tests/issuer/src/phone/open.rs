//! The handshake: finds the door, opens message 1 with its key, and answers what the order says.

use std::sync::Arc;

use ring::digest::{SHA256, digest};
use softtoken_core::activation::exchange::messages::{Accepted, Answer, Hello, Refused, encode_policy};
use softtoken_core::activation::exchange::noise::Responder;
use softtoken_core::activation::exchange::order::split_open_body;
use softtoken_core::activation::exchange::{Header, SessionKeys, Way};
use softtoken_core::secret::SecretBytes;
use softtoken_core::time::UnixTime;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::claim::{Claim, Verdict};
use crate::audit::seconds;
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::mail::MailKind;
use crate::orders::{Order, OrderState, door_row};
use crate::secrets::Purpose;
use crate::store::Tx;

/// A door whose key has opened message 1.
struct Opened {
    order: String,
    mode: i64,
    password: Option<SecretBytes>,
    holder: [u8; 16],
    responder: Responder,
    hello: Hello,
    /// SHA-256 of the body.
    hash: Vec<u8>,
}

/// A session to be stored.
struct Session<'a> {
    order: &'a str,
    keys: &'a SessionKeys,
    commitment: [u8; 32],
}

/// What the writer has decided: message 2, and whether the holder is to be told of a second device.
struct Decided {
    message: Vec<u8>,
    tell: Option<String>,
}

impl Issuer {
    /// Message 1 in, message 2 out. [`Error::Unreadable`] and [`Error::NotFound`] change nothing. The same bytes
    /// again get the same answer and count as no claim: whoever repeats them, the device loses nothing.
    pub async fn open_handshake(self: &Arc<Self>, body: &[u8]) -> Result<Vec<u8>> {
        let (header, message) = split_open_body(body).map_err(|_| Error::Unreadable)?;
        let hash = digest(&SHA256, body).as_ref().to_vec();
        match header.way {
            Way::Contact => self.open_contact(header, message, hash).await,
            Way::Link | Way::QrCode | Way::Typed => self.open_order(header, message, hash).await,
        }
    }

    async fn open_order(self: &Arc<Self>, header: Header, message: &[u8], hash: Vec<u8>) -> Result<Vec<u8>> {
        let opened = self.find_door(&header, message, hash).await?;
        if opened.hello.password.is_some() != (header.way == Way::QrCode) {
            return Err(Error::Unreadable);
        }
        let (issuer, now, serial) = (Arc::clone(self), self.now(), header.serial.digits().to_owned());
        let decided = self
            .store
            .write(move |tx| Box::pin(async move { issuer.decide(tx, now, &header, opened).await }))
            .await?;
        if let Some(token) = decided.tell {
            self.tell(&token, MailKind::AlreadyUsed { serial }).await;
        }
        Ok(decided.message)
    }

    /// Typed doors of all orders of a token have one activation id: each key is tried, the newest first.
    async fn find_door(&self, header: &Header, message: &[u8], hash: Vec<u8>) -> Result<Opened> {
        let query = "SELECT doors.order_id, doors.mode, doors.psk, doors.password, users.holder FROM doors \
                     JOIN orders ON orders.id = doors.order_id JOIN tokens ON tokens.id = orders.token_id \
                     JOIN users ON users.id = tokens.user_id \
                     WHERE doors.activation_id = ? AND doors.header = ? ORDER BY doors.number DESC LIMIT ?";
        let doors = sqlx::query(query)
            .bind(header.activation_id.to_vec())
            .bind(header.to_bytes())
            .bind(MAX_DOORS)
            .fetch_all(self.store.read())
            .await?;
        let (private, _) = self.keys.for_handshake(&header.issuer_key).ok_or(Error::NotFound)?;
        if doors.is_empty() {
            return Err(Error::NotFound);
        }
        for door in &doors {
            let (order, mode) = (door.try_get::<String, _>("order_id")?, door.try_get("mode")?);
            let row = door_row(&order, mode);
            let psk = self.secrets.open_key(Purpose::Psk, &row, door.try_get("psk")?)?;
            let opened = Responder::read(&header.prologue(), private, &psk, message, &self.ports.random);
            let Ok((responder, payload)) = opened else { continue };
            let hello = Hello::decode(payload.expose()).map_err(|_| Error::Unreadable)?;
            let password = self.password(&row, door)?;
            let holder = holder(door)?;
            return Ok(Opened { order, mode, password, holder, responder, hello, hash });
        }
        Err(Error::Unreadable)
    }

    fn password(&self, row: &[u8], door: &SqliteRow) -> Result<Option<SecretBytes>> {
        let sealed: Option<Vec<u8>> = door.try_get("password")?;
        Ok(sealed.map(|sealed| self.secrets.open(Purpose::Password, row, &sealed)).transpose()?)
    }

    /// Inside the writer: judges, and stores the session before message 2 leaves.
    async fn decide(&self, tx: &mut Tx, now: UnixTime, header: &Header, opened: Opened) -> Result<Decided> {
        let order = Order::load(&mut *tx, &opened.order).await?;
        if let (OrderState::Claimed, Some(message)) = (order.state, answered(&mut *tx, &opened).await?) {
            return Ok(Decided { message, tell: None });
        }
        let claim = Claim { mode: opened.mode, hello: &opened.hello, password: opened.password.as_ref() };
        let (answer, tell) = match claim.judge(&mut *tx, now, &order).await? {
            Verdict::Accepted => {
                let accepted = self.accepted(now, header, opened.holder, order.verifications)?;
                (Answer::Accepted(Box::new(accepted)), false)
            }
            Verdict::Refused { refused, tell } => (Answer::Refused(refused), tell),
        };
        let payload = answer.encode().map_err(|_| Error::Internal("no message 2"))?;
        let (message, hash) =
            opened.responder.answer(payload.expose()).map_err(|_| Error::Internal("no message 2"))?;
        if let Answer::Accepted(said) = &answer {
            let keys =
                SessionKeys::derive(&hash, &opened.hello.random, &said.random, &header.serial, &said.policy);
            let session = Session { order: &order.id, keys: &keys, commitment: opened.hello.commitment };
            self.store_session(tx, now, session, opened.hash, message.clone()).await?;
        }
        Ok(Decided { message, tell: tell.then_some(order.token) })
    }

    pub(super) fn accepted(
        &self,
        now: UnixTime,
        header: &Header,
        holder: [u8; 16],
        verifications: u64,
    ) -> Result<Accepted> {
        let (_, proof) = self.keys.for_handshake(&header.issuer_key).ok_or(Error::NotFound)?;
        let policy = encode_policy(&self.policy().for_devices());
        Ok(Accepted {
            serial: header.serial.clone(),
            holder,
            policy: policy.map_err(|_| Error::Internal("no policy"))?.expose().to_vec(),
            random: self.ports.random.key()?,
            time: now,
            verifications,
            proof: proof.clone(),
        })
    }

    async fn store_session(
        &self,
        tx: &mut Tx,
        now: UnixTime,
        Session { order, keys, commitment }: Session<'_>,
        request: Vec<u8>,
        answer: Vec<u8>,
    ) -> Result<()> {
        let seal =
            |purpose, plain: &[u8]| self.secrets.seal(purpose, &keys.session, plain, &self.ports.random);
        let transport = SecretBytes::new([&keys.to_issuer.expose()[..], keys.to_device.expose()].concat());
        let insert = "INSERT INTO sessions (id, order_id, commitment, transport, seed, recovery, sas, request, \
                      answer, opening, message, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        sqlx::query(insert)
            .bind(keys.session.to_vec())
            .bind(order.to_owned())
            .bind(commitment.to_vec())
            .bind(seal(Purpose::Transport, transport.expose())?)
            .bind(seal(Purpose::Seed, keys.seed.expose())?)
            .bind(seal(Purpose::Recovery, keys.recovery.expose())?)
            .bind(seal(Purpose::Sas, keys.sas.expose())?)
            .bind(request.clone())
            .bind(answer.clone())
            .bind(request)
            .bind(answer)
            .bind(seconds(now))
            .execute(tx)
            .await?;
        Ok(())
    }
}

impl Verdict {
    /// A refusal that nobody is told of.
    pub(super) fn refused(refused: Refused) -> Self {
        Self::Refused { refused, tell: false }
    }
}

/// Message 2 of these very bytes, as long as its session waits for message 3.
async fn answered(tx: &mut Tx, opened: &Opened) -> Result<Option<Vec<u8>>> {
    let query = "SELECT message FROM sessions WHERE order_id = ? AND finished = 0 AND opening = ?";
    let query = sqlx::query_scalar(query).bind(opened.order.clone()).bind(opened.hash.clone());
    Ok(query.fetch_optional(tx).await?)
}

fn holder(door: &SqliteRow) -> Result<[u8; 16]> {
    let holder: &[u8] = door.try_get("holder")?;
    holder.try_into().map_err(|_| Error::Internal("a holder id has not 16 bytes"))
}

/// Orders of one token that a typed header may still mean; older ones are unknown.
const MAX_DOORS: i64 = 8;
