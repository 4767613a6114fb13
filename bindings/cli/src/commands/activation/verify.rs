//! Verifications: the link, the number to compare, the browser, and waiting for the issuer's word.
//!
//! The activation is stored all the time: whoever stops waiting (Ctrl-C, or a script whose time is up) goes on with
//! `resume`. Nothing that the browser does is read.

use std::time::Duration;

use softtoken_core::TokenError;
use softtoken_core::activation::state::{ActivationInput, ActivationState};
use softtoken_core::error::VerificationKind;

use super::Driver;
use crate::failure::Failure;
use crate::texts::{self, printable};

/// What the states `Verify` and `Waiting` say.
pub(super) struct Verification {
    kind: VerificationKind,
    retry_after: u32,
    page: Option<Page>,
}

struct Page {
    url: String,
    number: String,
    device: String,
    serial: String,
}

impl Verification {
    /// Of the two states.
    pub(super) fn of(state: ActivationState) -> Option<Self> {
        match state {
            ActivationState::Verify { kind, url, number, device, serial, retry_after, .. } => {
                Some(Self { kind, retry_after, page: Some(Page { url, number, device, serial }) })
            }
            ActivationState::Waiting { kind, retry_after, .. } => {
                Some(Self { kind, retry_after, page: None })
            }
            _ => None,
        }
    }
}

impl Driver<'_> {
    /// Shows what is new, waits, and has the issuer asked again.
    pub(super) fn verify(&mut self, verification: &Verification) -> Result<ActivationInput, Failure> {
        let url = verification.page.as_ref().map(|page| page.url.clone());
        let shown = self.shown.replace(url.clone());
        if shown.as_ref() != Some(&url) {
            match &verification.page {
                Some(page) => self.show(verification.kind, page),
                None => self.context.ask.say(REVIEW),
            }
        }
        let pause = u64::from(verification.retry_after);
        let longest = match (self.choices.wait, self.context.ask.is_person()) {
            (Some(seconds), _) => Some(seconds),
            (None, false) => Some(SCRIPTS_WAIT),
            (None, true) => None,
        };
        if longest.is_some_and(|longest| self.waited.saturating_add(pause) > longest) {
            return Err(still_open(verification));
        }
        self.context.courier.wait(Duration::from_secs(pause));
        self.waited = self.waited.saturating_add(pause);
        Ok(ActivationInput::Poll)
    }

    fn show(&mut self, kind: VerificationKind, page: &Page) {
        let opened = !self.choices.no_browser && self.context.browser.open(&page.url);
        let (wants, does) = match kind {
            VerificationKind::Certificate => {
                ("your certificate", "Choose your certificate there, and say yes.")
            }
            VerificationKind::Face => ("your face", "Take the picture there, and send it."),
        };
        let open = if opened {
            "This page is being opened in your browser"
        } else {
            "Open this page in your browser"
        };
        let Page { url, number, device, serial } = page;
        let text = format!(
            "Verification: the issuer wants to see {wants}.\n  {open}:\n    {}\n  It must show the number {number}, the device \
             \"{}\" and the serial number {}. If it shows anything else, close it.\n  {does}\n{WAITING}",
            printable(url),
            printable(device),
            texts::serial(serial)
        );
        self.context.ask.say(&text);
    }
}

/// Time is up: what a script needs to go on by itself.
fn still_open(verification: &Verification) -> Failure {
    let failure = Failure::from(TokenError::VerificationOpen { kind: verification.kind });
    let failure = failure.with("review", verification.page.is_none());
    match &verification.page {
        Some(page) => failure.with("url", page.url.as_str()).with("number", page.number.as_str()),
        None => failure,
    }
}

const REVIEW: &str = "Verification: a person at the issuer looks at it. This may take a while; Ctrl-C stops waiting, \
                      and `softtoken resume NAME` goes on.";
const WAITING: &str =
    "Waiting for the issuer … Ctrl-C stops waiting, and `softtoken resume NAME` goes on with a link.";
/// Seconds that a script waits if it does not say.
const SCRIPTS_WAIT: u64 = 600;
