//! Device keys in files: the weakest kind, which binds users of the program only (the core calls it
//! `Software`). Better than none: a copy of the vault alone opens nothing.
//!
//! One key is `KEYS/<vault id>/<name>.key`: 32 random bytes, mode 0600 in a folder of mode 0700.
//! Creating and deleting are durable when they return, because the order of key and vault writes is
//! what limits the number of PIN guesses. A deleted key's bytes may survive in freed blocks.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use softtoken_core::ports::{AssuranceLevel, DeviceKey, DeviceKeyCaps, DeviceKeyKind, HookError, KeyStore};
use softtoken_core::random::Random;
use softtoken_core::secret::Key;

use crate::device_key_alias::{self, hmac};
use crate::private_folder;

/// A folder of key files.
pub struct DeviceKeyFiles {
    folder: PathBuf,
}

impl DeviceKeyFiles {
    /// Keys in `folder`, which is made when the first key is.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn path(&self, alias: &str) -> Result<PathBuf, HookError> {
        let (vault, name) = device_key_alias::parts(alias)?;
        Ok(self.folder.join(vault).join(format!("{name}{SUFFIX}")))
    }
}

impl DeviceKey for DeviceKeyFiles {
    fn caps(&self) -> Result<DeviceKeyCaps, HookError> {
        let (level, kind) = (AssuranceLevel::Software, DeviceKeyKind::HmacSha256);
        Ok(DeviceKeyCaps { level, kind, single_use: false, store: KeyStore::Files })
    }

    fn create(&self, alias: &str) -> Result<(), HookError> {
        let path = self.path(alias)?;
        if path.try_exists().map_err(hook_error)? {
            return Err(HookError::Unsupported);
        }
        let folder = path.parent().ok_or(HookError::Unsupported)?;
        private_folder::make(folder).map_err(hook_error)?;
        let key = Key::<32>::fill_with(|out| Random::system().fill(out)).map_err(|_| HookError::Transient)?;
        private_folder::replace(&path, key.expose()).map_err(hook_error)
    }

    fn eval(&self, alias: &str, input: &[u8; 32]) -> Result<Key<32>, HookError> {
        hmac(&read_key(&self.path(alias)?)?, input)
    }

    fn delete(&self, alias: &str) -> Result<(), HookError> {
        let path = self.path(alias)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(hook_error(error)),
            // A missing file may be an earlier deletion that is not durable yet.
            _ => {}
        }
        let folder = path.parent().ok_or(HookError::Unsupported)?;
        if folder.is_dir() { private_folder::sync(folder).map_err(hook_error) } else { Ok(()) }
    }

    fn list(&self, vault: &str) -> Result<Vec<String>, HookError> {
        let probe = self.path(&format!("{vault}/probe"))?;
        let entries = match fs::read_dir(probe.parent().ok_or(HookError::Unsupported)?) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(hook_error(error)),
        };
        let mut aliases = Vec::new();
        for entry in entries {
            let name = entry.map_err(hook_error)?.file_name();
            if let Some(name) = name.to_str().and_then(|name| name.strip_suffix(SUFFIX)) {
                aliases.push(format!("{vault}/{name}"));
            }
        }
        aliases.sort_unstable();
        Ok(aliases)
    }
}

fn read_key(path: &Path) -> Result<Key<32>, HookError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(HookError::Lost),
        Err(error) => return Err(hook_error(error)),
    };
    if file.metadata().map_err(hook_error)?.len() != 32 {
        return Err(HookError::Invalidated);
    }
    Key::fill_with(|out| file.read_exact(out)).map_err(hook_error)
}

fn hook_error(_error: std::io::Error) -> HookError {
    HookError::Transient
}

const SUFFIX: &str = ".key";

#[cfg(test)]
#[path = "device_key_file_tests.rs"]
mod tests;
