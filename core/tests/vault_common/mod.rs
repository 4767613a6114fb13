//! A vault in a temporary folder with a device in memory.
#![allow(dead_code, unused_imports)]

mod parts;

use std::path::{Path, PathBuf};

use softtoken_core::lock::{KdfProfile, Pin};
use softtoken_core::random::Random;
use softtoken_core::testing::MemoryDeviceKey;
use softtoken_core::vault::{GroupChoice, NewIdentity, Vault, VaultError};

pub use parts::{label, name, record};

pub const PIN: &str = "7294";

pub struct Home {
    dir: tempfile::TempDir,
    pub device: MemoryDeviceKey,
    seed: std::cell::Cell<u64>,
}

impl Home {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            device: MemoryDeviceKey::seeded(1),
            seed: std::cell::Cell::new(0),
        }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn db(&self) -> PathBuf {
        self.path().join("vault.db")
    }

    /// Each handle has random bytes of its own.
    pub fn open(&self) -> Result<Vault, VaultError> {
        self.seed.set(self.seed.get() + 1);
        Vault::open(self.path(), &self.device, Random::seeded(self.seed.get()))
    }

    /// A new vault with [`PIN`], open.
    pub fn create(&self) -> Vault {
        let mut vault = self.open().unwrap();
        let new = vault.begin_create(KdfProfile::cheap()).unwrap();
        let stretched = new.stretch(&pin(PIN)).unwrap();
        let answers = new.make_keys(&self.device, &stretched).unwrap();
        vault.finish_create(new, stretched, answers).unwrap();
        vault
    }

    pub fn unlock(&self, vault: &mut Vault, digits: &str) -> Result<(), VaultError> {
        let ask = vault.ask_pin()?;
        let stretched = ask.stretch(&pin(digits)).unwrap();
        let this = vault.begin_try(&ask)?;
        let answer = this.ask(&self.device, &stretched)?;
        vault.finish_try(this, stretched, answer)
    }

    pub fn change_pin(&self, vault: &mut Vault, digits: &str) -> Result<String, VaultError> {
        let new = vault.begin_change(KdfProfile::cheap())?;
        let stretched = new.stretch(&pin(digits)).unwrap();
        let answer = new.make_keys(&self.device, &stretched)?;
        vault.finish_change(new, stretched, answer)
    }

    /// Opens the vault again and unlocks it.
    pub fn reopen(&self) -> Vault {
        let mut vault = self.open().unwrap();
        self.unlock(&mut vault, PIN).unwrap();
        vault
    }

    /// Changes the file behind the back of the vault, which must be closed.
    pub fn tamper(&self, sql: &str) {
        rusqlite::Connection::open(self.db()).unwrap().execute_batch(sql).unwrap();
    }

    /// The folder as a power cut in the middle of `sql` leaves it: pages half written, journal full.
    pub fn interrupted(&self, sql: &str) -> Home {
        let after = Home::new();
        let db = rusqlite::Connection::open(self.db()).unwrap();
        db.execute_batch("PRAGMA journal_mode = TRUNCATE; PRAGMA cache_size = 1; BEGIN").unwrap();
        db.execute_batch(sql).unwrap();
        for file in ["vault.db", "vault.db-journal"] {
            std::fs::copy(self.path().join(file), after.path().join(file)).unwrap();
        }
        after
    }

    /// Names of all files in the folder.
    pub fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .path()
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

pub fn pin(digits: &str) -> Pin {
    Pin::new(digits.as_bytes()).unwrap()
}

pub fn identity(text: &str) -> NewIdentity {
    NewIdentity { label: label(text), record: record(text.as_bytes()), group: GroupChoice::Local }
}

pub fn names(vault: &Vault) -> Vec<String> {
    vault.labels().unwrap().into_iter().map(|(_, label)| label.name.as_str().to_owned()).collect()
}
