//! Events of the audit log in words: those that staff read, and those that a user reads of the own account.

use super::texts::Lang;

/// An event in words for staff; one that has none yet is shown as it is.
pub(super) fn words(lang: Lang, event: &str) -> String {
    row(event).map_or_else(|| event.to_owned(), |(_, key, _)| lang.t(key))
}

/// An event in words for the user whom it is about: as to staff, where own words add nothing.
pub(super) fn own_words(lang: Lang, event: &str) -> String {
    let own = row(event).and_then(|(_, _, own)| *own);
    own.map_or_else(|| words(lang, event), |key| lang.t(key))
}

fn row(event: &str) -> Option<&'static Row> {
    EVENTS.iter().find(|(known, ..)| *known == event)
}

/// The event, its words for staff, and those for its user.
pub(super) type Row = (&'static str, &'static str, Option<&'static str>);

/// Every event of the log, in the order of the choice on the page.
pub(super) const EVENTS: &[Row] = &[
    ("api_key.created", "event-api-key-created", None),
    ("api_key.revoked", "event-api-key-revoked", None),
    ("code.accepted", "event-code-accepted", Some("did-code-accepted")),
    ("code.accepted_former", "event-code-accepted-former", Some("did-code-accepted")),
    ("code.challenge", "event-code-challenge", Some("did-challenge")),
    ("code.locked", "event-code-locked", Some("did-code-locked")),
    ("code.reset", "event-code-reset", Some("did-reset")),
    ("code.resync_failed", "event-code-resync-failed", Some("did-reset-failed")),
    ("code.resync_refused", "event-code-resync-refused", Some("did-reset-failed")),
    ("code.resynced", "event-code-resynced", Some("did-reset")),
    ("code.used", "event-code-used", Some("did-code-used")),
    ("code.wrong", "event-code-wrong", Some("did-code-wrong")),
    ("hardware.assigned", "event-hardware-assigned", Some("did-assigned")),
    ("hardware.assigned_by_desk", "event-hardware-assigned-by-desk", None),
    ("hardware.assignment_refused", "event-hardware-assignment-refused", None),
    ("hardware.imported", "event-hardware-imported", None),
    ("hardware.unassigned", "event-hardware-unassigned", None),
    ("key.mismatch", "event-key-mismatch", None),
    ("mail.dropped", "event-mail-dropped", None),
    ("mail.due", "event-mail-due", None),
    ("mail.failed", "event-mail-failed", None),
    ("mail.lost", "event-mail-lost", None),
    ("mail.sent", "event-mail-sent", None),
    ("order.claimed", "event-order-claimed", Some("did-order-claimed")),
    ("order.confirmed", "event-order-confirmed", Some("did-order-confirmed")),
    ("order.made", "event-order-made", Some("did-order-made")),
    ("order.registration_code", "event-order-registration-code", None),
    ("order.wrong_code", "event-order-wrong-code", None),
    ("order.wrong_password", "event-order-wrong-password", None),
    ("policy.changed", "event-policy-changed", None),
    ("portal.answers_wrong", "event-portal-answers-wrong", Some("did-answers-wrong")),
    ("portal.password_link", "event-portal-password-link", Some("did-password-link")),
    ("portal.signed_in", "event-portal-signed-in", Some("did-signed-in")),
    ("token.activated", "event-token-activated", Some("did-activated")),
    ("token.created", "event-token-created", Some("did-created")),
    ("token.deleted", "event-token-deleted", Some("did-deleted")),
    ("token.disabled", "event-token-disabled", Some("did-disabled")),
    ("token.enabled", "event-token-enabled", Some("did-enabled")),
    ("token.former_deleted", "event-token-former-deleted", None),
    ("token.rekey_wanted", "event-token-rekey-wanted", None),
    ("token.rekeyed", "event-token-rekeyed", Some("did-rekeyed")),
    ("token.renamed", "event-token-renamed", None),
    ("token.unlock_code", "event-token-unlock-code", Some("did-unlock-code")),
    ("user.created", "event-user-created", Some("did-user-created")),
    ("user.deleted", "event-user-deleted", None),
    ("user.password_set", "event-user-password-set", Some("did-password-set")),
    ("user.questions_set", "event-user-questions-set", Some("did-questions-set")),
    ("user.role_set", "event-user-role-set", Some("did-role-set")),
    ("user.signed_out", "event-user-signed-out", Some("did-signed-out")),
    ("verification.passed", "event-verification-passed", None),
    ("verification.picture_seen", "event-verification-picture-seen", None),
    ("verification.picture_sent", "event-verification-picture-sent", None),
    ("verification.refused", "event-verification-refused", None),
];
