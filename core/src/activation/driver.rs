//! What an app carries between the token and an issuer: requests out, answers in, all plain data.
//!
//! The token opens no connection. A [`HttpRequest`] says everything that a driver needs; whatever came of
//! it goes back as [`ActivationInput::Http`] or [`ActivationInput::HttpProblem`], with the ticket of its state.
//!
//! [`ActivationInput::Http`]: super::state::ActivationInput::Http
//! [`ActivationInput::HttpProblem`]: super::state::ActivationInput::HttpProblem

use super::address::Address;
use super::exchange::{IssuerCard, Request, RequestKind};

/// One HTTP request. No redirect is followed, no cookie kept, no body longer than `max_reply` read.
/// The body is encrypted for the issuer; nothing here is a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Which of the three requests of the profile it is.
    pub kind: HttpKind,
    /// The whole address: https, or http where the issuer is this machine.
    pub url: String,
    /// The bytes to send; empty for [`HttpKind::Card`].
    pub body: Vec<u8>,
    /// The longest answer in bytes; stop reading there and report [`HttpProblem::TooLarge`].
    pub max_reply: usize,
}

/// The three requests of the profile (`core/PROTOCOL.md` section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpKind {
    /// GET: the issuer's keys, asked for only at an address that the user typed.
    Card,
    /// POST: a handshake.
    Open,
    /// POST: a sealed request.
    Sealed,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpProblem {
    /// No connection could be made: no byte of the request has left.
    NoNetwork,
    /// The other side could not prove who it is (certificate, protocol): no byte of the request has left.
    Tls,
    /// The request may have left, and no answer came: too slow, or the connection broke.
    Timeout,
    /// The answer was longer than `max_reply`.
    TooLarge,
}

impl HttpRequest {
    /// The question for an issuer's keys.
    pub fn card(address: &Address) -> Self {
        Self::new(HttpKind::Card, address, Vec::new())
    }

    /// A request of an exchange.
    pub(crate) fn of(address: &Address, request: Request) -> Self {
        let kind = match request.kind {
            RequestKind::Open => HttpKind::Open,
            RequestKind::Sealed => HttpKind::Sealed,
        };
        Self::new(kind, address, request.body)
    }

    fn new(kind: HttpKind, address: &Address, body: Vec<u8>) -> Self {
        // An issuer on this machine that has the port of https speaks it.
        let scheme = if address.is_loopback() && address.port() != HTTPS_PORT { "http" } else { "https" };
        let url = format!("{scheme}://{}{}", address.ascii(), kind.path());
        Self { kind, url, body, max_reply: MAX_REPLY }
    }
}

impl HttpKind {
    /// The HTTP method.
    pub fn method(self) -> &'static str {
        match self {
            Self::Card => "GET",
            Self::Open | Self::Sealed => "POST",
        }
    }

    /// The path under the issuer's address.
    pub fn path(self) -> &'static str {
        match self {
            Self::Card => IssuerCard::PATH,
            Self::Open => RequestKind::Open.path(),
            Self::Sealed => RequestKind::Sealed.path(),
        }
    }

    /// The header `Content-Type` of the request; `None` where there is no body.
    pub fn content_type(self) -> Option<&'static str> {
        match self {
            Self::Card => None,
            Self::Open | Self::Sealed => Some("application/octet-stream"),
        }
    }
}

/// The longest answer of an issuer: a Noise message, a sealed body, a card.
pub const MAX_REPLY: usize = 8192;
const HTTPS_PORT: u16 = 443;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_spoken_to_over_https_and_over_http_only_on_this_machine() {
        for (address, url) in [
            ("idp.example.org", "https://idp.example.org/.well-known/softtoken"),
            ("idp.example.org:80", "https://idp.example.org:80/.well-known/softtoken"),
            ("localhost:8080", "http://localhost:8080/.well-known/softtoken"),
            ("127.0.0.1:80", "http://127.0.0.1:80/.well-known/softtoken"),
            ("[::1]:8080", "http://[::1]:8080/.well-known/softtoken"),
            ("localhost", "https://localhost/.well-known/softtoken"),
            ("localhost.example.org:8080", "https://localhost.example.org:8080/.well-known/softtoken"),
        ] {
            let address = Address::from_canonical(address).unwrap();
            assert_eq!(HttpRequest::card(&address).url, url);
        }
    }

    #[test]
    fn a_request_says_all_that_a_driver_needs() {
        let address = Address::from_canonical("idp.example.org").unwrap();
        let request = Request { kind: RequestKind::Sealed, body: vec![1, 2] };
        let request = HttpRequest::of(&address, request);
        assert_eq!(request.url, "https://idp.example.org/softtoken/2/sealed");
        assert_eq!((request.kind.method(), request.body.as_slice()), ("POST", [1, 2].as_slice()));
        assert_eq!(request.kind.content_type(), Some("application/octet-stream"));
        assert_eq!((HttpKind::Card.method(), HttpKind::Card.content_type()), ("GET", None));
    }
}
