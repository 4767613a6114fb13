//! Which host names are answered: those of the issuer, of its links, and the socket it listens on.
//!
//! A request for another name was sent by a page or a resolver that somebody else controls.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use softtoken_core::activation::address::Address;

use crate::error::Error;
use crate::issuer::Issuer;
use crate::settings::Settings;

/// Refuses a request whose `Host` header or absolute address is of somebody else, with 421.
pub async fn check(State(issuer): State<Arc<Issuer>>, request: Request, next: Next) -> Response {
    let mut named = Vec::new();
    for value in request.headers().get_all(HOST) {
        named.push(value.to_str().unwrap_or(""));
    }
    named.extend(request.uri().authority().map(axum::http::uri::Authority::as_str));
    // More than one Host header lets two readers of a request see two hosts.
    let one = request.headers().get_all(HOST).iter().count() <= 1;
    if one && named.iter().all(|host| is_ours(&issuer.settings, host)) {
        next.run(request).await
    } else {
        Error::Misdirected.into_response()
    }
}

fn is_ours(settings: &Settings, host: &str) -> bool {
    // The socket as such is for proxies and people on this machine, over loopback only.
    let socket = settings.listen.ip().is_loopback().then(|| settings.listen.to_string());
    if socket.is_some_and(|socket| socket == host) {
        return true;
    }
    Address::parse(host).is_ok_and(|host| host == settings.address || host == *settings.link_host())
}
