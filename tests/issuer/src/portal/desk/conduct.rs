//! What is done with a user.

use axum::extract::Path;
use maud::html;
use serde::Deserialize;

use super::people::{must_help, new_password, person};
use super::{Room, again, fresh_for, is_admin, show, typed_wrong, user};
use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::portal::form::Form;
use crate::portal::look;
use crate::portal::parts::{self, Field};
use crate::portal::session::{Role, Session};
use crate::portal::signin::Nothing;
use crate::portal::visit::{Administrator, Answer, Staff, Visit};

/// Gives the user a new soft token.
pub async fn add_token(Staff(visit, session): Staff, Path(id): Path<String>, _: Form<Nothing>) -> Answer {
    let person = person(&visit, &id).await?;
    must_help(&session, Some(&person))?;
    let token = visit.issuer.create_token(&session.name, &person.id).await?;
    Ok(look::go(&format!("/desk/tokens/{}", token.id), Some("desk-token-added")))
}

/// Which hardware token the user has.
#[derive(Deserialize)]
pub struct Hardware {
    serial: String,
    #[serde(default)]
    code: String,
}

/// Gives the user a hardware token: with the code that it shows, or for administrators without.
pub async fn assign(
    Staff(visit, session): Staff,
    Path(id): Path<String>,
    Form(typed): Form<Hardware>,
) -> Answer {
    let person = person(&visit, &id).await?;
    must_help(&session, Some(&person))?;
    let done = if typed.code.trim().is_empty() && is_admin(&session) {
        match visit.issuer.token_by_serial(typed.serial.trim()).await {
            Ok(token) => visit.issuer.assign_hardware(&session.name, &token.id, &person.id).await,
            Err(error) => Err(error),
        }
    } else {
        assign_by_code(&visit, &session, &person.id, &typed).await
    };
    match done {
        Ok(()) => Ok(look::go(&format!("/desk/users/{}", person.id), Some("desk-assigned"))),
        Err(Error::NotFound) => Ok(user::wrong(&visit, &session, &person, Error::SerialNumber.code()).await?),
        Err(error) => Ok(user::wrong(&visit, &session, &person, typed_wrong(error)?).await?),
    }
}

/// The log names the holder, because the holder has the code; a line more names who has typed it.
async fn assign_by_code(visit: &Visit, session: &Session, user: &str, typed: &Hardware) -> Result<()> {
    let token = visit.issuer.assign_to_self(user, &typed.serial, &typed.code).await?;
    let (now, actor, user) = (visit.issuer.now(), session.name.clone(), user.to_owned());
    let write = visit.issuer.store.write(move |tx| {
        Box::pin(async move {
            let (event, user, token) = ("hardware.assigned_by_desk", Some(&*user), Some(&*token));
            audit::write(tx, now, Entry { event, actor: &actor, user, token, detail: None }).await
        })
    });
    write.await
}

/// Another role.
#[derive(Deserialize)]
pub struct NewRole {
    role: String,
}

/// Gives the user another role; not to oneself.
pub async fn role(
    Administrator(visit, session): Administrator,
    Path(id): Path<String>,
    Form(typed): Form<NewRole>,
) -> Answer {
    let person = person(&visit, &id).await?;
    let page = format!("/desk/users/{}", person.id);
    not_oneself(&session, &person.id)?;
    if let Err(way) = fresh_for(&visit, &session, &page) {
        return Ok(way);
    }
    let role = Role::read(&typed.role).ok_or(Error::BadValue("role"))?;
    visit.issuer.set_role(&session.name, &person.id, role).await?;
    Ok(look::go(&page, Some("desk-role-set")))
}

/// Gives the user a random password, which is shown this once.
pub async fn password(
    Administrator(visit, session): Administrator,
    Path(id): Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let person = person(&visit, &id).await?;
    not_oneself(&session, &person.id)?;
    if let Err(way) = fresh_for(&visit, &session, &format!("/desk/users/{}", person.id)) {
        return Ok(way);
    }
    let password = visit.issuer.random_password()?;
    visit.issuer.set_password(&session.name, &person.id, password.clone()).await?;
    let content = new_password(visit.lang, "desk-password-new", &person.id, &person.name, &password);
    Ok(show(&visit, Room::Users, &visit.lang.t("desk-password-new"), content))
}

/// Ends all sessions of the user, also one's own.
pub async fn sign_out(
    Administrator(visit, session): Administrator,
    Path(id): Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let person = person(&visit, &id).await?;
    visit.issuer.end_sessions(&session.name, &person.id).await?;
    Ok(look::go(&format!("/desk/users/{}", person.id), Some("desk-signed-out")))
}

/// The name of the user who is to be deleted, typed again.
#[derive(Deserialize)]
pub struct Confirmation {
    #[serde(default)]
    name: String,
}

/// Asks before the user is deleted.
pub async fn delete_page(Administrator(visit, session): Administrator, Path(id): Path<String>) -> Answer {
    let person = person(&visit, &id).await?;
    not_oneself(&session, &person.id)?;
    if let Err(way) = fresh_for(&visit, &session, &visit.path) {
        return Ok(way);
    }
    let content = confirm(&visit, &person.id, &person.name, None);
    Ok(show(&visit, Room::Users, &visit.lang.t("desk-user-delete"), content))
}

/// Deletes the user with all tokens.
pub async fn delete(
    Administrator(visit, session): Administrator,
    Path(id): Path<String>,
    Form(typed): Form<Confirmation>,
) -> Answer {
    let person = person(&visit, &id).await?;
    not_oneself(&session, &person.id)?;
    if let Err(way) = fresh_for(&visit, &session, &format!("/desk/users/{}/delete", person.id)) {
        return Ok(way);
    }
    if typed.name.trim() != person.name {
        let error = visit.lang.t("desk-user-delete-wrong");
        let content = confirm(&visit, &person.id, &person.name, Some(error));
        return Ok(again(&visit, Room::Users, &visit.lang.t("desk-user-delete"), content));
    }
    visit.issuer.delete_user(&session.name, &person.id).await?;
    Ok(look::go("/desk/users", Some("desk-user-deleted")))
}

fn confirm(visit: &Visit, id: &str, name: &str, error: Option<String>) -> maud::Markup {
    let lang = visit.lang;
    html! {
        section.card.middle {
            h1 { (lang.t("desk-user-delete")) }
            p { (lang.with("desk-user-delete-ask", [("user", name.into())])) }
            (parts::post(visit, &format!("/desk/users/{id}/delete"), html! {
                (Field { name: "name", label: lang.t("user-name"), hint: Some(lang.t("desk-user-delete-hint")), error, first: true, ..Field::default() })
                div.row {
                    button.danger { (lang.t("desk-user-delete-do")) }
                    (parts::link(&format!("/desk/users/{id}"), &lang.t("desk-cancel"), "second"))
                }
            }))
        }
    }
}

fn not_oneself(session: &Session, user: &str) -> Result<()> {
    if session.user == user { Err(Error::Forbidden) } else { Ok(()) }
}
