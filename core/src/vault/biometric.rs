//! The biometric slot: the same VMK, sealed for a device key that the platform opens for a fingerprint or face.
//!
//! ```text
//! device key bio.<b>   made for biometric use; the platform evaluates it behind its own prompt
//! slot                 VMK sealed under its answer to H("softtoken/2 bio" ‖ vault id ‖ b)
//! ```
//! The core never asks this key: it says what to ask ([`BiometricAsk`]) and takes the answer. The slot is
//! a second door, not a second guard: it neither counts nor resets PIN tries, and lockout destroys it. The
//! PIN is due again after [`PIN_EVERY_MILLIS`], after a restart of the device, and after
//! [`MAX_BIOMETRIC_FAILS`] answers that opened nothing. One identity that forbids biometrics closes it.

use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::access::Access;
use super::keys::{BIO, OpenKeys, Present, VaultId, bio_alias};
use super::ratchet::Standing;
use super::seal::{Place, SealError, Table, open, seal};
use super::{Event, Vault, VaultError};
use crate::lock::{elapsed_from, elapsed_to};
use crate::ports::{DeviceKey, Elapsed};
use crate::secret::Key;

/// What the platform's biometric prompt is to evaluate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BiometricAsk {
    /// The device key.
    pub alias: String,
    /// Its input; no secret.
    pub input: [u8; 32],
}

/// Makes the device key of a new slot in the open vault. Nothing opens with it before [`enable_biometrics`].
///
/// # Errors
/// `NoBiometrics` when an identity forbids it; what the device says, `Unsupported` above all.
pub fn begin_biometrics<A: Access>(vault: &A, device: &dyn DeviceKey) -> Result<BiometricAsk, A::Error> {
    let (vault_id, used) = vault.step(|vault| {
        vault.check_biometrics_allowed()?;
        Ok((vault.store()?.vault_id, number(&vault.store()?.db)?.unwrap_or(0)))
    })?;
    let present = Present::read(device, &vault_id).map_err(VaultError::from)?;
    let newest = present.numbers(BIO).max().unwrap_or(0).max(used);
    let b = newest.checked_add(1).ok_or(VaultError::Internal)?;
    device.create_biometric(&bio_alias(&vault_id, b)).map_err(VaultError::from)?;
    Ok(BiometricAsk::new(&vault_id, b))
}

/// Seals the slot with the answer to what [`begin_biometrics`] asked; older biometric keys are deleted.
///
/// # Errors
/// `Stale` when nothing was begun.
pub fn enable_biometrics<A: Access>(
    vault: &A,
    device: &dyn DeviceKey,
    answer: &Key<32>,
    now: Option<Elapsed>,
) -> Result<(), A::Error> {
    let (vault_id, used) =
        vault.step(|vault| Ok((vault.store()?.vault_id, number(&vault.store()?.db)?.unwrap_or(0))))?;
    let present = Present::read(device, &vault_id).map_err(VaultError::from)?;
    let b = present.numbers(BIO).max().filter(|b| *b > used).ok_or(VaultError::Stale)?;
    vault.step(|vault| vault.write_bio_slot(b, answer, now))?;
    // Keys without a slot open nothing; opening the vault sweeps what is left.
    let _ = present.delete(device, BIO, |n| n == b);
    Ok(())
}

/// Opens the locked vault with the platform's answer. Counted before it is tried; PIN tries stay as they are.
///
/// # Errors
/// `NeedsPin` when the PIN is due or the answer opens nothing; `NoBiometrics`; `Blocked`.
pub fn unlock_with_biometric<A: Access>(
    vault: &A,
    answer: &Key<32>,
    now: Option<Elapsed>,
) -> Result<(), A::Error> {
    vault.step(|vault| {
        let slot = vault.due_slot(now)?;
        vault.write(|db| Ok(db.execute("UPDATE bio_slot SET fails = fails + 1", []).map(|_| ())?))?;
        let keys = vault.open_bio_slot(&slot, answer)?;
        vault.finish_biometric(keys)
    })
}

/// Deletes the slot and its device keys. Fine when there is none.
pub fn disable_biometrics<A: Access>(vault: &A, device: &dyn DeviceKey) -> Result<(), A::Error> {
    let vault_id = vault.step(|vault| Ok(vault.store()?.vault_id))?;
    let present = Present::read(device, &vault_id).map_err(VaultError::from)?;
    present.delete(device, BIO, |_| false).map_err(VaultError::from)?;
    vault.step(Vault::drop_bio_slot)
}

impl BiometricAsk {
    fn new(vault_id: &VaultId, b: u32) -> Self {
        let input = Sha256::new()
            .chain_update(b"softtoken/2 bio")
            .chain_update(vault_id)
            .chain_update(b.to_be_bytes())
            .finalize();
        Self { alias: bio_alias(vault_id, b), input: input.into() }
    }
}

struct BioSlot {
    b: u32,
    fails: u32,
    /// When the PIN was entered last.
    pin: Option<Elapsed>,
    wrap: Vec<u8>,
}

impl Vault {
    /// What the biometric prompt of a locked vault is to evaluate.
    ///
    /// # Errors
    /// `NoBiometrics` when it is not enabled, `NeedsPin` when the PIN is due, `Blocked`.
    pub fn biometric_ask(&self, now: Option<Elapsed>) -> Result<BiometricAsk, VaultError> {
        Ok(BiometricAsk::new(&self.store()?.vault_id, self.due_slot(now)?.b))
    }

