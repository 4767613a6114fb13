//! [`SoftToken`], the facade: every public verb, each in a few lines.
//!
//! One token per process and vault. All verbs are synchronous and return a `Result`; none panics.
//! The mutex is never held while a hook runs (see `guard`), and a verb that needs the PIN answers
//! [`TokenError::VaultLocked`] without it.

mod activation;
mod backup;
mod biometric;
mod codes;
mod contact;
mod contact_desk;
mod contact_run;
mod desk;
mod desk_drafts;
mod desk_identities;
mod errors;
mod events;
mod flows;
mod found;
mod guard;
mod identities;
mod lock;
mod rows;
mod scan;
mod unlock;
mod view;
mod world;

pub use activation::Activation;
pub use backup::{BackupFile, LeftOutReason, LeftOutView};
pub use contact::{
    ContactEnd, ContactInput, ContactNews, ContactState, ContactStep, DeletionView, IssuerContact,
};
pub use events::EventView;
pub use lock::{AUTO_LOCK, AUTO_LOCK_LIMITS};
pub use scan::ScanResult;
pub use unlock::RedeemedView;
pub use view::{
    ClockView, CodeSheet, CodeView, NumberedCode, PolicyView, ResetRequest, ResyncView, StatusView,
    TokenState,
};

use std::path::PathBuf;
use std::sync::Arc;

use self::desk::Desk;
use self::flows::Gate;
use self::found::Closed;
use self::guard::{Guarded, Held};
use crate::TokenError;
use crate::doctor::ClockReading;
use crate::lock::KdfProfile;
use crate::ports::{Clock, DeviceKey, Hooks, LogEvent, LogLevel};
use crate::random::Random;
use crate::time::UnixTime;
use crate::vault::Vault;

/// Where the vault is.
#[derive(Debug, Clone)]
pub struct OpenConfig {
    /// The folder that holds (or will hold) `vault.db` and `vault.lock`.
    pub folder: PathBuf,
}

/// The token: one vault, its lock, its identities and running activations.
pub struct SoftToken {
    config: OpenConfig,
    hooks: Hooks,
    kdf: KdfProfile,
    random: Random,
    opened: ClockReading,
    desk: Guarded<Desk>,
    gate: Gate,
}

impl SoftToken {
    /// Opens the vault in `config.folder`, or prepares for making one.
    ///
    /// A damaged vault is set aside and a missing device key reported by [`state`](Self::state), so
    /// that an app can explain; both are no errors here.
    ///
    /// # Errors
    /// `VaultBusy` when another process has it open, `VaultTooNew`, `VaultFile` when the folder cannot
    /// be read, `DeviceKeyFailed`.
    pub fn open(config: OpenConfig, hooks: Hooks) -> Result<Arc<Self>, TokenError> {
        Self::open_with(config, hooks, KdfProfile::standard(), Random::system())
    }

    /// [`open`](Self::open) with seeded randomness and a cheap key derivation; tests only.
    #[cfg(any(test, feature = "testing"))]
    pub fn open_for_tests(
        config: OpenConfig,
        hooks: Hooks,
        kdf: KdfProfile,
        random: Random,
    ) -> Result<Arc<Self>, TokenError> {
        Self::open_with(config, hooks, kdf, random)
    }

    /// Panics while the vault is under the mutex, as a fault of ours would; tests only.
    #[cfg(any(test, feature = "testing"))]
    #[allow(clippy::panic, reason = "that is its purpose")]
    pub fn panic_inside(&self) -> Result<(), TokenError> {
        let _desk = self.desk()?;
        panic!("asked for by a test");
    }

    fn open_with(
        config: OpenConfig,
        hooks: Hooks,
        kdf: KdfProfile,
        random: Random,
    ) -> Result<Arc<Self>, TokenError> {
        let opened = ClockReading { now: hooks.clock.now()?, elapsed: hooks.clock.elapsed()? };
        let desk = Desk::open(&config.folder, hooks.device_key.as_ref(), random.fork())?;
        let token = Self { config, hooks, kdf, random, opened, desk: Guarded::new(desk), gate: Gate::new() };
        token.log(LogLevel::Info, LogEvent::VaultOpened { schema: crate::vault::SCHEMA });
        Ok(Arc::new(token))
    }

    /// The desk, told the time for what it may write to the event log.
    fn desk(&self) -> Result<Held<'_, Desk>, TokenError> {
        self.refresh()?;
        self.desk_at(self.clock().now().ok())
    }

    /// After a commit that failed: reads what is on the disk, before anything else is done. The vault is
    /// locked then.
    fn refresh(&self) -> Result<(), TokenError> {
        // In a statement of its own: hooks are called below, with the mutex free.
        let closed = self.desk.take()?.take_closed();
        let opened = match closed {
            None => return Ok(()),
            Some(Closed::InDoubt(vault)) => vault.reopen(self.device_key()),
            Some(Closed::Folder) => Vault::open(&self.config.folder, self.device_key(), self.random.fork()),
        };
        self.desk.take()?.put_back(opened)
    }

    /// The same where the clock was read before another mutex was taken.
    fn desk_at(&self, now: Option<UnixTime>) -> Result<Held<'_, Desk>, TokenError> {
        let mut desk = self.desk.take()?;
        desk.tell_time(now);
        Ok(desk)
    }

    fn clock(&self) -> &dyn Clock {
        guard::assert_not_held();
        self.hooks.clock.as_ref()
    }

    fn device_key(&self) -> &dyn DeviceKey {
        guard::assert_not_held();
        self.hooks.device_key.as_ref()
    }

    fn log(&self, level: LogLevel, event: LogEvent) {
        guard::assert_not_held();
        self.hooks.log.log(level, event);
    }
}
