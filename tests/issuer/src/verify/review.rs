//! Reviews: pictures that wait for a person at the issuer, who sees one and says yes or no.
//!
//! Each look and each decision is in the audit log with the person's name. The picture is deleted with the decision.

use std::sync::Arc;

use softtoken_core::error::{VerificationKind, VerificationRefusal};
use softtoken_core::time::UnixTime;
use sqlx::Row;

use super::pages::PictureProblem;
use super::ticket::{Found, bit, place, use_up};
use super::verdict::Verdict;
use crate::audit::{self, Entry, seconds};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::orders::{CLAIMED_LIFE, Order, OrderState};
use crate::secrets::Purpose;
use crate::store::Tx;

/// A picture that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Names it in the other verbs.
    pub id: String,
    /// Whose face it should be.
    pub user: String,
    /// The user's id.
    pub user_id: String,
    /// The token that waits.
    pub serial: String,
    /// The token's id.
    pub token_id: String,
    /// What the device calls itself.
    pub device: String,
    /// When the picture came.
    pub sent_at: UnixTime,
}

/// A picture. No `Debug`: it is somebody's face.
pub struct Picture {
    /// `image/jpeg` or `image/png`, by its first bytes.
    pub media_type: &'static str,
    /// At most [`MAX_PICTURE`].
    pub bytes: Vec<u8>,
}

impl Picture {
    /// Judges the shape of what was sent.
    pub fn read(bytes: Vec<u8>) -> std::result::Result<Self, PictureProblem> {
        let media_type = match bytes.as_slice() {
            [] => return Err(PictureProblem::Missing),
            bytes if bytes.len() > MAX_PICTURE => return Err(PictureProblem::TooLarge),
            bytes if bytes.starts_with(JPEG) => "image/jpeg",
            bytes if bytes.starts_with(PNG) => "image/png",
            _ => return Err(PictureProblem::Type),
        };
        Ok(Self { media_type, bytes })
    }
}

