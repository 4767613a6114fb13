//! [`IssuerContact`], the object: one contact with an issuer after an activation.

use std::sync::Arc;

use crate::guard::guarded;
use crate::types::{ContactInput, ContactStep, Ticket, TokenError};

/// One contact with the issuer of an identity. Nothing of it is stored: another one after the end of the
/// process begins anew from what the vault has by then.
#[derive(uniffi::Object)]
pub struct IssuerContact {
    token: Arc<softtoken_core::SoftToken>,
    core: softtoken_core::token::IssuerContact,
}

impl IssuerContact {
    pub(crate) fn new(
        token: Arc<softtoken_core::SoftToken>,
        core: softtoken_core::token::IssuerContact,
    ) -> Self {
        Self { token, core }
    }
}

#[uniffi::export]
impl IssuerContact {
    /// The present state.
    pub fn step(&self) -> Result<ContactStep, TokenError> {
        guarded(&self.token, || self.core.step())
    }

    /// Takes an answer to the state that has `ticket`, and gives the next state.
    ///
    /// Errors: `StaleInput` when the ticket is not the present one or the state takes no such answer;
    /// `VaultLocked`. After an error nothing has changed.
    pub fn advance(&self, ticket: Ticket, input: ContactInput) -> Result<ContactStep, TokenError> {
        guarded(&self.token, || self.core.advance(ticket, input))
    }
}
