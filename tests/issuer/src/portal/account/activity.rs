//! What the audit log knows of a user, in words.

use sqlx::Row;

use crate::error::Result;
use crate::portal::events;
use crate::portal::texts::Lang;
use crate::portal::visit::Visit;

/// A device that was activated.
pub(super) struct Activation {
    pub(super) at: i64,
    pub(super) device: Option<String>,
    pub(super) serial: String,
}

/// A line of the log.
pub(super) struct Line {
    pub(super) at: i64,
    pub(super) serial: Option<String>,
    event: String,
    detail: Option<String>,
}

impl Line {
    /// What happened; an event without a sentence is named as the log has it, so that nothing is hidden.
    pub(super) fn words(&self, lang: Lang) -> String {
        match (self.event.as_str(), self.detail.as_deref()) {
            ("portal.signed_in", Some("ANSWERS")) => lang.t("did-signed-in-by-answers"),
            (event, _) => events::own_words(lang, event),
        }
    }
}

/// All activations of the user's tokens, newest first.
pub(super) async fn activations(visit: &Visit, user: &str) -> Result<Vec<Activation>> {
    let query = "SELECT audit.at, audit.detail, tokens.serial FROM audit \
                 JOIN tokens ON tokens.id = audit.token_id \
                 WHERE tokens.user_id = ? AND audit.event = 'token.activated' \
                 ORDER BY audit.number DESC LIMIT ?";
    let rows = sqlx::query(query).bind(user).bind(ACTIVATIONS).fetch_all(visit.issuer.store.read()).await?;
    let read = |row: &sqlx::sqlite::SqliteRow| {
        Ok(Activation {
            at: row.try_get("at")?,
            device: row.try_get("detail")?,
            serial: row.try_get("serial")?,
        })
    };
    rows.iter().map(read).collect()
}

/// The latest lines that are about the user or the user's tokens: the latest of each by an index of its own, because
/// the two together have none, and a log is long.
pub(super) async fn latest(visit: &Visit, user: &str) -> Result<Vec<Line>> {
    let query = "SELECT audit.at, audit.event, audit.detail, tokens.serial FROM audit \
                 LEFT JOIN tokens ON tokens.id = audit.token_id \
                 WHERE audit.number IN (SELECT number FROM (SELECT number FROM audit WHERE user_id = ? \
                 ORDER BY number DESC LIMIT ?) UNION SELECT number FROM (SELECT number FROM audit WHERE token_id IN \
                 (SELECT id FROM tokens WHERE user_id = ?) ORDER BY number DESC LIMIT ?)) \
                 ORDER BY audit.number DESC LIMIT ?";
    let rows = sqlx::query(query).bind(user).bind(LINES).bind(user).bind(LINES).bind(LINES);
    let read = |row: &sqlx::sqlite::SqliteRow| {
        Ok(Line {
            at: row.try_get("at")?,
            serial: row.try_get("serial")?,
            event: row.try_get("event")?,
            detail: row.try_get("detail")?,
        })
    };
    rows.fetch_all(visit.issuer.store.read()).await?.iter().map(read).collect()
}

const LINES: i64 = 20;
const ACTIVATIONS: i64 = 50;
