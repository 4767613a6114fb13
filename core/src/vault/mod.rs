//! The vault: one SQLite file that holds every identity, sealed.
//!
//! | State | Can be read | Needs |
//! |---|---|---|
//! | [`VaultState::Fresh`] | nothing: there is no file | |
//! | [`VaultState::Locked`] | labels, whether a name is taken | the device |
//! | [`VaultState::Blocked`] | the same, and whom to ask for an unlock code | the device |
//! | [`VaultState::Open`] | records, drafts of the open groups; everything can be changed | the device and the PIN |
//!
//! Every public verb is one transaction: it happened, durably, or it did not. One process has the
//! file at a time. The database itself keeps names unique, over identities and drafts together.
//!
//! | Flow | File | Order |
//! |---|---|---|
//! | [`create()`], [`change_pin`] | `create` | device keys, then one transaction, then old device keys are deleted |
//! | [`unlock()`] | `tries`, `ratchet` | Argon2id → key g+1 → count → delete key g → evaluate → open → reset (why: [`crate::lock`]) |
//! | [`forget_pin`], the fifth wrong PIN | `lockout` | count → delete the device keys → delete the slot |
//! | [`arm`], [`adopt`] | `arming`, `tries` | a way back first, the guard second |
//! | [`redeem()`] | `redeem` | count the code → evaluate → open → new keys → one transaction → delete old device keys |
//! | [`unlock_with_biometric`] | `biometric` | count → open; the PIN's count stays |
//! | [`Vault::contacted`], then [`arm`] | `contacted` | new pair beside the old one → a way back for both → the old one goes when the issuer says so |
//!
//! Every transaction ends in `whole`, which makes the MACs over all rows, and what a user may want to know
//! later is in `events`. A commit that fails leaves the vault in doubt until [`Vault::reopen`] has read the
//! disk.
//!
//! Device keys are asked in [`Vault::open`] and in the flows only, never while the vault is borrowed
//! ([`Access`]). A crash between two steps leaves either the old or the new state, and keys that the
//! next opening sweeps; a crash after a count costs that try. `core/FORMAT.md` describes the file byte
//! for byte.

mod access;
mod arming;
mod biometric;
mod contacted;
mod create;
mod drafts;
mod error;
mod events;
mod file;
mod groups;
mod header;
mod keys;
mod listing;
mod lockout;
mod ratchet;
mod recovery;
mod redeem;
mod rows;
mod schema;
pub(crate) mod seal;
mod store;
mod tries;
mod whole;

use std::cell::Cell;
use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{ErrorCode, Transaction, TransactionBehavior};

pub use access::Access;
pub use arming::arm;
pub use biometric::{
    BiometricAsk, MAX_BIOMETRIC_FAILS, PIN_EVERY_MILLIS, begin_biometrics, disable_biometrics,
    enable_biometrics, unlock_with_biometric,
};
pub use contacted::Contacted;
pub use create::{change_pin, create};
pub use drafts::{Draft, DraftId, MAX_DRAFT};
pub use error::VaultError;
pub use events::{Event, Logged, MAX_EVENTS};
pub use groups::{Group, GroupChoice};
pub use lockout::forget_pin;
pub use recovery::{Contact, Waiting};
pub use redeem::{MAX_CODES, Redeemed, redeem};
pub use rows::NewIdentity;
pub use schema::SCHEMA;
pub use tries::{PinAsk, adopt, unlock};
#[cfg(any(test, feature = "testing"))]
pub use whole::forge_device_mac;

use crate::identity::encoding::EncodingError;
use crate::lock::Attempts;
use crate::ports::DeviceKey;
use crate::random::Random;
use crate::time::UnixTime;
use keys::{GroupId, MetaKeys, OpenKeys, VaultId};
use ratchet::Standing;
use seal::{Place, Table};
use store::Store;

/// The vault in one folder. Dropping it wipes the keys and frees the folder for another process.
pub struct Vault {
    // Dropped in this order: the database is closed before the lock is given back.
    keys: Option<OpenKeys>,
    store: Option<Store>,
    random: Random,
    /// Rises with every transaction: a flow notices what happened between its steps.
    generation: Cell<u64>,
    /// A commit failed: what is on the disk is not known until [`Vault::reopen`] has read it.
    in_doubt: Cell<bool>,
    /// The wall clock, as last told.
    now: Option<UnixTime>,
    dir: PathBuf,
    _lock: File,
}

/// Whether there is a vault, and whether it is unlocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VaultState {
    /// No file yet.
    Fresh,
    /// The PIN is needed.
    Locked,
    /// There is no PIN any more: an unlock code is needed.
    Blocked,
    /// Keys are in memory.
    Open,
}

impl Vault {
    /// Opens the vault in the folder `dir`, which must exist; a folder without a vault gives a fresh one.
    ///
    /// A damaged file is renamed and the error says where it is; opening again then gives a fresh vault.
    pub fn open(dir: &Path, device: &dyn DeviceKey, random: Random) -> Result<Self, VaultError> {
        Self::open_locked(dir, device, random, file::acquire(dir)?)
    }

