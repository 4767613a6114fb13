//! One user: profile, tokens, what has happened lately, and for administrators what only they may do.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};

use super::lines::{self, Filter};
use super::people::{Person, may_help, person};
use super::{Room, again, is_admin, role_word, show, token};
use crate::error::Result;
use crate::portal::authenticators::{Own, all_of, serial};
use crate::portal::parts::{self, Field};
use crate::portal::session::{Role, Session};
use crate::portal::visit::{Answer, Staff, Visit};

/// The page.
pub async fn page(Staff(visit, session): Staff, Path(id): Path<String>) -> Answer {
    let person = person(&visit, &id).await?;
    let content = content(&visit, &session, &person, None).await?;
    Ok(show(&visit, Room::Users, &person.name, content))
}

/// The page again, with what went wrong above it.
pub(super) async fn wrong(visit: &Visit, session: &Session, person: &Person, code: &str) -> Result<Response> {
    let content = content(visit, session, person, Some(code)).await?;
    Ok(again(visit, Room::Users, &person.name, content))
}

async fn content(visit: &Visit, session: &Session, person: &Person, wrong: Option<&str>) -> Result<Markup> {
    let lang = visit.lang;
    let tokens = all_of(visit, &person.id).await?;
    let lines = lines::find(visit, &Filter::of_user(&person.id), LATELY).await?;
    let log = super::people::address("/desk/audit", &[("user", &person.name)]);
    let (may, own) = (may_help(session, Some(person)), person.id == session.user);
    Ok(html! {
        h1 { (person.name) }
        @if let Some(code) = wrong { (parts::wrong_code(lang, code)) }
        @if !may { (parts::info(lang.t("desk-is-staff"))) }
        section.card {
            h2 { (lang.t("desk-profile")) }
            dl.facts {
                dt { (lang.t("desk-mail")) } dd { (person.email.as_deref().unwrap_or("–")) }
                dt { (lang.t("desk-role")) } dd { (role_word(lang, person.role)) }
                dt { (lang.t("desk-created-at")) } dd { (parts::time(person.created_at)) }
            }
        }
        section.card {
            h2 { (lang.t("desk-tokens")) }
            @if tokens.is_empty() { p { (lang.t("desk-tokens-none")) } } @else { (table(visit, &tokens)) }
            @if may {
                (parts::post(visit, &format!("/desk/users/{}/tokens", person.id), html! {
                    button { (lang.t("desk-token-add")) }
                }))
                (hardware(visit, session, person))
            }
        }
        @if is_admin(session) { (administration(visit, person, own)) }
        section.card {
            h2 { (lang.t("desk-lately")) }
            @if lines.is_empty() { p { (lang.t("desk-audit-none")) } } @else { (lines::table(lang, &lines)) }
            (parts::link(&log, &lang.t("desk-audit-all"), "second"))
        }
    })
}

fn table(visit: &Visit, tokens: &[Own]) -> Markup {
    let lang = visit.lang;
    html! {
        table.stack {
            thead { tr {
                th scope="col" { (lang.t("serial-number")) }
                th scope="col" { (lang.t("desk-state")) }
                th scope="col" { (lang.t("kind")) }
                th scope="col" { (lang.t("device")) }
            } }
            tbody { @for own in tokens { tr {
                td { a href={"/desk/tokens/" (own.token.id)} { (serial(&own.token.serial)) } }
                td data-label=(lang.t("desk-state")) { (token::state(lang, &own.token)) }
                td data-label=(lang.t("kind")) { (token::kind(lang, &own.token)) }
                td data-label=(lang.t("device")) { (own.label.as_deref().or(own.token.device.as_deref()).unwrap_or("–")) }
            } } }
        }
    }
}

fn hardware(visit: &Visit, session: &Session, person: &Person) -> Markup {
    let (lang, admin) = (visit.lang, is_admin(session));
    let hint = if admin { "desk-assign-code-admin" } else { "desk-assign-code-hint" };
    html! {
        details {
            summary { (lang.t("desk-assign")) }
            (parts::post(visit, &format!("/desk/users/{}/hardware", person.id), html! {
                (Field { name: "serial", label: lang.t("serial-number"), hint: Some(lang.t("desk-assign-serial-hint")), ..Field::default() })
                (Field { name: "code", label: lang.t("code"), hint: Some(lang.t(hint)), digits: true, optional: admin, ..Field::default() })
                button.second { (lang.t("desk-assign-do")) }
            }))
        }
    }
}

/// What only administrators may; some of it not with oneself.
fn administration(visit: &Visit, person: &Person, own: bool) -> Markup {
    let (lang, at) = (visit.lang, format!("/desk/users/{}", person.id));
    html! {
        section.card {
            h2 { (lang.t("desk-administration")) }
            @if own { p { (lang.t("desk-own-role")) } } @else {
                (parts::post(visit, &format!("{at}/role"), html! {
                    div.field {
                        label for="role" { (lang.t("desk-role")) }
                        p.hint id="role-hint" { (lang.t("desk-role-hint")) }
                        select id="role" name="role" aria-describedby="role-hint" {
                            @for role in [Role::User, Role::HelpDesk, Role::Admin] {
                                option value=(role.word()) selected[role == person.role] { (role_word(lang, role)) }
                            }
                        }
                    }
                    button.second { (lang.t("desk-role-do")) }
                }))
                h3 { (lang.t("desk-password")) }
                p { (lang.t("desk-password-effect")) }
                (parts::post(visit, &format!("{at}/password"), html! {
                    button.second { (lang.t("desk-password-do")) }
                }))
            }
            h3 { (lang.t("desk-sign-out")) }
            p { (lang.t("desk-sign-out-effect")) }
            (parts::post(visit, &format!("{at}/sign-out"), html! {
                button.second { (lang.t("desk-sign-out-do")) }
            }))
            @if !own {
                h3 { (lang.t("desk-user-delete")) }
                p { (lang.t("desk-user-delete-effect")) }
                (parts::link(&format!("{at}/delete"), &lang.t("desk-user-delete-go"), "danger"))
            }
        }
    }
}

/// Lines of the log on the page.
const LATELY: i64 = 10;
