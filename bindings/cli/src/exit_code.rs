//! From the core's error to the process's exit code and the `kind` of a JSON error.
//!
//! | Code | Meaning |
//! |---|---|
//! | 0, 1, 2 | done, anything else, usage |
//! | 3, 4, 5 | not understood, name taken, activation over |
//! | 6, 7 | wrong secret, PIN blocked |
//! | 8, 9 | the issuer refuses, no network |
//! | 10, 11 | the vault cannot be used, a person is needed |

use softtoken_core::TokenError;

/// Anything that has no code of its own.
pub const OTHER: u8 = 1;
/// The arguments do not fit.
pub const USAGE: u8 = 2;
/// A person has to supply something.
pub const PERSON_NEEDED: u8 = 11;

/// The `kind` (the variant's name) and the exit code.
pub fn verdict(error: &TokenError) -> (&'static str, u8) {
    match error {
        TokenError::ActivationPending { .. } => ("ActivationPending", 8),
        TokenError::AlreadyUsed => ("AlreadyUsed", 5),
        TokenError::ConsentNeeded => ("ConsentNeeded", PERSON_NEEDED),
        TokenError::Declined => ("Declined", 8),
        TokenError::DeviceKeyFailed { .. } => ("DeviceKeyFailed", OTHER),
        TokenError::DeviceKeyLost => ("DeviceKeyLost", 10),
        TokenError::Expired => ("Expired", 5),
        TokenError::InputNeeded { .. } => ("InputNeeded", PERSON_NEEDED),
        TokenError::Internal => ("Internal", OTHER),
        TokenError::NameTaken { .. } => ("NameTaken", 4),
        TokenError::NoNetwork => ("NoNetwork", 9),
        TokenError::NotForThisApp => ("NotForThisApp", 3),
        TokenError::NotUnderstood { .. } => ("NotUnderstood", 3),
        TokenError::NotYet { .. } => ("NotYet", OTHER),
        TokenError::PinBlocked => ("PinBlocked", 7),
        TokenError::PinRefused { .. } => ("PinRefused", OTHER),
        TokenError::ServerRefused { .. } => ("ServerRefused", 8),
        TokenError::StaleInput => ("StaleInput", OTHER),
        TokenError::Stopped { .. } => ("Stopped", 8),
        TokenError::Superseded => ("Superseded", 5),
        TokenError::UnknownIdentity => ("UnknownIdentity", OTHER),
        TokenError::Unsupported { .. } => ("Unsupported", 8),
        TokenError::Untrusted { .. } => ("Untrusted", 8),
        TokenError::VaultBusy => ("VaultBusy", 10),
        TokenError::VaultDamaged => ("VaultDamaged", 10),
        TokenError::VaultExists => ("VaultExists", OTHER),
        TokenError::VaultFile { .. } => ("VaultFile", OTHER),
        TokenError::VaultLocked => ("VaultLocked", OTHER),
        TokenError::VaultTooNew { .. } => ("VaultTooNew", 10),
        TokenError::VerificationOpen { .. } => ("VerificationOpen", 8),
        TokenError::VerificationRefused { .. } => ("VerificationRefused", 8),
        TokenError::Void => ("Void", 5),
        TokenError::WrongPassword { .. } => ("WrongPassword", 6),
        TokenError::WrongPin { .. } => ("WrongPin", 6),
        TokenError::WrongUnlockCode { .. } => ("WrongUnlockCode", 6),
    }
}
