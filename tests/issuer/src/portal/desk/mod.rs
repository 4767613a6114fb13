//! The help desk and the administration: other people's tokens, the rules, the log.
//!
//! | File | Holds |
//! |---|---|
//! | `front` | search, and what waits for somebody |
//! | `people`, `user`, `conduct` | lists of users, one user, what is done with one |
//! | `token`, `help`, `unlock` | one token, what is done with it, the answer to a locked app |
//! | `reviews` | pictures of faces that wait for a person |
//! | `rules` | the rules for tokens |
//! | `audit`, `lines`, `dates` | the log, as a page and as CSV |
//! | `hardware`, `keys` | seed files, keys of programs |
//!
//! Invariant: who is no administrator changes nothing of staff, not even of oneself: every change goes
//! through [`people::must_help`] or takes an [`Administrator`](super::visit::Administrator).

mod audit;
mod conduct;
mod dates;
mod front;
mod hardware;
mod help;
mod keys;
mod lines;
mod people;
mod reviews;
mod rules;
mod token;
mod unlock;
mod user;

use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};

use super::look::{self, Tab};
use super::session::{Role, Session};
use super::texts::Lang;
use super::visit::Visit;
use super::{Pages, prove};
use crate::error::{Error, Result};

pub(super) const PAGES: Pages = &[
    ("/desk", || get(front::page)),
    ("/desk/users", || get(people::list)),
    ("/desk/users/add", || get(people::add_page).post(people::add)),
    ("/desk/users/{id}", || get(user::page)),
    ("/desk/users/{id}/tokens", || post(conduct::add_token)),
    ("/desk/users/{id}/hardware", || post(conduct::assign)),
    ("/desk/users/{id}/role", || post(conduct::role)),
    ("/desk/users/{id}/password", || post(conduct::password)),
    ("/desk/users/{id}/sign-out", || post(conduct::sign_out)),
    ("/desk/users/{id}/delete", || get(conduct::delete_page).post(conduct::delete)),
    ("/desk/tokens/{id}", || get(token::page)),
    ("/desk/tokens/{id}/activate", || post(help::activate)),
    ("/desk/tokens/{id}/complete", || post(help::complete)),
    ("/desk/tokens/{id}/reset", || post(help::reset)),
    ("/desk/tokens/{id}/state", || post(help::state)),
    ("/desk/tokens/{id}/rekey", || post(help::rekey)),
    ("/desk/tokens/{id}/unlock", || get(unlock::page).post(unlock::answer)),
    ("/desk/tokens/{id}/assign", || post(hardware::assign)),
    ("/desk/tokens/{id}/unassign", || post(hardware::unassign)),
    ("/desk/tokens/{id}/delete", || get(help::delete_page).post(help::delete)),
    ("/desk/reviews", || get(reviews::list)),
    ("/desk/reviews/{id}", || get(reviews::page).post(reviews::decide)),
    ("/desk/reviews/{id}/picture", || get(reviews::picture)),
    ("/desk/policy", || get(rules::page).post(rules::set)),
    ("/desk/policy/reset", || post(rules::reset)),
    ("/desk/audit", || get(audit::page)),
    ("/desk/audit.csv", || get(audit::csv)),
    ("/desk/hardware", || get(hardware::page).post(hardware::upload)),
    ("/desk/keys", || get(keys::page).post(keys::create)),
    ("/desk/keys/{id}/revoke", || post(keys::revoke)),
];

/// A room of the desk, for its navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Front,
    Users,
    Reviews,
    Audit,
    Policy,
    Hardware,
    Keys,
}

/// Room, address, name, and who sees it.
const ROOMS: [(Room, &str, &str, Role); 7] = [
    (Room::Front, "/desk", "desk-front", Role::HelpDesk),
    (Room::Users, "/desk/users", "desk-users", Role::HelpDesk),
    (Room::Reviews, "/desk/reviews", "desk-reviews", Role::HelpDesk),
    (Room::Audit, "/desk/audit", "desk-audit", Role::HelpDesk),
    (Room::Policy, "/desk/policy", "desk-policy", Role::HelpDesk),
    (Room::Hardware, "/desk/hardware", "desk-hardware", Role::Admin),
    (Room::Keys, "/desk/keys", "desk-keys", Role::Admin),
];

fn show(visit: &Visit, room: Room, title: &str, content: Markup) -> Response {
    look::page(visit, Tab::Desk, title, html! { (rooms(visit, room)) (content) })
}

/// The page again, with what is wrong in it.
fn again(visit: &Visit, room: Room, title: &str, content: Markup) -> Response {
    look::again(visit, Tab::Desk, title, html! { (rooms(visit, room)) (content) })
}

fn rooms(visit: &Visit, room: Room) -> Markup {
    let lang = visit.lang;
    let role = visit.session.as_ref().map_or(Role::User, |session| session.role);
    html! {
        nav.rooms aria-label=(lang.t("desk-rooms")) {
            ul { @for (entry, path, key, least) in ROOMS {
                @if role >= least {
                    li { a href=(path) aria-current=[(entry == room).then_some("page")] { (lang.t(key)) } }
                }
            } }
        }
    }
}

/// As [`prove::fresh`], for a POST whose page is another one.
#[expect(clippy::result_large_err, reason = "it is an answer, made once a request")]
fn fresh_for(visit: &Visit, session: &Session, page: &str) -> std::result::Result<(), Response> {
    prove::fresh(&Visit { path: page.to_owned(), ..visit.clone() }, session)
}

fn is_admin(session: &Session) -> bool {
    session.role == Role::Admin
}

fn role_word(lang: Lang, role: Role) -> String {
    lang.t(match role {
        Role::User => "desk-role-user",
        Role::HelpDesk => "desk-role-help",
        Role::Admin => "desk-role-admin",
    })
}

/// What was typed is wrong in a way that the page says; anything else is a page of its own.
fn typed_wrong(error: Error) -> Result<&'static str> {
    match error {
        Error::BadValue(_)
        | Error::RegistrationCode
        | Error::InvalidResponse
        | Error::SerialNumber
        | Error::Expired
        | Error::Void
        | Error::Exists(_)
        | Error::WrongState
        | Error::Locked
        | Error::TooManyTries => Ok(error.code()),
        other => Err(other),
    }
}
