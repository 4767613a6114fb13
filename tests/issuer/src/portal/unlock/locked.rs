//! My application is locked: the PIN reset code of the app is answered with an unlock code.

use maud::{Markup, html};
use serde::Deserialize;
use softtoken_core::codec::decimal::{DecimalError, ResetCode};

use super::{daily, soft, which};
use crate::error::Error;
use crate::mail::{MailKind, Notice};
use crate::portal::authenticators::{self, Own};
use crate::portal::form::Form;
use crate::portal::look::{self, Tab};
use crate::portal::parts::{self, Field};
use crate::portal::prove;
use crate::portal::visit::{Answer, Recovering, Visit};
use crate::tokens::{TokenState, UnlockCodes};

/// What is typed.
#[derive(Deserialize)]
pub struct Typed {
    authenticator: String,
    reset_code: String,
}

/// What will happen, before it does.
pub async fn explain(Recovering(visit, _): Recovering) -> Answer {
    let lang = visit.lang;
    let content = html! {
        section.card.middle {
            h1 { (lang.t("locked")) }
            p { (lang.t("locked-why")) }
            ol.steps {
                li { (lang.t("locked-step-read")) }
                li { (lang.t("locked-step-type")) }
                li { (lang.t("locked-step-back")) }
            }
            p.label { (lang.t("locked-sure")) }
            div.row {
                (parts::link("/portal/unlock/code", &lang.t("yes"), ""))
                (parts::link("/portal/unlock", &lang.t("no"), "second"))
            }
        }
    };
    Ok(look::page(&visit, Tab::Unlock, &lang.t("locked"), content))
}

/// Asks for the PIN reset code.
pub async fn page(Recovering(visit, session): Recovering) -> Answer {
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    let own = soft(&visit, &session.user, &[TokenState::Active]).await?;
    let content = form(&visit, &own, ("", ""), None, None);
    Ok(look::page(&visit, Tab::Unlock, &visit.lang.t("locked"), content))
}

/// Shows the unlock code, in this answer only.
pub async fn unlock(Recovering(visit, session): Recovering, Form(typed): Form<Typed>) -> Answer {
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    let token = authenticators::of_visitor(&visit, &session, &typed.authenticator).await?.token;
    let tokens = soft(&visit, &session.user, &[TokenState::Active]).await?;
    let was = (typed.authenticator.as_str(), typed.reset_code.as_str());
    let title = visit.lang.t("locked");
    if let Err(error) = ResetCode::parse(&typed.reset_code) {
        let content = form(&visit, &tokens, was, Some(mistyped(&error)), None);
        return Ok(look::again(&visit, Tab::Unlock, &title, content));
    }
    if token.state != TokenState::Active {
        return Err(Error::WrongState.into());
    }
    let given = match daily(&visit, format!("unlock code {}", session.user), CODES_A_DAY).await {
        Ok(()) => visit.issuer.unlock(&session.name, &token.id, &typed.reset_code).await,
        Err(error) => Err(error),
    };
    match given {
        Ok(codes) => {
            visit.issuer.tell(&token.id, MailKind::Notice(Notice::UnlockCode(token.serial))).await;
            Ok(look::page(&visit, Tab::Unlock, &visit.lang.t("unlock-code"), shown(&visit, &codes)))
        }
        Err(Error::TooManyTries) => {
            let problem = parts::wrong(&visit.lang.t("unlock-limit"), &visit.lang.t("unlock-limit-way"));
            let content = form(&visit, &tokens, was, None, Some(problem));
            Ok(look::again(&visit, Tab::Unlock, &title, content))
        }
        Err(error) => Err(error.into()),
    }
}

fn mistyped(error: &DecimalError) -> &'static str {
    match error {
        DecimalError::BadCharacter { .. } => "reset-code-digits",
        DecimalError::Empty | DecimalError::TooShort | DecimalError::TooLong => "reset-code-length",
        DecimalError::CheckDigit { .. } => "reset-code-check",
    }
}

fn form(
    visit: &Visit,
    own: &[Own],
    (chosen, typed): (&str, &str),
    wrong: Option<&'static str>,
    problem: Option<Markup>,
) -> Markup {
    let lang = visit.lang;
    html! {
        section.card.middle {
            h1 { (lang.t("locked")) }
            @if let Some(problem) = problem { (problem) }
            @if own.is_empty() {
                p { (lang.t("unlock-none")) }
                p { (lang.t("unlock-none-way")) }
                (parts::link("/portal/unlock", &lang.t("back"), "second"))
            } @else {
                (parts::post(visit, "/portal/unlock/code", html! {
                    (which(visit, own, chosen))
                    (Field { name: "reset_code", label: lang.t("reset-code"), value: typed, hint: Some(lang.t("reset-code-hint")), error: wrong.map(|key| lang.t(key)), digits: true, code: true, first: own.len() == 1, ..Field::default() })
                    button { (lang.t("unlock-give")) }
                }))
            }
        }
    }
}

fn shown(visit: &Visit, codes: &UnlockCodes) -> Markup {
    let lang = visit.lang;
    html! {
        section.card.middle {
            h1 { (lang.t("unlock-code")) }
            div.big { (parts::copyable(lang, "shown-code", &lang.t("unlock-code"), &codes.code)) }
            h2 { (lang.t("unlock-next")) }
            ol.steps {
                li { (lang.t("unlock-step-choose")) }
                li { (lang.t("unlock-step-type")) }
                li { (lang.t("unlock-step-pin")) }
            }
            @if let Some(former) = &codes.former {
                (parts::info(html! {
                    p { (lang.t("unlock-former")) }
                    div.big { (parts::copyable(lang, "shown-former", &lang.t("unlock-code-former"), former)) }
                }))
            }
            p.small { (lang.t("unlock-once")) }
            (parts::link("/portal", &lang.t("ready"), "second"))
        }
    }
}

/// Unlock codes that a user is given in 24 hours.
const CODES_A_DAY: u64 = 3;
