//! What is done with a token.

use axum::extract::Path;
use maud::{Markup, html};
use serde::Deserialize;

use super::people::must_help;
use super::token::{self, Seen};
use super::{Room, fresh_for, hardware, show, typed_wrong};
use crate::error::{Error, Result};
use crate::mail::{MailKind, Notice};
use crate::orders::{Completed, OrderRequest};
use crate::portal::authenticators::serial;
use crate::portal::form::Form;
use crate::portal::look;
use crate::portal::parts::{self, Field};
use crate::portal::session::Session;
use crate::portal::signin::Nothing;
use crate::portal::visit::{Administrator, Answer, Staff, Visit};
use crate::tokens::TokenState;

/// The token, when this member of staff may change it.
pub(super) async fn seen(visit: &Visit, session: &Session, id: &str) -> Result<Seen> {
    let seen = Seen::load(visit, id).await?;
    must_help(session, seen.holder.as_ref())?;
    Ok(seen)
}

/// How an activation is ordered.
#[derive(Deserialize)]
pub struct Order {
    #[serde(default)]
    confirm: String,
}

/// Orders an activation and mails it to the holder. Nobody else sees it.
pub async fn activate(
    Staff(visit, session): Staff,
    Path(id): Path<String>,
    Form(typed): Form<Order>,
) -> Answer {
    let seen = seen(&visit, &session, &id).await?;
    if seen.holder.as_ref().is_none_or(|holder| holder.email.is_none()) {
        return Err(Error::WrongState.into());
    }
    let confirm = (typed.confirm == "yes").then_some(true);
    let request = OrderRequest { confirm, mailed: true, ..OrderRequest::default() };
    match visit.issuer.create_order(&session.name, &seen.token.id, request).await {
        Ok(order) => visit.issuer.tell(&seen.token.id, MailKind::Activation(Box::new(order))).await,
        Err(error) => return Ok(token::wrong(&visit, &session, &seen, typed_wrong(error)?).await?),
    }
    Ok(done(&seen, "desk-mailed"))
}

/// What the holder reads out.
#[derive(Deserialize)]
pub struct ReadOut {
    registration_code: String,
    #[serde(default)]
    response: String,
}

/// Completes an activation.
pub async fn complete(
    Staff(visit, session): Staff,
    Path(id): Path<String>,
    Form(typed): Form<ReadOut>,
) -> Answer {
    let seen = seen(&visit, &session, &id).await?;
    let first = Some(typed.response.trim()).filter(|code| !code.is_empty());
    match visit.issuer.complete(&session.name, &seen.token.id, &typed.registration_code, first).await {
        Ok(Completed::Active) => Ok(done(&seen, "desk-completed")),
        Ok(Completed::Activating) => Ok(done(&seen, "desk-first-code-awaited")),
        Err(error) => {
            let code = typed_wrong(error)?;
            // The wrong code may have ended the order.
            let seen = Seen::load(&visit, &id).await?;
            Ok(token::wrong(&visit, &session, &seen, code).await?)
        }
    }
}

/// How a token is reset.
#[derive(Deserialize)]
pub struct Reset {
    #[serde(default)]
    way: String,
    #[serde(default)]
    first: String,
    #[serde(default)]
    second: String,
}

/// Resets a token: by nothing, one code, or two.
pub async fn reset(Staff(visit, session): Staff, Path(id): Path<String>, Form(typed): Form<Reset>) -> Answer {
    let seen = seen(&visit, &session, &id).await?;
    let (issuer, actor, id) = (&visit.issuer, &session.name, &seen.token.id);
    let done_so = match typed.way.as_str() {
        "blank" => issuer.reset_blank(actor, id).await,
        "one" => issuer.resync_by_code(actor, id, &typed.first).await.map(drop),
        "two" => issuer.resync_by_two_codes(actor, id, [&typed.first, &typed.second]).await.map(drop),
        _ => Err(Error::BadValue("way")),
    };
    match done_so {
        Ok(()) => {
            let notice = Notice::ResetByDesk(seen.token.serial.clone());
            issuer.tell(id, MailKind::Notice(notice)).await;
            Ok(done(&seen, "desk-reset"))
        }
        // Only active tokens can be reset.
        Err(Error::NotFound) => Ok(token::wrong(&visit, &session, &seen, Error::WrongState.code()).await?),
        Err(error) => Ok(token::wrong(&visit, &session, &seen, typed_wrong(error)?).await?),
    }
}

