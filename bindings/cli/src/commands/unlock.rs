//! `forgot-pin`, `unlock`, and the recovery code that is shown once.

use std::path::Path;

use serde_json::json;
use softtoken_core::error::Needed;
use softtoken_core::token::TokenState;
use softtoken_core::{SoftToken, TokenError};

use super::vault;
use crate::answer::Answer;
use crate::context::Context;
use crate::failure::Failure;
use crate::json as views;
use crate::texts::printable;

/// Gives up the PIN, after a yes: from then on only an unlock code or the recovery code opens the vault.
pub fn forgot_pin(context: &mut Context, yes: bool) -> Result<Answer, Failure> {
    let token = context.open()?;
    match token.state()? {
        TokenState::Locked { .. } | TokenState::Ready => {
            agree(context, yes)?;
            token.forget_pin()?;
        }
        TokenState::Blocked { .. } => {}
        TokenState::Fresh => return Err(Failure::needs(Needed::Vault)),
        TokenState::DeviceKeyLost => return Err(TokenError::DeviceKeyLost.into()),
        TokenState::Damaged { .. } => return Err(TokenError::VaultDamaged.into()),
    }
    let view = token.status()?;
    let text = vault::blocked_page(&view.state, token.takes_recovery_code()?);
    Ok(Answer::new(views::status(&view), text))
}

/// Opens what the code belongs to. A blocked vault gets a new PIN; another asks for its PIN first.
pub fn unlock(context: &mut Context, code: &str, new_pin_file: Option<&Path>) -> Result<Answer, Failure> {
    let code = context.pasted(code, "Unlock code")?;
    let token = context.open()?;
    let redeemed = match token.state()? {
        TokenState::Blocked { .. } => {
            vault::set_new_pin(context, new_pin_file, |pin| token.redeem_unlock_code(&code, Some(pin)))?
        }
        TokenState::Locked { .. } | TokenState::Ready => {
            context.unlock(&token)?;
            token.redeem_unlock_code(&code, None)?
        }
        TokenState::Fresh => return Err(Failure::needs(Needed::Vault)),
        TokenState::DeviceKeyLost => return Err(TokenError::DeviceKeyLost.into()),
        TokenState::Damaged { .. } => return Err(TokenError::VaultDamaged.into()),
    };
    let waiting = token.unlock_requests()?;
    let mut text = String::from("Open again. The old codes open nothing any more.");
    if !waiting.is_empty() {
        text.push_str(&format!("\n{}\n{}", vault::WAIT_FOR_A_CODE, vault::whom_to_ask(&waiting)));
    }
    for name in &redeemed.untold {
        text.push_str(&format!(
            "\nThe issuer of {} will not hear that it was removed: tell it.",
            printable(name)
        ));
    }
    let waiting: Vec<_> = waiting.iter().map(views::reset_request).collect();
    let lost = json!({"ok": true, "lost": redeemed.lost, "untold": redeemed.untold, "ask": waiting});
    let answer = Answer::new(lost, text);
    recovery(context, &token, answer)
}

/// Adds the recovery code to an answer while the user has not seen it. A person has seen it then; a script
/// gets it as `recovery_code` again until a person has.
pub fn recovery(context: &mut Context, token: &SoftToken, mut answer: Answer) -> Result<Answer, Failure> {
    if token.state()? != TokenState::Ready {
        return Ok(answer);
    }
    let Some(code) = token.recovery_code()? else { return Ok(answer) };
    if let Some(fields) = answer.json.as_object_mut() {
        fields.insert("recovery_code".to_owned(), json!(code.as_str()));
    }
    answer.text = format!(
        "{}\n\nRecovery code: {}\nWrite it down and keep it away from this device. It opens the vault, for \
         identities without an issuer to ask, when the PIN is forgotten or blocked. It is shown once.",
        answer.text.trim_end(),
        code.as_str()
    );
    if context.ask.is_person() && !context.json {
        token.acknowledge_recovery_code()?;
    }
    Ok(answer)
}

fn agree(context: &mut Context, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let kept = || {
        let text = "The PIN was kept: agree on a terminal, or with --yes.".to_owned();
        Failure::from(TokenError::ConsentNeeded).saying(text)
    };
    if !context.ask.is_person() {
        return Err(kept());
    }
    let question =
        "Give up the PIN? Only an issuer's unlock code or the recovery code opens the vault then. (y/N) ";
    match context.ask.line(question) {
        Some(line) if matches!(line.trim(), "y" | "Y" | "yes") => Ok(()),
        _ => Err(kept()),
    }
}

#[cfg(test)]
mod tests {
    use softtoken_core::activation::state::{ActivationInput, ActivationOptions, ActivationSource, TypedKey};
    use zeroize::Zeroizing;

    use super::*;
    use crate::pins::tests::vault;

    #[test]
    fn a_new_pin_that_is_refused_is_asked_again_and_the_code_is_not() {
        let (_folder, mut context) = vault(&["2222", "2222", "7294", "7294"]);
        let code = blocked(&context);
        let ended = unlock(&mut context, &code, None);
        assert!(ended.is_ok(), "{}", ended.err().unwrap().to_json());
        assert!(context.open().ok().unwrap().unlock(b"7294").is_ok());
    }

    /// Adds a personal identity, gives the PIN up, and returns the recovery code.
    fn blocked(context: &Context) -> Zeroizing<String> {
        let token = context.open().ok().unwrap();
        token.unlock(b"4937").unwrap();
        let key = Zeroizing::new("JBSWY3DPEHPK3PXP".to_owned());
        let typed = ActivationSource::Key(TypedKey { key, issuer: "Bank".into(), ..TypedKey::default() });
        let activation = token.begin_activation(typed, ActivationOptions::default()).unwrap();
        let page = activation.step().unwrap();
        activation.advance(page.ticket, ActivationInput::Consent { name: None }).unwrap();
        let code = token.recovery_code().unwrap().unwrap();
        token.acknowledge_recovery_code().unwrap();
        token.forget_pin().unwrap();
        code
    }
}
