//! Users: who they are to the help desk, the list by name, and a new one.

use axum::extract::Query;
use maud::{Markup, html};
use serde::Deserialize;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Room, again, is_admin, role_word, show};
use crate::error::{Error, Result};
use crate::patterns;
use crate::portal::form::Form;
use crate::portal::parts::{self, Field};
use crate::portal::session::{Role, Session};
use crate::portal::texts::Lang;
use crate::portal::visit::{Administrator, Answer, Staff, Visit};
use crate::tokens::NewUser;

/// A user as the help desk sees it.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: Option<String>,
    pub(super) role: Role,
    pub(super) created_at: i64,
}

/// The user of this id.
pub(super) async fn person(visit: &Visit, id: &str) -> Result<Person> {
    if !patterns::is_id(id) {
        return Err(Error::NotFound);
    }
    let query = sqlx::query("SELECT id, name, email, role, created_at FROM users WHERE id = ?").bind(id);
    read(&query.fetch_optional(visit.issuer.store.read()).await?.ok_or(Error::NotFound)?)
}

/// Whether this member of staff may change something of a user, or of nobody's token.
pub(super) fn may_help(session: &Session, holder: Option<&Person>) -> bool {
    is_admin(session) || holder.is_some_and(|holder| holder.role == Role::User)
}

/// Refuses what [`may_help`] does not allow.
pub(super) fn must_help(session: &Session, holder: Option<&Person>) -> Result<()> {
    if may_help(session, holder) { Ok(()) } else { Err(Error::Forbidden) }
}

pub(super) fn read(row: &SqliteRow) -> Result<Person> {
    Ok(Person {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        role: Role::read(row.try_get("role")?).ok_or(Error::Internal("a user has an unknown role"))?,
        created_at: row.try_get("created_at")?,
    })
}

/// Users in a table that becomes a list on a phone.
pub(super) fn table(lang: Lang, people: &[Person]) -> Markup {
    html! {
        table.stack {
            thead { tr {
                th scope="col" { (lang.t("user-name")) }
                th scope="col" { (lang.t("desk-mail")) }
                th scope="col" { (lang.t("desk-role")) }
            } }
            tbody { @for person in people { tr {
                td { a href={"/desk/users/" (person.id)} { (person.name) } }
                td data-label=(lang.t("desk-mail")) { (person.email.as_deref().unwrap_or("–")) }
                td data-label=(lang.t("desk-role")) { (role_word(lang, person.role)) }
            } } }
        }
    }
}

/// Where a page of the list begins.
#[derive(Deserialize)]
pub struct After {
    #[serde(default)]
    after: String,
}

/// The list.
pub async fn list(Staff(visit, session): Staff, Query(After { after }): Query<After>) -> Answer {
    let lang = visit.lang;
    let query = "SELECT id, name, email, role, created_at FROM users WHERE name > ? ORDER BY name LIMIT ?";
    let rows = sqlx::query(query).bind(&after).bind(PAGE + 1).fetch_all(visit.issuer.store.read()).await?;
    let mut people = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    let more = i64::try_from(people.len()).is_ok_and(|found| found > PAGE);
    people.truncate(usize::try_from(PAGE).unwrap_or(0));
    let next = people.last().filter(|_| more).map(|last| address("/desk/users", &[("after", &last.name)]));
    let title = lang.t("desk-users");
    let content = html! {
        div.head {
            h1 { (title) }
            @if is_admin(&session) { (parts::link("/desk/users/add", &lang.t("desk-user-add"), "")) }
        }
        @if people.is_empty() {
            (parts::empty(&lang.t("desk-users-none"), &lang.t("desk-users-none-way"), ""))
        } @else { section.card { (table(lang, &people)) } }
        div.row {
            @if !after.is_empty() { (parts::link("/desk/users", &lang.t("desk-first-page"), "second")) }
            @if let Some(next) = next { (parts::link(&next, &lang.t("desk-next-page"), "second")) }
        }
    };
    Ok(show(&visit, Room::Users, &title, content))
}

/// What is typed for a new user.
#[derive(Default, Deserialize)]
pub struct NewPerson {
    name: String,
    #[serde(default)]
    email: String,
}

/// The empty form.
pub async fn add_page(Administrator(visit, _): Administrator) -> Answer {
    let content = add_form(&visit, &NewPerson::default(), None);
    Ok(show(&visit, Room::Users, &visit.lang.t("desk-user-add"), content))
}

/// Makes the user, and shows the password this once.
pub async fn add(Administrator(visit, session): Administrator, Form(typed): Form<NewPerson>) -> Answer {
    let lang = visit.lang;
    let (name, email) = (typed.name.trim().to_owned(), typed.email.trim().to_owned());
    let wrong = |key| {
        let content = add_form(&visit, &typed, Some(key));
        Ok(again(&visit, Room::Users, &lang.t("desk-user-add"), content))
    };
    if !patterns::is_user_name(&name) {
        return wrong("desk-user-name-wrong");
    }
    if !email.is_empty() && !patterns::is_email(&email) {
        return wrong("desk-mail-wrong");
    }
    let new = NewUser { name, email: Some(email).filter(|email| !email.is_empty()), phone: None };
    let user = match visit.issuer.create_user(&session.name, new).await {
        Err(Error::Exists(_)) => return wrong("desk-user-name-taken"),
        user => user?,
    };
    let password = visit.issuer.random_password()?;
    visit.issuer.set_password(&session.name, &user.id, password.clone()).await?;
    Ok(show(
        &visit,
        Room::Users,
        &lang.t("desk-user-added"),
        new_password(lang, "desk-user-added", &user.id, &user.name, &password),
    ))
}

/// A password that is shown once.
pub(super) fn new_password(lang: Lang, title: &str, id: &str, name: &str, password: &str) -> Markup {
    html! {
        section.card.middle {
            h1 { (lang.t(title)) }
            p { (lang.with("desk-password-once", [("user", name.into())])) }
            (parts::copyable(lang, "password", &lang.t("password"), password))
            p { (lang.t("desk-password-way")) }
            (parts::link(&format!("/desk/users/{id}"), &lang.t("desk-to-user"), ""))
        }
    }
}

fn add_form(visit: &Visit, typed: &NewPerson, wrong: Option<&str>) -> Markup {
    let lang = visit.lang;
    let (mail, name) = (wrong.filter(|key| *key == "desk-mail-wrong"), wrong);
    html! {
        section.card.middle {
            h1 { (lang.t("desk-user-add")) }
            (parts::post(visit, "/desk/users/add", html! {
                (Field { name: "name", label: lang.t("user-name"), value: &typed.name, hint: Some(lang.t("desk-user-name-hint")), error: name.filter(|_| mail.is_none()).map(|key| lang.t(key)), first: true, ..Field::default() })
                (Field { name: "email", label: lang.t("desk-mail"), value: &typed.email, hint: Some(lang.t("desk-mail-hint")), error: mail.map(|key| lang.t(key)), kind: "email", optional: true, ..Field::default() })
                button { (lang.t("desk-user-add-do")) }
            }))
        }
    }
}

/// An address with a query.
pub(super) fn address(path: &str, query: &[(&str, &str)]) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(query.iter().filter(|(_, value)| !value.is_empty()));
    let text = text.finish();
    if text.is_empty() { path.to_owned() } else { format!("{path}?{text}") }
}

/// Users in a page.
const PAGE: i64 = 50;
