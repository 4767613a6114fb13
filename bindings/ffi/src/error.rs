//! The one error of every verb, mirrored variant by variant: a new one in the core does not compile until it
//! is here, and then shows in the golden surface.
//!
//! In Kotlin it is `TokenException`, in Swift `TokenError`. Fields are enums, numbers, ids and the user's own
//! names: nothing of an input, no text of a dependency. Sentences for people live in the kits.

use crate::types::*;

/// Everything that can go wrong, for every public verb.
#[uniffi::remote(Error)]
pub enum TokenError {
    /// Another activation over the network is under way: finish it or give it up first.
    ActivationPending {
        /// The id of the pending identity.
        id: PendingId,
    },
    /// The activation was used on another device.
    AlreadyUsed,
    /// The user has to agree first.
    ConsentNeeded,
    /// The issuer, a person or a policy there, has declined.
    Declined,
    /// The device's key store failed.
    DeviceKeyFailed {
        /// How.
        problem: DeviceKeyProblem,
    },
    /// The vault's device keys are not on this device: the vault was copied, or the keys were deleted.
    DeviceKeyLost,
    /// The activation has expired; the portal can send another.
    Expired,
    /// Something only the user can supply is missing.
    InputNeeded {
        /// What.
        what: Needed,
    },
    /// A fault of ours; the token locks itself.
    Internal,
    /// "An identity with the specified name already exists."
    NameTaken {
        /// A free name close to the wanted one.
        suggestion: String,
    },
    /// The issuer could not be reached.
    NoNetwork,
    /// The text is meant for another program.
    NotForThisApp,
    /// This version does not do it yet.
    NotYet {
        /// What it would have been.
        feature: Feature,
    },
    /// A text, file or value is malformed.
    NotUnderstood {
        /// Which part of it.
        part: Part,
        /// What is wrong with that part.
        problem: Problem,
        /// Where in the part, counted in characters from 0, when that helps.
        position: Option<u32>,
    },
    /// Too many wrong PINs: an unlock code is needed.
    PinBlocked,
    /// The new PIN is not good enough.
    PinRefused {
        /// Why.
        problem: PinProblem,
    },
    /// The issuer refused.
    ServerRefused {
        /// HTTP status, or the issuer's own number.
        status: u16,
    },
    /// A reply to an older question: nothing was changed.
    StaleInput,
    /// The issuer has said that it takes no codes of this identity: it shows none.
    Stopped {
        /// What the issuer said.
        why: StopReason,
        /// When this device heard it.
        since: UnixTime,
    },
    /// A newer activation replaced this one.
    Superseded,
    /// No identity has this id.
    UnknownIdentity,
    /// Understood, and not supported.
    Unsupported {
        /// What.
        what: Unsupported,
    },
    /// Somebody else answered, or what was answered proves nothing: nothing of it was taken.
    Untrusted {
        /// What is not trusted.
        what: Untrusted,
    },
    /// Another process has the vault open.
    VaultBusy,
    /// The vault file is damaged; it is kept, never deleted.
    VaultDamaged,
    /// There is a vault here already.
    VaultExists,
    /// The vault file could not be read or written (permissions, full disk).
    VaultFile {
        /// How.
        problem: FileProblem,
    },
    /// The vault is locked: unlock it with the PIN first.
    VaultLocked,
    /// The vault was written by a newer version.
    VaultTooNew {
        /// Schema version of the file.
        found: u32,
        /// Newest schema version this program knows.
        known: u32,
    },
    /// A verification in the browser is not done yet; the activation stays pending.
    VerificationOpen {
        /// Which.
        kind: VerificationKind,
    },
    /// The issuer has refused a verification.
    VerificationRefused {
        /// Which.
        kind: VerificationKind,
        /// Why.
        reason: VerificationRefusal,
    },
    /// Too many wrong passwords or registration codes: the issuer takes no more for this activation.
    Void,
    /// The password does not open the QR code or file.
    WrongPassword {
        /// How many more may be tried, where somebody counts.
        tries_left: Option<u32>,
    },
    /// The PIN is wrong.
    WrongPin {
        /// How many more may be tried; with 0 the PIN is blocked now.
        attempts_left: u32,
    },
    /// The unlock code or recovery code opens nothing.
    WrongUnlockCode {
        /// How many more may be tried; with 0 what is sealed must be activated again.
        tries_left: u32,
    },
}
