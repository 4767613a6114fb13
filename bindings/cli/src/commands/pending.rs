//! Activations that wait for the portal: `complete`, `abandon`, `resume`.

use serde_json::json;
use softtoken_core::TokenError;
use softtoken_core::activation::state::ActivationInput;
use softtoken_core::identity::{IdentityState, IdentityView};

use super::activation::pages::{self, RegistrationPage};
use super::activation::{Choices, Ended};
use super::contact;
use crate::answer::Answer;
use crate::args::{Resume, VerifyArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::json as views;
use crate::texts::printable;

/// The portal accepted the registration code: without network the user's word counts, else the issuer is asked.
/// Saying so twice is fine.
pub fn complete(context: &mut Context, name: &str) -> Result<Answer, Failure> {
    let token = context.unlocked()?;
    let pending = token.find(name)?;
    if pending.state == IdentityState::Pending {
        let activation = token.resume_activation(pending.id)?;
        // One that is not that far yet: `resume` opens pages and waits.
        let choices = Choices { confirmed: true, no_browser: true, wait: Some(0), ..Choices::default() };
        let ended = contact::drive_and_tell(context, &token, &choices, &activation)?;
        if let Ended::Pending(page) = ended {
            return Err(still_pending(&page, &pending.name));
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

/// Goes on where an activation stopped: asks the issuer again, or shows the registration code page again.
pub fn resume(context: &mut Context, args: &Resume) -> Result<Answer, Failure> {
    let token = context.unlocked()?;
    let pending = only_pending(token.find(&args.name)?)?;
    let activation = token.resume_activation(pending.id)?;
    let VerifyArgs { no_browser, wait } = args.verify;
    let choices = Choices { no_browser, wait, try_again: true, ..Choices::default() };
    let ended = contact::drive_and_tell(context, &token, &choices, &activation)?;
    // One that waits for the portal asks the issuer nothing; without network nothing is sent at all.
    if matches!(&ended, Ended::Pending(page) if page.live_code.is_none()) {
        contact::tell_along(context, &token);
    }
    let view = token.find(&pending.id.to_hex())?;
    let text = match &ended {
        Ended::Pending(page) => pages::registration(page, &view),
        Ended::Added { .. } => format!("{} is active.", printable(&view.name)),
    };
    Ok(Answer::new(json!({"identity": views::identity(&view)}), text))
}

/// The issuer was asked, and waits for the registration code.
fn still_pending(page: &RegistrationPage, name: &str) -> Failure {
    let name = printable(name);
    let text = format!(
        "The portal still waits for the registration code. `softtoken resume {name:?}` shows it; when the portal \
         has accepted it, `softtoken complete {name:?}` again."
    );
    Failure::from(TokenError::ActivationPending { id: page.id.0 })
        .with("registration_code", page.code.as_str())
        .saying(text)
}

fn only_pending(view: IdentityView) -> Result<IdentityView, Failure> {
    if view.state == IdentityState::Pending {
        return Ok(view);
    }
    let text = format!("{} is active already. `softtoken remove` would remove it.", printable(&view.name));
    Err(Failure::from(TokenError::StaleInput).saying(text))
}
