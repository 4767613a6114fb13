//! The vault: one SQLite file that holds every identity, sealed.
//!
//! | State | Can be read | Needs |
//! |---|---|---|
//! | [`VaultState::Fresh`] | nothing: there is no file | |
//! | [`VaultState::Locked`] | labels, whether a name is taken | the device |
//! | [`VaultState::Open`] | records, drafts; everything can be changed | the device and the PIN |
//!
//! Every public verb is one transaction: it happened, durably, or it did not. One process has the
//! file at a time. The database itself keeps names unique, over identities and drafts together.
//! Device keys are asked in [`Vault::open`] only; the steps for the PIN ([`PinAsk`], [`NewVault`],
//! [`NewPin`]) leave that to the caller, so that no hook runs while the vault is borrowed.
//! `core/FORMAT.md` describes the file byte for byte.

mod drafts;
mod error;
mod file;
mod groups;
mod header;
mod keys;
mod listing;
mod pin;
mod rows;
mod schema;
pub(crate) mod seal;

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use drafts::{Draft, DraftId, MAX_DRAFT};
pub use error::VaultError;
pub use groups::{Group, GroupChoice};
pub use pin::{DeviceAnswers, NewPin, NewVault, PinAsk, PinTry};
pub use rows::NewIdentity;
pub use schema::SCHEMA;

use crate::identity::encoding::EncodingError;
use crate::lock::Attempts;
use crate::ports::DeviceKey;
use crate::random::Random;
use header::Header;
use keys::{GroupId, MetaKeys, OpenKeys, VaultId};
use seal::{Place, Table};

/// The vault in one folder. Dropping it wipes the keys and frees the folder for another process.
pub struct Vault {
    // Dropped in this order: the database is closed before the lock is given back.
    keys: Option<OpenKeys>,
    store: Option<Store>,
    random: Random,
    dir: PathBuf,
    _lock: File,
}

/// An open file and what the device reveals of it.
struct Store {
    db: Connection,
    vault_id: VaultId,
    header_version: u64,
    header: Header,
    meta: MetaKeys,
}

/// Whether there is a vault, and whether it is unlocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VaultState {
    /// No file yet.
    Fresh,
    /// The PIN is needed.
    Locked,
    /// Keys are in memory.
    Open,
}

impl Vault {
    /// Opens the vault in the folder `dir`, which must exist; a folder without a vault gives a fresh one.
    ///
    /// A damaged file is renamed and the error says where it is; opening again then gives a fresh vault.
    pub fn open(dir: &Path, device: &dyn DeviceKey, random: Random) -> Result<Self, VaultError> {
        let lock = file::acquire(dir)?;
        let store = match file::open(dir).and_then(|db| db.map(|db| Store::recognise(db, device)).transpose())
        {
            Err(VaultError::Damaged { .. }) => {
                return Err(VaultError::Damaged { kept_at: file::set_aside(dir) });
            }
            other => other?,
        };
        Ok(Self { keys: None, store, random, dir: dir.to_owned(), _lock: lock })
    }

    /// Fresh, locked or open.
    pub fn state(&self) -> VaultState {
        match (&self.store, &self.keys) {
            (None, _) => VaultState::Fresh,
            (Some(_), None) => VaultState::Locked,
            (Some(_), Some(_)) => VaultState::Open,
        }
    }

    /// Tries since the last right PIN.
    pub fn attempts(&self) -> Result<Attempts, VaultError> {
        Ok(Attempts::read(&self.store()?.db)?)
    }

    /// Forgets all keys that the PIN opened.
    pub fn lock(&mut self) {
        self.keys = None;
    }

    fn store(&self) -> Result<&Store, VaultError> {
        self.store.as_ref().ok_or(VaultError::NoVault)
    }

    fn keys(&self) -> Result<&OpenKeys, VaultError> {
        self.store()?;
        self.keys.as_ref().ok_or(VaultError::Locked)
    }

    fn sealer(&self) -> Result<Sealer<'_>, VaultError> {
        let store = self.store()?;
        Ok(Sealer {
            vault_id: &store.vault_id,
            meta: &store.meta,
            random: &self.random,
            local_group: store.header.local_group,
        })
    }

    /// One transaction; dropped without commit when `work` fails.
    fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let transaction = Transaction::new_unchecked(&self.store()?.db, TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

impl Store {
    /// Reads the header, asks the device key, and checks that all of it belongs together.
    fn recognise(db: Connection, device: &dyn DeviceKey) -> Result<Self, VaultError> {
        let (vault_id, version, body): (VaultId, i64, Vec<u8>) =
            db.query_row("SELECT vault_id, version, body FROM header WHERE id = 1", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        let answer = device.eval(&keys::alias(&vault_id, "meta"), &keys::meta_input(&vault_id))?;
        let meta = MetaKeys::new(&answer)?;
        let header_version = version_from(version)?;
        let place =
            Place { vault_id: &vault_id, table: Table::Header, row: [0; 16], version: header_version };
        let header = Header::decode(seal::open(meta.header.expose(), &place, &body)?.expose())?;
        if Attempts::read(&db)?.e != header.e {
            return Err(VaultError::DAMAGED);
        }
        keys::sweep(device, &vault_id, header.e);
        Ok(Self { db, vault_id, header_version, header, meta })
    }
}

/// What sealing a row needs besides its key.
struct Sealer<'v> {
    vault_id: &'v VaultId,
    meta: &'v MetaKeys,
    random: &'v Random,
    local_group: GroupId,
}

impl<'v> Sealer<'v> {
    fn place(&self, table: Table, row: [u8; 16], version: u64) -> Place<'v> {
        Place { vault_id: self.vault_id, table, row, version }
    }
}

/// SQLite has signed numbers only.
fn version_from(stored: i64) -> Result<u64, VaultError> {
    u64::try_from(stored).map_err(|_| VaultError::DAMAGED)
}

fn version_to(version: u64) -> Result<i64, VaultError> {
    i64::try_from(version).map_err(|_| VaultError::Internal)
}
