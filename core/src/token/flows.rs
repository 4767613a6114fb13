//! How the token runs the vault's flows: one at a time, the mutex free whenever a hook is called.

use std::cell::Cell;
use std::sync::{Mutex, MutexGuard};

use super::{SoftToken, guard};
use crate::TokenError;
use crate::identity::IdentityId;
use crate::ports::{DeviceKey, DeviceKeyCaps, HookError, LogEvent, LogLevel};
use crate::secret::{Key, wipe_stack};
use crate::vault::{self, Access, DraftId, Vault, VaultError};

/// One flow at a time. A second thread waits; a hook that calls back is refused instead.
pub(super) struct Gate(Mutex<()>);

/// The flow under way.
pub(super) struct Entered<'a>(#[expect(dead_code, reason = "held, not read")] MutexGuard<'a, ()>);

impl Gate {
    pub(super) fn new() -> Self {
        Self(Mutex::new(()))
    }

    /// `StaleInput` inside a flow of the same thread; `Internal` after a panic inside one.
    pub(super) fn enter(&self) -> Result<Entered<'_>, TokenError> {
        guard::assert_not_held();
        if INSIDE.get() {
            return Err(TokenError::StaleInput);
        }
        let entered = Entered(self.0.lock().map_err(|_| TokenError::Internal)?);
        INSIDE.set(true);
        Ok(entered)
    }
}

impl Drop for Entered<'_> {
    /// Also when the flow panics.
    fn drop(&mut self) {
        INSIDE.set(false);
        wipe_stack();
    }
}

impl Access for SoftToken {
    type Error = TokenError;

    fn step<T>(&self, step: impl FnOnce(&mut Vault) -> Result<T, VaultError>) -> Result<T, TokenError> {
        let mut desk = self.desk()?;
        // The step may open, lock or block the vault.
        desk.forget_rows();
        Ok(step(desk.vault_mut()?)?)
    }
}

impl SoftToken {
    /// The device key for a flow.
    pub(super) fn flow_device(&self) -> Unheld<'_> {
        Unheld(self.device_key())
    }

    /// Gives everything in the open vault its way back, then puts a vault of an older schema under the
    /// guard. What cannot be done now is done after the next unlock; the log says so.
    pub(super) fn settle(&self) {
        let settled = self.gate.enter().and_then(|_entered| self.settle_inside());
        if settled.is_err() {
            self.log(LogLevel::Warning, LogEvent::NotArmed);
        }
    }

    /// Makes sure that the issuer's unlock code for a pending identity will open its group.
    pub(super) fn arm_draft(&self, id: IdentityId) -> Result<(), TokenError> {
        for _ in 0..ARMING_TRIES {
            self.gate.enter().and_then(|_entered| self.settle_inside())?;
            if self.desk()?.vault()?.is_armed(DraftId(id.0))? {
                return Ok(());
            }
        }
        // Somebody else has changed the vault again and again.
        Err(TokenError::VaultBusy)
    }

    /// Makes sure that the issuer's unlock codes will open the group of an identity, made with its new pair or its old one.
    pub(super) fn arm_pair(&self, id: IdentityId) -> Result<(), TokenError> {
        for _ in 0..ARMING_TRIES {
            self.gate.enter().and_then(|_entered| self.settle_inside())?;
            if self.desk()?.vault()?.is_pair_armed(id)? {
                return Ok(());
            }
        }
        Err(TokenError::VaultBusy)
    }

    /// [`settle`](Self::settle) inside a flow.
    pub(super) fn settle_inside(&self) -> Result<(), TokenError> {
        let now = self.clock().now().ok();
        {
            let mut desk = self.desk()?;
            desk.group_drafts()?;
            desk.drop_old_deletions(now)?;
        }
        vault::arm(self, &self.flow_device(), self.kdf)?;
        vault::adopt(self, &self.flow_device())?;
        let forbidden = {
            let desk = self.desk()?;
            let vault = desk.vault()?;
            vault.has_biometrics()? && vault.forbids_biometrics()?
        };
        if forbidden { vault::disable_biometrics(self, &self.flow_device()) } else { Ok(()) }
    }
}

/// A device key that is asked with the mutex free.
pub(super) struct Unheld<'a>(&'a dyn DeviceKey);

impl Unheld<'_> {
    fn key(&self) -> &dyn DeviceKey {
        guard::assert_not_held();
        self.0
    }
}

impl DeviceKey for Unheld<'_> {
    fn caps(&self) -> Result<DeviceKeyCaps, HookError> {
        self.key().caps()
    }

    fn create(&self, alias: &str) -> Result<(), HookError> {
        self.key().create(alias)
    }

    fn create_biometric(&self, alias: &str) -> Result<(), HookError> {
        self.key().create_biometric(alias)
    }

    fn eval(&self, alias: &str, input: &[u8; 32]) -> Result<Key<32>, HookError> {
        self.key().eval(alias, input)
    }

    fn delete(&self, alias: &str) -> Result<(), HookError> {
        self.key().delete(alias)
    }

    fn list(&self, vault: &str) -> Result<Vec<String>, HookError> {
        self.key().list(vault)
    }
}

/// A change of the vault between two steps leaves the arming to the next call.
const ARMING_TRIES: u32 = 3;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_that_calls_back_is_refused_and_the_next_flow_is_not() {
        let gate = Gate::new();
        let entered = gate.enter().unwrap();
        assert_eq!(gate.enter().err(), Some(TokenError::StaleInput));
        drop(entered);
        assert!(gate.enter().is_ok());
    }
}
