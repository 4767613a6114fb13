//! The portal: the pages of users and of the help desk, plain HTML that works without a script.
//!
//! | File | Holds |
//! |---|---|
//! | `visit` | the layer around every page: cookie, language, headers, refusals as pages |
//! | `session` | who is signed in, and how well proven |
//! | `form` | reading a form: size, origin, token against forged forms |
//! | `password`, `questions` | Argon2id hashes of passwords and of answers |
//! | `look`, `parts` | the shell of a page and what pages are made of |
//! | `events` | what the audit log says, in words |
//! | `texts` | every sentence in every language |
//! | `second` | what can be used as second step |
//! | `signin`, `prove`, … | one file or folder for each group of pages |
//!
//! Invariants: a GET changes nothing; a POST carries the token of its visitor's cookie and comes from our own
//! pages; a page of somebody else's token is the same page as one of no token.

mod account;
mod authenticators;
mod challenge;
mod desk;
mod events;
mod files;
mod forgotten;
mod form;
mod home;
mod look;
mod misplaced;
pub(crate) mod parts;
mod password;
mod password_rules;
mod prove;
mod questions;
mod sample;
mod second;
mod session;
mod signin;
mod texts;
mod unlock;
mod visit;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, any, get};

use crate::error::Error;
use crate::issuer::Issuer;
use visit::Refusal;

pub(crate) use authenticators::serial;
pub(crate) use files::{File, routes as files};
pub(crate) use home::remember;
pub(crate) use look::{go, head, languages};
pub use session::Role;
pub(crate) use session::somebody_administers;
pub(crate) use texts::Lang;
pub(crate) use visit::language;

/// One address of the portal.
struct Page {
    path: &'static str,
    answers: fn() -> MethodRouter<Arc<Issuer>>,
}

/// Every page, with its style sheet and script.
pub fn routes(issuer: &Arc<Issuer>) -> Router<Arc<Issuer>> {
    let mut router = Router::new();
    for page in pages() {
        router = router.route(page.path, (page.answers)().fallback(wrong_method));
    }
    for below in ["/portal/{*path}", "/desk/{*path}"] {
        router = router.route(below, any(nowhere));
    }
    router.layer(from_fn_with_state(Arc::clone(issuer), visit::around)).merge(files())
}

/// What is no page is told by one.
async fn nowhere() -> Refusal {
    Error::NotFound.into()
}

async fn wrong_method() -> Refusal {
    Error::Method.into()
}

/// The addresses of all pages, for tests that look at each of them.
pub fn paths() -> Vec<&'static str> {
    pages().map(|page| page.path).collect()
}

fn pages() -> impl Iterator<Item = Page> {
    GROUPS.iter().copied().flatten().map(|(path, answers)| Page { path, answers: *answers })
}

/// A list of addresses that a file of pages gives.
type Pages = &'static [(&'static str, fn() -> MethodRouter<Arc<Issuer>>)];

const GROUPS: &[Pages] = &[
    HOME,
    signin::PAGES,
    misplaced::PAGES,
    challenge::PAGES,
    forgotten::PAGES,
    prove::PAGES,
    authenticators::PAGES,
    unlock::PAGES,
    account::PAGES,
    sample::PAGES,
    desk::PAGES,
];
const HOME: Pages = &[("/", || get(home::front)), ("/portal", || get(home::home))];
