//! Activations that wait for the portal: `complete`, `abandon`, `resume`.

use serde_json::json;
use softtoken_core::TokenError;
use softtoken_core::activation::state::{ActivationInput, ActivationState};
use softtoken_core::identity::{IdentityState, IdentityView};

use super::activation::{Choices, Driver, Ended, pages};
use crate::answer::Answer;
use crate::context::Context;
use crate::failure::Failure;
use crate::json as views;
use crate::texts::printable;

/// The portal accepted the registration code. Saying so twice is fine.
pub fn complete(context: &mut Context, name: &str) -> Result<Answer, Failure> {
    let token = context.unlocked()?;
    let pending = token.find(name)?;
    if pending.state == IdentityState::Pending {
        let activation = token.resume_activation(pending.id)?;
        let step = activation.step()?;
        match activation.advance(step.ticket, ActivationInput::Confirmed)?.state {
            ActivationState::Done { .. } => {}
            ActivationState::Failed { why, .. } => return Err(why.into()),
            _ => return Err(TokenError::StaleInput.into()),
        }
    }
    let view = token.find(&pending.id.to_hex())?;
    let text = format!("{} is active. `softtoken codes` shows its codes.", printable(&view.name));
    Ok(Answer::new(json!({"identity": views::identity(&view)}), text))
}

/// Drops a pending identity; an active one is never touched.
pub fn abandon(context: &mut Context, name: &str) -> Result<Answer, Failure> {
    let token = context.unlocked()?;
    let pending = only_pending(token.find(name)?)?;
    let activation = token.resume_activation(pending.id)?;
    let step = activation.step()?;
    activation.advance(step.ticket, ActivationInput::Cancel)?;
    let text = format!("{} is dropped. The portal can send another activation.", printable(&pending.name));
    Ok(Answer::new(json!({"ok": true, "identity": views::identity(&pending)}), text))
}

/// Shows the registration code page again.
pub fn resume(context: &mut Context, name: &str) -> Result<Answer, Failure> {
    let token = context.unlocked()?;
    let pending = only_pending(token.find(name)?)?;
    let activation = token.resume_activation(pending.id)?;
    let choices = Choices::default();
    let ended = Driver::new(context, Some(&token), &choices).drive(&activation)?;
    let view = token.find(&pending.id.to_hex())?;
    let text = match &ended {
        Ended::Pending(page) => pages::registration(page, &view),
        Ended::Added { .. } => format!("{} is active.", printable(&view.name)),
    };
    Ok(Answer::new(json!({"identity": views::identity(&view)}), text))
}

fn only_pending(view: IdentityView) -> Result<IdentityView, Failure> {
    if view.state == IdentityState::Pending {
        return Ok(view);
    }
    let text = format!("{} is active already. `softtoken remove` would remove it.", printable(&view.name));
    Err(Failure::from(TokenError::StaleInput).saying(text))
}
