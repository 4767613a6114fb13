//! Signing in: the password, then a code; and signing out.

use axum::extract::Query;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::form::Form;
use super::look::{self, Tab};
use super::parts::{self, Field};
use super::second::Second;
use super::session::{Level, Session};
use super::visit::{Answer, Visit, with_cookie};
use super::{Pages, home};
use crate::codes::tries;
use crate::error::{Error, Result};

pub(super) const PAGES: Pages = &[
    ("/portal/sign-in", || get(password_page).post(check_password)),
    ("/portal/sign-in/code", || get(code_page).post(check_code)),
    ("/portal/sign-out", || post(sign_out)),
    ("/portal/language", || post(home::language)),
];

/// Where to go afterwards.
#[derive(Deserialize)]
pub struct Next {
    /// A path of our own, or anything a stranger has put there.
    #[serde(default)]
    pub next: String,
}

/// What is typed first.
#[derive(Deserialize)]
pub struct Password {
    name: String,
    password: Zeroizing<String>,
    #[serde(default)]
    next: String,
}

/// What is typed then.
#[derive(Deserialize)]
pub struct Code {
    code: Zeroizing<String>,
    #[serde(default)]
    next: String,
}

/// The first step.
pub async fn password_page(visit: Visit, Query(next): Query<Next>) -> Response {
    let title = visit.lang.t("sign-in");
    look::page(&visit, Tab::None, &title, password_form(&visit, "", &next.next, None))
}

/// Checks the password; unknown names take as long and get the same answer.
pub async fn check_password(visit: Visit, Form(typed): Form<Password>) -> Answer {
    let user = match check(&visit, &typed.name, typed.password).await {
        Ok(user) => user,
        Err(error @ (Error::WrongPassword | Error::TooManyTries)) => {
            let title = visit.lang.t("sign-in");
            let page = password_form(&visit, &typed.name, &typed.next, Some(error.code()));
            return Ok(look::again(&visit, Tab::None, &title, page));
        }
        Err(error) => return Err(error.into()),
    };
    let level = if Second::of(&visit, &user).await?.needed { Level::Password } else { Level::Full };
    let cookie = visit.issuer.start_session(&visit.cookie, &user, level).await?;
    let next = own(&typed.next);
    let to = match level {
        Level::Password => look::go(&format!("/portal/sign-in/code?next={}", encoded(next)), None),
        Level::Answers | Level::Full => look::go(next, None),
    };
    Ok(with_cookie(to, cookie))
}

/// The second step.
pub async fn code_page(visit: Visit, Query(next): Query<Next>) -> Answer {
    let Ok(session) = half(&visit) else { return Ok(look::to_sign_in(&visit)) };
    let title = visit.lang.t("sign-in-code");
    let second = Second::of(&visit, &session.user).await?;
    Ok(look::page(&visit, Tab::None, &title, code_form(&visit, &next.next, None, &second)))
}

