//! *Complete Token Activation*: how far it is, the registration code that the app shows, then its first code.
//!
//! Nothing reloads by itself: "Check again" is a link.

use axum::extract::Path;
use maud::{Markup, html};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::activate::{email, head, send_email};
use super::progress::{self, Letter, Progress, Stage};
use super::{Own, of_visitor};
use crate::error::{Error, Result};
use crate::orders::Completed;
use crate::portal::form::Form;
use crate::portal::look::{self, Tab};
use crate::portal::parts::{self, Field};
use crate::portal::session::Session;
use crate::portal::texts::Lang;
use crate::portal::visit::{Answer, Holder, Visit};
use crate::tokens::TokenState;

/// What the app shows. Both are secrets until the issuer has them.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    registration: Zeroizing<String>,
    #[serde(default)]
    code: Zeroizing<String>,
}

/// What the form is shown with.
#[derive(Default)]
struct Again<'a> {
    registration: &'a str,
    wrong: Option<Wrong>,
}

/// What was wrong with what was typed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// It cannot be a registration code.
    NoCode,
    /// The app has not come so far.
    Early,
    /// See the error's code.
    Code(&'static str),
}

/// Shows how far it is.
pub async fn page(Holder(visit, session): Holder, Path(id): Path<String>) -> Answer {
    let own = of_visitor(&visit, &session, &id).await?;
    if own.token.state == TokenState::New {
        return Ok(look::go(&own.page("activate"), None));
    }
    let content = content(&visit, &session, &own, Again::default()).await?;
    Ok(look::page(&visit, Tab::Authenticators, &visit.lang.t("complete-token"), content))
}

