//! The verbs on PIN reset codes, unlock codes and the recovery code.

use super::{SoftToken, optional};
use crate::guard::guarded;
use crate::types::{Part, Problem, RedeemedView, ResetRequest, SecretText, TokenError};

#[uniffi::export]
impl SoftToken {
    /// Destroys the PIN as five wrong ones would; the vault is blocked then.
    ///
    /// Errors: `Unsupported` with `NoWayBack` when neither an unlock code nor a recovery code would open anything.
    pub fn forget_pin(&self) -> Result<(), TokenError> {
        guarded(&self.core, || self.core.forget_pin())
    }

    /// Opens what the unlock code or recovery code belongs to (`code` as typed, UTF-8). A blocked vault needs
    /// `new_pin` and is open then; an open one takes none (empty), and the opened identities join the others.
    ///
    /// Errors: `NotUnderstood` with `UnlockCode` for a mistyped code (not counted); `WrongUnlockCode` for one that
    /// opens nothing, the tenth leaves reactivation only; `InputNeeded` with `NewPin`, `PinRefused` (also by the
    /// issuers' rules); `VaultLocked` while the PIN can be tried; `StaleInput` when nothing waits for a code.
    pub fn redeem_unlock_code(&self, code: &[u8], new_pin: &[u8]) -> Result<RedeemedView, TokenError> {
        guarded(&self.core, || {
            let code = std::str::from_utf8(code).map_err(|_| TokenError::NotUnderstood {
                part: Part::UnlockCode,
                problem: Problem::BadEncoding,
                position: None,
            })?;
            self.core.redeem_unlock_code(code, optional(new_pin))
        })
    }

    /// Whom to ask for what: every issuer that can open something that is sealed now. The same as in `Blocked`;
    /// while the PIN is good, and after an unlock, the groups that still wait for a code of their own.
    pub fn unlock_requests(&self) -> Result<Vec<ResetRequest>, TokenError> {
        guarded(&self.core, || self.core.unlock_requests())
    }

    /// True when the recovery code opens something that is sealed now.
    pub fn takes_recovery_code(&self) -> Result<bool, TokenError> {
        guarded(&self.core, || self.core.takes_recovery_code())
    }

    /// The recovery code that the user has not confirmed yet: show it, then call `acknowledge_recovery_code`. It
    /// is made with the first identity that has no issuer to ask, and anew after its use; the newest replaces
    /// all earlier ones. It survives the end of the process, sealed under the PIN.
    pub fn recovery_code(&self) -> Result<Option<SecretText>, TokenError> {
        guarded(&self.core, || self.core.recovery_code())
    }

    /// The user has written the recovery code down: it is forgotten and never shown again.
    pub fn acknowledge_recovery_code(&self) -> Result<(), TokenError> {
        guarded(&self.core, || self.core.acknowledge_recovery_code())
    }
}
