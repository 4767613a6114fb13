//! The front door, and the choice of language.

use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use serde::Deserialize;

use super::form::Form;
use super::look;
use super::session::Level;
use super::texts::Lang;
use super::visit::{Answer, LANGUAGE, Visit};
use crate::error::Error;

/// The issuer's bare address leads to the portal.
pub async fn front() -> Response {
    look::go("/portal", None)
}

/// The first page for whoever is signed in, or the way in.
pub async fn home(visit: Visit) -> Response {
    match visit.session.as_ref().map(|session| session.level) {
        Some(Level::Full) => look::go("/portal/authenticators", None),
        Some(Level::Answers) => look::go("/portal/unlock", None),
        Some(Level::Password) | None => look::to_sign_in(&visit),
    }
}

/// A choice of language, and the page on which it was made.
#[derive(Deserialize)]
pub struct Choice {
    lang: String,
    next: String,
}

/// Remembers the language for a year.
pub async fn language(_: Visit, Form(choice): Form<Choice>) -> Answer {
    let lang = Lang::read(&choice.lang).ok_or(Error::BadValue("lang"))?;
    Ok(remember(lang, look::go(super::signin::own(&choice.next), None)))
}

/// An answer that makes this the browser's language.
pub(crate) fn remember(lang: Lang, mut response: Response) -> Response {
    let cookie = format!("{LANGUAGE}={}; Path=/; Max-Age=31536000; SameSite=Lax", lang.tag());
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}
