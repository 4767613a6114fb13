//! My account: who I am, password, questions, where my devices were activated, what was done, sessions.
//!
//! | File | Holds |
//! |---|---|
//! | `change` | another password |
//! | `setup` | questions and answers |
//! | `activity` | what the log knows of the user, in words |

mod activity;
pub(super) mod change;
mod setup;

use axum::routing::get;
use maud::{Markup, html};

use super::Pages;
use super::authenticators::serial;
use super::form::Form;
use super::look::{self, Tab};
use super::parts;
use super::signin::Nothing;
use super::texts::Lang;
use super::visit::{Answer, Cookie, Holder, with_cookie};
use crate::tokens::User;

pub(super) const PAGES: Pages = &[
    ("/portal/account", || get(page)),
    ("/portal/account/password", || get(change::page).post(change::change)),
    ("/portal/account/questions", || get(setup::page).post(setup::store)),
    ("/portal/account/sign-out", || get(back).post(sign_out)),
];

/// Everything at a glance.
pub async fn page(Holder(visit, session): Holder) -> Answer {
    let lang = visit.lang;
    let user = visit.issuer.user(&session.user).await?;
    let questions = visit.issuer.questions(&session.user).await?.len();
    let activations = activity::activations(&visit, &session.user).await?;
    let lines = activity::latest(&visit, &session.user).await?;
    let content = html! {
        h1 { (lang.t("account")) }
        div.columns {
            (profile(lang, &user))
            section.card {
                h2 { (lang.t("account-security")) }
                p { (lang.t("password-what")) }
                p { a.button.second href="/portal/account/password" { (lang.t("password-change")) } }
                div.head {
                    strong { (lang.t("questions")) }
                    @if questions == 0 { (parts::badge("warn", &lang.t("questions-missing"))) }
                    @else { (parts::badge("good", &lang.t("questions-set"))) }
                }
                p { (lang.t("questions-what")) }
                p { a.button.second href="/portal/account/questions" { (lang.t("questions-set-up")) } }
            }
        }
        section.card {
            h2 { (lang.t("activations")) }
            @if activations.is_empty() { p.small { (lang.t("activations-none")) } }
            @else { (activation_table(lang, &activations)) }
        }
        section.card {
            h2 { (lang.t("activity")) }
            @if lines.is_empty() { p.small { (lang.t("activity-none")) } }
            @else { (activity_table(lang, &lines)) }
        }
        section.card.middle {
            h2 { (lang.t("sessions")) }
            p { (lang.t("sessions-what")) }
            (parts::post(&visit, "/portal/account/sign-out", html! {
                button.danger { (lang.t("sign-out-everywhere")) }
            }))
        }
    };
    Ok(look::page(&visit, Tab::Account, &lang.t("account"), content))
}

/// Whoever had to sign in before the button worked finds it again.
pub async fn back(_: Holder) -> Answer {
    Ok(look::go("/portal/account", None))
}

/// Ends all sessions of the visitor, this one included.
pub async fn sign_out(Holder(visit, session): Holder, _: Form<Nothing>) -> Answer {
    visit.issuer.end_sessions(&session.name, &session.user).await?;
    let cookie = Cookie::new(&visit.issuer.ports.random)?;
    Ok(with_cookie(look::go("/portal/sign-in", Some("signed-out-everywhere")), cookie))
}

fn profile(lang: Lang, user: &User) -> Markup {
    html! {
        section.card {
            h2 { (lang.t("profile")) }
            dl.facts {
                dt { (lang.t("user-name")) } dd { (user.name) }
                dt { (lang.t("mail")) }
                dd { @match &user.email { Some(email) => (email), None => (lang.t("mail-none")) } }
            }
            p.small { (lang.t("profile-change")) }
        }
    }
}

fn activation_table(lang: Lang, rows: &[activity::Activation]) -> Markup {
    let (device, number, at) = (lang.t("device"), lang.t("serial-number"), lang.t("activated-at"));
    html! {
        table.stack {
            thead { tr { th scope="col" { (at) } th scope="col" { (device) } th scope="col" { (number) } } }
            tbody { @for row in rows { tr {
                td data-label=(at) { (parts::time(row.at)) }
                td data-label=(device) { (row.device.as_deref().unwrap_or("–")) }
                td data-label=(number) { span.code { (serial(&row.serial)) } }
            } } }
        }
    }
}

fn activity_table(lang: Lang, rows: &[activity::Line]) -> Markup {
    let (at, what) = (lang.t("when"), lang.t("what"));
    html! {
        table.stack {
            thead { tr { th scope="col" { (at) } th scope="col" { (what) } } }
            tbody { @for row in rows { tr {
                td data-label=(at) { (parts::time(row.at)) }
                td data-label=(what) {
                    (row.words(lang))
                    @if let Some(number) = &row.serial { " · " span.code { (serial(number)) } }
                }
            } } }
        }
    }
}
