//! Verifications inside an activation: pages for the browser, reviews, and what the user says to a refused one.
//!
//! A browser that comes back, or is closed, has proven nothing: the issuer is asked, and its word counts.

use super::{ActivationInput, ActivationState, Next, OnlineDraft, Retry, World};
use crate::TokenError;
use crate::activation::exchange::verification::CALLBACK;
use crate::activation::exchange::{Asked, Verify};

/// Whether the user may say this now.
pub(super) fn takes(verify: &Verify, input: &ActivationInput) -> bool {
    use ActivationInput::{BrowserDismissed, BrowserReturned, Poll, Retry};
    match verify {
        Verify::Page { asked: Asked::Dismissed, .. } | Verify::Refused { .. } => matches!(input, Retry),
        Verify::Page { .. } => matches!(input, BrowserReturned | BrowserDismissed | Poll),
        Verify::Review { .. } => matches!(input, Poll),
    }
}

impl OnlineDraft {
    /// What to show.
    pub(super) fn verification(&self, verify: &Verify) -> ActivationState {
        match verify {
            Verify::Refused { kind, reason } => {
                let why = TokenError::VerificationRefused { kind: *kind, reason: *reason };
                ActivationState::Failed { why, retry: Retry::Now }
            }
            Verify::Page { kind, asked: Asked::Dismissed, .. } => ActivationState::Failed {
                why: TokenError::VerificationOpen { kind: *kind },
                retry: Retry::Now,
            },
            Verify::Page { kind, ticket, asked } => ActivationState::Verify {
                id: self.id,
                kind: *kind,
                url: ticket.url.clone(),
                callback: CALLBACK,
                number: ticket.number.clone(),
                device: self.device().to_owned(),
                serial: self.label().serial.unwrap_or_default(),
                retry_after: ticket.retry_after,
                awaited: *asked == Asked::Again,
            },
            Verify::Review { kind, retry_after } => {
                ActivationState::Waiting { id: self.id, kind: *kind, retry_after: *retry_after }
            }
        }
    }

    /// Asks the issuer after what [`takes`] has let through.
    pub(super) fn verify_again(
        mut self,
        input: &ActivationInput,
        world: &mut dyn World,
    ) -> Result<Next, TokenError> {
        let why = match input {
            ActivationInput::BrowserDismissed => Asked::Dismissed,
            ActivationInput::Retry => Asked::First,
            _ => Asked::Again,
        };
        self.exchange_mut()?.verify_again(why);
        self.send(None, world)
    }
}
