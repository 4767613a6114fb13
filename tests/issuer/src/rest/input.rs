//! What handlers take from requests: every way in which it can be wrong is a typed 4xx as JSON.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::patterns;

/// The id in a path; what cannot be one is not there.
pub struct Id(pub String);

/// A JSON body of at most so many bytes.
pub struct Json<T, const MOST: usize = MAX_JSON>(pub T);

/// A JSON body that may be missing.
pub struct MaybeJson<T>(pub Option<T>);

/// Parameters after `?`.
pub struct Parameters<T>(pub T);

/// How a user signs in, from the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authenticator {
    /// By a code.
    Code,
    /// By the response to a challenge.
    Challenge,
}

impl FromRequestParts<Arc<Issuer>> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, issuer: &Arc<Issuer>) -> Result<Self> {
        let path = Path::<String>::from_request_parts(parts, issuer).await.map_err(|_| Error::NotFound)?;
        if patterns::is_id(&path.0) { Ok(Self(path.0)) } else { Err(Error::NotFound) }
    }
}

impl<T: DeserializeOwned> FromRequestParts<Arc<Issuer>> for Parameters<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, issuer: &Arc<Issuer>) -> Result<Self> {
        let wrong = |_| Error::BadValue("A parameter");
        Query::from_request_parts(parts, issuer).await.map(|query| Self(query.0)).map_err(wrong)
    }
}

impl<T: DeserializeOwned, const MOST: usize> FromRequest<Arc<Issuer>> for Json<T, MOST> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &Arc<Issuer>) -> Result<Self> {
        let is_json = is_json(&request);
        let body = read(request, MOST).await?;
        if !is_json {
            return Err(Error::MediaType);
        }
        parse(&body).map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<Arc<Issuer>> for MaybeJson<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &Arc<Issuer>) -> Result<Self> {
        let is_json = is_json(&request);
        let body = read(request, MAX_JSON).await?;
        match (body.is_empty(), is_json) {
            (true, _) => Ok(Self(None)),
            (false, true) => parse(&body).map(Some).map(Self),
            (false, false) => Err(Error::MediaType),
        }
    }
}

impl FromRequestParts<Arc<Issuer>> for Authenticator {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, issuer: &Arc<Issuer>) -> Result<Self> {
        let path = Path::<String>::from_request_parts(parts, issuer).await.map_err(|_| Error::NotFound)?;
        match path.as_str() {
            "TOKEN" => Ok(Self::Code),
            "TOKENCR" => Ok(Self::Challenge),
            _ => Err(Error::NotFound),
        }
    }
}

/// The whole body, within a size and a time that a stranger cannot stretch.
async fn read(request: Request, most: usize) -> Result<Bytes> {
    let body = to_bytes(request.into_body(), most);
    tokio::time::timeout(BODY_TIME, body).await.map_err(|_| Error::TooSlow)?.map_err(|_| Error::TooLarge)
}

/// The parser's own words are not passed on: they quote what was sent.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|_| Error::BadValue("The JSON body"))
}

fn is_json(request: &Request) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// Enough for everything but seed files.
pub const MAX_JSON: usize = 64 * 1024;
const BODY_TIME: Duration = Duration::from_secs(10);