impl Issuer {
    /// Everything that waits for a person, oldest first.
    pub async fn waiting_reviews(&self) -> Result<Vec<Review>> {
        let query = "SELECT verifications.order_id, verifications.sent_at, users.name, \
                     users.id AS user_id, tokens.serial, tokens.id AS token_id, orders.device \
                     FROM verifications JOIN orders ON orders.id = verifications.order_id \
                     JOIN tokens ON tokens.id = orders.token_id JOIN users ON users.id = tokens.user_id \
                     WHERE verifications.state = 'WAITING' AND orders.state = 'CLAIMED' \
                     AND orders.extended_until >= ? ORDER BY verifications.sent_at, verifications.order_id";
        let rows = sqlx::query(query).bind(seconds(self.now())).fetch_all(self.store.read()).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            let sent_at = row.try_get::<Option<i64>, _>("sent_at")?.unwrap_or_default();
            Ok(Review {
                id: row.try_get("order_id")?,
                user: row.try_get("name")?,
                user_id: row.try_get("user_id")?,
                serial: row.try_get("serial")?,
                token_id: row.try_get("token_id")?,
                device: row.try_get::<Option<String>, _>("device")?.unwrap_or_default(),
                sent_at: UnixTime(u64::try_from(sent_at).unwrap_or_default()),
            })
        };
        rows.iter().map(read).collect()
    }

    /// The picture of a review, for a named person. The look is written down before the picture is given.
    pub async fn review_picture(self: &Arc<Self>, actor: &str, id: &str) -> Result<Picture> {
        let (actor, id, now, issuer) = (actor.to_owned(), id.to_owned(), self.now(), Arc::clone(self));
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let (order, _) = waiting(&mut *tx, now, &id).await?;
                    let query =
                        sqlx::query("SELECT picture FROM verifications WHERE order_id = ? AND kind = ?")
                            .bind(id.clone())
                            .bind(bit(FACE));
                    let sealed: Option<Vec<u8>> = query.fetch_one(&mut *tx).await?.try_get("picture")?;
                    let sealed = sealed.ok_or(Error::NotFound)?;
                    let opened = issuer.secrets.open(Purpose::Picture, &place(&id, FACE), &sealed)?;
                    let event = "verification.picture_seen";
                    let entry = Entry { event, actor: &actor, token: Some(&order.token), ..Entry::default() };
                    audit::write(tx, now, entry).await?;
                    Picture::read(opened.expose().to_vec())
                        .map_err(|_| Error::Internal("a picture is damaged"))
                })
            })
            .await
    }

    /// A named person decides. [`Error::NotFound`] when nothing waits any more, or somebody else was faster.
    pub async fn decide_review(self: &Arc<Self>, actor: &str, id: &str, approve: bool) -> Result<()> {
        let (actor, id, now) = (actor.to_owned(), id.to_owned(), self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let (order, user) = waiting(&mut *tx, now, &id).await?;
                    let refused = (!approve).then_some(VerificationRefusal::ByPerson);
                    Verdict { kind: FACE, refused, actor: &actor, user: &user }
                        .write(&mut *tx, now, &order)
                        .await?;
                    extend(tx, &order, seconds(now).saturating_add(CLAIMED_LIFE)).await
                })
            })
            .await
    }

    /// The ticket is used up, and the picture waits for a person.
    pub(super) async fn keep_picture(self: &Arc<Self>, found: Found, picture: Picture) -> Result<()> {
        let (issuer, now) = (Arc::clone(self), self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let order = use_up(&mut *tx, now, &found).await?;
                    let (place, random) = (place(&order.id, FACE), &issuer.ports.random);
                    let sealed = issuer.secrets.seal(Purpose::Picture, &place, &picture.bytes, random)?;
                    let update = "UPDATE verifications SET state = 'WAITING', picture = ?, picture_type = ?, \
                                  sent_at = ? WHERE order_id = ? AND kind = ?";
                    sqlx::query(update)
                        .bind(sealed)
                        .bind(picture.media_type)
                        .bind(seconds(now))
                        .bind(order.id.clone())
                        .bind(bit(FACE))
                        .execute(&mut *tx)
                        .await?;
                    extend(&mut *tx, &order, seconds(now).saturating_add(REVIEW_LIFE)).await?;
                    let (user, token) = (Some(&*found.user_id), Some(&*order.token));
                    let event = "verification.picture_sent";
                    audit::write(tx, now, Entry { event, actor: "browser", user, token, detail: None }).await
                })
            })
            .await
    }

    /// The ticket is used up by a verdict.
    pub(super) async fn judge_face(
        self: &Arc<Self>,
        found: Found,
        refused: Option<VerificationRefusal>,
    ) -> Result<()> {
        let now = self.now();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let order = use_up(&mut *tx, now, &found).await?;
                    let verdict = Verdict { kind: FACE, refused, actor: "browser", user: &found.user_id };
                    verdict.write(tx, now, &order).await
                })
            })
            .await
    }
}

/// The order of a review that waits, and its user's id.
async fn waiting(tx: &mut Tx, now: UnixTime, id: &str) -> Result<(Order, String)> {
    let query = "SELECT tokens.user_id FROM verifications JOIN orders ON orders.id = verifications.order_id \
                 JOIN tokens ON tokens.id = orders.token_id \
                 WHERE verifications.order_id = ? AND verifications.kind = ? AND verifications.state = 'WAITING'";
    let user: Option<String> =
        sqlx::query_scalar(query).bind(id.to_owned()).bind(bit(FACE)).fetch_optional(&mut *tx).await?;
    let user = user.ok_or(Error::NotFound)?;
    let order = Order::load(tx, id).await?;
    if order.state != OrderState::Claimed || order.is_too_old(now) {
        return Err(Error::NotFound);
    }
    Ok((order, user))
}

/// The order lives until then at least.
async fn extend(tx: &mut Tx, order: &Order, until: i64) -> Result<()> {
    let until = until.max(order.extended_until.unwrap_or(until));
    sqlx::query("UPDATE orders SET extended_until = ? WHERE id = ?")
        .bind(until)
        .bind(order.id.clone())
        .execute(tx)
        .await?;
    Ok(())
}

const FACE: VerificationKind = VerificationKind::Face;
/// Bytes of the largest picture.
pub const MAX_PICTURE: usize = 2 * 1024 * 1024;
/// Seconds that an order lives from the picture on.
const REVIEW_LIFE: i64 = 7 * 86_400;
const JPEG: &[u8] = &[0xff, 0xd8, 0xff];
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
