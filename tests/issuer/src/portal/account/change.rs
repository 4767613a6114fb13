//! Another password: the old one once more, and the reason when the new one is too weak.

use maud::{Markup, html};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::mail::{MailKind, Notice};
use crate::portal::form::Form;
use crate::portal::look::{self, Tab};
use crate::portal::parts::{self, Field};
use crate::portal::session::Level;
use crate::portal::texts::Lang;
use crate::portal::visit::{Answer, Holder, Visit, with_cookie};
use crate::portal::{password_rules, prove, signin};

/// What is typed.
#[derive(Deserialize)]
pub struct Typed {
    old: Zeroizing<String>,
    new: Zeroizing<String>,
    again: Zeroizing<String>,
}

/// What is wrong with what was typed: of the old password, of the new one, or another code.
#[derive(Default)]
struct Wrong {
    old: Option<&'static str>,
    new: Option<&'static str>,
    code: Option<&'static str>,
}

/// The form.
pub async fn page(Holder(visit, session): Holder) -> Answer {
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    let content = form(&visit, &Wrong::default());
    Ok(look::page(&visit, Tab::Account, &visit.lang.t("password-change"), content))
}

/// Stores the new password; this session goes on under another cookie, all others end.
pub async fn change(Holder(visit, session): Holder, Form(typed): Form<Typed>) -> Answer {
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    let mut wrong =
        Wrong { new: password_rules::refused(&session.name, &typed.new, &typed.again), ..Wrong::default() };
    if wrong.new.is_none() {
        match signin::check(&visit, &session.name, typed.old).await {
            Ok(_) => {}
            Err(Error::WrongPassword) => wrong.old = Some("password-old-wrong"),
            Err(error @ Error::TooManyTries) => wrong.code = Some(error.code()),
            Err(error) => return Err(error.into()),
        }
    }
    if wrong.old.or(wrong.new).or(wrong.code).is_some() {
        let content = form(&visit, &wrong);
        return Ok(look::again(&visit, Tab::Account, &visit.lang.t("password-change"), content));
    }
    visit.issuer.set_password(&session.name, &session.user, typed.new).await?;
    let cookie = visit.issuer.start_session(&visit.cookie, &session.user, Level::Full).await?;
    visit.issuer.tell_user(&session.user, MailKind::Notice(Notice::PasswordChanged)).await;
    Ok(with_cookie(look::go("/portal/account", Some("password-changed")), cookie))
}

/// The two fields of a new password.
pub(in crate::portal) fn new_fields(lang: Lang, wrong: Option<&str>, first: bool) -> Markup {
    let differs = wrong.filter(|key| *key == "password-differs");
    let weak = wrong.filter(|key| *key != "password-differs");
    html! {
        (Field { name: "new", label: lang.t("password-new"), kind: "password", autocomplete: "new-password", hint: Some(lang.t("password-rule")), error: weak.map(|key| lang.t(key)), first, ..Field::default() })
        (Field { name: "again", label: lang.t("password-again"), kind: "password", autocomplete: "new-password", error: differs.map(|key| lang.t(key)), ..Field::default() })
    }
}

fn form(visit: &Visit, wrong: &Wrong) -> Markup {
    let lang = visit.lang;
    html! {
        section.card.narrow {
            h1 { (lang.t("password-change")) }
            @if let Some(code) = wrong.code { (parts::wrong_code(lang, code)) }
            p { (lang.t("password-change-what")) }
            (parts::post(visit, "/portal/account/password", html! {
                (Field { name: "old", label: lang.t("password-old"), kind: "password", autocomplete: "current-password", error: wrong.old.map(|key| lang.t(key)), first: true, ..Field::default() })
                (new_fields(lang, wrong.new, false))
                button { (lang.t("password-change")) }
            }))
            p { a.button.plain href="/portal/account" { (lang.t("back")) } }
        }
    }
}
