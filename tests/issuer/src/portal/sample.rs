//! A sample of a protected application: a payment that wants a fresh code.

use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::Pages;
use super::authenticators::{self, Own, serial};
use super::form::Form;
use super::look::{self, Tab};
use super::parts::{self, Field};
use super::visit::{Answer, Holder, Visit};
use crate::error::{Error, Result};
use crate::tokens::TokenState;

pub(super) const PAGES: Pages = &[("/portal/sample", || get(page).post(pay))];

/// What is typed.
#[derive(Deserialize)]
pub struct Payment {
    code: Zeroizing<String>,
}

/// The payment, waiting for its code.
pub async fn page(Holder(visit, session): Holder) -> Answer {
    let own = with_codes(&visit, &session.user).await?;
    Ok(look::page(&visit, Tab::Sample, &visit.lang.t("sample"), waiting(&visit, &own, None)))
}

/// Checks the code; the page says which token has made it.
pub async fn pay(Holder(visit, session): Holder, Form(payment): Form<Payment>) -> Answer {
    let own = with_codes(&visit, &session.user).await?;
    let title = visit.lang.t("sample");
    match visit.issuer.sign_in_code(&session.name, &session.user, &payment.code).await {
        Ok(accepted) => {
            let by = own.iter().find(|own| own.token.id == accepted.token);
            Ok(look::page(&visit, Tab::Sample, &title, done(&visit, by)))
        }
        Err(error @ (Error::InvalidResponse | Error::Locked)) => {
            Ok(look::again(&visit, Tab::Sample, &title, waiting(&visit, &own, Some(error.code()))))
        }
        Err(error) => Err(error.into()),
    }
}

/// The tokens whose codes are accepted here.
async fn with_codes(visit: &Visit, user: &str) -> Result<Vec<Own>> {
    let mut all = authenticators::all_of(visit, user).await?;
    all.retain(|own| own.token.state == TokenState::Active && own.token.kind != "OCRA");
    Ok(all)
}

fn waiting(visit: &Visit, own: &[Own], wrong: Option<&str>) -> Markup {
    let lang = visit.lang;
    html! {
        h1 { (lang.t("sample")) }
        p.lead { (lang.t("sample-why")) }
        @if own.is_empty() {
            (parts::empty(&lang.t("sample-none"), &lang.t("sample-none-way"), parts::link("/portal/authenticators", &lang.t("authenticators"), "")))
        } @else {
            section.card.middle {
                h2 { (lang.t("sample-payment")) }
                (order(visit))
                @if let Some(code) = wrong { (parts::wrong_code(lang, code)) }
                (parts::post(visit, "/portal/sample", html! {
                    (Field { name: "code", label: lang.t("code"), hint: Some(lang.t("sample-code-hint")), autocomplete: "one-time-code", digits: true, code: true, first: wrong.is_some(), ..Field::default() })
                    button { (lang.t("sample-pay")) }
                }))
            }
        }
    }
}

fn done(visit: &Visit, by: Option<&Own>) -> Markup {
    let lang = visit.lang;
    html! {
        h1 { (lang.t("sample")) }
        (parts::done(&lang.t("sample-done")))
        section.card.middle {
            h2 { (lang.t("sample-payment")) }
            (order(visit))
            @if let Some(own) = by {
                h2 { (lang.t("sample-accepted-by")) }
                dl.facts {
                    dt { (lang.t("sample-authenticator")) } dd { (own.name()) }
                    dt { (lang.t("serial-number")) } dd.code { (serial(&own.token.serial)) }
                    @if let Some(device) = &own.token.device { dt { (lang.t("device")) } dd { (device) } }
                }
            }
            (parts::link("/portal/sample", &lang.t("sample-again"), "second"))
        }
    }
}

fn order(visit: &Visit) -> Markup {
    let lang = visit.lang;
    html! {
        dl.facts {
            dt { (lang.t("sample-to")) } dd { (lang.t("sample-to-whom")) }
            dt { (lang.t("sample-amount")) } dd { (lang.t("sample-how-much")) }
        }
    }
}
