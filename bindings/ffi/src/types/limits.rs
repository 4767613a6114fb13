//! The limits that an app shows or builds its controls from, so that no kit writes them down again.

use softtoken_core::TokenError;
use softtoken_core::identity::{MAX_NAME_CHARS, MAX_PIN_DIGITS, MIN_PIN_DIGITS};
use softtoken_core::token::{AUTO_LOCK, AUTO_LOCK_LIMITS};
use softtoken_core::transfer::backup::{MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS};
use softtoken_core::vault::MAX_EVENTS;

/// Limits of what a user types or chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct Limits {
    /// Fewest digits of a PIN; an issuer can demand more.
    pub min_pin_digits: u8,
    /// Most digits of a PIN.
    pub max_pin_digits: u8,
    /// Longest name of an identity, in characters.
    pub max_name_chars: u32,
    /// Fewest characters of a backup's password.
    pub min_password_chars: u32,
    /// Most characters of a backup's password.
    pub max_password_chars: u32,
    /// Seconds without a touch after which an app locks, unless the user chose another time.
    pub auto_lock: u32,
    /// The shortest time that the user can choose, in seconds.
    pub min_auto_lock: u32,
    /// The longest, in seconds.
    pub max_auto_lock: u32,
    /// Most events that the log keeps.
    pub max_events: u32,
}

/// The limits of what a user types or chooses.
#[uniffi::export]
pub fn limits() -> Result<Limits, TokenError> {
    let count = |number: usize| u32::try_from(number).map_err(|_| TokenError::Internal);
    Ok(Limits {
        min_pin_digits: MIN_PIN_DIGITS,
        max_pin_digits: MAX_PIN_DIGITS,
        max_name_chars: count(MAX_NAME_CHARS)?,
        min_password_chars: count(MIN_PASSWORD_CHARS)?,
        max_password_chars: count(MAX_PASSWORD_CHARS)?,
        auto_lock: AUTO_LOCK,
        min_auto_lock: *AUTO_LOCK_LIMITS.start(),
        max_auto_lock: *AUTO_LOCK_LIMITS.end(),
        max_events: MAX_EVENTS,
    })
}
