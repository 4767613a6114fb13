//! Everything about one authenticator: what it is, what its holder calls it, and what can be done with it.

use std::collections::HashSet;

use axum::extract::Path;
use maud::{Markup, html};
use serde::Deserialize;
use softtoken_core::identity::{IdentityName, skeleton};
use sqlx::Row;

use super::confirm::{self, Action};
use super::{Own, list, of_visitor, reset, serial};
use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::portal::form::Form;
use crate::portal::look::{self, Tab};
use crate::portal::parts::{self, Field};
use crate::portal::session::Session;
use crate::portal::visit::{Answer, Holder, Visit};
use crate::tokens::TokenClass;

/// What the holder wants to call it.
#[derive(Deserialize)]
pub struct Label {
    #[serde(default)]
    label: String,
}

/// Shows it.
pub async fn page(Holder(visit, session): Holder, Path(id): Path<String>) -> Answer {
    let own = of_visitor(&visit, &session, &id).await?;
    let content = content(&visit, &session, &own, None, None).await?;
    Ok(look::page(&visit, Tab::Authenticators, &own.name(), content))
}

/// Gives it another label.
pub async fn rename(
    Holder(visit, session): Holder,
    Path(id): Path<String>,
    Form(typed): Form<Label>,
) -> Answer {
    let own = of_visitor(&visit, &session, &id).await?;
    let wrong = match read(&typed.label) {
        Some(name) => match store(&visit, &session, &own, name).await {
            Err(Error::Exists(_)) => "label-taken",
            stored => {
                stored?;
                return Ok(look::go(&own.page("more"), Some("renamed")));
            }
        },
        None => "label-wrong",
    };
    let wrong = visit.lang.t(wrong);
    let content = content(&visit, &session, &own, Some(&typed.label), Some(wrong)).await?;
    Ok(look::again(&visit, Tab::Authenticators, &own.name(), content))
}

/// A label as it is kept: tidied up as names in the app are, and short.
fn read(text: &str) -> Option<IdentityName> {
    let text = text.trim();
    let name = IdentityName::new(text).ok().filter(|_| !text.contains(char::is_control))?;
    (name.as_str().chars().count() <= MOST_CHARACTERS).then_some(name)
}

/// Labels are compared as names in the app are, and with the serial numbers that stand for missing labels.
async fn store(visit: &Visit, session: &Session, own: &Own, name: IdentityName) -> Result<()> {
    let (id, user, now) = (own.token.id.clone(), session.user.clone(), visit.issuer.now());
    let actor = session.name.clone();
    let store = visit.issuer.store.write(move |tx| {
        Box::pin(async move {
            let others = sqlx::query("SELECT label, serial FROM tokens WHERE user_id = ? AND id <> ?");
            let mut taken = HashSet::new();
            for other in others.bind(user.clone()).bind(id.clone()).fetch_all(&mut *tx).await? {
                let label: Option<String> = other.try_get("label")?;
                let number: String = other.try_get("serial")?;
                taken.insert(skeleton(&label.unwrap_or_else(|| serial(&number))));
            }
            if taken.contains(&name.skeleton()) {
                return Err(Error::Exists("label"));
            }
            let set = sqlx::query("UPDATE tokens SET label = ? WHERE id = ? AND user_id = ?");
            let set = set.bind(name.as_str().to_owned()).bind(id.clone()).bind(user.clone());
            if set.execute(&mut *tx).await?.rows_affected() == 0 {
                return Err(Error::NotFound);
            }
            let (event, detail) = ("token.renamed", Some(name.as_str()));
            let entry = Entry { event, actor: &actor, user: Some(&user), token: Some(&id), detail };
            audit::write(tx, now, entry).await
        })
    });
    store.await
}

async fn content(
    visit: &Visit,
    session: &Session,
    own: &Own,
    typed: Option<&str>,
    wrong: Option<String>,
) -> Result<Markup> {
    let (lang, token) = (visit.lang, &own.token);
    let label = typed.or(own.label.as_deref()).unwrap_or("");
    let actions = confirm::actions(visit, session, own).await?;
    Ok(html! {
        div.head { h1 { (own.name()) } (list::state(lang, own)) }
        @if token.locked { (parts::wrong_code(lang, "token_locked")) }
        @if confirm::is_disabled_by_others(visit, session, own).await? {
            (parts::info(html! { strong { (lang.t("disabled-by-others")) } p { (lang.t("disabled-by-others-way")) } }))
        }
        div.columns {
            section.card {
                h2 { (lang.t("details")) }
                (facts(visit, own).await?)
            }
            section.card {
                h2 { (lang.t("rename")) }
                (parts::post(visit, &own.page("more"), html! {
                    (Field { name: "label", label: lang.t("label"), value: label, hint: Some(lang.t("label-hint")), error: wrong, ..Field::default() })
                    button.second { (lang.t("rename")) }
                }))
            }
        }
        @if !actions.is_empty() {
            section.card {
                h2 { (lang.t("use")) }
                div.row { @for action in actions {
                    (parts::link(&own.page(action.path()), &lang.t(action.verb()), action.class()))
                } }
            }
        }
        p { (parts::link("/portal/authenticators", &lang.t("back-to-list"), "plain")) }
    })
}

async fn facts(visit: &Visit, own: &Own) -> Result<Markup> {
    let (lang, token) = (visit.lang, &own.token);
    let kind = if token.class == TokenClass::Soft { "kind-soft" } else { "kind-hardware" };
    let drift = sqlx::query_scalar("SELECT drift FROM tokens WHERE id = ?").bind(&token.id);
    let drift: i64 = drift.fetch_one(visit.issuer.store.read()).await?;
    Ok(html! {
        dl.facts {
            dt { (lang.t("serial-number")) } dd.code { (serial(&token.serial)) }
            dt { (lang.t("kind")) } dd { (lang.t(kind)) }
            @if let Some(device) = &token.device { dt { (lang.t("device")) } dd { (device) } }
            dt { (lang.t("added-at")) } dd { (parts::time(token.created_at)) }
            @if let Some(at) = token.activated_at { dt { (lang.t("activated-at")) } dd { (parts::time(at)) } }
            @if own.is_active() && token.kind != "OCRA" {
                dt { (lang.t("codes")) } dd { (lang.with("codes-digits", [("digits", token.digits.into())])) }
            }
            @if own.is_active() && token.kind == "TOTP" {
                dt { (lang.t("clock")) } dd { (reset::offset(lang, drift.saturating_mul(token.period))) }
            }
        }
    })
}

impl Action {
    fn class(self) -> &'static str {
        match self {
            Self::Enable => "",
            Self::Disable | Self::Return => "second",
            Self::Delete => "danger",
        }
    }
}

/// Of a label.
const MOST_CHARACTERS: usize = 40;
