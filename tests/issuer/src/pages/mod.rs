//! What people see who open an activation link without the app.
//!
//! Invariant: a GET here does nothing. Mail scanners fetch links; the secret is in the fragment, which no
//! browser sends, so neither they nor this server learn it.

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderName;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::routing::get;

use crate::issuer::Issuer;

/// `GET /a` and the files of its page.
pub fn routes() -> Router<Arc<Issuer>> {
    Router::new()
        .route("/a", get(|| async { file("text/html; charset=utf-8", include_str!("landing.html")) }))
        .route("/a/page.css", get(|| async { file("text/css; charset=utf-8", include_str!("page.css")) }))
        .route(
            "/a/open.js",
            get(|| async { file("text/javascript; charset=utf-8", include_str!("open.js")) }),
        )
}

fn file(kind: &'static str, text: &'static str) -> ([(HeaderName, &'static str); 5], &'static str) {
    let headers = [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, text)
}

/// Nothing from elsewhere, nothing sent anywhere, in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
