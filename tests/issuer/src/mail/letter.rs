//! Letters: a [`Mail`] as RFC 5322 message, text and HTML in one, the QR code as a picture inside of it.
//!
//! HTML is escaped by the template engine. A letter loads nothing from anywhere.

use std::time::{Duration, UNIX_EPOCH};

use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use minijinja::{AutoEscape, Environment, Value, context};

use super::notices::{Said, said};
use super::{Activation, Mail, MailKind};
use crate::error::{Error, Result};
use crate::qr;

/// The letter of `mail` from `sender`.
pub fn letter(mail: &Mail, sender: &Mailbox) -> Result<Message> {
    let (name, subject, values, picture) = match &mail.kind {
        MailKind::Activation(order) => {
            let picture = order.qr_text.as_ref().map(|text| qr::png(text)).transpose()?;
            ("activation", "Activate your soft token", activation(mail, order), picture)
        }
        MailKind::AlreadyUsed { serial } => {
            let values = context! { user => &mail.user, serial => serial };
            ("already_used", "Your activation was tried a second time", values, None)
        }
        MailKind::Activated { serial, device } => {
            let values = context! { user => &mail.user, serial => serial, device => device };
            ("activated", "Your soft token is active", values, None)
        }
        MailKind::Notice(notice) => {
            let Said { title, text, german, serial } = said(notice);
            let user = &mail.user;
            let values =
                context! { user => user, title => title, text => text, german => german, serial => serial };
            ("notice", title, values, None)
        }
        MailKind::PasswordLink { link } => {
            let values = context! { user => &mail.user, link => link.as_str() };
            ("password_link", "Choose a new password", values, None)
        }
    };
    let html = SinglePart::html(fill(&format!("{name}.html"), &values)?);
    let alternative =
        MultiPart::alternative().singlepart(SinglePart::plain(fill(&format!("{name}.txt"), &values)?));
    let body = match picture {
        Some(png) => alternative.multipart(MultiPart::related().singlepart(html).singlepart(inline(png)?)),
        None => alternative.singlepart(html),
    };
    let to: Mailbox = mail.to.parse().map_err(|_| Error::BadValue("The mail address"))?;
    let mut message = Message::builder()
        .from(sender.clone())
        .to(to)
        .subject(subject)
        .message_id(None)
        .multipart(body)
        .map_err(|_| Error::Internal("a letter could not be made"))?;
    // No out-of-office answer: it would quote the secrets (RFC 3834 section 5).
    let automatic =
        HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into());
    message.headers_mut().insert_raw(automatic);
    Ok(message)
}

fn activation(mail: &Mail, order: &Activation) -> Value {
    let text = |value: &Option<zeroize::Zeroizing<String>>| value.as_ref().map(|value| value.to_string());
    // The same page on the issuer's own host, where links have a host of their own.
    let other_link = order.link_https.as_ref().and_then(|link| {
        let (_, fragment) = link.split_once("/a#")?;
        Some(format!("https://{}/a#{fragment}", order.activation_address))
    });
    context! {
        user => &mail.user,
        serial => &order.serial_number,
        address => &order.activation_address,
        expires => httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(order.expires_at)),
        voids => true,
        link => text(&order.link_https),
        other_link => other_link,
        app_link => text(&order.link_app),
        confirm => order.link_app.is_some() || order.activation_code.is_some(),
        password => text(&order.password),
        has_picture => order.qr_text.is_some(),
        picture => PICTURE,
        code => text(&order.activation_code),
    }
}

fn inline(png: Vec<u8>) -> Result<SinglePart> {
    let kind = ContentType::parse("image/png").map_err(|_| Error::Internal("content type"))?;
    Ok(Attachment::new_inline(PICTURE.to_owned()).body(png, kind))
}

fn fill(name: &str, values: &Value) -> Result<String> {
    let mut environment = Environment::empty();
    environment.set_auto_escape_callback(|name| {
        if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
    });
    let unusable = |_| Error::Internal("a mail template");
    let (_, text) =
        TEMPLATES.iter().find(|(known, _)| *known == name).ok_or(Error::Internal("no mail template"))?;
    environment.add_template(name, text).map_err(unusable)?;
    environment.get_template(name).and_then(|template| template.render(values)).map_err(unusable)
}

const PICTURE: &str = "qr-code";

const TEMPLATES: &[(&str, &str)] = &[
    ("activation.txt", include_str!("templates/activation.txt")),
    ("activation.html", include_str!("templates/activation.html")),
    ("already_used.txt", include_str!("templates/already_used.txt")),
    ("already_used.html", include_str!("templates/already_used.html")),
    ("activated.txt", include_str!("templates/activated.txt")),
    ("activated.html", include_str!("templates/activated.html")),
    ("notice.txt", include_str!("templates/notice.txt")),
    ("notice.html", include_str!("templates/notice.html")),
    ("password_link.txt", include_str!("templates/password_link.txt")),
    ("password_link.html", include_str!("templates/password_link.html")),
];