    /// True when there is a biometric slot. Needs no PIN.
    pub fn has_biometrics(&self) -> Result<bool, VaultError> {
        Ok(self.bio_slot()?.is_some())
    }

    /// True when an open identity forbids biometrics.
    pub fn forbids_biometrics(&self) -> Result<bool, VaultError> {
        let mut forbidden = false;
        self.each_record(|_, record| forbidden |= record.policy.forbid_biometric)?;
        Ok(forbidden)
    }

    fn check_biometrics_allowed(&self) -> Result<(), VaultError> {
        if self.forbids_biometrics()? { Err(VaultError::NoBiometrics) } else { Ok(()) }
    }

    fn bio_slot(&self) -> Result<Option<BioSlot>, VaultError> {
        let mut statement =
            self.store()?.db.prepare_cached("SELECT b, fails, pin_boot, pin_millis, wrap FROM bio_slot")?;
        let slot = statement.query_row([], |row| {
            let pin = elapsed_from(row.get(2)?, row.get(3)?);
            Ok(BioSlot { b: row.get(0)?, fails: row.get(1)?, pin, wrap: row.get(4)? })
        });
        Ok(slot.optional()?)
    }

    /// The slot, when the PIN is not due.
    fn due_slot(&self, now: Option<Elapsed>) -> Result<BioSlot, VaultError> {
        match self.store()?.standing {
            Standing::Guarded => {}
            Standing::Plain => return Err(VaultError::NeedsPin),
            Standing::Exhausted | Standing::Blocked => return Err(VaultError::Blocked),
        }
        let slot = self.bio_slot()?.ok_or(VaultError::NoBiometrics)?;
        let recent = slot.pin.zip(now).is_some_and(|(pin, now)| {
            pin.boot_id == now.boot_id
                && now.millis.checked_sub(pin.millis).is_some_and(|passed| passed < PIN_EVERY_MILLIS)
        });
        if recent && slot.fails < MAX_BIOMETRIC_FAILS { Ok(slot) } else { Err(VaultError::NeedsPin) }
    }

    fn write_bio_slot(&mut self, b: u32, answer: &Key<32>, now: Option<Elapsed>) -> Result<(), VaultError> {
        self.check_biometrics_allowed()?;
        let (keys, sealer) = (self.keys()?, self.sealer()?);
        let place = bio_place(&self.store()?.vault_id, b);
        let wrap = seal(&self.random, answer.expose(), &place, keys.vmk.expose())?;
        let (boot, millis) = elapsed_to(now);
        self.write(|db| {
            db.execute("DELETE FROM bio_slot", [])?;
            db.execute(
                "INSERT INTO bio_slot(b, fails, pin_boot, pin_millis, wrap) VALUES (?1, 0, ?2, ?3, ?4)",
                params![b, boot, millis, wrap],
            )?;
            sealer.note(db, Event::BiometricsOn)
        })
    }

    fn open_bio_slot(&self, slot: &BioSlot, answer: &Key<32>) -> Result<OpenKeys, VaultError> {
        let (store, sealer) = (self.store()?, self.sealer()?);
        let vmk = match open(answer.expose(), &bio_place(&store.vault_id, slot.b), &slot.wrap) {
            Ok(vmk) => Key::from_slice(vmk.expose()).ok_or(VaultError::DAMAGED)?,
            Err(SealError::OtherKey) => return Err(VaultError::NeedsPin),
            Err(other) => return Err(other.into()),
        };
        sealer.open_keys(&store.db, vmk)
    }

    fn finish_biometric(&mut self, keys: OpenKeys) -> Result<(), VaultError> {
        let sealer = self.sealer()?;
        self.write_as(Some(&keys), |db| {
            db.execute("UPDATE bio_slot SET fails = 0", [])?;
            sealer.note(db, Event::UnlockedByBiometrics)
        })?;
        self.keys = Some(keys);
        Ok(())
    }

    fn drop_bio_slot(&mut self) -> Result<(), VaultError> {
        if !self.has_biometrics()? {
            return Ok(());
        }
        let sealer = self.sealer()?;
        self.write(|db| {
            db.execute("DELETE FROM bio_slot", [])?;
            sealer.note(db, Event::BiometricsOff)
        })
    }
}

/// Number of the slot.
pub(super) fn number(db: &rusqlite::Connection) -> rusqlite::Result<Option<u32>> {
    db.prepare_cached("SELECT b FROM bio_slot")?.query_row([], |row| row.get(0)).optional()
}

/// The PIN was right: biometrics count from here.
pub(super) fn pin_entered(db: &rusqlite::Connection, now: Option<Elapsed>) -> rusqlite::Result<()> {
    let (boot, millis) = elapsed_to(now);
    db.prepare_cached("UPDATE bio_slot SET fails = 0, pin_boot = ?1, pin_millis = ?2")?
        .execute(params![boot, millis])?;
    Ok(())
}

fn bio_place(vault_id: &VaultId, b: u32) -> Place<'_> {
    let row = u128::from(b).to_be_bytes();
    Place { vault_id, table: Table::BioSlot, row, version: 1, context: &[] }
}

/// Answers that opened nothing until the PIN is due.
pub const MAX_BIOMETRIC_FAILS: u32 = 5;
/// 72 hours.
pub const PIN_EVERY_MILLIS: u64 = 72 * 60 * 60 * 1000;
