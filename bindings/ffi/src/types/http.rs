//! What an app carries between the token and an issuer: requests out, answers in.

use super::*;

/// One HTTP request. No redirect is followed, no cookie kept, no body longer than `max_reply` read.
/// The body is encrypted for the issuer; nothing here is a secret.
#[uniffi::remote(Record)]
pub struct HttpRequest {
    /// Which of the three requests of the profile it is.
    pub kind: HttpKind,
    /// The whole address: https, or http where the issuer is this machine.
    pub url: String,
    /// The bytes to send; empty for `HttpKind::Card`.
    pub body: Vec<u8>,
    /// The longest answer in bytes; stop reading there and report `HttpProblem::TooLarge`.
    pub max_reply: ByteCount,
}

/// The three requests of the profile (`core/PROTOCOL.md` section 7).
#[uniffi::remote(Enum)]
pub enum HttpKind {
    /// GET: the issuer's keys, asked for only at an address that the user typed.
    Card,
    /// POST: a handshake.
    Open,
    /// POST: a sealed request.
    Sealed,
}

/// Why there is no answer.
#[uniffi::remote(Enum)]
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