/// Which state.
#[derive(Deserialize)]
pub struct NewState {
    to: String,
}

/// Disables or enables a token.
pub async fn state(
    Staff(visit, session): Staff,
    Path(id): Path<String>,
    Form(typed): Form<NewState>,
) -> Answer {
    let seen = seen(&visit, &session, &id).await?;
    match typed.to.as_str() {
        "inactive" => visit.issuer.disable(&session.name, &seen.token.id).await?,
        "active" => visit.issuer.enable(&session.name, &seen.token.id).await?,
        _ => return Err(Error::BadValue("to").into()),
    }
    Ok(done(&seen, if typed.to == "active" { "desk-enabled" } else { "desk-disabled" }))
}

/// Wishes that the device asks for another seed.
pub async fn rekey(Staff(visit, session): Staff, Path(id): Path<String>, _: Form<Nothing>) -> Answer {
    let seen = seen(&visit, &session, &id).await?;
    match visit.issuer.want_rekey(&session.name, &seen.token.id).await {
        Err(Error::NotFound) => Err(Error::WrongState.into()),
        other => other.map(|()| done(&seen, "desk-rekey-wished")).map_err(Into::into),
    }
}

/// Asks before a token is deleted.
pub async fn delete_page(Administrator(visit, session): Administrator, Path(id): Path<String>) -> Answer {
    let (seen, lang) = (seen(&visit, &session, &id).await?, visit.lang);
    if let Err(way) = fresh_for(&visit, &session, &visit.path) {
        return Ok(way);
    }
    let (title, at) = (lang.t("desk-token-delete"), format!("/desk/tokens/{}", seen.token.id));
    let content = html! {
        section.card.middle {
            h1 { (title) }
            p { (lang.with("desk-token-delete-ask", [("serial", serial(&seen.token.serial).into())])) }
            (parts::post(&visit, &format!("{at}/delete"), html! {
                div.row {
                    button.danger { (lang.t("desk-token-delete-do")) }
                    (parts::link(&at, &lang.t("desk-cancel"), "second"))
                }
            }))
        }
    };
    Ok(show(&visit, Room::Users, &title, content))
}

/// Deletes a token.
pub async fn delete(
    Administrator(visit, session): Administrator,
    Path(id): Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let seen = seen(&visit, &session, &id).await?;
    if let Err(way) = fresh_for(&visit, &session, &format!("/desk/tokens/{}/delete", seen.token.id)) {
        return Ok(way);
    }
    visit.issuer.delete_token(&session.name, &seen.token.id).await?;
    let to =
        seen.token.user.map_or_else(|| "/desk/hardware".to_owned(), |user| format!("/desk/users/{user}"));
    Ok(look::go(&to, Some("desk-token-deleted")))
}

pub(super) fn done(seen: &Seen, key: &str) -> axum::response::Response {
    look::go(&format!("/desk/tokens/{}", seen.token.id), Some(key))
}

