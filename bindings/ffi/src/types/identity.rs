//! What a list shows of an identity. No secret is among it.

use super::*;

/// One line of the list.
///
/// What only the record knows (kind, algorithm, digits, period, badge) is `None` where the record is
/// not open: the vault is locked, or the identity waits for its unlock code.
#[uniffi::remote(Record)]
pub struct IdentityView {
    /// Which identity.
    pub id: IdentityId,
    /// Its unique name.
    pub name: String,
    /// The issuer; may be empty.
    pub issuer: String,
    /// The account; may be empty.
    pub account: String,
    /// The serial number at the issuer, if there is one.
    pub serial: Option<String>,
    /// How codes are made.
    pub kind: Option<CodeKind>,
    /// The HMAC hash; `None` for mOTP too, which has no HMAC.
    pub algorithm: Option<Algorithm>,
    /// Characters of a code; 0 for an OCRA suite that shows the whole HMAC.
    pub digits: Option<u8>,
    /// Seconds of a time step; `None` for kinds without time.
    pub period: Option<u32>,
    /// Whether it can be used.
    pub state: IdentityState,
    /// Why it shows no codes although it is active: what its issuer has said.
    pub stopped: Option<Stopped>,
    /// A warning beside the name.
    pub badge: Option<Badge>,
    /// What the user must type at the issuer, while it is pending.
    pub registration_code: Option<String>,
}

/// Whether an identity can be used.
#[uniffi::remote(Enum)]
pub enum IdentityState {
    /// It is activated, and makes codes unless it is `stopped`.
    Active,
    /// The issuer has not confirmed it yet.
    Pending,
    /// Another group of the vault was unlocked; this one waits for its own unlock code.
    NeedsUnlockCode,
}

/// How an identity makes its codes. The day password is TOTP.
#[uniffi::remote(Enum)]
pub enum CodeKind {
    /// RFC 6238.
    Totp,
    /// RFC 4226.
    Hotp,
    /// RFC 6287.
    Ocra,
    /// Steam Guard.
    Steam,
    /// mOTP.
    Motp,
    /// Yandex Key.
    Yandex,
    /// Legacy MobilePASS.
    MobilePass,
}

/// The HMAC hash. An unknown name is an error everywhere, never SHA-1 in silence.
#[uniffi::remote(Enum)]
pub enum Algorithm {
    /// HMAC-SHA-1, the default of RFC 4226.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

/// A warning beside the name.
#[uniffi::remote(Enum)]
pub enum Badge {
    /// A legacy activation: little entropy.
    Legacy,
    /// A secret under 128 bits (RFC 4226 R6).
    Weak,
}

/// What an issuer has said of an identity of which it takes no codes (`core/PROTOCOL.md` 9.3).
#[uniffi::remote(Record)]
pub struct Stopped {
    /// What it said.
    pub why: StopReason,
    /// When this device heard it first.
    pub since: UnixTime,
}
