//! How a flow reaches the vault: step by step, so that no hook runs while the vault is borrowed.
//!
//! A flow ([`create`](super::create()), [`unlock`](super::unlock()), [`redeem`](super::redeem()), …) changes
//! between steps on the vault, which its owner guards, and steps on the device, where it is free. Every
//! step on the vault checks that nothing else happened since the one before; the owner sees to it that
//! **one flow runs at a time**, because two of them would make device keys of the same name.

use std::borrow::BorrowMut;
use std::cell::RefCell;

use super::{Vault, VaultError};

/// Who has the vault.
pub trait Access {
    /// The owner's own error.
    type Error: From<VaultError>;

    /// Runs one step with the vault, then lets go of it.
    fn step<T>(&self, step: impl FnOnce(&mut Vault) -> Result<T, VaultError>) -> Result<T, Self::Error>;
}

impl<V: BorrowMut<Vault>> Access for RefCell<V> {
    type Error = VaultError;

    fn step<T>(&self, step: impl FnOnce(&mut Vault) -> Result<T, VaultError>) -> Result<T, VaultError> {
        step((*self.try_borrow_mut().map_err(|_| VaultError::Stale)?).borrow_mut())
    }
}
