//! The verbs on the PIN.

use super::SoftToken;
use crate::guard::guarded;
use crate::types::TokenError;

#[uniffi::export]
impl SoftToken {
    /// Makes the vault under a new PIN (digits; other scripts' digits count as theirs) and leaves it open. After
    /// a damaged vault was set aside this starts anew; a blocked vault that no code can open any more is set
    /// aside here.
    ///
    /// Errors: `PinRefused` with the reason; `VaultExists` when there is a vault already.
    pub fn set_pin(&self, pin: &[u8]) -> Result<(), TokenError> {
        guarded(&self.core, || self.core.set_pin(pin))
    }

    /// Opens the vault with its PIN. Takes about a quarter of a second on purpose.
    ///
    /// Errors: `WrongPin` with the number of tries left; the fifth, with 0, blocks the vault. `PinBlocked` then.
    pub fn unlock(&self, pin: &[u8]) -> Result<(), TokenError> {
        guarded(&self.core, || self.core.unlock(pin))
    }

    /// Replaces the PIN of the open vault. The old one is asked again and counted like any try.
    ///
    /// Errors: `VaultLocked`, `WrongPin` for the old one, `PinRefused` for the new one (also by an issuer's rules).
    pub fn change_pin(&self, old: &[u8], new: &[u8]) -> Result<(), TokenError> {
        guarded(&self.core, || self.core.change_pin(old, new))
    }

    /// Forgets all keys and records. Locking what is locked is fine.
    pub fn lock(&self) -> Result<(), TokenError> {
        guarded(&self.core, || self.core.lock())
    }

    /// Seconds without a touch, or in the background, after which an app locks: what the user chose, else the
    /// default. The app does it; the token has no timer. Needs no PIN.
    pub fn auto_lock_after(&self) -> Result<u32, TokenError> {
        guarded(&self.core, || self.core.auto_lock_after())
    }

    /// Chooses another time, within `limits`.
    ///
    /// Errors: `NotUnderstood` with `Policy`, `OutOfRange`; `VaultLocked`.
    pub fn set_auto_lock_after(&self, seconds: u32) -> Result<(), TokenError> {
        guarded(&self.core, || self.core.set_auto_lock_after(seconds))
    }
}
