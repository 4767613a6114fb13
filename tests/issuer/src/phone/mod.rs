//! What devices ask (`core/PROTOCOL.md` sections 7 and 9): three endpoints that speak bytes, never JSON.
//!
//! | Endpoint | Verb |
//! |---|---|
//! | POST `/softtoken/2/open` | [`Issuer::open_handshake`] |
//! | POST `/softtoken/2/sealed` | [`Issuer::answer_sealed`] |
//! | GET `/.well-known/softtoken` | [`Issuer::card`] |
//!
//! Invariant: an answer with status 200 is durable, and made by who holds the keys; every other status has
//! an empty body and says nothing of an order. Whatever the bytes are, a stranger causes no 5xx.

mod claim;
mod contact;
mod open;
mod sealed;

pub(crate) use sealed::status;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use softtoken_core::activation::exchange::noise::MAX_MESSAGE;
use softtoken_core::activation::exchange::sealed::MAX_SEALED;
use softtoken_core::activation::exchange::{IssuerCard, RequestKind};

use crate::error::{Error, Result};
use crate::issuer::Issuer;

/// The three routes, with limits of their own.
pub fn routes() -> Router<Arc<Issuer>> {
    let open = post(open_handler).layer(DefaultBodyLimit::max(MAX_OPEN_BODY));
    let sealed = post(sealed_handler).layer(DefaultBodyLimit::max(MAX_SEALED_BODY));
    Router::new()
        .route(RequestKind::Open.path(), open)
        .route(RequestKind::Sealed.path(), sealed)
        .route(IssuerCard::PATH, get(card_handler))
}

impl Issuer {
    /// The card that this issuer's address answers with.
    pub fn card(&self) -> Result<Vec<u8>> {
        let card = self.keys.card().encode().map_err(|_| Error::Internal("no card"))?;
        Ok(card.expose().to_vec())
    }
}

async fn open_handler(State(issuer): State<Arc<Issuer>>, body: Bytes) -> Response {
    answer(issuer.open_handshake(&body).await, "application/octet-stream")
}

async fn sealed_handler(State(issuer): State<Arc<Issuer>>, body: Bytes) -> Response {
    answer(issuer.answer_sealed(&body).await, "application/octet-stream")
}

async fn card_handler(State(issuer): State<Arc<Issuer>>) -> Response {
    answer(issuer.card(), "application/cbor")
}

fn answer(result: Result<Vec<u8>>, kind: &'static str) -> Response {
    match result {
        Ok(body) => {
            (StatusCode::OK, [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], body)
                .into_response()
        }
        Err(error) => {
            error.report();
            error.status().into_response()
        }
    }
}

/// A header of at most 128 bytes with its length, and message 1.
const MAX_OPEN_BODY: usize = 1 + 128 + MAX_MESSAGE;
const MAX_SEALED_BODY: usize = 20 + MAX_SEALED;
