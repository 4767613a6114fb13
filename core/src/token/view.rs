//! What the facade hands out. Codes are strings for a screen; nothing here makes further codes.

use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::identity::{IdentityId, Policy};
use crate::ports::AssuranceLevel;
use crate::time::UnixTime;

/// What the whole token needs next.
#[derive(Debug, Clone, PartialEq, Eq)]
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
        kept_at: Option<PathBuf>,
    },
    /// The vault's device keys are not on this device.
    DeviceKeyLost,
}

/// A PIN reset code and whom to tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetRequest {
    /// Issuer as the user reads it.
    pub issuer: String,
    /// Serial number at the issuer.
    pub serial: Option<String>,
    /// Nine digits.
    pub reset_code: String,
}

/// What can be told without the PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// All codes at one moment.
pub struct CodeSheet {
    /// The moment.
    pub at: UnixTime,
    /// When to read again: the first end of any code's window.
    pub next_change: UnixTime,
    /// One row an identity, in the user's order; pending ones that have a live code come last.
    pub codes: Vec<CodeView>,
}

/// The code of one identity. No `Debug`: a code is a secret for as long as it lives.
pub struct CodeView {
    /// Which identity.
    pub id: IdentityId,
    /// Its name.
    pub name: String,
    /// The code; `None` for event-based and challenge-based identities.
    pub code: Option<Zeroizing<String>>,
    /// From when the code is right; `None` without a time step.
    pub valid_from: Option<UnixTime>,
    /// Until when (exclusive).
    pub valid_until: Option<UnixTime>,
    /// The following code, for time-based identities.
    pub next: Option<Zeroizing<String>>,
    /// The counter this code belongs to, for event-based identities.
    pub counter: Option<u64>,
}

/// The two codes an issuer may ask for when clocks or counters have drifted apart.
pub struct ResyncView {
    /// The current code and its step or counter.
    pub current: NumberedCode,
    /// The code after it.
    pub following: NumberedCode,
}

/// A code and its number.
pub struct NumberedCode {
    /// TOTP step or HOTP counter.
    pub number: u64,
    /// The code.
    pub code: Zeroizing<String>,
}

/// What one identity's issuer demands.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// How the device's clock looks from inside, without network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockView {
    /// The device's clock.
    pub now: UnixTime,
    /// The clock stands before this program was made, or implausibly far ahead.
    pub implausible: bool,
    /// Seconds the clock jumped against the monotonic clock since the token was opened.
    pub jumped: i64,
    /// Identities with a learned offset, in seconds.
    pub offsets: Vec<(IdentityId, i64)>,
}
