//! [`SoftToken`], the object: every verb of the core's facade, each in one line.
//!
//! Secrets come in borrowed (`&[u8]`: a direct `ByteBuffer` in Kotlin, `Data` in Swift) and are copied nowhere;
//! the caller wipes. An empty buffer means "none" where a secret is optional. Every verb may be called from any
//! thread, and one at a time does its work.

mod biometric;
mod identities;
mod lock;
mod sources;
mod unlock;

use std::sync::Arc;

pub use sources::ScanResult;

use crate::guard::{guarded, guarded_alone};
use crate::hooks::Hooks;
use crate::types::{ClockView, EventView, OpenConfig, StatusView, TokenError, TokenState};

/// The token: one vault, its lock, its identities and running activations. One per process and vault.
#[derive(uniffi::Object)]
pub struct SoftToken {
    pub(crate) core: Arc<softtoken_core::SoftToken>,
}

#[uniffi::export]
impl SoftToken {
    /// Opens the vault in `config.folder`, or prepares for making one.
    ///
    /// A damaged vault is set aside and a missing device key reported by `state`, so that an app can explain;
    /// both are no errors here.
    ///
    /// Errors: `VaultBusy` when another process (or another token of this one) has it open, `VaultTooNew`,
    /// `VaultFile` when the folder cannot be read, `DeviceKeyFailed`.
    #[uniffi::constructor]
    pub fn open(config: OpenConfig, hooks: Hooks) -> Result<Arc<Self>, TokenError> {
        guarded_alone(|| {
            let core = softtoken_core::SoftToken::open(config, hooks.into())?;
            Ok(Arc::new(Self { core }))
        })
    }

    /// What the token needs next. Needs no PIN.
    pub fn state(&self) -> Result<TokenState, TokenError> {
        guarded(&self.core, || self.core.state())
    }

    /// State, number of identities, where the device keys live, and whom to ask for unlock codes. Needs no PIN.
    pub fn status(&self) -> Result<StatusView, TokenError> {
        guarded(&self.core, || self.core.status())
    }

    /// The offline clock doctor. Needs no PIN; learned offsets are listed when the vault is open.
    pub fn diagnose_clock(&self) -> Result<ClockView, TokenError> {
        guarded(&self.core, || self.core.diagnose_clock())
    }

    /// What happened to the vault, oldest first. Needs the open vault: unlocking has checked that nobody without
    /// the PIN changed or dropped an event that was there when the vault was open last.
    ///
    /// Errors: `VaultLocked`.
    pub fn event_log(&self) -> Result<Vec<EventView>, TokenError> {
        guarded(&self.core, || Ok(self.core.event_log()?.into_iter().map(EventView::from).collect()))
    }
}

/// A borrowed secret that may be left out.
fn optional(secret: &[u8]) -> Option<&[u8]> {
    Some(secret).filter(|secret| !secret.is_empty())
}
