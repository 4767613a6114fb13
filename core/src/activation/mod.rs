//! From a text, a picture or typed values to an identity.
//!
//! The front doors parse and store nothing; the state machine asks for what is missing and stores at the end.
//!
//! | Door | Takes |
//! |---|---|
//! | [`otpauth`] | `otpauth:`, `apple-otpauth:`, `motp:`, `steam:`, `oathtoken:` links |
//! | [`two_step`] | privacyIDEA links whose secret has a second part, made here |
//! | [`migration`], [`pages`] | Google's export, on one or several QR codes |
//! | [`list`] | a file or text with a link on each line |
//! | [`typed`] | a typed key, a MobilePASS activation code |
//! | [`link`] | v2 links and QR codes of the open profile |
//! | [`manual`] | typed address, serial number and activation code |
//! | [`entrust_v1`] | sealed QR codes and typed values of Entrust v1 |
//! | [`foreign`] | everything that no door takes: says why |

pub(crate) mod account;
pub mod address;
mod check_digit;
pub mod entrust_v1;
pub mod foreign;
pub mod issuer_key;
pub mod link;
pub mod list;
pub mod manual;
pub mod migration;
pub mod offline;
pub mod otpauth;
pub mod pages;
pub mod profile;
mod protobuf;
pub mod qr_password;
pub mod registration_code;
pub mod request;
pub mod state;
pub mod two_step;
pub mod typed;
mod uri;
