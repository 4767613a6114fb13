//! Reading a form: small, of the right kind, sent by one of our own pages of the same browser.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::visit::{Cookie, Refusal, Visit};
use crate::error::{Error, Result};
use crate::issuer::Issuer;

/// The fields of a form. Unknown ones are ignored, missing ones refused.
pub struct Form<T>(pub T);

/// The fields of a form with a file, as texts. No `Debug`: the file may hold seeds.
pub struct Upload(Vec<(String, Zeroizing<String>)>);

#[derive(Deserialize)]
struct Token {
    token: String,
}

impl<T: DeserializeOwned> FromRequest<Arc<Issuer>> for Form<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, issuer: &Arc<Issuer>) -> std::result::Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, issuer).await?;
        let body = read(&parts, body, "application/x-www-form-urlencoded", MOST).await?;
        let sent: Token = parse(&body)?;
        is_of(&visit.cookie, &sent.token)?;
        Ok(Self(parse(&body)?))
    }
}

impl FromRequest<Arc<Issuer>> for Upload {
    type Rejection = Refusal;

    async fn from_request(request: Request, issuer: &Arc<Issuer>) -> std::result::Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, issuer).await?;
        let body = read(&parts, body, "multipart/form-data", MOST_UPLOADED).await?;
        let upload = Self::parse(Request::from_parts(parts, Body::from(body)), issuer).await?;
        is_of(&visit.cookie, &upload.text("token").unwrap_or_default())?;
        Ok(upload)
    }
}

impl Upload {
    /// The field of this name.
    pub fn text(&self, name: &str) -> Option<Zeroizing<String>> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, text)| text.clone())
    }

    async fn parse(request: Request, issuer: &Arc<Issuer>) -> Result<Self> {
        let wrong = || Error::BadValue("The form");
        let mut parts = Multipart::from_request(request, issuer).await.map_err(|_| Error::MediaType)?;
        let mut fields = Vec::new();
        while let Some(part) = parts.next_field().await.map_err(|_| wrong())? {
            if fields.len() == FIELDS {
                return Err(wrong());
            }
            let name = part.name().ok_or_else(wrong)?.to_owned();
            let bytes = part.bytes().await.map_err(|_| wrong())?;
            // A file that is no text is none of ours; it becomes one that nothing understands.
            fields.push((name, Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())));
        }
        Ok(Self(fields))
    }
}

/// The body of a form of this kind that was sent by one of our own pages.
async fn read(parts: &Parts, body: Body, kind: &str, most: usize) -> Result<Bytes> {
    is_from_here(&parts.headers)?;
    let sent = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if !sent.starts_with(kind) {
        return Err(Error::MediaType);
    }
    let body = tokio::time::timeout(BODY_TIME, to_bytes(body, most)).await.map_err(|_| Error::TooSlow)?;
    body.map_err(|_| Error::TooLarge)
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
/// As much as the REST interface takes.
const MOST_UPLOADED: usize = crate::server::MAX_BODY;
const FIELDS: usize = 8;
const BODY_TIME: Duration = Duration::from_secs(10);
