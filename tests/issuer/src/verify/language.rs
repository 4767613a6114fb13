//! The choice of language on these pages. It is the portal's: the same cookie, on whichever listener a page is.
//!
//! A ticket is good for as much afterwards as it was before; nothing is looked up.

use axum::extract::Form;
use axum::extract::rejection::FormRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use softtoken_core::error::VerificationKind;

use super::ticket::{PATH, is_ticket};
use super::{gone, is_own};
use crate::issuer::Issuer;
use crate::portal::{self, Lang};

/// A language, and whose page it is for.
#[derive(Deserialize)]
pub(super) struct Choice {
    lang: String,
    ticket: String,
}

/// A choice as it came.
pub(super) type Chosen = Result<Form<Choice>, FormRejection>;

/// Remembers the language and shows the page again.
pub(super) fn choose(
    issuer: &Issuer,
    kind: VerificationKind,
    headers: &HeaderMap,
    chosen: Chosen,
) -> Response {
    let Ok(Form(Choice { lang, ticket })) = chosen else { return gone(portal::language(headers)) };
    match Lang::read(&lang) {
        Some(lang) if is_own(&issuer.settings, kind, headers) && is_ticket(&ticket) => {
            portal::remember(lang, portal::go(&format!("{PATH}/{ticket}"), None))
        }
        _ => gone(portal::language(headers)),
    }
}
