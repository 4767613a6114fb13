//! What a platform's hooks say and hear. The hooks themselves are in [`crate::hooks`].

use super::*;

/// A reading of the monotonic clock.
#[uniffi::remote(Record)]
pub struct Elapsed {
    /// Changes with every boot of the device.
    pub boot_id: u64,
    /// Milliseconds since that boot.
    pub millis: u64,
}

/// What a key store can do.
#[uniffi::remote(Record)]
pub struct DeviceKeyCaps {
    /// Where the keys live.
    pub level: AssuranceLevel,
    /// What `DeviceKey::eval` computes.
    pub kind: DeviceKeyKind,
    /// True when the hardware can limit a key to one use.
    pub single_use: bool,
    /// Where the keys of a new vault are kept.
    pub store: KeyStore,
}

/// What keeps device keys. The vault's header says where its own were put.
#[uniffi::remote(Enum)]
pub enum KeyStore {
    /// Files that only their owner may read.
    Files,
    /// The desktop's key store, which opens with the desktop's session.
    Desktop,
    /// Secure hardware.
    Hardware,
}

/// Where device keys live, worst first.
#[uniffi::remote(Enum)]
pub enum AssuranceLevel {
    /// Files or the desktop's key store: binds users of the program only.
    Software,
    /// A trusted execution environment.
    Tee,
    /// Android StrongBox.
    StrongBox,
    /// Apple's Secure Enclave.
    SecureEnclave,
}

/// The operation behind `DeviceKey::eval`.
#[uniffi::remote(Enum)]
pub enum DeviceKeyKind {
    /// HMAC-SHA256 of the input.
    HmacSha256,
    /// ECDH on P-256 with a point that the core derives from the input (Secure Enclave).
    EcdhP256,
}

/// How important an event is.
#[uniffi::remote(Enum)]
pub enum LogLevel {
    /// For developers.
    Debug,
    /// Normal life.
    Info,
    /// Something the user may have to act on.
    Warning,
}

/// What happened. Fields are numbers and enums of our own: no name, no text, no secret.
#[uniffi::remote(Enum)]
pub enum LogEvent {
    /// The vault file was opened.
    VaultOpened {
        /// Schema version of the file.
        schema: u32,
    },
    /// A damaged vault file was renamed and kept.
    VaultSetAside,
    /// A PIN was set or changed.
    PinSet,
    /// The vault was unlocked.
    Unlocked,
    /// A wrong PIN was entered.
    WrongPin,
    /// The vault was locked.
    Locked,
    /// The PIN was destroyed: five wrong ones, or given up.
    PinBlocked,
    /// An unlock code or recovery code opened something.
    UnlockCodeUsed,
    /// An unlock code opened nothing.
    WrongUnlockCode,
    /// Unlock codes could not be prepared; the next unlock tries again.
    NotArmed,
    /// An identity was added.
    IdentityAdded,
    /// An identity was removed.
    IdentityRemoved,
    /// A backup of this many identities was made.
    BackupMade {
        /// Identities in the file.
        identities: u32,
    },
    /// A text was refused at a front door.
    TextRefused,
    /// The QR decoder panicked and was caught.
    QrDecoderPanicked,
}
