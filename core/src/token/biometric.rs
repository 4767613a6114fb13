//! The facade's verbs on biometric unlock.
//!
//! The platform shows its own prompt and evaluates a device key behind it; the core says which key and
//! input, and takes the 32 bytes that come back.

use super::SoftToken;
use crate::TokenError;
use crate::error::{DeviceKeyProblem, Needed};
use crate::ports::{LogEvent, LogLevel};
use crate::secret::Key;
use crate::vault::{self, BiometricAsk};

impl SoftToken {
    /// True when the vault can be opened by fingerprint or face, once the PIN is not due. Needs no PIN.
    pub fn has_biometrics(&self) -> Result<bool, TokenError> {
        Ok(self.desk()?.vault()?.has_biometrics()?)
    }

    /// Makes the device key for biometric unlock of the open vault: show the platform's prompt for it, then
    /// call [`enable_biometrics`](Self::enable_biometrics) with its answer.
    ///
    /// # Errors
    /// `Unsupported{Biometrics}` when an issuer forbids it; `DeviceKeyFailed{Unsupported}` where the platform
    /// has none; `VaultLocked`.
    pub fn begin_biometrics(&self) -> Result<BiometricAsk, TokenError> {
        let _entered = self.gate.enter()?;
        vault::begin_biometrics(self, &self.flow_device())
    }

    /// Switches biometric unlock on with the answer (32 bytes) to what `begin_biometrics` asked.
    ///
    /// # Errors
    /// `StaleInput` when nothing was begun; `DeviceKeyFailed{Faulty}` for an answer that is none.
    pub fn enable_biometrics(&self, output: &[u8]) -> Result<(), TokenError> {
        let answer = answer(output)?;
        let now = self.clock().elapsed().ok();
        let _entered = self.gate.enter()?;
        vault::enable_biometrics(self, &self.flow_device(), &answer, now)
    }

    /// What the platform's prompt is to evaluate so that the locked vault opens.
    ///
    /// # Errors
    /// `InputNeeded{Pin}` when the PIN is due: after 72 hours, after a restart of the device, after five answers
    /// that opened nothing; `Unsupported{Biometrics}` when it is not enabled; `PinBlocked`.
    pub fn biometric_request(&self) -> Result<BiometricAsk, TokenError> {
        let now = self.clock().elapsed().ok();
        Ok(self.desk()?.vault()?.biometric_ask(now)?)
    }

    /// Opens the vault with the answer (32 bytes) to [`biometric_request`](Self::biometric_request). Tries with
    /// the PIN stay as they are.
    ///
    /// # Errors
    /// As `biometric_request`; `InputNeeded{Pin}` also for an answer that opens nothing.
    pub fn unlock_with_biometric(&self, output: &[u8]) -> Result<(), TokenError> {
        let answer = answer(output).map_err(|_| TokenError::InputNeeded { what: Needed::Pin })?;
        let now = self.clock().elapsed().ok();
        let _entered = self.gate.enter()?;
        vault::unlock_with_biometric(self, &answer, now).inspect_err(|error| {
            if *error == TokenError::VaultDamaged {
                self.keep_damaged();
            }
        })?;
        self.log(LogLevel::Info, LogEvent::Unlocked);
        Ok(())
    }

    /// Switches biometric unlock off and deletes its device key, open or locked; also right when the platform
    /// says that the key has become invalid. Fine when it is off.
    pub fn disable_biometrics(&self) -> Result<(), TokenError> {
        let _entered = self.gate.enter()?;
        vault::disable_biometrics(self, &self.flow_device())
    }
}

/// An all-zero answer is what broken key stores give.
fn answer(output: &[u8]) -> Result<Key<32>, TokenError> {
    let faulty = TokenError::DeviceKeyFailed { problem: DeviceKeyProblem::Faulty };
    let key = Key::from_slice(output).ok_or(faulty.clone())?;
    if bool::from(subtle::ConstantTimeEq::ct_eq(&key.expose()[..], &[0; 32][..])) {
        Err(faulty)
    } else {
        Ok(key)
    }
}
