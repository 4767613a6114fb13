//! A reference identity provider: the other side of every activation of `core/PROTOCOL.md`.
//!
//! | Room | What it holds |
//! |---|---|
//! | [`settings`], [`clock`], [`error`], [`server`] | one TOML file, time, one error type, HTTP |
//! | [`store`] | SQLite behind one writer that commits in groups |
//! | [`mail`] | what is mailed, and the port that mails it |
//!
//! Invariant: every decision is durable before it is answered. Seeds and recovery keys are in the
//! database only sealed; the keys that open them are files outside of it.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod clock;
pub mod error;
pub mod issuer;
pub mod mail;
pub mod server;
pub mod settings;
pub mod store;

pub use error::{Error, Result};
pub use issuer::{Issuer, Ports};
