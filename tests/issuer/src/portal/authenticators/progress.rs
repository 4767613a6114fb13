//! How far the newest order of a token is, for people.

use sqlx::Row;

use crate::error::{Error, Result};
use crate::orders::{LINK, Order, OrderState, TYPED};
use crate::portal::visit::Visit;

/// An order as its page shows it.
pub(super) struct Progress {
    pub(super) stage: Stage,
    /// Unix seconds; of an order that no app has begun.
    pub(super) expires_at: i64,
    /// It has a link: it was made to be mailed.
    pub(super) mailed: bool,
    /// It may end in a registration code.
    pub(super) with_code: bool,
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
    let (mut mailed, mut with_code) = (false, order.confirm);
    for door in doors.bind(&order.id).fetch_all(&mut *reader).await? {
        let mode: i64 = door.try_get("mode")?;
        mailed |= mode == LINK;
        // Typed values always end in one, a QR code when it is used without network.
        with_code |= mode == TYPED || door.try_get::<i64, _>("offline")? != 0;
    }
    let stage = match order.state {
        OrderState::Done | OrderState::Superseded => Stage::Over,
        OrderState::Void => Stage::Void,
        _ if order.is_too_old(visit.issuer.now()) => Stage::Expired,
        OrderState::Open => Stage::Open,
        OrderState::Claimed => Stage::Claimed,
        OrderState::Awaited => Stage::Awaited,
        OrderState::Derived => Stage::FirstCode,
    };
    Ok(Some(Progress { stage, expires_at: order.expires_at, mailed, with_code }))
}
