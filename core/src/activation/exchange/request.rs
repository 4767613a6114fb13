//! What an exchange hands to the driver, and why a call of it did nothing.

use super::issuer_proof::ProofError;
use super::noise::HandshakeError;
use crate::identity::encoding::EncodingError;
use crate::random::NoRandom;

/// A request for the driver: an HTTP POST of `body` to the path of `kind`, the answer's body to
/// [`super::Exchange::take`]. Whatever else HTTP says is no answer: send again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Where to.
    pub kind: RequestKind,
    /// The bytes to send.
    pub body: Vec<u8>,
}

/// The two places of an issuer that take requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// A handshake.
    Open,
    /// A sealed request.
    Sealed,
}

impl RequestKind {
    /// The path under the issuer's address.
    pub fn path(self) -> &'static str {
        match self {
            Self::Open => "/softtoken/2/open",
            Self::Sealed => "/softtoken/2/sealed",
        }
    }
}

/// Why a call did nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// No random bytes.
    #[error(transparent)]
    NoRandom(#[from] NoRandom),
    /// No answer is awaited, or there is nothing to send now.
    #[error("not now")]
    NotNow,
    /// The reply is not from the other side, damaged, late, or not understood.
    #[error("the reply does not open")]
    BadReply,
    /// Longer than any reply.
    #[error("the reply is too long")]
    TooLong,
    /// The issuer answered for another serial number.
    #[error("the reply is for another serial number")]
    AnotherSerial,
    /// The issuer does not prove itself.
    #[error(transparent)]
    Issuer(#[from] ProofError),
    /// The issuer demands a verification that this version cannot make.
    #[error("a verification is demanded")]
    Verification,
    /// The issuer called the token active although its registration code was not asked for.
    #[error("the registration code was skipped")]
    CodeSkipped,
    /// The name of the device is too long or holds control characters.
    #[error("the device's name cannot be sent")]
    DeviceLabel,
    /// Stored bytes cannot be made or read.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
}

impl From<HandshakeError> for ExchangeError {
    fn from(error: HandshakeError) -> Self {
        match error {
            HandshakeError::NoRandom(none) => Self::NoRandom(none),
            HandshakeError::NotAuthentic => Self::BadReply,
            HandshakeError::TooLong => Self::TooLong,
        }
    }
}
