//! I have misplaced my token: it is disabled, and a new one comes by mail when wanted.
//!
//! A lost token is never activated again: a new one takes its place, so that no code of the lost device can be
//! accepted in between.

use maud::{Markup, html};
use serde::Deserialize;

use super::{daily, soft, which};
use crate::error::{Error, Result};
use crate::mail::{MailKind, Notice};
use crate::orders::OrderRequest;
use crate::portal::authenticators::{self, Own};
use crate::portal::form::Form;
use crate::portal::look::{self, Tab};
use crate::portal::parts;
use crate::portal::prove;
use crate::portal::session::Session;
use crate::portal::signin::Nothing;
use crate::portal::visit::{Answer, Recovering, Visit};
use crate::tokens::{Token, TokenState};

/// Which one is lost.
#[derive(Deserialize)]
pub struct Lost {
    authenticator: String,
}

/// Asks which one, and offers the mail.
pub async fn page(Recovering(visit, session): Recovering) -> Answer {
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    let content = content(&visit, &session, None).await?;
    Ok(look::page(&visit, Tab::Unlock, &visit.lang.t("misplaced"), content))
}

/// Disables the token.
pub async fn disable(Recovering(visit, session): Recovering, Form(lost): Form<Lost>) -> Answer {
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    let token = authenticators::of_visitor(&visit, &session, &lost.authenticator).await?.token;
    visit.issuer.disable(&session.name, &token.id).await?;
    visit.issuer.tell(&token.id, MailKind::Notice(Notice::AuthenticatorDisabled(token.serial))).await;
    Ok(look::go("/portal/unlock/lost", Some("lost-disabled")))
}

/// Mails an activation of a new token.
pub async fn anew(Recovering(visit, session): Recovering, _: Form<Nothing>) -> Answer {
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    if visit.issuer.user(&session.user).await?.email.is_none() {
        return Err(Error::WrongState.into());
    }
    match daily(&visit, format!("activation mail {}", session.user), MAILS_A_DAY).await {
        Ok(()) => {}
        Err(Error::TooManyTries) => {
            let problem = parts::wrong(&visit.lang.t("anew-limit"), &visit.lang.t("unlock-limit-way"));
            let content = content(&visit, &session, Some(problem)).await?;
            return Ok(look::again(&visit, Tab::Unlock, &visit.lang.t("misplaced"), content));
        }
        Err(error) => return Err(error.into()),
    }
    let token = fresh_token(&visit, &session).await?;
    let order = visit.issuer.create_order(&session.name, &token.id, OrderRequest::default()).await?;
    visit.issuer.tell(&token.id, MailKind::Activation(Box::new(order))).await;
    Ok(look::go("/portal/unlock/lost", Some("anew-sent")))
}

/// A soft token that was never active: one that waits already, or a new one.
async fn fresh_token(visit: &Visit, session: &Session) -> Result<Token> {
    let waiting = soft(visit, &session.user, &[TokenState::New, TokenState::Activating]).await?;
    if let Some(own) = waiting.into_iter().find(|own| own.token.activated_at.is_none()) {
        return Ok(own.token);
    }
    let token = visit.issuer.create_token(&session.name, &session.user).await?;
    let kind = MailKind::Notice(Notice::AuthenticatorAdded(token.serial.clone()));
    visit.issuer.tell(&token.id, kind).await;
    Ok(token)
}

async fn content(visit: &Visit, session: &Session, problem: Option<Markup>) -> Result<Markup> {
    let all = authenticators::all_of(visit, &session.user).await?;
    let (active, disabled): (Vec<Own>, Vec<Own>) = all
        .into_iter()
        .filter(|own| matches!(own.token.state, TokenState::Active | TokenState::Inactive))
        .partition(|own| own.token.state == TokenState::Active);
    let email = visit.issuer.user(&session.user).await?.email;
    let lang = visit.lang;
    Ok(html! {
        h1 { (lang.t("misplaced")) }
        @if let Some(problem) = problem { (problem) }
        section.card.middle {
            h2 { (lang.t("lost-disable")) }
            @if active.is_empty() {
                p { (lang.t("lost-none")) }
            } @else {
                p { (lang.t("lost-why")) }
                (parts::post(visit, "/portal/unlock/lost", html! {
                    (which(visit, &active, ""))
                    button.danger { (lang.t("lost-disable-yes")) }
                }))
            }
        }
        @if !disabled.is_empty() {
            section.card.middle {
                h2 { (lang.t("anew")) }
                @if email.is_some() {
                    p { (lang.t("anew-how")) }
                    (parts::post(visit, "/portal/unlock/anew", html! { button { (lang.t("anew-send")) } }))
                } @else {
                    p { (lang.t("anew-no-mail")) }
                }
            }
        }
        p { a.button.plain href="/portal/unlock" { (lang.t("back")) } }
    })
}

/// Activation mails that a user is sent from here in 24 hours.
const MAILS_A_DAY: u64 = 3;
