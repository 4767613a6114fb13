//! Device keys in the desktop's key store: the Secret Service on Linux (GNOME Keyring, KDE Wallet, …),
//! which keeps them over a restart and locks them with the desktop's password.
//!
//! One key is one entry: service `softtoken`, user = alias, 32 random bytes. The core calls this kind
//! `Software` too: every program of the same user can ask for the entries while the store is unlocked.
//! The store answers when it has taken a change; how soon that reaches the disk is its own affair.
//!
//! An entry that is not there is [`HookError::Lost`], which may cost a vault its PIN. A store that cannot
//! be asked never says so: it is `Transient`, or `UserCancelled` when it stays locked.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use keyring_core::{CredentialStore, Entry, Error};
use softtoken_core::ports::{AssuranceLevel, DeviceKey, DeviceKeyCaps, DeviceKeyKind, HookError, KeyStore};
use softtoken_core::random::Random;
use softtoken_core::secret::Key;
use zeroize::Zeroizing;

use crate::device_key_alias::{self, hmac};

/// How the key store is reached.
pub type Connect = fn() -> keyring_core::Result<Arc<CredentialStore>>;

/// Entries in a key store, which is first asked when a key is.
pub struct DeviceKeyEntries {
    connect: Connect,
    store: OnceLock<Arc<CredentialStore>>,
}

impl DeviceKeyEntries {
    /// Keys in the store that `connect` gives.
    pub fn new(connect: Connect) -> Self {
        Self { connect, store: OnceLock::new() }
    }

    fn store(&self) -> Result<&CredentialStore, HookError> {
        if let Some(store) = self.store.get() {
            return Ok(store.as_ref());
        }
        let store = (self.connect)().map_err(hook_error)?;
        Ok(self.store.get_or_init(|| store).as_ref())
    }

    fn entry(&self, alias: &str) -> Result<Entry, HookError> {
        device_key_alias::parts(alias)?;
        let label = HashMap::from([("label", LABEL)]);
        self.store()?.build(SERVICE, alias, Some(&label)).map_err(hook_error)
    }
}

impl DeviceKey for DeviceKeyEntries {
    fn caps(&self) -> Result<DeviceKeyCaps, HookError> {
        let (level, kind) = (AssuranceLevel::Software, DeviceKeyKind::HmacSha256);
        Ok(DeviceKeyCaps { level, kind, single_use: false, store: KeyStore::Desktop })
    }

    fn create(&self, alias: &str) -> Result<(), HookError> {
        let entry = self.entry(alias)?;
        match entry.get_attributes() {
            Err(Error::NoEntry) => {}
            Ok(_) => return Err(HookError::Unsupported),
            Err(error) => return Err(hook_error(error)),
        }
        let key = Key::<32>::fill_with(|out| Random::system().fill(out)).map_err(|_| HookError::Transient)?;
        entry.set_secret(key.expose()).map_err(hook_error)
    }

    fn eval(&self, alias: &str, input: &[u8; 32]) -> Result<Key<32>, HookError> {
        let bytes = Zeroizing::new(self.entry(alias)?.get_secret().map_err(hook_error)?);
        hmac(&Key::from_slice(&bytes).ok_or(HookError::Invalidated)?, input)
    }

    fn delete(&self, alias: &str) -> Result<(), HookError> {
        match self.entry(alias)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            // A store that was restored may hold the entry twice; none of them may stay.
            Err(Error::Ambiguous(entries)) => {
                entries.iter().try_for_each(|entry| entry.delete_credential().map_err(hook_error))
            }
            Err(error) => Err(hook_error(error)),
        }
    }

    fn list(&self, vault: &str) -> Result<Vec<String>, HookError> {
        device_key_alias::parts(&format!("{vault}/probe"))?;
        let entries = self.store()?.search(&HashMap::from([("service", SERVICE)])).map_err(hook_error)?;
        let mut aliases = Vec::new();
        for entry in entries {
            // An entry whose name cannot be read may be a key that has to be deleted: no list without it.
            let (_, alias) = entry.get_specifiers().ok_or(HookError::Transient)?;
            if alias.strip_prefix(vault).is_some_and(|name| name.starts_with('/')) {
                aliases.push(alias);
            }
        }
        aliases.sort_unstable();
        aliases.dedup();
        Ok(aliases)
    }
}

/// The key store of this desktop.
#[cfg(target_os = "linux")]
pub fn connect() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(dbus_secret_service_keyring_store::Store::new()?)
}

/// Other desktops have key stores too; none of them was tried.
#[cfg(not(target_os = "linux"))]
pub fn connect() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(Error::NotSupportedByStore(String::new()))
}

/// Takes the error by value: some of its variants hold a secret, and here it ends.
fn hook_error(error: Error) -> HookError {
    match error {
        Error::NoEntry => HookError::Lost,
        Error::NoStorageAccess(_) => HookError::UserCancelled,
        Error::NotSupportedByStore(_) => HookError::Unsupported,
        _ => HookError::Transient,
    }
}

/// Whether [`connect`] knows this platform's key store.
pub const SUPPORTED: bool = cfg!(target_os = "linux");

const SERVICE: &str = "softtoken";
const LABEL: &str = "softtoken device key";

#[cfg(test)]
#[path = "device_key_desktop_tests.rs"]
pub mod tests;
