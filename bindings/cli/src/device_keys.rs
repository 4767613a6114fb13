//! The device keys of this command: in files, or in the desktop's key store after `init --keyring`.
//!
//! | Found in `KEYS/<vault id>/` | The keys of that vault are |
//! |---|---|
//! | the note `key-store` | in the key store |
//! | key files | in files |
//! | nothing | where `init` puts a new vault's; of an older vault in the key store if it has them |
//!
//! The note holds no key. It tells a key store that cannot be asked (no desktop session) from keys that
//! are not on this device, and spares everybody else a question to the key store. It can be lost with
//! its folder and is written again when the key store has the keys.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use softtoken_core::ports::{DeviceKey, DeviceKeyCaps, HookError};
use softtoken_core::secret::Key;

use crate::device_key_alias;
use crate::device_key_desktop::{Connect, DeviceKeyEntries};
use crate::device_key_file::DeviceKeyFiles;
use crate::private_folder;

/// Where a vault's device keys are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// In files of the state folder.
    Files,
    /// In the desktop's key store.
    KeyStore,
}

/// Device keys in two places; each vault has all of its keys in one of them.
pub struct DeviceKeys {
    folder: PathBuf,
    files: DeviceKeyFiles,
    entries: DeviceKeyEntries,
    new_vaults: Home,
}

impl DeviceKeys {
    /// Key files and notes in `folder`; keys of a new vault are put in `new_vaults`.
    pub fn new(folder: PathBuf, connect: Connect, new_vaults: Home) -> Self {
        let files = DeviceKeyFiles::new(folder.clone());
        Self { folder, files, entries: DeviceKeyEntries::new(connect), new_vaults }
    }

    /// Where the keys of a vault are known to be, without asking the key store.
    fn known(&self, vault: &str) -> Result<Option<Home>, HookError> {
        if self.note(vault).try_exists().map_err(|_| HookError::Transient)? {
            return Ok(Some(Home::KeyStore));
        }
        Ok(if self.files.list(vault)?.is_empty() { None } else { Some(Home::Files) })
    }

    fn at(&self, home: Home) -> &dyn DeviceKey {
        match home {
            Home::Files => &self.files,
            Home::KeyStore => &self.entries,
        }
    }

    /// Where keys are written: an unknown vault is a new one, because the key `meta` of any other is
    /// evaluated before.
    fn to_write(&self, vault: &str) -> Result<Home, HookError> {
        Ok(self.known(vault)?.unwrap_or(self.new_vaults))
    }

    /// Where keys are read.
    fn to_read(&self, vault: &str) -> Result<Home, HookError> {
        if let Some(home) = self.known(vault)? {
            return Ok(home);
        }
        // Without a note and without the store's word the keys are not on this device.
        match self.entries.list(vault) {
            Ok(found) if !found.is_empty() => self.write_note(vault).map(|()| Home::KeyStore),
            Err(HookError::UserCancelled) => Err(HookError::UserCancelled),
            _ => Ok(Home::Files),
        }
    }

    fn note(&self, vault: &str) -> PathBuf {
        self.folder.join(vault).join(NOTE)
    }

    fn write_note(&self, vault: &str) -> Result<(), HookError> {
        let note = self.note(vault);
        let written = || {
            private_folder::make(note.parent().unwrap_or(Path::new(".")))?;
            private_folder::replace(&note, NOTE_TEXT)
        };
        written().map_err(|_| HookError::Transient)
    }

    fn remove_note(&self, vault: &str) -> Result<(), HookError> {
        match fs::remove_file(self.note(vault)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(HookError::Transient),
            _ => {
                // The folder goes with it unless something else is in there.
                let _kept = fs::remove_dir(self.folder.join(vault));
                Ok(())
            }
        }
    }
}

impl DeviceKey for DeviceKeys {
    fn caps(&self) -> Result<DeviceKeyCaps, HookError> {
        self.at(self.new_vaults).caps()
    }

    fn create(&self, alias: &str) -> Result<(), HookError> {
        let (vault, _) = device_key_alias::parts(alias)?;
        let home = self.to_write(vault)?;
        self.at(home).create(alias)?;
        if home == Home::KeyStore && self.known(vault)?.is_none() {
            // The note second: alone it would say that keys are there which never were.
            return self.write_note(vault).inspect_err(|_| self.entries.delete(alias).unwrap_or(()));
        }
        Ok(())
    }

    fn eval(&self, alias: &str, input: &[u8; 32]) -> Result<Key<32>, HookError> {
        let (vault, _) = device_key_alias::parts(alias)?;
        self.at(self.to_read(vault)?).eval(alias, input)
    }

    fn delete(&self, alias: &str) -> Result<(), HookError> {
        let (vault, name) = device_key_alias::parts(alias)?;
        let home = self.to_write(vault)?;
        self.at(home).delete(alias)?;
        if home == Home::KeyStore && name == META { self.remove_note(vault) } else { Ok(()) }
    }

    fn list(&self, vault: &str) -> Result<Vec<String>, HookError> {
        device_key_alias::parts(&format!("{vault}/{META}"))?;
        self.at(self.to_read(vault)?).list(vault)
    }
}

/// The first key of a vault, and deleted only with all others.
const META: &str = "meta";
const NOTE: &str = "key-store";
const NOTE_TEXT: &[u8] = b"The device keys of this vault are in the desktop's key store.\n";

#[cfg(test)]
#[path = "device_keys_tests.rs"]
mod tests;
