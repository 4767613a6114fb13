//! The vault as a whole: `init`, `status`, `change-pin`.

use std::path::Path;

use serde_json::json;
use softtoken_core::TokenError;
use softtoken_core::token::{ResetRequest, StatusView, TokenState};

use crate::answer::Answer;
use crate::context::Context;
use crate::device_keys::Home;
use crate::failure::Failure;
use crate::json as views;
use crate::layout::{duration, table};
use crate::texts::{self, printable};

/// Creates the vault and sets the PIN: from `--pin-file`, else asked twice. Its device keys are put in
/// `keys`; a key store that refuses them leaves no vault.
pub fn init(context: &mut Context, keys: Home) -> Result<Answer, Failure> {
    context.new_vaults = keys;
    let token = context.open()?;
    match token.state()? {
        TokenState::Fresh | TokenState::Damaged { .. } => {}
        TokenState::Locked { .. }
        | TokenState::Ready
        | TokenState::Blocked { .. }
        | TokenState::DeviceKeyLost => {
            return Err(TokenError::VaultExists.into());
        }
    }
    let file = context.pin_file.clone();
    set_new_pin(context, file.as_deref(), |pin| token.set_pin(pin)).map_err(|failure| {
        if keys == Home::KeyStore { failure.saying_of("transient", NO_KEY_STORE) } else { failure }
    })?;
    let folder = context.vault_folder().display().to_string();
    let text = format!(
        "The vault is ready in {}.\nNext: `softtoken add -`, then paste the link of your activation.",
        printable(&folder)
    );
    Ok(Answer::new(json!({"ok": true, "vault": folder}), text))
}

/// What can be told without the PIN.
pub fn status(context: &mut Context) -> Result<Answer, Failure> {
    let view = context.status()?;
    let mut rows = vec![
        vec!["Vault".to_owned(), printable(&context.vault_folder().display().to_string())],
        vec!["State".to_owned(), state_sentence(&view)],
    ];
    if !matches!(view.state, TokenState::Fresh | TokenState::Damaged { .. }) {
        rows.push(vec!["Identities".to_owned(), view.identities.to_string()]);
    }
    let mut text = table(&rows);
    if let TokenState::Blocked { .. } = &view.state {
        text.push_str(&blocked_page(&view.state, context.open()?.takes_recovery_code()?));
    } else if !view.ask.is_empty() {
        text.push_str(&format!("{WAIT_FOR_A_CODE}\n{}Then: `softtoken unlock -`\n", whom_to_ask(&view.ask)));
    }
    Ok(Answer::new(views::status(&view), text))
}

/// Sets another PIN.
pub fn change_pin(context: &mut Context, new_pin_file: Option<&Path>) -> Result<Answer, Failure> {
    let token = context.existing()?;
    let old = context.current_pin()?;
    // Checked first, so that nobody thinks of a new PIN in vain.
    token.unlock(&old)?;
    set_new_pin(context, new_pin_file, |new| token.change_pin(&old, new))?;
    Ok(Answer::ok("The PIN is changed."))
}

/// A person hears why a PIN is refused and chooses another; a file will not change.
pub fn set_new_pin<T>(
    context: &mut Context,
    file: Option<&Path>,
    set: impl Fn(&[u8]) -> Result<T, TokenError>,
) -> Result<T, Failure> {
    loop {
        let pin = context.new_pin(file)?;
        match set(&pin) {
            Err(refused @ TokenError::PinRefused { .. }) if file.is_none() => {
                context.ask.say(&texts::sentence(&refused));
            }
            other => return Ok(other?),
        }
    }
}

fn state_sentence(view: &StatusView) -> String {
    match &view.state {
        TokenState::Fresh => "no vault yet; `softtoken init` makes one".into(),
        TokenState::Ready => "open".into(),
        TokenState::Blocked { .. } => "blocked after too many wrong PINs".into(),
        TokenState::Locked { attempts_left, retry_after: 0 } => {
            format!("locked; {attempts_left} wrong PINs until it blocks")
        }
        TokenState::Locked { attempts_left, retry_after } => format!(
            "locked; {attempts_left} wrong PINs until it blocks; wait {} before the next try",
            duration(u64::from(*retry_after))
        ),
        TokenState::Damaged { kept_at } => match kept_at {
            Some(path) => format!(
                "damaged; kept as {}; `softtoken init` starts a new one",
                printable(&path.to_string_lossy())
            ),
            None => "damaged; it is not touched".into(),
        },
        TokenState::DeviceKeyLost => {
            "its device keys are not on this device; if they are elsewhere, use --keys".into()
        }
    }
}

/// What a blocked vault needs: the reset codes, and the recovery code where one opens something.
pub fn blocked_page(state: &TokenState, recovery: bool) -> String {
    let TokenState::Blocked { ask } = state else { return String::new() };
    let mut page = if ask.is_empty() && recovery { String::new() } else { whom_to_ask(ask) };
    if recovery {
        page.push_str("Your recovery code opens the identities that have no issuer to ask.\n");
    }
    page.push_str("Then: `softtoken unlock -`\n");
    page
}

/// Whom to tell which PIN reset code.
pub fn whom_to_ask(ask: &[ResetRequest]) -> String {
    if ask.is_empty() {
        return "No issuer can unlock it: restore a backup, or start with a new vault.\n".into();
    }
    let rows: Vec<Vec<String>> = ask
        .iter()
        .map(|request| {
            let serial = request.serial.as_deref().map(texts::serial).unwrap_or_default();
            vec![printable(&request.issuer), serial, request.reset_code.clone()]
        })
        .collect();
    format!("Give one of these issuers the PIN reset code; the answer is an unlock code:\n{}", table(&rows))
}

/// Groups that the first unlock code did not open.
pub const WAIT_FOR_A_CODE: &str = "Some identities wait for a code of their own.";
const NO_KEY_STORE: &str = "The desktop's key store cannot be reached, and no vault was made. Log in to the \
                            desktop, or leave out --keyring to keep the device keys in files.";
