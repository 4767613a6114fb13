//! My Profile → Authenticators: the visitor's tokens, and everything that can be done with them.
//!
//! | File | Holds |
//! |---|---|
//! | `list` | all tokens with their states and actions |
//!
//! Invariant: every page takes the token's id from its address and loads it with [`of_visitor`], which knows
//! no token of anybody else.

mod list;

use axum::routing::get;

use super::Pages;
use super::session::Session;
use super::visit::Visit;
use crate::error::{Error, Result};
use crate::patterns;
use crate::tokens::Token;

pub(super) const PAGES: Pages = &[("/portal/authenticators", || get(list::page))];

/// A token of the visitor with what its holder calls it.
pub(super) struct Own {
    pub(super) token: Token,
    pub(super) label: Option<String>,
}

impl Own {
    /// What pages call it: its label, or its serial number.
    pub(super) fn name(&self) -> String {
        self.label.clone().unwrap_or_else(|| serial(&self.token.serial))
    }
}

/// All tokens of a user, oldest first.
pub(super) async fn all_of(visit: &Visit, user: &str) -> Result<Vec<Own>> {
    let query = "SELECT * FROM tokens WHERE user_id = ? ORDER BY created_at, id";
    let rows = sqlx::query(query).bind(user).fetch_all(visit.issuer.store.read()).await?;
    rows.iter().map(own).collect()
}

/// The visitor's token of this id; somebody else's is as unknown as none.
pub(super) async fn of_visitor(visit: &Visit, session: &Session, id: &str) -> Result<Own> {
    if !patterns::is_id(id) {
        return Err(Error::NotFound);
    }
    let query = sqlx::query("SELECT * FROM tokens WHERE id = ? AND user_id = ?").bind(id).bind(&session.user);
    own(&query.fetch_optional(visit.issuer.store.read()).await?.ok_or(Error::NotFound)?)
}

fn own(row: &sqlx::sqlite::SqliteRow) -> Result<Own> {
    use sqlx::Row;
    Ok(Own { token: Token::from_row(row)?, label: row.try_get("label")? })
}

/// A serial number as the app shows it: ten digits in two groups.
pub(super) fn serial(digits: &str) -> String {
    match digits.split_at_checked(5) {
        Some((front, back)) if digits.len() == 10 => format!("{front}-{back}"),
        _ => digits.to_owned(),
    }
}
