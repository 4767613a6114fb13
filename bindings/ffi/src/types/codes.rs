//! Codes for a screen. A code is a secret as long as it lives, so it crosses as [`SecretText`], which
//! prints nothing in either language.

use super::*;

/// All codes at one moment.
#[uniffi::remote(Record)]
pub struct CodeSheet {
    /// The moment.
    pub at: UnixTime,
    /// When to read again: the first end of any code's window.
    pub next_change: UnixTime,
    /// One row an identity, in the user's order; pending ones that have a live code come last.
    pub codes: Vec<CodeView>,
}

/// The code of one identity. No `Debug`: a code is a secret for as long as it lives.
#[uniffi::remote(Record)]
pub struct CodeView {
    /// Which identity.
    pub id: IdentityId,
    /// Its name.
    pub name: String,
    /// The code; `None` for event-based and challenge-based identities.
    pub code: Option<SecretText>,
    /// From when the code is right; `None` without a time step.
    pub valid_from: Option<UnixTime>,
    /// Until when (exclusive).
    pub valid_until: Option<UnixTime>,
    /// The following code, for time-based identities.
    pub next: Option<SecretText>,
    /// The counter this code belongs to, for event-based identities.
    pub counter: Option<u64>,
}

/// The two codes an issuer may ask for when clocks or counters have drifted apart.
#[uniffi::remote(Record)]
pub struct ResyncView {
    /// The current code and its step or counter.
    pub current: NumberedCode,
    /// The code after it.
    pub following: NumberedCode,
}

/// A code and its number.
#[uniffi::remote(Record)]
pub struct NumberedCode {
    /// TOTP step or HOTP counter.
    pub number: u64,
    /// The code.
    pub code: SecretText,
}
