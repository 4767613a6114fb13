//! Proving again who one is, before something dangerous: password, and a code when the user has one.

use axum::extract::Query;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::Pages;
use super::form::Form;
use super::look::{self, Tab};
use super::parts::{self, Field};
use super::second::Second;
use super::session::{Level, Session};
use super::signin::{self, Next};
use super::visit::{Answer, Holder, Visit, with_cookie};
use crate::error::{Error, Result};

pub(super) const PAGES: Pages = &[("/portal/prove", || get(page).post(check))];

/// What is typed.
#[derive(Deserialize)]
pub struct Proof {
    password: Zeroizing<String>,
    #[serde(default)]
    code: Zeroizing<String>,
    #[serde(default)]
    next: String,
}

/// `Err` is the way to this page, or to the questions, for a session whose last proof is too old.
#[allow(clippy::result_large_err, reason = "the answer itself, made once and returned")]
pub fn fresh(visit: &Visit, session: &Session) -> std::result::Result<(), Response> {
    if session.is_fresh(visit.issuer.now()) {
        return Ok(());
    }
    let page = match session.level {
        Level::Answers => "/portal/sign-in/misplaced",
        Level::Password | Level::Full => "/portal/prove",
    };
    Err(look::go(&format!("{page}?next={}", signin::encoded(&visit.path)), None))
}

/// Asks.
pub async fn page(Holder(visit, session): Holder, Query(next): Query<Next>) -> Answer {
    let second = Second::of(&visit, &session.user).await?;
    let content = form(&visit, second, &next.next, None);
    Ok(look::page(&visit, Tab::None, &visit.lang.t("prove"), content))
}

/// Checks, and starts a new session as fresh as it gets.
pub async fn check(Holder(visit, session): Holder, Form(proof): Form<Proof>) -> Answer {
    let second = Second::of(&visit, &session.user).await?;
    match proven(&visit, &session, second.needed, &proof).await {
        Ok(()) => {
            let cookie = visit.issuer.start_session(&visit.cookie, &session.user, Level::Full).await?;
            Ok(with_cookie(look::go(signin::own(&proof.next), None), cookie))
        }
        Err(
            error @ (Error::WrongPassword | Error::InvalidResponse | Error::Locked | Error::TooManyTries),
        ) => {
            let content = form(&visit, second, &proof.next, Some(error.code()));
            Ok(look::again(&visit, Tab::None, &visit.lang.t("prove"), content))
        }
        Err(error) => Err(error.into()),
    }
}

async fn proven(visit: &Visit, session: &Session, with_code: bool, proof: &Proof) -> Result<()> {
    signin::check(visit, &session.name, proof.password.clone()).await?;
    if with_code {
        visit.issuer.sign_in_code(&session.name, &session.user, &proof.code).await?;
    }
    Ok(())
}

/// Nothing is asked for that could not be right: with a second step and no token that shows codes there are only
/// the other ways.
fn form(visit: &Visit, second: Second, next: &str, wrong: Option<&str>) -> Markup {
    let lang = visit.lang;
    html! {
        section.card.narrow {
            h1 { (lang.t("prove")) }
            p { (lang.t("prove-why")) }
            @if let Some(code) = wrong { (parts::wrong_code(lang, code)) }
            @if second.codes || !second.needed {
                (parts::post(visit, "/portal/prove", html! {
                    input type="hidden" name="next" value=(next);
                    (Field { name: "password", label: lang.t("password"), kind: "password", autocomplete: "current-password", first: true, ..Field::default() })
                    @if second.codes {
                        (Field { name: "code", label: lang.t("code"), hint: Some(lang.t("code-hint")), autocomplete: "one-time-code", digits: true, code: true, ..Field::default() })
                    }
                    button { (lang.t("continue")) }
                }))
            }
            @if second.needed { (second.other_ways(visit, next)) }
        }
    }
}