    /// True after a commit that failed: it may have happened or not. Nothing else works until the vault
    /// was opened again.
    pub fn is_in_doubt(&self) -> bool {
        self.in_doubt.get()
    }

    /// Reads what is on the disk, without letting another process in between. The vault is locked then.
    pub fn reopen(self, device: &dyn DeviceKey) -> Result<Self, VaultError> {
        let Self { keys, store, random, dir, _lock, .. } = self;
        drop((keys, store));
        Self::open_locked(&dir, device, random, _lock)
    }

    fn open_locked(
        dir: &Path,
        device: &dyn DeviceKey,
        random: Random,
        lock: File,
    ) -> Result<Self, VaultError> {
        let recognise = |db| Store::recognise(db, device, &random);
        let found = match file::open(dir).and_then(|db| db.map(recognise).transpose()) {
            Err(VaultError::Damaged { .. }) => {
                return Err(VaultError::Damaged { kept_at: file::set_aside(dir) });
            }
            other => other?,
        };
        let (store, destroyed) = found.unzip();
        let (generation, in_doubt, dir) = (Cell::new(0), Cell::new(false), dir.to_owned());
        let mut vault = Self { keys: None, store, random, generation, in_doubt, now: None, dir, _lock: lock };
        if let Some(why) = destroyed.flatten() {
            // Without their device keys the slots are dead already; a full disk cannot make them live.
            let dropped = vault.drop_slots(why);
            if vault.is_in_doubt() {
                dropped?;
            }
        }
        Ok(vault)
    }

    /// Fresh, locked, blocked or open.
    pub fn state(&self) -> VaultState {
        match (&self.store, &self.keys) {
            (None, _) => VaultState::Fresh,
            (Some(_), Some(_)) => VaultState::Open,
            (Some(store), None) => match store.standing {
                Standing::Guarded | Standing::Plain => VaultState::Locked,
                Standing::Exhausted | Standing::Blocked => VaultState::Blocked,
            },
        }
    }

    /// False for a file of schema 1 until [`adopt`] has put it under the guard of device keys.
    pub fn is_guarded(&self) -> bool {
        self.store.as_ref().is_some_and(|store| store.standing != Standing::Plain)
    }

    /// Tries since the last right PIN.
    pub fn attempts(&self) -> Result<Attempts, VaultError> {
        Ok(Attempts::read(&self.store()?.db)?)
    }

    /// Length of the PIN; 0 when it is not known. Needs the open vault.
    pub fn pin_digits(&self) -> Result<u8, VaultError> {
        Ok(self.keys()?.pin_digits)
    }

    /// Forgets all keys that the PIN opened.
    pub fn lock(&mut self) {
        self.keys = None;
    }

    /// A commit that fails may have happened all the same, unless the disk was full before it.
    fn commit(&self, transaction: Transaction<'_>) -> Result<(), VaultError> {
        let failed = |error: rusqlite::Error| {
            let full = error.sqlite_error_code() == Some(ErrorCode::DiskFull);
            self.in_doubt.set(self.in_doubt.get() || !full);
            error.into()
        };
        transaction.commit().map_err(failed)
    }

    fn stand(&mut self, standing: Standing) -> Result<(), VaultError> {
        self.store.as_mut().ok_or(VaultError::NoVault)?.standing = standing;
        Ok(())
    }

    fn store(&self) -> Result<&Store, VaultError> {
        match (&self.store, self.in_doubt.get()) {
            (_, true) => Err(VaultError::Stale),
            (Some(store), false) => Ok(store),
            (None, false) => Err(VaultError::NoVault),
        }
    }

    fn keys(&self) -> Result<&OpenKeys, VaultError> {
        self.store()?;
        self.keys.as_ref().ok_or(VaultError::Locked)
    }

    fn sealer(&self) -> Result<Sealer<'_>, VaultError> {
        let store = self.store()?;
        Ok(Sealer { now: self.now, ..store.sealer(&self.random) })
    }

    /// One transaction; dropped without commit when `work` fails.
    fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        self.write_as(self.keys.as_ref(), work)
    }

    /// The same for a flow that is about to open the vault with `keys`.
    fn write_as<T>(
        &self,
        keys: Option<&OpenKeys>,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        self.generation.set(self.generation.get().wrapping_add(1));
        let transaction = Transaction::new_unchecked(&self.store()?.db, TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        self.sealer()?.close(&transaction, keys)?;
        self.commit(transaction)?;
        Ok(done)
    }
}

/// What sealing a row needs besides its key.
struct Sealer<'v> {
    vault_id: &'v VaultId,
    meta: &'v MetaKeys,
    random: &'v Random,
    local_group: GroupId,
    now: Option<UnixTime>,
}

impl<'v> Sealer<'v> {
    fn place(&self, table: Table, row: [u8; 16], version: u64) -> Place<'v> {
        Place { vault_id: self.vault_id, table, row, version, context: &[] }
    }
}

/// SQLite has signed numbers only.
fn version_from(stored: i64) -> Result<u64, VaultError> {
    u64::try_from(stored).map_err(|_| VaultError::DAMAGED)
}

fn version_to(version: u64) -> Result<i64, VaultError> {
    i64::try_from(version).map_err(|_| VaultError::Internal)
}
