//! From a text, a picture or typed values to an identity.
//!
//! The front doors parse and store nothing; the state machine asks for what is missing and stores at the end.
//!
//! | Door | Takes |
//! |---|---|
//! | [`link`] | links and QR codes of the open profile |
//! | [`manual`] | typed address, serial number and activation code |
//! | [`entrust_v1`] | Entrust v1: sealed QR codes, typed codes |
//! | [`otpauth`] | `otpauth:`, `apple-otpauth:`, `motp:`, `steam:`, `oathtoken:` links |
//! | [`two_step`] | privacyIDEA links whose secret has a second part, made here |
//! | [`migration`], [`pages`] | Google's export, on one or several QR codes |
//! | [`list`] | a file or text with a link on each line |
//! | [`typed`] | a typed key, a MobilePASS activation code |
//! | [`foreign`] | everything that no door takes: says why |
//!
//! [`exchange`] is the device's half of an activation over the network, `online` plays it from consent to the end,
//! [`contact`] is what comes after it, and [`driver`] is what an app carries between the two sides.
//! `source` finds the door, `plan` holds what it understood, `machine` asks, `carry` and `restore` store.

pub(crate) mod account;
pub mod address;
mod carry;
mod check_digit;
pub mod contact;
pub(crate) mod draft;
#[cfg(test)]
mod draft_tests;
pub mod driver;
pub mod entrust_v1;
pub mod exchange;
#[cfg(test)]
mod fake_world;
pub mod foreign;
pub mod issuer_key;
pub mod link;
pub mod list;
pub(crate) mod machine;
#[cfg(test)]
mod machine_tests;
pub mod mail;
pub mod manual;
pub mod migration;
pub mod offline;
pub(crate) mod online;
pub(crate) mod online_draft;
mod order;
pub mod otpauth;
pub mod pages;
pub(crate) mod pending;
mod plan;
pub mod profile;
mod protobuf;
pub mod qr_password;
pub mod registration_code;
pub mod request;
mod restore;
mod source;
pub mod state;
mod summary;
pub mod two_step;
pub mod typed;
mod uri;
pub(crate) mod world;
