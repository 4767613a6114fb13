//! What an issuer demands of the app that holds its identity. Where several issuers differ, the strictest wins.

/// The rules that come with one identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

impl Policy {
    /// The strictest of all: every demand of any policy holds.
    pub fn strictest(policies: impl IntoIterator<Item = Policy>) -> Policy {
        policies.into_iter().fold(Policy::default(), |a, b| Policy {
            pin: PinRules { min_digits: a.pin.min_digits.max(b.pin.min_digits) },
            forbid_biometric: a.forbid_biometric || b.forbid_biometric,
            forbid_backup: a.forbid_backup || b.forbid_backup,
            verify_user: a.verify_user || b.verify_user,
        })
    }
}

/// Rules for the vault's PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinRules {
    /// Least number of digits, 4 to 12.
    pub min_digits: u8,
}

impl Default for PinRules {
    fn default() -> Self {
        Self { min_digits: MIN_PIN_DIGITS }
    }
}

/// No issuer can ask for less.
pub const MIN_PIN_DIGITS: u8 = 4;
/// No issuer can ask for more.
pub const MAX_PIN_DIGITS: u8 = 12;
