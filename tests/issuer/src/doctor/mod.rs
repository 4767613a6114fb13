//! The check-up of an installation (row R28): each finding says what was looked at and how to mend it.
//!
//! | File | Looks at |
//! |---|---|
//! | `clock` | the computer's time against a time server's |
//! | `certificate` | dates, names and key of the certificate for https, and of `[certificates]` with its authorities |
//! | `files` | the issuer's keys and the settings: there, and readable by their owner only |
//! | `post` | the mail server: reached, encrypted, signed in |
//! | `database` | whole, of this version, with room to grow; mails that were not handed over |
//!
//! Invariant: it changes nothing, and it may run beside the issuer.

mod certificate;
mod clock;
mod database;
mod files;
mod post;

use std::path::Path;

use serde::Serialize;

use crate::settings::Settings;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing to do.
    Ok,
    /// It works, but somebody should look.
    Warning,
    /// Something does not work, or is not safe.
    Error,
}

/// One finding.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was found; no secrets.
    pub found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// Everything that is found about the installation with `settings`, read from `file`.
pub async fn examine(settings: &Settings, file: &Path, now: u64, time_server: Option<&str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.push(clock::examine(time_server).await);
    findings.extend(certificate::examine(settings, now));
    findings.extend(certificate::examine_clients(settings, now));
    findings.extend(files::examine(settings, file));
    findings.push(post::examine(settings).await);
    findings.extend(database::examine(settings, now).await);
    findings
}

/// The worst of them.
pub fn worst(findings: &[Finding]) -> Level {
    findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok)
}

impl Finding {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, level: Level::Ok, found: found.into(), fix: None }
    }

    fn warning(check: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, level: Level::Warning, found: found.into(), fix: Some(fix.into()) }
    }

    fn error(check: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, level: Level::Error, found: found.into(), fix: Some(fix.into()) }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let level = match self.level {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Error => "ERROR",
        };
        write!(out, "{level:8} {:12} {}", self.check, self.found)?;
        match &self.fix {
            Some(fix) => write!(out, "\n{:21} Fix: {fix}", ""),
            None => Ok(()),
        }
    }
}
