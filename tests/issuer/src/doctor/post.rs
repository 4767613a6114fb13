//! The mail server: reached, encrypted, and willing to take letters from us.

use std::time::Duration;

use super::Finding;
use crate::mail::carrier;
use crate::settings::Settings;

/// Connects, starts TLS and signs in as the issuer would; no letter is sent.
pub(super) async fn examine(settings: &Settings) -> Finding {
    let mail = &settings.mail;
    if let Err(error) = carrier::sender(settings) {
        return Finding::error("mail", error.to_string(), "Let mail.from be one mail address.");
    }
    if let Some(folder) = &mail.mail_dir {
        let shown = folder.display();
        return match tempfile::tempfile_in(folder) {
            Ok(_) => {
                Finding::warning("mail", format!("letters go into {shown}"), "Set mail.smtp to send them.")
            }
            Err(error) => Finding::error(
                "mail",
                format!("{shown}: {error}"),
                "Make the folder, writable for the issuer.",
            ),
        };
    }
    let Some(url) = &mail.smtp else {
        return Finding::warning("mail", "no mail is sent", "Set mail.smtp.");
    };
    let server = match carrier::smtp(url, mail.smtp_ca.as_deref()) {
        Ok(server) => server,
        Err(error) => return Finding::error("mail", error.to_string(), "See the example in the settings."),
    };
    let Ok(tested) = tokio::time::timeout(TIME, server.test_connection()).await else {
        let fix = "Check host, port, user and password of mail.smtp, and the mail server's log: some servers let a \
                   wrong password wait.";
        let found = format!("the mail server has not answered within {} seconds", TIME.as_secs());
        return Finding::error("mail", found, fix);
    };
    match tested {
        Ok(true) if is_open(url) => {
            let fix = "Use smtps://, or smtp://…?tls=required for STARTTLS: letters hold secrets.";
            Finding::warning("mail", "the server answers, but nothing is encrypted", fix)
        }
        Ok(true) => Finding::ok("mail", "the server answers, encrypted and signed in as the settings say"),
        Ok(false) => Finding::error("mail", "the server has closed the connection", "Look at its log."),
        Err(error) => {
            let fix = "Check host, port, user and password of mail.smtp; mail.smtp_ca for an authority of your own.";
            Finding::error("mail", carrier::reason(&error), fix)
        }
    }
}

/// For connection, TLS and signing in together.
const TIME: Duration = Duration::from_secs(5);

fn is_open(url: &str) -> bool {
    !url.starts_with("smtps:") && !url.contains("tls=required")
}
