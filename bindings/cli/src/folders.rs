//! Where the vault and its device keys live: apart, so that a copied vault folder has no keys.
//!
//! | | Vault | Device keys |
//! |---|---|---|
//! | Linux and others | `$XDG_DATA_HOME/softtoken` | `$XDG_STATE_HOME/softtoken/keys` |
//! | macOS | `~/Library/Application Support/softtoken` | `…/softtoken-keys` |
//! | Windows | `%APPDATA%\softtoken` | `%LOCALAPPDATA%\softtoken-keys` |

use std::path::PathBuf;

use etcetera::BaseStrategy;

use crate::failure::Failure;

/// The two folders.
pub struct Folders {
    /// Holds `vault.db` and `vault.lock`.
    pub vault: PathBuf,
    /// Holds one folder of device keys for each vault.
    pub keys: PathBuf,
}

impl Folders {
    /// What the user chose, else the platform's own places.
    pub fn of(vault: Option<PathBuf>, keys: Option<PathBuf>) -> Result<Self, Failure> {
        if let (Some(vault), Some(keys)) = (vault.clone(), keys.clone()) {
            return Ok(Self { vault, keys });
        }
        let platform = etcetera::base_strategy::choose_native_strategy()
            .map_err(|_| Failure::usage("There is no home directory: give --vault DIR and --keys DIR."))?;
        Ok(Self {
            vault: vault.unwrap_or_else(|| platform.data_dir().join("softtoken")),
            keys: keys.unwrap_or_else(|| default_keys(&platform)),
        })
    }
}

fn default_keys(platform: &impl BaseStrategy) -> PathBuf {
    match platform.state_dir() {
        Some(state) => state.join("softtoken").join("keys"),
        // The cache directory is the local, never roaming one on Windows; elsewhere caches get emptied.
        None if cfg!(windows) => platform.cache_dir().join("softtoken-keys"),
        None => platform.data_dir().join("softtoken-keys"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_keys_are_outside_the_default_vault() {
        if let Ok(Folders { vault, keys }) = Folders::of(None, None) {
            assert!(!keys.starts_with(&vault) && !vault.starts_with(&keys));
        }
    }

    #[test]
    fn a_chosen_vault_keeps_the_default_place_of_the_keys() {
        let chosen = PathBuf::from("elsewhere");
        if let Ok(folders) = Folders::of(Some(chosen.clone()), None) {
            assert!(folders.vault == chosen && !folders.keys.starts_with(&chosen));
        }
    }
}
