use softtoken_issuer::mail::letter::letter;
use softtoken_issuer::mail::{Activation, Mail, MailKind, Notice};
use zeroize::Zeroizing;

fn activation(confirm: bool) -> Activation {
    let text = |text: &str| Some(Zeroizing::new(text.to_owned()));
    Activation {
        order: "o".into(),
        token: "t".into(),
        activation_address: "issuer.example".into(),
        serial_number: "1234567897".into(),
        activation_code: text("1111222233334444"),
        link_https: text("https://links.example/a#2.AgEA"),
        link_app: confirm.then(|| Zeroizing::new("softtoken://a#2.AgEA".to_owned())),
        qr_text: text("https://links.example/a#2.AgIA"),
        password: text("87654321"),
        expires_at: 1_800_000_300,
    }
}

fn letter_of(kind: MailKind) -> String {
    let mail = Mail { to: "anna@example.com".into(), user: "<b>anna</b>".into(), kind };
    let bytes = letter(&mail, &"Help <help@example.com>".parse().unwrap()).unwrap().formatted();
    plain(&bytes).replace("&#x2f;", "/")
}

/// Quoted-printable (RFC 2045 section 6.7) as people read it: long values are in one piece.
fn plain(bytes: &[u8]) -> String {
    let (mut text, mut rest) = (Vec::new(), bytes);
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| first == b'=').and_then(|two| std::str::from_utf8(two).ok());
        let byte = escaped.and_then(|two| u8::from_str_radix(two, 16).ok());
        rest = match (byte, escaped) {
            (Some(byte), _) => {
                text.push(byte);
                &after[2..]
            }
            (None, Some("\r\n")) => &after[2..],
            _ => {
                text.push(first);
                after
            }
        };
    }
    String::from_utf8(text).unwrap()
}

#[test]
fn a_letter_has_both_links_picture_password_and_the_three_values() {
    let letter = letter_of(MailKind::Activation(Box::new(activation(false))));
    for part in [
        "multipart/alternative",
        "multipart/related",
        "text/plain",
        "text/html",
        "image/png",
        "Auto-Submitted: auto-generated",
    ] {
        assert_eq!(letter.matches(part).count(), 1, "{part}");
    }
    for value in [
        "https://links.example/a#2.AgEA",
        "https://issuer.example/a#2.AgEA",
        "87654321",
        "1111222233334444",
        "1234567897",
        "Address: ",
        "Fri, 15 Jan 2027 08:05:00 GMT",
        "replaces every earlier one",
    ] {
        assert!(letter.matches(value).count() >= 2, "{value} is not in text and HTML");
    }
    assert!(letter.contains("src=\"cid:qr-code\"") && letter.contains("Content-ID: <qr-code>"));
    assert!(
        !letter.contains("softtoken://") && !letter.contains("AgIA"),
        "the code's own link is in its picture only"
    );
}

#[test]
fn the_app_link_is_in_letters_of_confirmed_orders_only() {
    let letter = letter_of(MailKind::Activation(Box::new(activation(true))));
    assert!(letter.matches("softtoken://a#2.AgEA").count() >= 2);
}

#[test]
fn names_are_escaped_and_nothing_is_loaded_from_elsewhere() {
    let kinds = [
        MailKind::Activation(Box::new(activation(true))),
        MailKind::AlreadyUsed { serial: "1234567897".into() },
        MailKind::Activated { serial: "1234567897".into(), device: "<i>phone".into() },
        MailKind::PasswordLink { link: Zeroizing::new("https://issuer.example/portal/forgotten/AA".into()) },
    ];
    for kind in kinds.into_iter().chain(notices().map(MailKind::Notice)) {
        let letter = letter_of(kind);
        let html = letter.split_once("<html").unwrap().1;
        assert!(html.contains("&lt;b&gt;anna") && !html.contains("<b>anna") && !html.contains("<i>phone"));
        for loading in ["src=\"http", "<script", "<link", "url(", "@import", "background="] {
            assert!(!html.contains(loading), "{loading}");
        }
    }
}

#[test]
fn a_notice_says_what_was_done_with_which_authenticator_and_what_to_do() {
    let mut subjects = std::collections::BTreeSet::new();
    for notice in notices() {
        let letter = letter_of(MailKind::Notice(notice.clone()));
        let subject = letter.lines().find(|line| line.starts_with("Subject: ")).unwrap().to_owned();
        assert!(letter.matches(subject.trim_start_matches("Subject: ")).count() >= 3, "{subject}");
        assert_eq!(letter.matches("tell your help desk at once").count(), 2);
        assert_eq!(letter.matches("Sagen Sie es sofort Ihrem Helpdesk").count(), 2);
        let serials = if format!("{notice:?}").contains("1234567897") { 2 } else { 0 };
        assert_eq!(letter.matches("1234567897").count(), serials, "{subject}");
        assert!(subjects.insert(subject));
    }
}

#[test]
fn the_link_to_a_new_password_is_in_text_and_html() {
    let link = "https://issuer.example/portal/forgotten/AA";
    let letter = letter_of(MailKind::PasswordLink { link: Zeroizing::new(link.into()) });
    assert!(letter.matches(link).count() >= 3 && letter.contains("30 minutes"));
}

#[test]
fn a_name_or_an_address_with_line_breaks_adds_no_header() {
    for to in ["anna@example.com\r\nBcc: eve@example.com", "anna@example.com\nX: y"] {
        let mail = Mail {
            to: to.into(),
            user: "anna\r\nBcc: eve@example.com".into(),
            kind: MailKind::Notice(Notice::PasswordChanged),
        };
        assert!(letter(&mail, &"help@example.com".parse().unwrap()).is_err());
        let mail = Mail { to: "anna@example.com".into(), ..mail };
        let bytes = letter(&mail, &"help@example.com".parse().unwrap()).unwrap().formatted();
        let text = String::from_utf8(bytes).unwrap();
        let head = text.split_once("\r\n\r\n").unwrap().0;
        assert!(!head.contains("Bcc") && !head.contains("eve"), "{head}");
    }
}

fn notices() -> impl Iterator<Item = Notice> {
    let serial = || "1234567897".to_owned();
    [
        Notice::UnlockCode(serial()),
        Notice::UnlockCodeByDesk(serial()),
        Notice::ResetByDesk(serial()),
        Notice::PasswordChanged,
        Notice::QuestionsChanged,
        Notice::SignedInByAnswers,
        Notice::AuthenticatorDisabled(serial()),
        Notice::AuthenticatorDeleted(serial()),
        Notice::AuthenticatorAdded(serial()),
    ]
    .into_iter()
}
