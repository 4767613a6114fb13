//! What a platform supplies: clock, device key, device signals, log.
//!
//! All four are small and synchronous, and every method can fail: a failing hook becomes a typed
//! error, never a panic. The core calls a hook with no lock held.

use std::sync::Arc;

use crate::secret::Key;
use crate::time::UnixTime;

/// The platform's hooks, handed over once when the token is opened.
#[derive(Clone)]
pub struct Hooks {
    /// Wall clock and monotonic clock.
    pub clock: Arc<dyn Clock>,
    /// Keys that never leave the device.
    pub device_key: Arc<dyn DeviceKey>,
    /// What the device says of itself.
    pub signals: Arc<dyn DeviceSignals>,
    /// Receives events; an event is an enum, so there is nothing to redact.
    pub log: Arc<dyn LogSink>,
}

/// Wall clock and monotonic clock.
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn now(&self) -> Result<UnixTime, HookError>;
    /// Milliseconds that never run backwards within one boot, and which boot that is.
    fn elapsed(&self) -> Result<Elapsed, HookError>;
}

/// A reading of the monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elapsed {
    /// Changes with every boot of the device.
    pub boot_id: u64,
    /// Milliseconds since that boot.
    pub millis: u64,
}

/// Keys that stay in the device: hardware where there is one, files in the desktop's state directory otherwise.
///
/// An alias is `<32 lower-case hex digits of the vault id>/<name>`, for instance `…/meta`, `…/pin.1`, `…/state.7`.
pub trait DeviceKey: Send + Sync {
    /// What this key store can do.
    fn caps(&self) -> Result<DeviceKeyCaps, HookError>;
    /// Makes a random key under `alias` and stores it durably. An existing key of that alias is an error.
    fn create(&self, alias: &str) -> Result<(), HookError>;
    /// The same for a key that answers only behind the platform's own prompt for a fingerprint or face, and
    /// dies when these are enrolled anew. The platform evaluates it; the core never calls [`eval`](Self::eval)
    /// with it. `Unsupported` unless a platform has it.
    fn create_biometric(&self, _alias: &str) -> Result<(), HookError> {
        Err(HookError::Unsupported)
    }
    /// A pseudo-random function of 32 bytes under the key: HMAC-SHA256 or equivalent.
    fn eval(&self, alias: &str, input: &[u8; 32]) -> Result<Key<32>, HookError>;
    /// Deletes the key, durably; a missing one is not an error.
    fn delete(&self, alias: &str) -> Result<(), HookError>;
    /// All aliases of one vault (`vault` = the 32 hex digits before the slash).
    fn list(&self, vault: &str) -> Result<Vec<String>, HookError>;
}

/// What a key store can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceKeyCaps {
    /// Where the keys live.
    pub level: AssuranceLevel,
    /// What [`DeviceKey::eval`] computes.
    pub kind: DeviceKeyKind,
    /// True when the hardware can limit a key to one use.
    pub single_use: bool,
    /// Where the keys of a new vault are kept.
    pub store: KeyStore,
}

/// What keeps device keys. The vault's header says where its own were put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStore {
    /// Files that only their owner may read.
    Files,
    /// The desktop's key store, which opens with the desktop's session.
    Desktop,
    /// Secure hardware.
    Hardware,
}

/// Where device keys live, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

/// The operation behind [`DeviceKey::eval`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKeyKind {
    /// HMAC-SHA256 of the input.
    HmacSha256,
    /// ECDH on P-256 with a point that the core derives from the input (Secure Enclave).
    EcdhP256,
}

/// What the device says of itself, for summaries and policies; never trusted as proof.
pub trait DeviceSignals: Send + Sync {
    /// A label a user recognises, for instance the host name; at most 64 characters are used.
    fn label(&self) -> Result<String, HookError>;
}

/// Receives the core's events.
pub trait LogSink: Send + Sync {
    /// One event. Must not call back into the token.
    fn log(&self, level: LogLevel, event: LogEvent);
}

/// How important an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// For developers.
    Debug,
    /// Normal life.
    Info,
    /// Something the user may have to act on.
    Warning,
}

/// What happened. Fields are numbers and enums of our own: no name, no text, no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Why a hook failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    /// Try again.
    #[error("the platform service is busy")]
    Transient,
    /// The user dismissed a system prompt.
    #[error("the user cancelled")]
    UserCancelled,
    /// The key was invalidated (for instance by a new fingerprint).
    #[error("the device key was invalidated")]
    Invalidated,
    /// The key is not there.
    #[error("the device key is not there")]
    Lost,
    /// This platform cannot do it.
    #[error("not supported on this platform")]
    Unsupported,
    /// The platform's own code is wrong: it panicked, threw what it did not announce, or gave a wrong answer.
    #[error("the platform's part is faulty")]
    Faulty,
}
