//! A reference identity provider: the other side of every activation of `core/PROTOCOL.md`.
//!
//! | Room | What it holds |
//! |---|---|
//! | [`settings`], [`clock`], [`error`], [`server`] | one TOML file, time, one error type, HTTP |
//! | [`store`] | SQLite behind one writer that commits in groups |
//! | [`secrets`], [`keys`] | what is sealed in the database, and the key files that open it |
//! | [`tokens`] | users, tokens and their states, unlock codes |
//! | [`codes`] | verification of codes, resynchronisation, challenges |
//! | [`hardware`] | hardware tokens: seed files, assignment |
//! | [`orders`] | making an order, completing one with its registration code |
//! | [`phone`] | what devices ask: handshake, sealed requests, the issuer's card |
//! | [`verify`] | verifications inside an activation: tickets, pages, certificates, faces, reviews |
//! | [`audit`] | the log of decisions |
//! | [`mail`] | what is mailed, the port that mails it, letters and their way to an SMTP server |
//! | [`rest`] | users, tokens and sign-ins for programs, with API keys; [`patterns`], [`qr`] |
//! | [`portal`] | pages of users and of the help desk |
//! | [`pages`], [`host`] | the page behind the links of mails; which host names are answered |
//! | [`doctor`] | the check-up |
//!
//! Invariant: every decision is durable before it is answered. Seeds and recovery keys are in the
//! database only sealed; the keys that open them are files outside of it.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

pub mod audit;
pub mod clock;
pub mod codes;
pub mod doctor;
pub mod error;
pub mod hardware;
pub mod host;
pub mod issuer;
pub mod keys;
pub mod mail;
pub mod orders;
pub mod pages;
pub mod patterns;
pub mod phone;
pub mod policy;
pub mod portal;
pub mod qr;
pub mod rest;
pub mod secrets;
pub mod server;
pub mod settings;
pub mod store;
pub mod tokens;
pub mod verify;

pub use error::{Error, Result};
pub use issuer::{Issuer, Ports};
