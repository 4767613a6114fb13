//! The way to an issuer: the core says what to send, this room sends it.
//!
//! | Limit | Value |
//! |---|---|
//! | scheme | https; plain http to this machine only |
//! | TLS | 1.2 or 1.3, certificates checked against the system's own list (`SSL_CERT_FILE` names another) |
//! | redirects, cookies, proxies, kept connections | none |
//! | time | 5 s to connect, 10 s in all |
//! | answer | what the core asks for, at most 64 KiB |
//! | again | three times, the same bytes, after a pause of random length |
//!
//! Whether a byte of a request has left decides what the user may do next (continue without network), so an
//! error is judged by how far the connection had come, never by its kind alone.

pub mod courier;
mod https;
pub mod issuer_clock;
#[cfg(test)]
mod loopback_tests;
#[cfg(test)]
pub mod scripted;
#[cfg(test)]
mod tls_tests;

use softtoken_core::activation::driver::{HttpProblem, HttpRequest};
use softtoken_core::time::UnixTime;

pub use courier::Courier;

/// Carries one request, once.
pub trait Transport {
    /// The answer, whatever its status.
    fn send(&self, request: &HttpRequest) -> Result<Reply, HttpProblem>;
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The header `Date`.
    pub date: Option<UnixTime>,
    /// At most as long as the request allows.
    pub body: Vec<u8>,
}
