//! What a platform supplies: four small synchronous interfaces in one [`Hooks`].
//!
//! Every method can fail. Whatever goes wrong in one (an exception that was not announced, a panic, an answer
//! of the wrong length) becomes a [`HookError`] and then a typed error of the verb that asked; the process
//! lives. A hook is called on the thread of that verb, with no lock of the token held. It must not call the
//! token (that is refused with `StaleInput`), nor wait for another thread that does.

mod adapters;

use std::sync::Arc;

use softtoken_core::ports;

use crate::types::{DeviceKeyCaps, Elapsed, LogEvent, LogLevel, UnixTime};

/// The platform's hooks, handed over once when the token is opened.
#[derive(Clone, uniffi::Record)]
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
#[uniffi::export(with_foreign)]
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn now(&self) -> Result<UnixTime, HookError>;
    /// Milliseconds that never run backwards within one boot, and which boot that is.
    fn elapsed(&self) -> Result<Elapsed, HookError>;
}

/// Keys that stay in the device: hardware where there is one.
///
/// An alias is 32 lower-case hexadecimal digits of the vault, a slash and a name: `…/meta`, `…/pin.1`.
#[uniffi::export(with_foreign)]
pub trait DeviceKey: Send + Sync {
    /// What this key store can do.
    fn caps(&self) -> Result<DeviceKeyCaps, HookError>;
    /// Makes a random key under `alias` and stores it durably. An existing key of that alias is an error.
    fn create(&self, alias: String) -> Result<(), HookError>;
    /// The same for a key that answers only behind the platform's own prompt for a fingerprint or face, and
    /// dies when these are enrolled anew. `Unsupported` where there is none.
    fn create_biometric(&self, alias: String) -> Result<(), HookError>;
    /// A pseudo-random function under the key, HMAC-SHA256 or equivalent: 32 bytes in, 32 bytes out. The
    /// buffer of the answer is wiped here; a copy that the platform keeps is its own to wipe.
    fn eval(&self, alias: String, input: Vec<u8>) -> Result<Vec<u8>, HookError>;
    /// Deletes the key, durably; a missing one is not an error.
    fn delete(&self, alias: String) -> Result<(), HookError>;
    /// All aliases of one vault (`vault` is the 32 digits before the slash).
    fn list(&self, vault: String) -> Result<Vec<String>, HookError>;
}

/// What the device says of itself, for summaries and policies; never trusted as proof.
#[uniffi::export(with_foreign)]
pub trait DeviceSignals: Send + Sync {
    /// A label a user recognises, for instance the device's name; at most 64 characters are used.
    fn label(&self) -> Result<String, HookError>;
}

/// Receives the token's events. What it throws is ignored.
#[uniffi::export(with_foreign)]
pub trait LogSink: Send + Sync {
    /// One event. Must not call the token.
    fn log(&self, level: LogLevel, event: LogEvent) -> Result<(), HookError>;
}

/// Why a hook failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
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
    /// The platform's own code is wrong. An exception that was not announced is this one, too.
    #[error("the platform's part is faulty")]
    Faulty,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for HookError {
    /// The reason holds a stack trace of foreign code, which may hold anything: it is dropped here.
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Faulty
    }
}

impl From<HookError> for ports::HookError {
    fn from(error: HookError) -> Self {
        match error {
            HookError::Transient => Self::Transient,
            HookError::UserCancelled => Self::UserCancelled,
            HookError::Invalidated => Self::Invalidated,
            HookError::Lost => Self::Lost,
            HookError::Unsupported => Self::Unsupported,
            HookError::Faulty => Self::Faulty,
        }
    }
}
