//! The device's half of an activation over the network, as pure data: no I/O, no clock, no thread.
//!
//! | Step | [`Exchange::request`] makes | [`Exchange::take`] reads |
//! |---|---|---|
//! | claim | header and message 1, over a fresh handshake each time | message 2: refused, or both sides have keys |
//! | verify | a sealed question, as often as it takes, where the issuer wants verifications | pages to open, a review, all passed |
//! | finish | message 3, sealed: opens the commitment n_d | active, or the registration code is awaited |
//! | ask | a sealed question, after the user has typed the code at the issuer | active, or still awaited |
//!
//! Invariants: a reply that is forged, late, repeated, out of turn or that contradicts the order gives an
//! [`ExchangeError`] and changes nothing; a sealed request is made once and sent again as the same bytes;
//! only a refusal under the handshake or the session ends an exchange. [`Exchange::encode`] is what a sealed draft
//! holds: store it after every `request` and every `take`, before anything is sent or shown.
//!
//! The activation machine plays it (`activation/online`), and an app's driver carries the requests
//! ([`crate::activation::driver`]); an issuer written in Rust uses the other half of [`noise`],
//! [`messages`] and [`sealed`]. Normative text: `core/PROTOCOL.md` sections 7 and 8.

mod agreement;
mod checks;
mod device;
pub(in crate::activation) mod draft;
#[cfg(any(test, feature = "testing"))]
pub mod issuer;
pub mod issuer_proof;
pub mod keys;
pub mod messages;
pub mod noise;
pub mod order;
mod refused;
mod request;
mod resolver;
pub mod sealed;
pub mod verification;

pub use agreement::Agreement;
pub(in crate::activation) use agreement::Reached;
pub use checks::{Asked, CAN_VERIFY, Verify};
pub use device::{Exchange, Step};
pub use issuer_proof::{IssuerCard, IssuerProof, ProofError};
pub use keys::{SessionKeys, commitment};
pub use order::{Header, OnlineOrder, Way};
pub use refused::Refused;
pub use request::{ExchangeError, Request, RequestKind};
pub use resolver::{agree, public_key};
