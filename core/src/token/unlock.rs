//! The facade's verbs on PIN reset codes, unlock codes and the recovery code.
//!
//! A vault is blocked after five wrong PINs, after [`forget_pin`](SoftToken::forget_pin), or when its file
//! is older than the device says. Its issuers then answer the PIN reset code with an unlock code; for
//! identities without such an issuer the user keeps a recovery code. Each opens its own group only.

use zeroize::Zeroizing;

use super::{ResetRequest, SoftToken};
use crate::TokenError;
use crate::identity::{IdentityName, PinRules};
use crate::lock::{Pin, UnlockCode};
use crate::ports::{LogEvent, LogLevel};
use crate::vault;

/// What an unlock code did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RedeemedView {
    /// Names of pending activations that were lost with the PIN; none that this version stored.
    pub lost: Vec<String>,
    /// Names of deleted identities whose issuers will not hear of it any more: the user tells them.
    pub untold: Vec<String>,
}

impl SoftToken {
    /// Destroys the PIN as five wrong ones would; the vault is blocked then.
    ///
    /// # Errors
    /// `Unsupported{NoWayBack}` when neither an unlock code nor a recovery code would open anything.
    pub fn forget_pin(&self) -> Result<(), TokenError> {
        let _entered = self.gate.enter()?;
        vault::forget_pin(self, &self.flow_device())?;
        self.log(LogLevel::Warning, LogEvent::PinBlocked);
        Ok(())
    }

    /// Opens what the unlock code or recovery code belongs to. A blocked vault needs `new_pin` and is
    /// open then; an open one takes none, and the opened identities join the others.
    ///
    /// # Errors
    /// `NotUnderstood{UnlockCode}` for a mistyped code (not counted); `WrongUnlockCode` for one that opens
    /// nothing, the tenth leaves reactivation only; `InputNeeded{NewPin}`, `PinRefused` (also by the
    /// issuers' rules); `VaultLocked` while the PIN can be tried; `StaleInput` when nothing waits for a code.
    pub fn redeem_unlock_code(&self, code: &str, new_pin: Option<&[u8]>) -> Result<RedeemedView, TokenError> {
        let code = UnlockCode::parse(code)?;
        let new_pin = new_pin.map(Pin::new).transpose()?;
        if let Some(pin) = &new_pin {
            pin.check(&PinRules::default())?;
        }
        let _entered = self.gate.enter()?;
        let redeemed = vault::redeem(self, &self.flow_device(), &code, new_pin.as_ref(), self.kdf)
            .inspect_err(|error| match error {
                TokenError::WrongUnlockCode { .. } => {
                    self.log(LogLevel::Warning, LogEvent::WrongUnlockCode);
                }
                TokenError::VaultDamaged => self.keep_damaged(),
                _ => {}
            })?;
        self.log(LogLevel::Info, LogEvent::UnlockCodeUsed);
        let shown = |names: &[IdentityName]| names.iter().map(|name| name.as_str().to_owned()).collect();
        Ok(RedeemedView { lost: shown(&redeemed.lost), untold: shown(&redeemed.untold) })
    }

    /// Whom to ask for what: every issuer that can open something that is sealed now. The same as in
    /// `Blocked`; while the PIN is good, and after an unlock, the groups that still wait for a code of their own.
    pub fn unlock_requests(&self) -> Result<Vec<ResetRequest>, TokenError> {
        self.desk()?.ask()
    }

    /// True when the recovery code opens something that is sealed now.
    pub fn takes_recovery_code(&self) -> Result<bool, TokenError> {
        Ok(self.desk()?.vault()?.takes_recovery_code()?)
    }

    /// The recovery code that the user has not confirmed yet: show it, then call
    /// [`acknowledge_recovery_code`](Self::acknowledge_recovery_code). It is made with the first identity
    /// that has no issuer to ask, and anew after its use; the newest replaces all earlier ones. It
    /// survives the end of the process, sealed under the PIN, so that no crash can lose it unseen.
    pub fn recovery_code(&self) -> Result<Option<Zeroizing<String>>, TokenError> {
        Ok(self.desk()?.vault()?.recovery_code()?.map(|code| code.shown()))
    }

    /// The user has written the recovery code down: it is forgotten and never shown again.
    pub fn acknowledge_recovery_code(&self) -> Result<(), TokenError> {
        Ok(self.desk()?.vault_mut()?.acknowledge_recovery_code()?)
    }
}
