//! What the token found in its folder, and how it opens a vault again.

use std::path::PathBuf;

use crate::TokenError;
use crate::vault::{Vault, VaultError};

/// What the folder held.
pub(super) enum Found {
    Vault(Box<Vault>),
    /// A commit failed, and what is on the disk was not read yet, or could not be.
    Closed,
    Damaged {
        kept_at: Option<PathBuf>,
    },
    KeyLost,
}

/// How to open a vault again.
pub(super) enum Closed {
    /// Its last commit failed; it still holds the folder.
    InDoubt(Box<Vault>),
    /// That was tried and failed.
    Folder,
}

impl Found {
    /// What is no vault that works, but can be explained, is found too.
    pub(super) fn of(opened: Result<Vault, VaultError>) -> Result<Self, TokenError> {
        match opened {
            Ok(vault) => Ok(Self::Vault(Box::new(vault))),
            Err(VaultError::Damaged { kept_at }) => Ok(Self::Damaged { kept_at }),
            Err(VaultError::DeviceKeyLost) => Ok(Self::KeyLost),
            Err(other) => Err(other.into()),
        }
    }

    pub(super) fn vault(&self) -> Result<&Vault, TokenError> {
        match self {
            Found::Vault(vault) => Ok(vault),
            Found::Damaged { .. } => Err(TokenError::VaultDamaged),
            Found::KeyLost => Err(TokenError::DeviceKeyLost),
            Found::Closed => Err(TokenError::VaultBusy),
        }
    }

    pub(super) fn vault_mut(&mut self) -> Result<&mut Vault, TokenError> {
        match self {
            Found::Vault(vault) => Ok(vault),
            Found::Damaged { .. } => Err(TokenError::VaultDamaged),
            Found::KeyLost => Err(TokenError::DeviceKeyLost),
            Found::Closed => Err(TokenError::VaultBusy),
        }
    }
}
