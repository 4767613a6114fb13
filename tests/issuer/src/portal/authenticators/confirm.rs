//! Disable, enable, delete, give back: each asks first, and wants a fresh proof of who asks.
//!
//! Whoever could disable the last authenticator of an open browser could enrol another one behind the
//! password alone. What others than the holder have disabled, the holder neither enables nor gives back.

use std::sync::Arc;

use axum::extract::Path;
use axum::routing::{MethodRouter, get};
use maud::{Markup, html};

use super::activate::head;
use super::{Own, of_visitor};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::portal::form::Form;
use crate::portal::look::{self, Tab};
use crate::portal::parts;
use crate::portal::prove;
use crate::portal::session::Session;
use crate::portal::signin::Nothing;
use crate::portal::visit::{Answer, Holder, Visit};
use crate::tokens::{TokenClass, TokenState};

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Its codes are refused.
    Disable,
    /// Its codes are accepted again.
    Enable,
    /// A soft token is no more.
    Delete,
    /// A hardware token is nobody's.
    Return,
}

impl Action {
    /// The last part of its address.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Delete => "delete",
            Self::Return => "return",
        }
    }

    /// The key of its verb.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::Disable => "token-disable",
            Self::Enable => "token-enable",
            Self::Delete => "token-delete",
            Self::Return => "token-return",
        }
    }

    fn question(self) -> (&'static str, &'static str) {
        match self {
            Self::Disable => ("ask-disable", "ask-disable-what"),
            Self::Enable => ("ask-enable", "ask-enable-what"),
            Self::Delete => ("ask-delete", "ask-delete-what"),
            Self::Return => ("ask-return", "ask-return-what"),
        }
    }
}

/// Question and answer at one address.
pub(super) fn pages(action: Action) -> MethodRouter<Arc<Issuer>> {
    get(move |holder: Holder, id: Path<String>| ask(holder, id, action))
        .post(move |holder: Holder, id: Path<String>, _: Form<Nothing>| act(holder, id, action))
}

/// What can be done with a token now.
pub(super) async fn actions(visit: &Visit, session: &Session, own: &Own) -> Result<Vec<Action>> {
    let by_others = is_disabled_by_others(visit, session, own).await?;
    Ok([Action::Enable, Action::Disable, Action::Return, Action::Delete]
        .into_iter()
        .filter(|action| match action {
            Action::Disable => own.is_active(),
            Action::Enable => own.token.state == TokenState::Inactive && !by_others,
            Action::Delete => own.token.class == TokenClass::Soft,
            Action::Return => own.token.class == TokenClass::Hardware && !by_others,
        })
        .collect())
}

/// The help desk or an administrator has disabled it.
pub(super) async fn is_disabled_by_others(visit: &Visit, session: &Session, own: &Own) -> Result<bool> {
    if own.token.state != TokenState::Inactive {
        return Ok(false);
    }
    let query = "SELECT actor FROM audit WHERE token_id = ? AND event = 'token.disabled' \
                 ORDER BY number DESC LIMIT 1";
    let query = sqlx::query_scalar(query).bind(&own.token.id);
    let actor: Option<String> = query.fetch_optional(visit.issuer.store.read()).await?;
    Ok(actor.is_none_or(|actor| actor != session.name))
}

async fn ask(Holder(visit, session): Holder, Path(id): Path<String>, action: Action) -> Answer {
    let own = of_visitor(&visit, &session, &id).await?;
    is_allowed(&visit, &session, &own, action).await?;
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    let content = question(&visit, &session, &own, action).await?;
    Ok(look::page(&visit, Tab::Authenticators, &visit.lang.t(action.question().0), content))
}

async fn act(Holder(visit, session): Holder, Path(id): Path<String>, action: Action) -> Answer {
    let own = of_visitor(&visit, &session, &id).await?;
    is_allowed(&visit, &session, &own, action).await?;
    if let Err(way) = prove::fresh(&visit, &session) {
        return Ok(way);
    }
    let (actor, token) = (visit.actor(), own.token.id.as_str());
    match action {
        Action::Disable => visit.issuer.disable(actor, token).await?,
        Action::Enable => visit.issuer.enable(actor, token).await?,
        Action::Delete => visit.issuer.delete_token(actor, token).await?,
        Action::Return => visit.issuer.unassign_hardware(actor, token).await?,
    }
    Ok(match action {
        Action::Disable => look::go(&own.page("more"), Some("disabled")),
        Action::Enable => look::go(&own.page("more"), Some("enabled")),
        Action::Delete => look::go("/portal/authenticators", Some("deleted")),
        Action::Return => look::go("/portal/authenticators", Some("returned")),
    })
}

async fn is_allowed(visit: &Visit, session: &Session, own: &Own, action: Action) -> Result<()> {
    if actions(visit, session, own).await?.contains(&action) { Ok(()) } else { Err(Error::WrongState) }
}

async fn question(visit: &Visit, session: &Session, own: &Own, action: Action) -> Result<Markup> {
    let (lang, (title, what)) = (visit.lang, action.question());
    let last = action != Action::Enable && is_last_active(visit, session, own).await?;
    let class = if action == Action::Enable { "" } else { "danger" };
    Ok(html! {
        section.card.middle {
            (head(lang, own, title))
            p { (lang.t(what)) }
            @if last { (parts::wrong(&lang.t("last-active"), &lang.t("last-active-way"))) }
            (parts::post(visit, &own.page(action.path()), html! {
                div.row {
                    button class=[(!class.is_empty()).then_some(class)] { (lang.t(action.verb())) }
                    (parts::link(&own.page("more"), &lang.t("cancel"), "plain"))
                }
            }))
        }
    })
}

/// Without this one the password alone signs in.
async fn is_last_active(visit: &Visit, session: &Session, own: &Own) -> Result<bool> {
    let query = "SELECT count(*) FROM tokens WHERE user_id = ? AND state = 'ACTIVE' AND id <> ?";
    let others = sqlx::query_scalar(query).bind(&session.user).bind(&own.token.id);
    let others: i64 = others.fetch_one(visit.issuer.store.read()).await?;
    Ok(own.is_active() && others == 0)
}
