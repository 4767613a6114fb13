//! Reading a form: small, of the right kind, sent by one of our own pages of the same browser.

use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use super::visit::{Cookie, Refusal, Visit};
use crate::error::{Error, Result};
use crate::issuer::Issuer;

/// The fields of a form. Unknown ones are ignored, missing ones refused.
pub struct Form<T>(pub T);

#[derive(Deserialize)]
struct Token {
    token: String,
}

impl<T: DeserializeOwned> FromRequest<Arc<Issuer>> for Form<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, issuer: &Arc<Issuer>) -> std::result::Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, issuer).await?;
        is_from_here(&parts.headers)?;
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Error::MediaType.into());
        }
        let body = tokio::time::timeout(BODY_TIME, to_bytes(body, MOST)).await.map_err(|_| Error::TooSlow)?;
        let body = body.map_err(|_| Error::TooLarge)?;
        let sent: Token = parse(&body)?;
        is_of(&visit.cookie, &sent.token)?;
        Ok(Self(parse(&body)?))
    }
}

/// Whether a form's token is that of the browser.
pub(super) fn is_of(cookie: &Cookie, token: &str) -> Result<()> {
    let same: bool = token.as_bytes().ct_eq(cookie.form_token().as_bytes()).into();
    if same { Ok(()) } else { Err(Error::ForeignForm) }
}

/// Whether a request that changes something was sent by one of our own pages, as far as the browser says.
pub(super) fn is_from_here(headers: &HeaderMap) -> Result<()> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site").is_none_or(|site| site == "same-origin");
    let host = text(HOST.as_str()).unwrap_or("");
    let origin = text(ORIGIN.as_str()).is_none_or(|origin| {
        origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")) == Some(host)
    });
    if site && origin { Ok(()) } else { Err(Error::ForeignForm) }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_urlencoded::from_bytes(body).map_err(|_| Error::BadValue("The form"))
}

const MOST: usize = 64 * 1024;
const BODY_TIME: Duration = Duration::from_secs(10);
