//! What notices say: in English and in German, because nobody knows which language a holder reads.

use super::Notice;

/// A notice in words.
pub(super) struct Said<'a> {
    /// Subject and heading.
    pub(super) title: &'static str,
    /// What has happened.
    pub(super) text: &'static str,
    /// The same in German.
    pub(super) german: [&'static str; 2],
    /// Of the authenticator that it is about.
    pub(super) serial: Option<&'a str>,
}

/// Title and sentence of a notice.
pub(super) fn said(notice: &Notice) -> Said<'_> {
    let (title, text, german, serial) = match notice {
        Notice::UnlockCode(serial) => (
            "An unlock code was given out",
            "Somebody has signed in to your portal and was shown an unlock code for this authenticator.",
            [
                "Ein Entsperrcode wurde ausgegeben",
                "Jemand hat sich an Ihrem Portal angemeldet und einen Entsperrcode für diesen Authentifikator \
                 gesehen.",
            ],
            Some(serial),
        ),
        Notice::UnlockCodeByDesk(serial) => (
            "The help desk gave out an unlock code",
            "The help desk was called and has given out an unlock code for this authenticator.",
            [
                "Der Helpdesk hat einen Entsperrcode ausgegeben",
                "Der Helpdesk wurde angerufen und hat einen Entsperrcode für diesen Authentifikator ausgegeben.",
            ],
            Some(serial),
        ),
        Notice::ResetByDesk(serial) => (
            "The help desk reset an authenticator",
            "The help desk has reset this authenticator: codes that were refused may be accepted now.",
            [
                "Der Helpdesk hat einen Authentifikator zurückgesetzt",
                "Der Helpdesk hat diesen Authentifikator zurückgesetzt: Abgelehnte Codes werden jetzt \
                 vielleicht angenommen.",
            ],
            Some(serial),
        ),
        Notice::PasswordChanged => (
            "Your password was changed",
            "The password of your account is a new one, and all other sessions have ended.",
            [
                "Ihr Passwort wurde geändert",
                "Ihr Konto hat ein neues Passwort; alle anderen Sitzungen sind beendet.",
            ],
            None,
        ),
        Notice::QuestionsChanged => (
            "Your questions were changed",
            "The questions and answers of your account are new ones. The earlier ones no longer work.",
            [
                "Ihre Fragen wurden geändert",
                "Ihr Konto hat neue Fragen und Antworten. Die früheren gelten nicht mehr.",
            ],
            None,
        ),
        Notice::SignedInByAnswers => (
            "Somebody signed in with your answers",
            "Somebody has signed in to your account with the password and your answers, without a code.",
            [
                "Jemand hat sich mit Ihren Antworten angemeldet",
                "Jemand hat sich an Ihrem Konto mit dem Passwort und Ihren Antworten angemeldet, ohne Code.",
            ],
            None,
        ),
        Notice::AuthenticatorDisabled(serial) => (
            "An authenticator was disabled",
            "This authenticator of your account is disabled: its codes are no longer accepted.",
            [
                "Ein Authentifikator wurde deaktiviert",
                "Dieser Authentifikator Ihres Kontos ist deaktiviert: Seine Codes werden nicht mehr angenommen.",
            ],
            Some(serial),
        ),
        Notice::AuthenticatorDeleted(serial) => (
            "An authenticator was deleted",
            "This authenticator of your account is deleted: its codes are no longer accepted.",
            [
                "Ein Authentifikator wurde gelöscht",
                "Dieser Authentifikator Ihres Kontos ist gelöscht: Seine Codes werden nicht mehr angenommen.",
            ],
            Some(serial),
        ),
        Notice::AuthenticatorAdded(serial) => (
            "An authenticator was added",
            "Your account has a new authenticator. Once it is activated, its codes open your account.",
            [
                "Ein Authentifikator wurde hinzugefügt",
                "Ihr Konto hat einen neuen Authentifikator. Sobald er aktiviert ist, öffnen seine Codes Ihr Konto.",
            ],
            Some(serial),
        ),
    };
    Said { title, text, german, serial: serial.map(String::as_str) }
}
