//! Challenge and response as second step, for users with a token that answers challenges.
//!
//! A challenge is drawn by a POST and shown in its answer. Who has not just given the password gives it again.

use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::Pages;
use super::form::Form;
use super::look::{self, Tab};
use super::parts::{self, Field};
use super::session::{Level, Session};
use super::signin::{self, Next};
use super::visit::{Answer, Visit, with_cookie};
use crate::codes::Challenge;
use crate::error::{Error, Result};

pub(super) const PAGES: Pages = &[
    ("/portal/sign-in/challenge", || get(back).post(begin)),
    ("/portal/sign-in/response", || get(back).post(check)),
];

/// What is typed.
#[derive(Deserialize)]
pub struct Response {
    challenge: String,
    response: Zeroizing<String>,
    #[serde(default)]
    password: Zeroizing<String>,
    #[serde(default)]
    next: String,
}

/// The user's oldest active token that answers challenges.
pub async fn token_of(visit: &Visit, user: &str) -> Result<Option<String>> {
    let query = "SELECT id FROM tokens WHERE user_id = ? AND state = 'ACTIVE' AND kind = 'OCRA' \
                 ORDER BY created_at, id LIMIT 1";
    Ok(sqlx::query_scalar(query).bind(user).fetch_optional(visit.issuer.store.read()).await?)
}

/// Whoever opens an address of this file begins at the second step.
pub async fn back(_: Visit, Query(next): Query<Next>) -> Answer {
    Ok(look::go(&format!("/portal/sign-in/code?next={}", signin::encoded(signin::own(&next.next))), None))
}

/// Shows a challenge.
pub async fn begin(visit: Visit, Form(next): Form<Next>) -> Answer {
    let Some(session) = visit.session.clone() else { return Ok(look::to_sign_in(&visit)) };
    let challenge = draw(&visit, &session).await?;
    let content = form(&visit, &session, &challenge, &next.next, None);
    Ok(look::page(&visit, Tab::None, &visit.lang.t("challenge-title"), content))
}

/// Checks the response; a wrong one is followed by another challenge.
pub async fn check(visit: Visit, Form(typed): Form<Response>) -> Answer {
    let Some(session) = visit.session.clone() else { return Ok(look::to_sign_in(&visit)) };
    let next = typed.next.clone();
    let error = match proven(&visit, &session, typed).await {
        Ok(()) => {
            let cookie = visit.issuer.start_session(&visit.cookie, &session.user, Level::Full).await?;
            return Ok(with_cookie(look::go(signin::own(&next), None), cookie));
        }
        Err(error @ (Error::WrongPassword | Error::InvalidResponse | Error::Locked)) => error,
        Err(error) => return Err(error.into()),
    };
    let challenge = draw(&visit, &session).await?;
    let content = form(&visit, &session, &challenge, &next, Some(error.code()));
    Ok(look::again(&visit, Tab::None, &visit.lang.t("challenge-title"), content))
}

async fn draw(visit: &Visit, session: &Session) -> Result<Challenge> {
    let token = token_of(visit, &session.user).await?.ok_or(Error::WrongState)?;
    signin::limit(visit, [(format!("challenge {}", session.user), CHALLENGES)]).await?;
    visit.issuer.create_challenge(&session.name, &token).await
}

async fn proven(visit: &Visit, session: &Session, typed: Response) -> Result<()> {
    if needs_password(session) {
        signin::check(visit, &session.name, typed.password).await?;
    }
    // Somebody else's challenge is not used up.
    let query = "SELECT EXISTS (SELECT 1 FROM challenges JOIN tokens ON tokens.id = challenges.token_id \
                 WHERE challenges.id = ? AND tokens.user_id = ?)";
    let query = sqlx::query_scalar(query).bind(&typed.challenge).bind(&session.user);
    if !query.fetch_one(visit.issuer.store.read()).await? {
        return Err(Error::InvalidResponse);
    }
    visit.issuer.answer_challenge(&session.name, &typed.challenge, &typed.response).await?;
    Ok(())
}

fn needs_password(session: &Session) -> bool {
    session.level != Level::Password
}

fn form(visit: &Visit, session: &Session, challenge: &Challenge, next: &str, wrong: Option<&str>) -> Markup {
    let lang = visit.lang;
    html! {
        section.card.narrow {
            h1 { (lang.t("challenge-title")) }
            @if let Some(code) = wrong { (parts::wrong_code(lang, code)) }
            p { (lang.t("challenge-how")) }
            div.big { (parts::copyable(lang, "shown-challenge", &lang.t("challenge"), &challenge.question)) }
            p.small { (lang.t("challenge-life")) }
            (parts::post(visit, "/portal/sign-in/response", html! {
                input type="hidden" name="next" value=(next);
                input type="hidden" name="challenge" value=(challenge.id);
                @if needs_password(session) {
                    (Field { name: "password", label: lang.t("password"), kind: "password", autocomplete: "current-password", ..Field::default() })
                }
                (Field { name: "response", label: lang.t("response"), autocomplete: "one-time-code", digits: true, code: true, first: true, ..Field::default() })
                button { (lang.t("sign-in")) }
            }))
        }
    }
}

/// Challenges an hour for one user.
const CHALLENGES: u64 = 30;
