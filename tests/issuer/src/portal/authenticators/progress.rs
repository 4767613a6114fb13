//! How far the newest order of a token is, for people.

use sqlx::Row;

use crate::error::{Error, Result};
use crate::orders::{Order, OrderState, TYPED};
use crate::portal::visit::Visit;

/// An order as its page shows it.
pub(super) struct Progress {
    pub(super) stage: Stage,
    /// Unix seconds; of an order that no app has begun.
    pub(super) expires_at: i64,
    /// What became of its mail, when it was mailed.
    pub(super) mail: Option<Letter>,
    /// It may end in a registration code.
    pub(super) with_code: bool,
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letter {
    /// Handed over, or not yet.
    OnItsWay,
    /// Nobody will get it.
    NotSent,
}

/// Where it stands; what comes before [`Over`](Self::Over) is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// No app has it.
    Open,
    /// An app has begun over the network.
    Claimed,
    /// The registration code is awaited.
    Awaited,
    /// The first code is awaited.
    FirstCode,
    /// It has made the token active, or a newer one has taken its place.
    Over,
    /// Too many wrong values, or the token was disabled.
    Void,
    /// Too old.
    Expired,
}

impl Stage {
    /// What is said of an order that has failed.
    pub(super) fn refusal(self) -> Option<Error> {
        match self {
            Self::Void => Some(Error::Void),
            Self::Expired => Some(Error::Expired),
            _ => None,
        }
    }
}

/// The newest order; `None` when there never was one.
pub(super) async fn of(visit: &Visit, token: &str) -> Result<Option<Progress>> {
    let mut reader = visit.issuer.store.read().acquire().await?;
    let order = match Order::newest(&mut reader, token).await {
        Err(Error::NotFound) => return Ok(None),
        order => order?,
    };
    let doors = sqlx::query("SELECT mode, secret IS NOT NULL AS offline FROM doors WHERE order_id = ?");
    let mut with_code = order.confirm;
    for door in doors.bind(&order.id).fetch_all(&mut *reader).await? {
        let mode: i64 = door.try_get("mode")?;
        // Typed values always end in one, a QR code when it is used without network.
        with_code |= mode == TYPED || door.try_get::<i64, _>("offline")? != 0;
    }
    let letter = sqlx::query_scalar(LETTER).bind(token).bind(&order.id).fetch_optional(&mut *reader).await?;
    let mail = letter.map(|failed: bool| if failed { Letter::NotSent } else { Letter::OnItsWay });
    let stage = match order.state {
        OrderState::Done | OrderState::Superseded => Stage::Over,
        OrderState::Void => Stage::Void,
        _ if order.is_too_old(visit.issuer.now()) => Stage::Expired,
        OrderState::Open => Stage::Open,
        OrderState::Claimed => Stage::Claimed,
        OrderState::Awaited => Stage::Awaited,
        OrderState::Derived => Stage::FirstCode,
    };
    Ok(Some(Progress { stage, expires_at: order.expires_at, mail, with_code }))
}

/// Whether the mail of an order has failed; no row when none was promised.
const LETTER: &str = "SELECT EXISTS (SELECT 1 FROM audit AS end WHERE end.token_id = due.token_id \
                      AND end.number > due.number AND (end.event = 'mail.failed' \
                      OR end.event = 'mail.lost' AND end.detail = due.detail)) \
                      FROM audit AS due WHERE due.token_id = ? AND due.event = 'mail.due' AND due.detail = ?";
