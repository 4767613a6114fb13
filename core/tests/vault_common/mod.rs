//! A vault in a temporary folder with a device in memory.
#![allow(dead_code, unused_imports)]

mod faulty;
mod parts;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use softtoken_core::lock::issuer_unlock_code;
use softtoken_core::lock::{KdfProfile, Pin, UnlockCode};
use softtoken_core::random::Random;
use softtoken_core::secret::Key;
use softtoken_core::testing::MemoryDeviceKey;
use softtoken_core::vault::{
    self, GroupChoice, NewIdentity, Redeemed, Vault, VaultError, VaultState, Waiting,
};

pub use faulty::Faulty;
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

    /// In memory where there is such a place, for proofs in which no power is cut.
    pub fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        match memory.is_dir() {
            true => Self { dir: tempfile::tempdir_in(memory).unwrap(), ..Self::new() },
            false => Self::new(),
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
        vault::create(&RefCell::new(&mut vault), &self.device, &pin(PIN), KdfProfile::cheap()).unwrap();
        vault
    }

    pub fn unlock(&self, vault: &mut Vault, digits: &str) -> Result<(), VaultError> {
        vault::unlock(&RefCell::new(vault), &self.device, &pin(digits), None)
    }

    pub fn change_pin(&self, vault: &mut Vault, digits: &str) -> Result<(), VaultError> {
        vault::change_pin(&RefCell::new(vault), &self.device, &pin(digits), KdfProfile::cheap())
    }

    /// What the app does after every unlock and after adding.
    pub fn settle(&self, vault: &mut Vault) -> Result<(), VaultError> {
        let vault = RefCell::new(vault);
        vault::arm(&vault, &self.device, KdfProfile::cheap())?;
        vault::adopt(&vault, &self.device)
    }

    pub fn redeem(&self, vault: &mut Vault, code: &str, pin: Option<&str>) -> Result<Redeemed, VaultError> {
        let (code, pin) = (UnlockCode::parse(code).unwrap(), pin.map(self::pin));
        vault::redeem(&RefCell::new(vault), &self.device, &code, pin.as_ref(), KdfProfile::cheap())
    }

    pub fn forget_pin(&self, vault: &mut Vault) -> Result<(), VaultError> {
        vault::forget_pin(&RefCell::new(vault), &self.device)
    }

    /// Five wrong PINs.
    pub fn block(&self, vault: &mut Vault) {
        for left in [4, 3, 2, 1, 0] {
            assert_eq!(self.unlock(vault, "8064"), Err(VaultError::WrongPin { attempts_left: left }));
        }
        assert_eq!(vault.state(), VaultState::Blocked);
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

    /// The same by a thief who has the device, and lacks the PIN.
    pub fn forge(&self, sql: &str) {
        let db = rusqlite::Connection::open(self.db()).unwrap();
        db.execute_batch(sql).unwrap();
        vault::forge_device_mac(&db, &self.device).unwrap();
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

/// An identity of an issuer: K_rec is 32 times `key`.
pub fn issued(text: &str, address: &str, serial: &str, key: u8) -> NewIdentity {
    let mut new = identity(text);
    new.label.issuer = text.to_owned();
    new.label.address = Some(address.to_owned());
    new.label.serial = Some(serial.to_owned());
    new.record.recovery_key = Some(Key::new([key; 32]));
    new.group = GroupChoice::Single { address: address.to_owned(), claimed_key: None };
    new
}

/// What the issuer of `issued` answers.
pub fn answer(waiting: &Waiting, key: u8) -> String {
    let Waiting { contact, reset_code } = waiting;
    let code = issuer_unlock_code(&Key::new([key; 32]), reset_code, &contact.address, &contact.serial);
    code.unwrap().to_string()
}

pub fn names(vault: &Vault) -> Vec<String> {
    vault.labels().unwrap().into_iter().map(|(_, label)| label.name.as_str().to_owned()).collect()
}
