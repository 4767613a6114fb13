//! [`Activation`], the object: one activation from a front door to its end.

use std::sync::Arc;

use crate::guard::guarded;
use crate::types::{ActivationInput, ActivationStep, Ticket, TokenError};

/// One activation. Dropping it before consent leaves no trace; a pending identity stays, and
/// `resume_activation` continues it.
#[derive(uniffi::Object)]
pub struct Activation {
    token: Arc<softtoken_core::SoftToken>,
    core: softtoken_core::token::Activation,
}

impl Activation {
    pub(crate) fn new(
        token: Arc<softtoken_core::SoftToken>,
        core: softtoken_core::token::Activation,
    ) -> Self {
        Self { token, core }
    }
}

#[uniffi::export]
impl Activation {
    /// The current state. Live codes are those of this moment.
    pub fn step(&self) -> Result<ActivationStep, TokenError> {
        guarded(&self.token, || self.core.step())
    }

    /// Takes an answer to the state that has `ticket`, and gives the next state.
    ///
    /// Errors: `StaleInput` when the ticket is not the current one or the state takes no such answer; then, and
    /// after every other error, nothing has changed.
    pub fn advance(&self, ticket: Ticket, input: ActivationInput) -> Result<ActivationStep, TokenError> {
        guarded(&self.token, || self.core.advance(ticket, input))
    }

    /// Takes a password for `NeedsPassword`; the caller wipes its own copy. A wrong one is the state
    /// `NeedsPassword` with `wrong`, until the last is `Failed`.
    ///
    /// Errors: as `advance`; `NotUnderstood` with `Password` for one that cannot be right.
    pub fn supply_password(&self, ticket: Ticket, password: &[u8]) -> Result<ActivationStep, TokenError> {
        guarded(&self.token, || self.core.supply_password(ticket, password))
    }
}
