//! Taking a hardware token: its serial number, and the code that it shows.

use maud::{Markup, html};
use serde::Deserialize;

use super::{MOST_TOKENS, add, all_of};
use crate::error::Error;
use crate::portal::form::Form;
use crate::portal::look::{self, Tab};
use crate::portal::parts::{self, Field};
use crate::portal::prove;
use crate::portal::visit::{Answer, Holder, Visit};

/// What is typed.
#[derive(Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    serial: String,
    #[serde(default)]
    response: String,
}

/// Asks.
pub async fn page(Holder(visit, session): Holder) -> Answer {
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    Ok(look::page(&visit, Tab::Authenticators, &visit.lang.t("hardware"), form(&visit, "", None)))
}

/// Gives the visitor the token.
pub async fn take(Holder(visit, session): Holder, Form(typed): Form<Typed>) -> Answer {
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    let has = i64::try_from(all_of(&visit, &session.user).await?.len()).unwrap_or(i64::MAX);
    if has >= MOST_TOKENS {
        return Ok(add::too_many(&visit, form(&visit, &typed.serial, None)));
    }
    match visit.issuer.assign_to_self(&session.user, &typed.serial, &typed.response).await {
        Ok(_) => Ok(look::go("/portal/authenticators", Some("hardware-added"))),
        Err(error @ (Error::SerialNumber | Error::InvalidResponse | Error::TooManyTries)) => {
            let content = form(&visit, &typed.serial, Some(error.code()));
            Ok(look::again(&visit, Tab::Authenticators, &visit.lang.t("hardware"), content))
        }
        Err(error) => Err(error.into()),
    }
}

fn form(visit: &Visit, serial: &str, wrong: Option<&str>) -> Markup {
    let lang = visit.lang;
    html! {
        section.card.narrow {
            h1 { (lang.t("hardware")) }
            p { (lang.t("hardware-how")) }
            @if let Some(code) = wrong { (parts::wrong_code(lang, code)) }
            (parts::post(visit, "/portal/authenticators/hardware", html! {
                (Field {
                    name: "serial", label: lang.t("token-serial-number"), value: serial,
                    hint: Some(lang.t("token-serial-hint")), code: true, first: true, ..Field::default()
                })
                (Field {
                    name: "response", label: lang.t("response"), hint: Some(lang.t("hardware-response-hint")),
                    autocomplete: "one-time-code", code: true, digits: true, ..Field::default()
                })
                div.row {
                    button { (lang.t("hardware-add")) }
                    (parts::link("/portal/authenticators", &lang.t("cancel"), "plain"))
                }
            }))
        }
    }
}