/// Takes the registration code, and the first code when it is asked for.
pub async fn complete(
    Holder(visit, session): Holder,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Answer {
    let own = of_visitor(&visit, &session, &id).await?;
    if own.token.state == TokenState::New {
        return Ok(look::go(&own.page("activate"), None));
    }
    let first = Some(typed.code.trim()).filter(|code| !code.is_empty());
    let done = visit.issuer.complete(visit.actor(), &own.token.id, typed.registration.trim(), first).await;
    let title = visit.lang.t("complete-token");
    let registration = typed.registration.trim();
    let wrong = match done {
        Ok(Completed::Active) => return Ok(look::go("/portal/authenticators", Some("activated"))),
        Ok(Completed::Activating) => {
            let content = content(&visit, &session, &own, Again { registration, wrong: None }).await?;
            return Ok(look::page(&visit, Tab::Authenticators, &title, content));
        }
        Err(Error::BadValue(_)) => Wrong::NoCode,
        Err(Error::WrongState) => Wrong::Early,
        // The order ended so long ago that it is forgotten.
        Err(Error::NotFound) => Wrong::Code(Error::Expired.code()),
        Err(error @ (Error::RegistrationCode | Error::Expired | Error::Void)) => Wrong::Code(error.code()),
        Err(error) => return Err(error.into()),
    };
    let content = content(&visit, &session, &own, Again { registration, wrong: Some(wrong) }).await?;
    Ok(look::again(&visit, Tab::Authenticators, &title, content))
}

/// The field for the registration code, and the one for the first code when its label is given.
pub(super) fn form(
    visit: &Visit,
    own: &Own,
    label: &str,
    registration: &str,
    error: Option<String>,
    first_code: Option<String>,
) -> Markup {
    let lang = visit.lang;
    let asks_first_code = first_code.is_some();
    parts::post(
        visit,
        &own.page("complete"),
        html! {
            (Field {
                name: "registration", label: label.to_owned(), value: registration, code: true, digits: true,
                hint: Some(lang.t("registration-code-hint")), error,
                first: !asks_first_code && !registration.is_empty(), ..Field::default()
            })
            @if let Some(label) = first_code {
                (Field {
                    name: "code", label, hint: Some(lang.t("first-code-hint")), autocomplete: "one-time-code",
                    code: true, digits: true, first: !registration.is_empty(), ..Field::default()
                })
            }
            button { (lang.t("action-complete")) }
        },
    )
}

async fn content(visit: &Visit, session: &Session, own: &Own, again: Again<'_>) -> Result<Markup> {
    let (lang, progress) = (visit.lang, progress::of(visit, &own.token.id).await?);
    let email = email(visit, session).await?;
    let over = progress.as_ref().is_none_or(|progress| progress.stage == Stage::Over);
    let disabled = own.token.state == TokenState::Inactive;
    Ok(html! {
        (head(lang, own, "complete-token"))
        section.card.middle {
            @if let Some(wrong) = again.wrong {
                @if !is_said_below(wrong, progress.as_ref()) { (what_is_wrong(lang, wrong)) }
            }
            @match progress {
                _ if disabled => {
                    (parts::wrong(&lang.t("complete-disabled"), &lang.t("complete-disabled-way")))
                    (parts::link(&own.page("more"), &lang.t("action-more"), ""))
                }
                Some(progress) if !over => (under_way(visit, own, &progress, email.as_deref(), &again)),
                _ if own.is_active() => {
                    (parts::done(&lang.t("complete-active")))
                    (parts::link("/portal/authenticators", &lang.t("back-to-list"), ""))
                }
                _ => (failed(visit, own, &Error::Expired)),
            }
        }
        @if !over { p { (parts::link("/portal/authenticators", &lang.t("back-to-list"), "plain")) } }
    })
}

fn under_way(
    visit: &Visit,
    own: &Own,
    progress: &Progress,
    email: Option<&str>,
    again: &Again<'_>,
) -> Markup {
    let lang = visit.lang;
    if let Some(error) = progress.stage.refusal() {
        return failed(visit, own, &error);
    }
    let said = match progress.stage {
        Stage::Open => ("waiting-open", "waiting-open-text"),
        Stage::Claimed => ("waiting-claimed", "waiting-claimed-text"),
        Stage::Awaited => ("waiting-awaited", "waiting-awaited-text"),
        _ => ("waiting-first-code", "waiting-first-code-text"),
    };
    let first_code = (progress.stage == Stage::FirstCode).then(|| lang.t("first-code"));
    let letter = email.zip(progress.mail);
    let error = (again.wrong == Some(Wrong::NoCode)).then(|| lang.t("no-registration-code"));
    html! {
        (parts::info(html! {
            strong { (lang.t(said.0)) }
            p { (lang.t(said.1)) }
            @if progress.stage == Stage::Open {
                p { (lang.t("ends-at")) " " strong { (parts::time(progress.expires_at)) } "." }
                @if let Some((email, Letter::OnItsWay)) = letter {
                    p { (lang.with("email-went-to", [("email", email.into())])) }
                }
            }
        }))
        @if let Some((email, Letter::NotSent)) = letter {
            (parts::wrong(&lang.with("email-not-sent", [("email", email.into())]), &lang.t("email-not-sent-way")))
        }
        @if progress.with_code {
            (form(visit, own, &lang.t("enter-registration-code"), again.registration, error, first_code))
        }
        div.row {
            @if progress.stage != Stage::FirstCode {
                (parts::link(&own.page("complete"), &lang.t("check-again"), "second"))
            }
            @if email.is_some() { (send_email(visit, own, "plain")) }
            (parts::link(&own.page("activate"), &lang.t("action-reactivate"), "plain"))
        }
    }
}

/// Nothing comes of it any more: why, and the way to a new one.
fn failed(visit: &Visit, own: &Own, error: &Error) -> Markup {
    html! {
        (parts::wrong_code(visit.lang, error.code()))
        (parts::link(&own.page("activate"), &visit.lang.t("action-reactivate"), ""))
    }
}

/// The page says the same as the error below it.
fn is_said_below(wrong: Wrong, progress: Option<&Progress>) -> bool {
    let stage = progress.map(|progress| progress.stage);
    match wrong {
        Wrong::NoCode => stage.is_some_and(|stage| stage < Stage::Over),
        Wrong::Early => stage == Some(Stage::Over),
        Wrong::Code(code) if stage.is_none() => code == Error::Expired.code(),
        Wrong::Code(code) => stage.and_then(Stage::refusal).is_some_and(|error| error.code() == code),
    }
}

fn what_is_wrong(lang: Lang, wrong: Wrong) -> Markup {
    match wrong {
        Wrong::NoCode => parts::wrong(&lang.t("no-registration-code"), ""),
        Wrong::Early => parts::wrong(&lang.t("complete-early"), &lang.t("complete-early-way")),
        Wrong::Code(code) => parts::wrong_code(lang, code),
    }
}
