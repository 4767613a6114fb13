//! What journeys from end to end are played with; `cargo xtask demo` and the tests of this crate share it.
//!
//! | Part | What it is |
//! |---|---|
//! | [`token`] | the `softtoken` command with a vault of its own |
//! | [`process`] | the `softtoken-issuer` program, started, killed and started again |
//! | [`rest`] | its interface for programs |
//! | [`seeds`] | a seed file of hardware tokens |
//! | [`browser`] | a browser with a client certificate, and the authority that signs it |
//! | [`portal`] | a visitor of the portal's pages, without a browser |
//! | [`mail`] | a real mail server (aiosmtpd) that keeps what it is given |

pub mod browser;
pub mod mail;
pub mod portal;
pub mod process;
pub mod rest;
pub mod seeds;
pub mod token;

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

/// The text in `field`.
pub fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    value[field].as_str().with_context(|| format!("no text {field} in {value}"))
}

/// The number in `field`.
pub fn number(value: &Value, field: &str) -> Result<u64> {
    value[field].as_u64().with_context(|| format!("no number {field} in {value}"))
}

/// A program of this workspace, built beside the running test.
pub fn program(name: &str) -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let found = test.ancestors().skip(1).take(2).map(|folder| folder.join(name)).find(|path| path.exists());
    found.with_context(|| format!("{name} is not built; `cargo test --workspace` builds it"))
}
