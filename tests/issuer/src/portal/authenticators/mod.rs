//! My Profile → Authenticators: the visitor's tokens, and everything that can be done with them.
//!
//! | File | Holds |
//! |---|---|
//! | `list` | all tokens with their states and actions |
//! | `add` | a new soft token, or the way to a hardware token |
//! | `activate`, `values` | the *Activate Token* dialog: mail, QR code, values to type |
//! | `complete`, `progress` | how far an activation is; registration code and first code |
//! | `reset` | one code, two codes, challenge and response |
//! | `more` | details and the label |
//! | `confirm` | disable, enable, delete, give back: asked first |
//! | `hardware` | taking a hardware token |
//!
//! Invariants: every page takes the token's id from its address and loads it with [`of_visitor`], which knows
//! no token of anybody else. Whatever puts a device into or out of use wants a fresh proof of who asks: an
//! open browser that somebody has left must not enrol a phone.

mod activate;
mod add;
mod complete;
mod confirm;
mod hardware;
mod list;
mod more;
mod progress;
mod reset;
mod values;

use axum::routing::get;

use super::Pages;
use super::session::Session;
use super::visit::Visit;
use crate::audit::seconds;
use crate::error::{Error, Result};
use crate::patterns;
use crate::tokens::{Token, TokenState};
use confirm::Action;

pub(super) const PAGES: Pages = &[
    ("/portal/authenticators", || get(list::page)),
    ("/portal/authenticators/add", || get(add::page).post(add::add)),
    ("/portal/authenticators/hardware", || get(hardware::page).post(hardware::take)),
    ("/portal/authenticators/{id}/activate", || get(activate::page).post(activate::order)),
    ("/portal/authenticators/{id}/complete", || get(complete::page).post(complete::complete)),
    ("/portal/authenticators/{id}/reset", || get(reset::page).post(reset::reset)),
    ("/portal/authenticators/{id}/more", || get(more::page).post(more::rename)),
    ("/portal/authenticators/{id}/disable", || confirm::pages(Action::Disable)),
    ("/portal/authenticators/{id}/enable", || confirm::pages(Action::Enable)),
    ("/portal/authenticators/{id}/delete", || confirm::pages(Action::Delete)),
    ("/portal/authenticators/{id}/return", || confirm::pages(Action::Return)),
];

/// A token of the visitor with what its holder calls it.
pub(super) struct Own {
    pub(super) token: Token,
    pub(super) label: Option<String>,
    /// An order is under way for it.
    pub(super) awaited: bool,
}

impl Own {
    /// What pages call it: its label, or its serial number.
    pub(super) fn name(&self) -> String {
        self.label.clone().unwrap_or_else(|| serial(&self.token.serial))
    }

    /// Where its pages are.
    fn page(&self, page: &str) -> String {
        format!("/portal/authenticators/{}/{page}", self.token.id)
    }

    fn is_active(&self) -> bool {
        self.token.state == TokenState::Active
    }
}

/// All tokens of a user, oldest first.
pub(super) async fn all_of(visit: &Visit, user: &str) -> Result<Vec<Own>> {
    let query = sqlx::query(ALL).bind(seconds(visit.issuer.now())).bind(user);
    query.fetch_all(visit.issuer.store.read()).await?.iter().map(own).collect()
}

/// The visitor's token of this id; somebody else's is as unknown as none.
pub(super) async fn of_visitor(visit: &Visit, session: &Session, id: &str) -> Result<Own> {
    if !patterns::is_id(id) {
        return Err(Error::NotFound);
    }
    let query = sqlx::query(ONE).bind(seconds(visit.issuer.now())).bind(id).bind(&session.user);
    own(&query.fetch_optional(visit.issuer.store.read()).await?.ok_or(Error::NotFound)?)
}

fn own(row: &sqlx::sqlite::SqliteRow) -> Result<Own> {
    use sqlx::Row;
    Ok(Own {
        token: Token::from_row(row)?,
        label: row.try_get("label")?,
        awaited: row.try_get::<i64, _>("awaited")? != 0,
    })
}

/// A serial number as the app shows it: ten digits in two groups.
pub(crate) fn serial(digits: &str) -> String {
    match digits.split_at_checked(5) {
        Some((front, back)) if digits.len() == 10 => format!("{front}-{back}"),
        _ => digits.to_owned(),
    }
}

/// Tokens with whether an order is under way; it is asked at a time.
macro_rules! tokens {
    ($which:literal) => {
        concat!(
            "SELECT tokens.*, EXISTS (SELECT 1 FROM orders WHERE token_id = tokens.id AND (state IN ('CLAIMED', \
             'AWAITED', 'DERIVED') OR state = 'OPEN' AND expires_at >= ?)) AS awaited FROM tokens WHERE ",
            $which
        )
    };
}

const ALL: &str = tokens!("user_id = ? ORDER BY created_at, id");
const ONE: &str = tokens!("id = ? AND user_id = ?");
/// Tokens that a user can have.
const MOST_TOKENS: i64 = 20;
