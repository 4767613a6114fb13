//! The answer to a locked app: a PIN reset code is read out, the unlock code is read back.
//!
//! Whoever has the unlock code and the phone has the token. So the help desk proves itself again, types why,
//! and the log keeps both names.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::help::seen;
use super::token::Seen;
use super::{Room, again, fresh_for, show, typed_wrong};
use crate::error::{Error, Result};
use crate::mail::{MailKind, Notice};
use crate::portal::authenticators::serial;
use crate::portal::form::Form;
use crate::portal::parts::{self, Field};
use crate::portal::session::Session;
use crate::portal::visit::{Answer, Staff, Visit};
use crate::tokens::{TokenState, UnlockCodes};

/// What is read out, and why the caller is believed.
#[derive(Default, Deserialize)]
pub struct Question {
    reset_code: String,
    #[serde(default)]
    reason: String,
}

/// The form.
pub async fn page(Staff(visit, session): Staff, Path(id): Path<String>) -> Answer {
    let seen = unlockable(&visit, &session, &id).await?;
    if let Err(way) = fresh_for(&visit, &session, &visit.path) {
        return Ok(way);
    }
    let content = form(&visit, &seen, &Question::default(), None, None);
    Ok(show(&visit, Room::Users, &visit.lang.t("desk-unlock"), content))
}

/// Shows the unlock code this once.
pub async fn answer(
    Staff(visit, session): Staff,
    Path(id): Path<String>,
    Form(typed): Form<Question>,
) -> Answer {
    let (seen, lang) = (unlockable(&visit, &session, &id).await?, visit.lang);
    if let Err(way) = fresh_for(&visit, &session, &format!("/desk/tokens/{}/unlock", seen.token.id)) {
        return Ok(way);
    }
    let reason = typed.reason.trim();
    if !(LEAST..=MOST).contains(&reason.chars().count()) || reason.contains(char::is_control) {
        return Ok(wrong(&visit, &seen, &typed, None, Some("desk-reason-wrong")));
    }
    let unlocked =
        visit.issuer.unlock_because(&session.name, &seen.token.id, &typed.reset_code, Some(reason));
    match unlocked.await {
        Ok(codes) => {
            let notice = Notice::UnlockCodeByDesk(seen.token.serial.clone());
            visit.issuer.tell(&seen.token.id, MailKind::Notice(notice)).await;
            Ok(show(&visit, Room::Users, &lang.t("desk-unlock-code"), shown(&visit, &seen, &codes)))
        }
        Err(error) => Ok(wrong(&visit, &seen, &typed, Some(typed_wrong(error)?), None)),
    }
}

async fn unlockable(visit: &Visit, session: &Session, id: &str) -> Result<Seen> {
    let seen = seen(visit, session, id).await?;
    if seen.is_soft() && seen.is(TokenState::Active) { Ok(seen) } else { Err(Error::WrongState) }
}

fn wrong(visit: &Visit, seen: &Seen, typed: &Question, code: Option<&str>, reason: Option<&str>) -> Response {
    let content = form(visit, seen, typed, code, reason);
    again(visit, Room::Users, &visit.lang.t("desk-unlock"), content)
}

fn form(visit: &Visit, seen: &Seen, typed: &Question, wrong: Option<&str>, reason: Option<&str>) -> Markup {
    let (lang, at) = (visit.lang, format!("/desk/tokens/{}", seen.token.id));
    let holder = seen.holder.as_ref().map_or("", |holder| holder.name.as_str());
    html! {
        section.card.middle {
            h1 { (lang.t("desk-unlock")) }
            p { (lang.with("desk-unlock-whose", [("user", holder.into()), ("serial", serial(&seen.token.serial).into())])) }
            p { (lang.t("desk-unlock-care")) }
            @if let Some(code) = wrong { (parts::wrong_code(lang, code)) }
            (parts::post(visit, &format!("{at}/unlock"), html! {
                (Field { name: "reset_code", label: lang.t("desk-reset-code"), value: &typed.reset_code, hint: Some(lang.t("desk-reset-code-hint")), digits: true, code: true, first: true, ..Field::default() })
                (Field { name: "reason", label: lang.t("desk-reason"), value: &typed.reason, hint: Some(lang.t("desk-reason-hint")), error: reason.map(|key| lang.t(key)), ..Field::default() })
                div.row {
                    button { (lang.t("desk-unlock-do")) }
                    (parts::link(&at, &lang.t("desk-cancel"), "second"))
                }
            }))
        }
    }
}

fn shown(visit: &Visit, seen: &Seen, codes: &UnlockCodes) -> Markup {
    let lang = visit.lang;
    html! {
        section.card.middle {
            h1 { (lang.t("desk-unlock-code")) }
            p { (lang.t("desk-unlock-code-how")) }
            (parts::copyable(lang, "unlock-code", &lang.t("desk-unlock-code"), &codes.code))
            @if let Some(former) = &codes.former {
                p { (lang.t("desk-unlock-former")) }
                (parts::copyable(lang, "former-code", &lang.t("desk-unlock-code-former"), former))
            }
            (parts::link(&format!("/desk/tokens/{}", seen.token.id), &lang.t("desk-to-token"), ""))
        }
    }
}

/// Characters of a reason.
const LEAST: usize = 5;
const MOST: usize = 200;