/// The forms for what is possible in the token's state.
pub(super) fn forms(visit: &Visit, admin: bool, seen: &Seen) -> Markup {
    let (lang, at) = (visit.lang, format!("/desk/tokens/{}", seen.token.id));
    let active = seen.is(TokenState::Active);
    html! {
        @if seen.can_be_completed() { section.card { (complete_form(visit, &at)) } }
        @if seen.is_soft() && !seen.is(TokenState::Inactive) { section.card { (activate_form(visit, &at, seen)) } }
        @if active { section.card {
            @if seen.is_soft() {
                h2 { (lang.t("desk-unlock")) }
                p { (lang.t("desk-unlock-when")) }
                p { (parts::link(&format!("{at}/unlock"), &lang.t("desk-unlock-go"), "second")) }
            }
            (reset_form(visit, &at))
        } }
        section.card {
            h2 { (lang.t("desk-more")) }
            @if seen.is(TokenState::Inactive) {
                p { (lang.t("desk-enable-effect")) }
                (button(visit, &at, "state", Some("active"), "desk-enable"))
            } @else if !seen.is(TokenState::Unassigned) {
                p { (lang.t("desk-disable-effect")) }
                (button(visit, &at, "state", Some("inactive"), "desk-disable"))
            }
            @if active && seen.is_soft() && !seen.rekey_wanted {
                p { (lang.t("desk-rekey-effect")) }
                (button(visit, &at, "rekey", None, "desk-rekey-do"))
            }
            @if admin {
                @if !seen.is_soft() { (hardware::forms(visit, &at, seen.is(TokenState::Unassigned))) }
                p { (lang.t("desk-token-delete-effect")) }
                p { (parts::link(&format!("{at}/delete"), &lang.t("desk-token-delete-go"), "danger")) }
            }
        }
    }
}

pub(super) fn button(visit: &Visit, at: &str, path: &str, to: Option<&str>, key: &str) -> Markup {
    parts::post(
        visit,
        &format!("{at}/{path}"),
        html! {
            p { button.second name=[to.map(|_| "to")] value=[to] { (visit.lang.t(key)) } }
        },
    )
}

fn complete_form(visit: &Visit, at: &str) -> Markup {
    let lang = visit.lang;
    html! {
        h2 { (lang.t("desk-complete")) }
        p { (lang.t("desk-complete-how")) }
        (parts::post(visit, &format!("{at}/complete"), html! {
            (Field { name: "registration_code", label: lang.t("desk-registration-code"), hint: Some(lang.t("desk-registration-code-hint")), digits: true, code: true, ..Field::default() })
            (Field { name: "response", label: lang.t("desk-first-code"), hint: Some(lang.t("desk-first-code-hint")), digits: true, code: true, optional: true, ..Field::default() })
            button { (lang.t("desk-complete-do")) }
        }))
    }
}

fn activate_form(visit: &Visit, at: &str, seen: &Seen) -> Markup {
    let lang = visit.lang;
    let again = !seen.is(TokenState::New);
    let mail = seen.holder.as_ref().and_then(|holder| holder.email.as_deref());
    html! {
        h2 { (lang.t(if again { "action-reactivate" } else { "action-activate" })) }
        @if let Some(mail) = mail {
            p { (lang.with("desk-activate-how", [("mail", mail.into())])) }
            (parts::post(visit, &format!("{at}/activate"), html! {
                label.choice {
                    input type="checkbox" name="confirm" value="yes";
                    span { strong { (lang.t("desk-confirm")) } (lang.t("desk-confirm-effect")) }
                }
                button.second[again] { (lang.t("desk-activate-do")) }
            }))
        } @else {
            p { (lang.t("desk-no-mail")) }
        }
    }
}

fn reset_form(visit: &Visit, at: &str) -> Markup {
    let lang = visit.lang;
    let ways = [
        ("one", "desk-reset-one", "desk-reset-one-when"),
        ("two", "desk-reset-two", "desk-reset-two-when"),
        ("blank", "desk-reset-blank", "desk-reset-blank-when"),
    ];
    html! {
        h2 { (lang.t("action-reset")) }
        (parts::post(visit, &format!("{at}/reset"), html! {
            fieldset {
                legend { (lang.t("desk-reset-how")) }
                @for (value, key, when) in ways {
                    label.choice {
                        input type="radio" name="way" value=(value) checked[value == "one"];
                        span { strong { (lang.t(key)) } (lang.t(when)) }
                    }
                }
            }
            (Field { name: "first", label: lang.t("desk-code-first"), digits: true, code: true, optional: true, ..Field::default() })
            (Field { name: "second", label: lang.t("desk-code-second"), digits: true, code: true, optional: true, ..Field::default() })
            button.second { (lang.t("action-reset")) }
        }))
    }
}
