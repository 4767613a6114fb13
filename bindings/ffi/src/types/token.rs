//! What the token says of itself: its state, what issuers demand, how the clock looks.

use super::*;

/// Where the vault is.
#[uniffi::remote(Record)]
pub struct OpenConfig {
    /// The folder that holds (or will hold) `vault.db` and `vault.lock`.
    pub folder: FilePath,
}

/// What the whole token needs next.
#[uniffi::remote(Enum)]
pub enum TokenState {
    /// No vault yet: set a PIN.
    Fresh,
    /// The PIN opens it.
    Locked {
        /// Wrong PINs left before the vault blocks.
        attempts_left: u32,
        /// Seconds the user should wait before the next try.
        retry_after: u32,
    },
    /// Too many wrong PINs; any one of these opens its group.
    Blocked {
        /// What to tell the issuer.
        ask: Vec<ResetRequest>,
    },
    /// Open.
    Ready,
    /// The file was damaged and set aside under this name; setting a PIN starts anew.
    Damaged {
        /// Where the damaged file is now; `None` when it could not be moved and stays in its place.
        kept_at: Option<FilePath>,
    },
    /// The vault's device keys are not on this device.
    DeviceKeyLost,
}

/// A PIN reset code and whom to tell it.
#[uniffi::remote(Record)]
pub struct ResetRequest {
    /// Issuer as the user reads it.
    pub issuer: String,
    /// Serial number at the issuer.
    pub serial: Option<String>,
    /// Nine digits.
    pub reset_code: String,
}

/// What can be told without the PIN.
#[uniffi::remote(Record)]
pub struct StatusView {
    /// The token's state.
    pub state: TokenState,
    /// Number of identities, pending ones not counted.
    pub identities: u32,
    /// Where the device keys live.
    pub assurance: AssuranceLevel,
    /// Whom to ask for an unlock code: the same as in `Blocked`, and in a vault whose PIN is good again the groups that
    /// still wait for a code of their own.
    pub ask: Vec<ResetRequest>,
}

/// What an unlock code did.
#[uniffi::remote(Record)]
pub struct RedeemedView {
    /// Names of pending activations that were lost with the PIN; none that this version stored.
    pub lost: Vec<String>,
    /// Names of deleted identities whose issuers will not hear of it any more: the user tells them.
    pub untold: Vec<String>,
}

/// What one identity's issuer demands.
#[uniffi::remote(Record)]
pub struct PolicyView {
    /// Which identity.
    pub id: IdentityId,
    /// Its name.
    pub name: String,
    /// Its issuer.
    pub issuer: String,
    /// The demands.
    pub policy: Policy,
}

/// The rules that come with one identity.
#[uniffi::remote(Record)]
pub struct Policy {
    /// Rules for the vault's PIN.
    pub pin: PinRules,
    /// The issuer forbids biometric unlock.
    pub forbid_biometric: bool,
    /// The issuer forbids a backup of this identity.
    pub forbid_backup: bool,
    /// The issuer wants the device to be verified before a code is shown (privacyIDEA `app_force_unlock`, `pin=True`).
    pub verify_user: bool,
}

/// Rules for the vault's PIN.
#[uniffi::remote(Record)]
pub struct PinRules {
    /// Least number of digits, 4 to 12.
    pub min_digits: u8,
}

/// How the device's clock looks from inside, without network.
#[uniffi::remote(Record)]
pub struct ClockView {
    /// The device's clock.
    pub now: UnixTime,
    /// The clock stands before this program was made, or implausibly far ahead.
    pub implausible: bool,
    /// Seconds the clock jumped against the monotonic clock since the token was opened.
    pub jumped: i64,
    /// Identities with a learned offset, in seconds.
    pub offsets: Vec<LearnedOffset>,
}

/// What the platform's biometric prompt is to evaluate.
#[uniffi::remote(Record)]
pub struct BiometricAsk {
    /// The device key.
    pub alias: String,
    /// Its input; no secret.
    pub input: BiometricInput,
}
