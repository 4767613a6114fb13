//! Tickets: 32 random bytes in the path of a page, good for one kind, one order, ten minutes and one decision.
//!
//! The database has the hash, to find it, and the ticket sealed, because a device that asks again gets the same one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use softtoken_core::activation::exchange::verification::PageTicket;
use softtoken_core::error::VerificationKind;
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::origin;
use crate::audit::seconds;
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::orders::{Order, OrderState};
use crate::secrets::Purpose;
use crate::store::Tx;

/// What a living ticket stands for.
pub struct Found {
    pub(super) order: String,
    pub(super) kind: VerificationKind,
    /// SHA-256 of the ticket.
    pub(super) hash: Vec<u8>,
    /// Two digits.
    pub number: String,
    /// What the device calls itself.
    pub device: String,
    /// Of the token.
    pub serial: String,
    /// Who has to prove something.
    pub user: String,
    /// The user's mail address.
    pub email: Option<String>,
    pub(super) user_id: String,
}

/// What a page's path is made of.
pub const PATH: &str = "/verify";

impl Issuer {
    /// What `ticket` stands for; [`Error::NotFound`] for everything that is no living ticket of this kind. Decides nothing.
    pub async fn ticket(&self, kind: VerificationKind, ticket: &str) -> Result<Found> {
        let hash = hash(ticket).ok_or(Error::NotFound)?;
        let query = "SELECT verifications.*, orders.device, tokens.serial, users.name, \
                     users.email, users.id AS user_id FROM verifications \
                     JOIN orders ON orders.id = verifications.order_id JOIN tokens ON tokens.id = orders.token_id \
                     JOIN users ON users.id = tokens.user_id WHERE verifications.ticket_hash = ?";
        let row = sqlx::query(query).bind(hash.clone()).fetch_optional(self.store.read()).await?;
        let row = row.ok_or(Error::NotFound)?;
        let order: String = row.try_get("order_id")?;
        let mut reader = self.store.read().acquire().await?;
        let judged = Order::load(&mut reader, &order).await?;
        if !is_open(&row, kind, &judged, self.now())? {
            return Err(Error::NotFound);
        }
        Ok(Found {
            order,
            kind,
            hash,
            number: row.try_get("number")?,
            device: row.try_get::<Option<String>, _>("device")?.unwrap_or_default(),
            serial: row.try_get("serial")?,
            user: row.try_get("name")?,
            email: row.try_get("email")?,
            user_id: row.try_get("user_id")?,
        })
    }

    /// The ticket that lives, or a new one; its row is `OPEN` afterwards.
    pub(super) async fn issue(
        &self,
        tx: &mut Tx,
        now: UnixTime,
        order: &Order,
        kind: VerificationKind,
        row: Option<&SqliteRow>,
    ) -> Result<PageTicket> {
        let place = place(&order.id, kind);
        if let Some(row) = row
            && row.try_get::<&str, _>("state")? == OPEN
            && row.try_get::<Option<i64>, _>("expires_at")?.is_some_and(|end| seconds(now) <= end)
        {
            let ticket = self.secrets.open_key::<32>(Purpose::Ticket, &place, row.try_get("ticket")?)?;
            return self.page_ticket(kind, &ticket, row.try_get("number")?);
        }
        let ticket: Key<32> = self.ports.random.key()?;
        let number = format!("{:02}", self.ports.random.below(100)?);
        let sealed = self.secrets.seal(Purpose::Ticket, &place, ticket.expose(), &self.ports.random)?;
        let put = "INSERT INTO verifications (order_id, kind, state, ticket_hash, ticket, number, expires_at) \
                   VALUES (?, ?, 'OPEN', ?, ?, ?, ?) ON CONFLICT (order_id, kind) DO UPDATE SET state = 'OPEN', \
                   ticket_hash = excluded.ticket_hash, ticket = excluded.ticket, number = excluded.number, \
                   expires_at = excluded.expires_at";
        sqlx::query(put)
            .bind(order.id.clone())
            .bind(bit(kind))
            .bind(digest(&SHA256, ticket.expose()).as_ref().to_vec())
            .bind(sealed)
            .bind(number.clone())
            .bind(seconds(now).saturating_add(LIFE))
            .execute(tx)
            .await?;
        self.page_ticket(kind, &ticket, number)
    }

    fn page_ticket(&self, kind: VerificationKind, ticket: &Key<32>, number: String) -> Result<PageTicket> {
        let origin = origin(&self.settings, kind).ok_or(Error::WrongState)?;
        let url = format!("{origin}{PATH}/{}", URL_SAFE_NO_PAD.encode(ticket.expose()));
        Ok(PageTicket { url, number, retry_after: PAGE_PAUSE })
    }
}

/// Uses a ticket up inside the transaction that decides, or says that it is good for nothing any more. Gives the order.
pub(super) async fn use_up(tx: &mut Tx, now: UnixTime, found: &Found) -> Result<Order> {
    let query =
        sqlx::query("SELECT * FROM verifications WHERE order_id = ? AND kind = ? AND ticket_hash = ?")
            .bind(found.order.clone())
            .bind(bit(found.kind))
            .bind(found.hash.clone());
    let row = query.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
    let order = Order::load(&mut *tx, &found.order).await?;
    if !is_open(&row, found.kind, &order, now)? {
        return Err(Error::NotFound);
    }
    sqlx::query("UPDATE verifications SET ticket_hash = NULL, ticket = NULL WHERE order_id = ? AND kind = ?")
        .bind(found.order.clone())
        .bind(bit(found.kind))
        .execute(tx)
        .await?;
    Ok(order)
}

fn is_open(row: &SqliteRow, kind: VerificationKind, order: &Order, now: UnixTime) -> Result<bool> {
    let lives = row.try_get::<Option<i64>, _>("expires_at")?.is_some_and(|end| seconds(now) <= end);
    let (state, of) = (row.try_get::<&str, _>("state")?, row.try_get::<i64, _>("kind")?);
    let claimed = order.state == OrderState::Claimed && !order.is_too_old(now);
    Ok(lives && claimed && state == OPEN && of == bit(kind))
}

/// What sealed values of a verification are bound to.
pub(super) fn place(order: &str, kind: VerificationKind) -> Vec<u8> {
    format!("{order} {}", kind.bit()).into_bytes()
}

/// A kind's bit as the database has it.
pub(super) fn bit(kind: VerificationKind) -> i64 {
    i64::try_from(kind.bit()).unwrap_or_default()
}

/// Whether this has the shape of a ticket.
pub(super) fn is_ticket(text: &str) -> bool {
    hash(text).is_some()
}

fn hash(ticket: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(ticket).ok().filter(|bytes| bytes.len() == 32)?;
    Some(digest(&SHA256, &bytes).as_ref().to_vec())
}

pub(super) const OPEN: &str = "OPEN";
/// Seconds that a ticket lives.
const LIFE: i64 = 600;
/// Seconds between two questions of an app that cannot tell when its user comes back.
const PAGE_PAUSE: u32 = 2;