/// Checks the code.
pub async fn check_code(visit: Visit, Form(typed): Form<Code>) -> Answer {
    let Ok(session) = half(&visit) else { return Ok(look::to_sign_in(&visit)) };
    match visit.issuer.sign_in_code(&session.name, &session.user, &typed.code).await {
        Ok(_) => {
            let cookie = visit.issuer.start_session(&visit.cookie, &session.user, Level::Full).await?;
            Ok(with_cookie(look::go(own(&typed.next), None), cookie))
        }
        Err(error @ (Error::InvalidResponse | Error::Locked | Error::TooManyTries)) => {
            let title = visit.lang.t("sign-in-code");
            let second = Second::of(&visit, &session.user).await?;
            let page = code_form(&visit, &typed.next, Some(error.code()), &second);
            Ok(look::again(&visit, Tab::None, &title, page))
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends the session.
pub async fn sign_out(visit: Visit, _: Form<Nothing>) -> Answer {
    visit.issuer.end_session(&visit.cookie).await?;
    let cookie = super::visit::Cookie::new(&visit.issuer.ports.random)?;
    Ok(with_cookie(look::go("/portal/sign-in", Some("signed-out")), cookie))
}

/// A form without fields.
#[derive(Deserialize)]
pub struct Nothing {}

/// A path of our own to go to, whatever was sent: somebody else's address is no way on.
pub fn own(next: &str) -> &str {
    let ours = next.starts_with("/portal") || next.starts_with("/desk");
    if ours && !next.contains(['\\', '\r', '\n']) { next } else { "/portal" }
}

/// The user of a name and password, within the limits of name and address; a right password forgives the name.
pub async fn check(visit: &Visit, name: &str, password: Zeroizing<String>) -> Result<String> {
    let subject = format!("sign-in {name}");
    let from = format!("sign-in from {}", visit.from);
    limit(visit, [(subject.clone(), NAME_TRIES), (from, ADDRESS_TRIES)]).await?;
    let user = visit.issuer.check_password(name, password).await?.ok_or(Error::WrongPassword)?;
    forgive(visit, subject).await?;
    Ok(user)
}

/// Takes a try of each subject; all are taken, so that one limit does not hide behind another.
pub async fn limit<const N: usize>(visit: &Visit, subjects: [(String, u64); N]) -> Result<()> {
    let now = visit.issuer.now();
    visit
        .issuer
        .store
        .write(move |tx| {
            Box::pin(async move {
                let mut allowed = true;
                for (subject, most) in subjects {
                    allowed &= tries::take(tx, now, &subject, most).await?;
                }
                Ok(allowed)
            })
        })
        .await?
        .then_some(())
        .ok_or(Error::TooManyTries)
}

/// Forgets the tries of a subject.
pub async fn forgive(visit: &Visit, subject: String) -> Result<()> {
    visit.issuer.store.write(move |tx| Box::pin(async move { tries::forgive(tx, &subject).await })).await
}

fn half(visit: &Visit) -> Result<&Session> {
    visit.session.as_ref().filter(|session| session.level == Level::Password).ok_or(Error::Unauthorized)
}

/// A value of a query.
pub fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn password_form(visit: &Visit, name: &str, next: &str, wrong: Option<&str>) -> Markup {
    let lang = visit.lang;
    html! {
        section.card.narrow {
            h1 { (lang.t("sign-in")) }
            @if let Some(code) = wrong { (parts::wrong_code(lang, code)) }
            (parts::post(visit, "/portal/sign-in", html! {
                input type="hidden" name="next" value=(next);
                (Field { name: "name", label: lang.t("user-name"), value: name, autocomplete: "username", first: true, ..Field::default() })
                (Field { name: "password", label: lang.t("password"), kind: "password", autocomplete: "current-password", ..Field::default() })
                button { (lang.t("continue")) }
            }))
            p { a.button.plain href="/portal/forgotten" { (lang.t("forgotten")) } }
        }
    }
}

fn code_form(visit: &Visit, next: &str, wrong: Option<&str>, second: &Second) -> Markup {
    let lang = visit.lang;
    html! {
        section.card.narrow {
            h1 { (lang.t("sign-in-code")) }
            @if let Some(code) = wrong { (parts::wrong_code(lang, code)) }
            @if second.codes {
                (parts::post(visit, "/portal/sign-in/code", html! {
                    input type="hidden" name="next" value=(next);
                    (Field { name: "code", label: lang.t("code"), hint: Some(lang.t("code-hint")), autocomplete: "one-time-code", digits: true, code: true, first: true, ..Field::default() })
                    button { (lang.t("sign-in")) }
                }))
            }
            (second.other_ways(visit, next))
        }
    }
}

/// Wrong passwords an hour for one name, known or not.
const NAME_TRIES: u64 = 10;
/// Sign-ins an hour from one address: many people share one.
const ADDRESS_TRIES: u64 = 120;
