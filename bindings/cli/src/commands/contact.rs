//! Contacts with issuers after an activation: what a command may ask them, and what they are told.
//!
//! No network is no failure here: what is stored stays true, and a deletion stays queued until the next command that
//! speaks with an issuer. Nothing is tried twice, so that a person without network does not wait.

use std::sync::Arc;

use softtoken_core::SoftToken;
use softtoken_core::TokenError;
use softtoken_core::activation::contact::Wish;
use softtoken_core::error::StopReason;
use softtoken_core::identity::IdentityId;
use softtoken_core::token::{Activation, ContactEnd, ContactInput, ContactState, IssuerContact};

use super::activation::{Choices, Driver, Ended};
use crate::context::Context;
use crate::device_name;
use crate::failure::Failure;

/// Tells issuers of deletions that they do not know of yet. How many are left.
pub fn tell_queued(context: &Context, token: &Arc<SoftToken>) -> Result<usize, TokenError> {
    for queued in token.pending_deletions()? {
        let contact = token.begin_deletion(queued.id, device_name::of_this_computer().as_deref())?;
        drive(context, &contact)?;
    }
    Ok(token.pending_deletions()?.len())
}

/// The same beside the work of a command, which it never fails: what cannot be told stays queued.
pub fn tell_along(context: &Context, token: &Arc<SoftToken>) {
    let _ = tell_queued(context, token);
}

/// Drives an activation to its end. If an issuer has answered anything, issuers hear of queued deletions too, however
/// the activation ended.
pub fn drive_and_tell(
    context: &mut Context,
    token: &Arc<SoftToken>,
    choices: &Choices,
    activation: &Activation,
) -> Result<Ended, Failure> {
    let mut driver = Driver::new(context, Some(token), choices);
    let ended = driver.drive(activation);
    if driver.has_reached_issuer() {
        tell_along(context, token);
    }
    ended
}

/// Asks what is new with an identity; `None` where nobody can be asked. One that its issuer has ended is not asked for
/// again.
pub fn refresh(
    context: &Context,
    token: &Arc<SoftToken>,
    id: IdentityId,
) -> Result<Option<ContactState>, TokenError> {
    match token.begin_contact(id, Wish::Refresh, device_name::of_this_computer().as_deref()) {
        Ok(contact) => drive(context, &contact).map(Some),
        Err(TokenError::Stopped { why, .. }) => {
            let replaced = why == StopReason::Replaced;
            let end = if replaced { ContactEnd::ReplacedElsewhere } else { ContactEnd::DeletedByIssuer };
            Ok(Some(ContactState::Ended { end }))
        }
        Err(TokenError::Unsupported { .. } | TokenError::InputNeeded { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Carries requests until there is nothing more to carry.
fn drive(context: &Context, contact: &IssuerContact) -> Result<ContactState, TokenError> {
    loop {
        let step = contact.step()?;
        let ContactState::Exchange { request } = step.state else { return Ok(step.state) };
        let input = match context.courier.once(&request) {
            Ok(reply) => ContactInput::Http { status: reply.status, body: reply.body },
            Err(problem) => ContactInput::HttpProblem { problem },
        };
        contact.advance(step.ticket, input)?;
    }
}
