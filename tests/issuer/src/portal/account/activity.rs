//! What the audit log knows of a user, in words.

use sqlx::Row;

use crate::error::Result;
use crate::portal::desk::event_words;
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
        let key = match (self.event.as_str(), self.detail.as_deref()) {
            ("portal.signed_in", Some("ANSWERS")) => "did-signed-in-by-answers",
            ("portal.signed_in", _) => "did-signed-in",
            (event, _) => match WORDS.iter().find(|(known, _)| *known == event) {
                Some((_, key)) => key,
                // Said as to the help desk, where the user's own words add nothing.
                None => return event_words(lang, event),
            },
        };
        lang.t(key)
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

/// The latest lines that are about the user or the user's tokens.
pub(super) async fn latest(visit: &Visit, user: &str) -> Result<Vec<Line>> {
    let query = "SELECT audit.at, audit.event, audit.detail, tokens.serial FROM audit \
                 LEFT JOIN tokens ON tokens.id = audit.token_id \
                 WHERE audit.user_id = ? OR audit.token_id IN (SELECT id FROM tokens WHERE user_id = ?) \
                 ORDER BY audit.number DESC LIMIT ?";
    let rows = sqlx::query(query).bind(user).bind(user).bind(LINES);
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

/// Events of the log and the sentences that tell them.
const WORDS: &[(&str, &str)] = &[
    ("code.accepted", "did-code-accepted"),
    ("code.accepted_former", "did-code-accepted"),
    ("code.challenge", "did-challenge"),
    ("code.locked", "did-code-locked"),
    ("code.reset", "did-reset"),
    ("code.resync_failed", "did-reset-failed"),
    ("code.resync_refused", "did-reset-failed"),
    ("code.resynced", "did-reset"),
    ("code.used", "did-code-used"),
    ("code.wrong", "did-code-wrong"),
    ("hardware.assigned", "did-assigned"),
    ("order.claimed", "did-order-claimed"),
    ("order.confirmed", "did-order-confirmed"),
    ("order.made", "did-order-made"),
    ("portal.answers_wrong", "did-answers-wrong"),
    ("portal.password_link", "did-password-link"),
    ("token.activated", "did-activated"),
    ("token.created", "did-created"),
    ("token.deleted", "did-deleted"),
    ("token.disabled", "did-disabled"),
    ("token.enabled", "did-enabled"),
    ("token.rekeyed", "did-rekeyed"),
    ("token.unlock_code", "did-unlock-code"),
    ("user.created", "did-user-created"),
    ("user.password_set", "did-password-set"),
    ("user.questions_set", "did-questions-set"),
    ("user.role_set", "did-role-set"),
    ("user.signed_out", "did-signed-out"),
];
const LINES: i64 = 20;
const ACTIVATIONS: i64 = 50;
