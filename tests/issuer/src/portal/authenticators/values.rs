//! What an order says, once: it is in the answer to the form that made it and nowhere else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};
use softtoken_core::codec::decimal::ActivationCode;

use super::activate::{head, is_offline_allowed, send_email};
use super::{Own, complete, serial};
use crate::error::{Error, Result};
use crate::mail::Activation;
use crate::portal::parts;
use crate::portal::visit::Visit;
use crate::qr;

/// The QR code and its password.
pub(super) fn qr_code(visit: &Visit, own: &Own, made: &Activation) -> Result<Markup> {
    let lang = visit.lang;
    let (Some(text), Some(password)) = (&made.qr_text, &made.password) else {
        return Err(Error::Internal("an order without its QR code"));
    };
    let picture = STANDARD.encode(qr::png(text)?);
    let (front, back) = password.split_at_checked(4).unwrap_or((password, ""));
    Ok(html! {
        (head(lang, own, "activate-token"))
        section.card.middle {
            ol.steps {
                li { p { (lang.t("qr-step-scan")) } img.qr src={"data:image/png;base64," (picture)} alt=(lang.t("qr-alt")); }
                li {
                    p id="password-label" { (lang.t("qr-step-password")) }
                    output.code.password aria-labelledby="password-label" { (front) " " (back) }
                }
                li { p { (lang.t("qr-step-activate")) } }
            }
            (ends(visit, made))
            div.row {
                (parts::link(&own.page("complete"), &lang.t("action-complete"), ""))
                (send_email(visit, own, "plain"))
            }
        }
    })
}

/// Address, serial number and activation code, with the field for what the app answers.
pub(super) fn typed(visit: &Visit, own: &Own, made: &Activation, desktop: bool) -> Markup {
    let lang = visit.lang;
    let code = made.activation_code.as_ref().and_then(|code| ActivationCode::parse(code).ok());
    let code = code.map(|code| code.grouped());
    let label = if desktop { "response" } else { "enter-registration-code" };
    html! {
        (head(lang, own, "activate-token"))
        section.card.middle {
            ol.steps {
                li {
                    p { (lang.t(if desktop { "values-step-desktop" } else { "values-step-mobile" })) }
                    (parts::copyable(lang, "address", &lang.t("address"), &made.activation_address))
                    (parts::copyable(lang, "serial", &lang.t("serial-number"), &serial(&made.serial_number)))
                    @if let Some(code) = &code {
                        (parts::copyable(lang, "activation-code", &lang.t("activation-code"), code))
                    }
                }
                li { p { (lang.t(if desktop { "values-step-pin" } else { "values-step-activate" })) } }
                li {
                    p { (lang.t("values-step-registration")) }
                    (complete::form(visit, own, &lang.t(label), "", None, None))
                    @if is_offline_allowed(visit) { p.small { (lang.t("values-then-first-code")) } }
                }
            }
            (ends(visit, made))
            p.small { (lang.t("values-shown-once")) }
            (parts::link(&own.page("complete"), &lang.t("check-again"), "plain"))
        }
    }
}

/// Until when, and that nothing older works.
fn ends(visit: &Visit, made: &Activation) -> Markup {
    let lang = visit.lang;
    let until = i64::try_from(made.expires_at).unwrap_or(i64::MAX);
    parts::info(html! {
        (lang.t("ends-at")) " " strong { (parts::time(until)) } ". " (lang.t("older-no-longer-works"))
    })
}
