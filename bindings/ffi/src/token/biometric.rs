//! The verbs on biometric unlock. The platform shows its own prompt and evaluates a device key behind it; the
//! token says which key and input, and takes the 32 bytes that come back.

use super::SoftToken;
use crate::guard::guarded;
use crate::types::{BiometricAsk, TokenError};

#[uniffi::export]
impl SoftToken {
    /// True when the vault can be opened by fingerprint or face, once the PIN is not due. Needs no PIN.
    pub fn has_biometrics(&self) -> Result<bool, TokenError> {
        guarded(&self.core, || self.core.has_biometrics())
    }

    /// Makes the device key for biometric unlock of the open vault: show the platform's prompt for it, then call
    /// `enable_biometrics` with its answer.
    ///
    /// Errors: `Unsupported` with `Biometrics` when an issuer forbids it; `DeviceKeyFailed` with `Unsupported`
    /// where the platform has none; `VaultLocked`.
    pub fn begin_biometrics(&self) -> Result<BiometricAsk, TokenError> {
        guarded(&self.core, || self.core.begin_biometrics())
    }

    /// Switches biometric unlock on with the answer (32 bytes) to what `begin_biometrics` asked.
    ///
    /// Errors: `StaleInput` when nothing was begun; `DeviceKeyFailed` with `Faulty` for an answer that is none.
    pub fn enable_biometrics(&self, output: &[u8]) -> Result<(), TokenError> {
        guarded(&self.core, || self.core.enable_biometrics(output))
    }

    /// What the platform's prompt is to evaluate so that the locked vault opens.
    ///
    /// Errors: `InputNeeded` with `Pin` when the PIN is due: after 72 hours, after a restart of the device, after
    /// five answers that opened nothing; `Unsupported` with `Biometrics` when it is not enabled; `PinBlocked`.
    pub fn biometric_request(&self) -> Result<BiometricAsk, TokenError> {
        guarded(&self.core, || self.core.biometric_request())
    }

    /// Opens the vault with the answer (32 bytes) to `biometric_request`. Tries with the PIN stay as they are.
    ///
    /// Errors: as `biometric_request`; `InputNeeded` with `Pin` also for an answer that opens nothing.
    pub fn unlock_with_biometric(&self, output: &[u8]) -> Result<(), TokenError> {
        guarded(&self.core, || self.core.unlock_with_biometric(output))
    }

    /// Switches biometric unlock off and deletes its device key, open or locked; also right when the platform
    /// says that the key has become invalid. Fine when it is off.
    pub fn disable_biometrics(&self) -> Result<(), TokenError> {
        guarded(&self.core, || self.core.disable_biometrics())
    }
}
