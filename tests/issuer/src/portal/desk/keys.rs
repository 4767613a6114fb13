//! Keys of programs that use the REST interface. A key acts without a second step, so the page asks again who it is.

use axum::extract::Path;
use maud::{Markup, html};
use serde::Deserialize;

use super::{Room, again, fresh_for, show};
use crate::error::{Error, Result};
use crate::patterns;
use crate::portal::form::Form;
use crate::portal::look;
use crate::portal::parts::{self, Field};
use crate::portal::signin::Nothing;
use crate::portal::visit::{Administrator, Answer, Visit};
use crate::rest::keys::{ApiKey, Role};

/// All keys.
pub async fn page(Administrator(visit, session): Administrator) -> Answer {
    if let Err(way) = fresh_for(&visit, &session, "/desk/keys") {
        return Ok(way);
    }
    let content = content(&visit, "", None).await?;
    Ok(show(&visit, Room::Keys, &visit.lang.t("desk-keys"), content))
}

/// What a new key is for.
#[derive(Deserialize)]
pub struct NewKey {
    name: String,
    role: String,
}

/// Makes a key, and shows it this once.
pub async fn create(Administrator(visit, session): Administrator, Form(typed): Form<NewKey>) -> Answer {
    if let Err(way) = fresh_for(&visit, &session, "/desk/keys") {
        return Ok(way);
    }
    let (lang, name) = (visit.lang, typed.name.trim());
    if !patterns::is_key_name(name) {
        let content = content(&visit, &typed.name, Some("desk-key-name-wrong")).await?;
        return Ok(again(&visit, Room::Keys, &lang.t("desk-keys"), content));
    }
    let role = Role::from_text(&typed.role).map_err(|_| Error::BadValue("role"))?;
    let key = visit.issuer.create_api_key(&session.name, name, role).await?;
    let content = html! {
        section.card.middle {
            h1 { (lang.t("desk-key-made")) }
            p { (lang.t("desk-key-once")) }
            (parts::copyable(lang, "key", name, &key))
            (parts::link("/desk/keys", &lang.t("desk-to-keys"), ""))
        }
    };
    Ok(show(&visit, Room::Keys, &lang.t("desk-key-made"), content))
}

/// Revokes a key for good.
pub async fn revoke(
    Administrator(visit, session): Administrator,
    Path(id): Path<String>,
    _: Form<Nothing>,
) -> Answer {
    if let Err(way) = fresh_for(&visit, &session, "/desk/keys") {
        return Ok(way);
    }
    visit.issuer.revoke_api_key(&session.name, &id).await?;
    Ok(look::go("/desk/keys", Some("desk-key-revoked")))
}

async fn content(visit: &Visit, name: &str, wrong: Option<&str>) -> Result<Markup> {
    let (lang, keys) = (visit.lang, visit.issuer.api_keys().await?);
    let roles = [
        (Role::Signin, "desk-key-signin"),
        (Role::Auditor, "desk-key-auditor"),
        (Role::Helpdesk, "desk-key-helpdesk"),
        (Role::Admin, "desk-key-admin"),
    ];
    Ok(html! {
        h1 { (lang.t("desk-keys")) }
        p.lead { (lang.t("desk-keys-lead")) }
        section.card {
            h2 { (lang.t("desk-keys-all")) }
            @if keys.is_empty() { p { (lang.t("desk-keys-none")) } } @else { (table(visit, &keys)) }
        }
        section.card.middle {
            h2 { (lang.t("desk-key-add")) }
            (parts::post(visit, "/desk/keys", html! {
                (Field { name: "name", label: lang.t("desk-key-name"), value: name, hint: Some(lang.t("desk-key-name-hint")), error: wrong.map(|key| lang.t(key)), ..Field::default() })
                fieldset {
                    legend { (lang.t("desk-key-role")) }
                    @for (role, key) in roles {
                        label.choice {
                            input type="radio" name="role" value=(role.as_str()) checked[role == Role::Signin];
                            span { strong { (role.as_str()) } (lang.t(key)) }
                        }
                    }
                }
                button { (lang.t("desk-key-do")) }
            }))
        }
    })
}

fn table(visit: &Visit, keys: &[ApiKey]) -> Markup {
    let lang = visit.lang;
    html! {
        table.stack {
            thead { tr {
                th scope="col" { (lang.t("desk-key-name")) }
                th scope="col" { (lang.t("desk-role")) }
                th scope="col" { (lang.t("desk-created-at")) }
                th scope="col" { (lang.t("desk-state")) }
            } }
            tbody { @for key in keys { tr {
                td { (key.name) }
                td data-label=(lang.t("desk-role")) { (key.role.as_str()) }
                td data-label=(lang.t("desk-created-at")) { (parts::time(key.created_at)) }
                td data-label=(lang.t("desk-state")) {
                    @if let Some(at) = key.revoked_at { (parts::badge("bad", &lang.t("desk-key-is-revoked"))) " " (parts::time(at)) }
                    @else {
                        (parts::post(visit, &format!("/desk/keys/{}/revoke", key.id), html! {
                            button.plain { (lang.t("desk-key-revoke")) span.hidden { ": " (key.name) } }
                        }))
                    }
                }
            } } }
        }
    }
}
