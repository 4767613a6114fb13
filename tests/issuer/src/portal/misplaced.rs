//! I have misplaced my token: questions and answers as second step.
//!
//! Who has given the password just now answers the questions; every other session gives the password again.
//! Invariant: what comes of it is a session of level `Answers`, also for a visitor who was signed in with a code.

use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::Pages;
use super::form::Form;
use super::look::{self, Tab};
use super::parts::{self, Field};
use super::questions::{Answers, Question};
use super::session::{Level, Session};
use super::signin::{self, Next};
use super::visit::{Answer, Visit, with_cookie};
use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::mail::{MailKind, Notice};

pub(super) const PAGES: Pages = &[("/portal/sign-in/misplaced", || get(page).post(check))];

/// What is typed.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    password: Zeroizing<String>,
    answer1: Zeroizing<String>,
    answer2: Zeroizing<String>,
    answer3: Zeroizing<String>,
    #[serde(default)]
    next: String,
}

/// Asks the visitor's questions, or says what to do without any.
pub async fn page(visit: Visit, Query(next): Query<Next>) -> Answer {
    let Some(session) = visit.session.clone() else { return Ok(look::to_sign_in(&visit)) };
    let questions = visit.issuer.questions(&session.user).await?;
    let content = form(&visit, &session, &questions, &next.next, None);
    Ok(look::page(&visit, Tab::None, &visit.lang.t("misplaced"), content))
}

/// All answers must fit; what is wrong is never said.
pub async fn check(visit: Visit, Form(typed): Form<Typed>) -> Answer {
    let Some(session) = visit.session.clone() else { return Ok(look::to_sign_in(&visit)) };
    let next = typed.next.clone();
    let problem = match proven(&visit, &session, typed).await {
        Ok(true) => {
            let cookie = visit.issuer.start_session(&visit.cookie, &session.user, Level::Answers).await?;
            visit.issuer.tell_user(&session.user, MailKind::Notice(Notice::SignedInByAnswers)).await;
            return Ok(with_cookie(look::go(signin::own(&next), None), cookie));
        }
        Ok(false) => parts::wrong(&visit.lang.t("answers-wrong"), &visit.lang.t("answers-wrong-way")),
        Err(error @ Error::TooManyTries) => parts::wrong_code(visit.lang, error.code()),
        Err(error) => return Err(error.into()),
    };
    let questions = visit.issuer.questions(&session.user).await?;
    let content = form(&visit, &session, &questions, &next, Some(problem));
    Ok(look::again(&visit, Tab::None, &visit.lang.t("misplaced"), content))
}

async fn proven(visit: &Visit, session: &Session, typed: Typed) -> Result<bool> {
    let subject = format!("answers {}", session.user);
    let from = format!("answers from {}", visit.from);
    signin::limit(visit, [(subject.clone(), USER_TRIES), (from, ADDRESS_TRIES)]).await?;
    let mut fits = match needs_password(session) {
        false => true,
        true => match signin::check(visit, &session.name, typed.password).await {
            Ok(_) => true,
            Err(Error::WrongPassword) => false,
            Err(error) => return Err(error),
        },
    };
    let answers: Answers = [typed.answer1, typed.answer2, typed.answer3];
    fits &= visit.issuer.answers_fit(&session.user, &answers).await?;
    if fits {
        signin::forgive(visit, subject).await?;
    } else {
        log_wrong(visit, session).await?;
    }
    Ok(fits)
}

async fn log_wrong(visit: &Visit, session: &Session) -> Result<()> {
    let (user, name, now) = (session.user.clone(), session.name.clone(), visit.issuer.now());
    visit
        .issuer
        .store
        .write(move |tx| {
            Box::pin(async move {
                let entry = Entry {
                    event: "portal.answers_wrong",
                    actor: &name,
                    user: Some(&user),
                    ..Entry::default()
                };
                audit::write(tx, now, entry).await
            })
        })
        .await
}

fn needs_password(session: &Session) -> bool {
    session.level != Level::Password
}

fn form(
    visit: &Visit,
    session: &Session,
    questions: &[Question],
    next: &str,
    problem: Option<Markup>,
) -> Markup {
    let lang = visit.lang;
    html! {
        section.card.narrow {
            h1 { (lang.t("misplaced")) }
            @if let Some(problem) = problem { (problem) }
            @if questions.is_empty() {
                p { (lang.t("misplaced-none")) }
                p { (lang.t("misplaced-none-way")) }
                @if session.level == Level::Password {
                    p { a.button.second href={"/portal/sign-in/code?next=" (signin::encoded(next))} { (lang.t("back-to-code")) } }
                } @else {
                    p { a.button.second href="/portal" { (lang.t("back")) } }
                }
            } @else {
                p { (lang.t("misplaced-why")) }
                (parts::post(visit, "/portal/sign-in/misplaced", html! {
                    input type="hidden" name="next" value=(next);
                    @if needs_password(session) {
                        (Field { name: "password", label: lang.t("password"), kind: "password", autocomplete: "current-password", first: true, ..Field::default() })
                    }
                    @for (at, (name, question)) in ["answer1", "answer2", "answer3"].into_iter().zip(questions).enumerate() {
                        (Field { name, label: question.text(lang), kind: "password", first: at == 0 && !needs_password(session), ..Field::default() })
                    }
                    button { (lang.t("continue")) }
                }))
            }
        }
    }
}

/// Wrong sets of answers an hour for one user.
const USER_TRIES: u64 = 5;
/// And from one address: many people share one.
const ADDRESS_TRIES: u64 = 30;
