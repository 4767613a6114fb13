//! The softtoken core: identity storage, activation, names, PIN and code generation.
//!
//! | Room | What it holds |
//! |---|---|
//! | [`token`] | [`SoftToken`], the facade: every public verb |
//! | `activation` | front doors (links, QR texts, typed values) and the activation state machine |
//! | `vault`, `lock` | the sealed SQLite file, its keys, the PIN |
//! | `identity` | what an identity is, unique names, policy |
//! | [`otp`] | HOTP, TOTP, OCRA and their relatives: pure functions |
//! | [`qr`] | luma frame in, text out |
//! | [`transfer`] | files of issuers and other apps |
//! | [`ports`] | what a platform supplies: clock, device key, device signals, log |
//!
//! No network, no threads, no async: work at human speed is described by states, and a native
//! driver does it.
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]
#![deny(clippy::cast_possible_truncation, clippy::print_stdout)]

pub mod activation;
pub mod codec;
pub mod doctor;
pub mod error;
pub mod identity;
pub mod lock;
pub mod otp;
pub mod ports;
pub mod qr;
pub mod random;
pub mod secret;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod time;
pub mod token;
pub mod transfer;
pub mod vault;

pub use error::TokenError;
pub use token::SoftToken;
