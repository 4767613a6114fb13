//! The one public error, ordered by what a user can do about it.
//!
//! Rooms have errors of their own; `token` maps every one of them to a [`TokenError`] in one
//! exhaustive place. Payloads are enums, numbers and the user's own names: no text of a dependency,
//! no byte of an input. Sentences for people live in the kits and in the command.

mod payload;

use crate::time::UnixTime;
pub use payload::{
    DeviceKeyProblem, Feature, FileProblem, Needed, Part, PinProblem, Problem, StopReason, Unsupported,
    Untrusted, VerificationKind, VerificationRefusal,
};

/// Everything that can go wrong, for every public verb.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Another activation over the network is under way: finish it or give it up first.
    #[error("another activation is pending")]
    ActivationPending {
        /// The id of the pending identity.
        id: [u8; 16],
    },
    /// The activation was used on another device.
    #[error("the activation was already used")]
    AlreadyUsed,
    /// The user has to agree first.
    #[error("consent is needed")]
    ConsentNeeded,
    /// The issuer, a person or a policy there, has declined.
    #[error("declined by the issuer")]
    Declined,
    /// The device's key store failed.
    #[error("the device key store failed")]
    DeviceKeyFailed {
        /// How.
        problem: DeviceKeyProblem,
    },
    /// The vault's device keys are not on this device: the vault was copied, or the keys were deleted.
    #[error("the device keys of this vault are not on this device")]
    DeviceKeyLost,
    /// The activation has expired; the portal can send another.
    #[error("the activation has expired")]
    Expired,
    /// Something only the user can supply is missing.
    #[error("input is needed")]
    InputNeeded {
        /// What.
        what: Needed,
    },
    /// A fault of ours; the token locks itself.
    #[error("internal error")]
    Internal,
    /// "An identity with the specified name already exists."
    #[error("an identity with the specified name already exists")]
    NameTaken {
        /// A free name close to the wanted one.
        suggestion: String,
    },
    /// The issuer could not be reached.
    #[error("no network")]
    NoNetwork,
    /// The text is meant for another program.
    #[error("not for this app")]
    NotForThisApp,
    /// This version does not do it yet.
    #[error("not yet")]
    NotYet {
        /// What it would have been.
        feature: Feature,
    },
    /// A text, file or value is malformed.
    #[error("not understood")]
    NotUnderstood {
        /// Which part of it.
        part: Part,
        /// What is wrong with that part.
        problem: Problem,
        /// Where in the part, counted in characters from 0, when that helps.
        position: Option<u32>,
    },
    /// Too many wrong PINs: an unlock code is needed.
    #[error("the PIN is blocked")]
    PinBlocked,
    /// The new PIN is not good enough.
    #[error("the PIN is refused")]
    PinRefused {
        /// Why.
        problem: PinProblem,
    },
    /// The issuer refused.
    #[error("the issuer refused")]
    ServerRefused {
        /// HTTP status, or the issuer's own number.
        status: u16,
    },
    /// A reply to an older question: nothing was changed.
    #[error("stale input")]
    StaleInput,
    /// The issuer has said that it takes no codes of this identity: it shows none.
    #[error("the issuer takes no codes of this identity")]
    Stopped {
        /// What the issuer said.
        why: StopReason,
        /// When this device heard it.
        since: UnixTime,
    },
    /// A newer activation replaced this one.
    #[error("superseded by a newer activation")]
    Superseded,
    /// No identity has this id.
    #[error("unknown identity")]
    UnknownIdentity,
    /// Understood, and not supported.
    #[error("not supported")]
    Unsupported {
        /// What.
        what: Unsupported,
    },
    /// Somebody else answered, or what was answered proves nothing: nothing of it was taken.
    #[error("not from the issuer")]
    Untrusted {
        /// What is not trusted.
        what: Untrusted,
    },
    /// Another process has the vault open.
    #[error("the vault is in use by another program")]
    VaultBusy,
    /// The vault file is damaged; it is kept, never deleted.
    #[error("the vault is damaged")]
    VaultDamaged,
    /// There is a vault here already.
    #[error("the vault exists already")]
    VaultExists,
    /// The vault file could not be read or written (permissions, full disk).
    #[error("the vault file cannot be read or written")]
    VaultFile {
        /// How.
        problem: FileProblem,
    },
    /// The vault is locked: unlock it with the PIN first.
    #[error("the vault is locked")]
    VaultLocked,
    /// The vault was written by a newer version.
    #[error("the vault is from a newer version")]
    VaultTooNew {
        /// Schema version of the file.
        found: u32,
        /// Newest schema version this program knows.
        known: u32,
    },
    /// A verification in the browser is not done yet; the activation stays pending.
    #[error("a verification is not done yet")]
    VerificationOpen {
        /// Which.
        kind: VerificationKind,
    },
    /// The issuer has refused a verification.
    #[error("a verification was refused")]
    VerificationRefused {
        /// Which.
        kind: VerificationKind,
        /// Why.
        reason: VerificationRefusal,
    },
    /// Too many wrong passwords or registration codes: the issuer takes no more for this activation.
    #[error("the activation is void")]
    Void,
    /// The password does not open the QR code or file.
    #[error("wrong password")]
    WrongPassword {
        /// How many more may be tried, where somebody counts.
        tries_left: Option<u32>,
    },
    /// The PIN is wrong.
    #[error("wrong PIN")]
    WrongPin {
        /// How many more may be tried; with 0 the PIN is blocked now.
        attempts_left: u32,
    },
    /// The unlock code or recovery code opens nothing.
    #[error("wrong unlock code")]
    WrongUnlockCode {
        /// How many more may be tried; with 0 what is sealed must be activated again.
        tries_left: u32,
    },
}
