//! Unlocking: one try with a PIN, in the fixed order of `lock`.

use rusqlite::OptionalExtension;
use zeroize::Zeroizing;

use super::access::Access;
use super::keys::{OpenKeys, Present, STATE, VaultId, pin_alias};
use super::ratchet::{Standing, keep_only, sign};
use super::seal::{Place, SealError, Table, open, seal};
use super::store::Store;
use super::{Event, Vault, VaultError, biometric, lockout};
use crate::lock::{Attempts, KdfError, KdfProfile, Pin, Stretched};
use crate::ports::{DeviceKey, Elapsed, HookError};
use crate::random::Random;
use crate::secret::Key;

/// What a PIN slot is stretched with, and the count that a try starts from.
#[derive(Clone)]
pub struct PinAsk {
    pub(super) vault_id: VaultId,
    pub(super) e: u32,
    pub(super) salt: [u8; 16],
    pub(super) kdf: KdfProfile,
    pub(super) row: Attempts,
    pub(super) standing: Standing,
}

impl PinAsk {
    /// The cost.
    pub fn profile(&self) -> KdfProfile {
        self.kdf
    }

    pub(super) fn stretch(&self, pin: &Pin) -> Result<Stretched, KdfError> {
        self.kdf.stretch(pin.digits(), &self.salt)
    }

    pub(super) fn alias(&self) -> String {
        pin_alias(&self.vault_id, self.e)
    }
}

/// Opens the vault with its PIN. A vault that was open stays open after a wrong PIN, but not after the fifth.
///
/// `now` is for the advice how long to wait. A failing device or disk costs a try from step 3 on.
///
/// # Errors
/// `WrongPin`; `Blocked`; what device and disk say.
pub fn unlock<A: Access>(
    vault: &A,
    device: &dyn DeviceKey,
    pin: &Pin,
    now: Option<Elapsed>,
) -> Result<(), A::Error> {
    if vault.step(|vault| vault.is_exhausted())? {
        lockout::finish(vault, device, Event::Blocked)?;
        return Err(VaultError::Blocked.into());
    }
    let ask = vault.step(|vault| vault.ask_pin())?;
    let id = &ask.vault_id;
    // 1: uncounted, because it tests nothing without the device.
    let stretched = ask.stretch(pin).map_err(VaultError::from)?;
    // Read while nothing is counted yet: a device that does not answer at all costs no try.
    let present = Present::read(device, id).map_err(VaultError::from)?;
    let counted = ask.row.after_try(now).ok_or(VaultError::Internal)?;
    let counted = match ask.standing {
        // 2: the key of the next generation, and the MAC of the next row.
        Standing::Guarded => sign(device, id, counted).map_err(VaultError::from)?,
        _ => Attempts { g: ask.row.g, ..counted },
    };
    // 3: from here on the try is counted, whatever happens.
    vault.step(|vault| vault.count_try(&ask, &counted))?;
    if ask.standing == Standing::Guarded {
        // 4: from here on no older file has a key.
        present.delete(device, STATE, |n| n == counted.g).map_err(VaultError::from)?;
    }
    // 5: the guess.
    let answer = match device.eval(&ask.alias(), stretched.input()) {
        Err(HookError::Lost | HookError::Invalidated) if ask.standing == Standing::Guarded => {
            // No PIN opens this slot any more; only an unlock code is a way on.
            lockout::finish(vault, device, Event::Blocked)?;
            return Err(VaultError::Blocked.into());
        }
        other => other.map_err(VaultError::from)?,
    };
    // 6: the right PIN decrypts.
    let Some(mut keys) = vault.step(|vault| vault.open_slot(&ask, &stretched, &answer, &counted))? else {
        // The count is on the disk; that the log has no word of it harms nobody.
        let _ = vault.step(|vault| vault.note(Event::WrongPin(counted.left())));
        if ask.standing == Standing::Guarded && counted.left() == 0 {
            lockout::finish(vault, device, Event::Blocked)?;
        }
        return Err(VaultError::WrongPin { attempts_left: counted.left() }.into());
    };
    keys.pin_digits = pin.len();
    // 7: the count starts again, by the same ratchet.
    let after = match ask.standing {
        Standing::Guarded => {
            let after = counted.after_success(ask.e).ok_or(VaultError::Internal)?;
            sign(device, id, after).map_err(VaultError::from)?
        }
        _ => Attempts { fails: 0, ..ask.row },
    };
    vault.step(|vault| vault.finish_unlock(keys, &counted, &after))?;
    if ask.standing == Standing::Guarded {
        // The row of this try gives nobody more tries; the next one deletes its key too.
        let _ = keep_only(device, id, after.g);
    }
    Ok(())
}

/// Puts a vault of schema 1 under the guard of device keys, once it is open and armed.
///
/// The row gets its first MAC, and is moved on at once: only then an older file is told from this one.
pub fn adopt<A: Access>(vault: &A, device: &dyn DeviceKey) -> Result<(), A::Error> {
    let Some(ask) = vault.step(|vault| vault.to_adopt())? else { return Ok(()) };
    let id = &ask.vault_id;
    let first = sign(device, id, Attempts::first(ask.e)).map_err(VaultError::from)?;
    let first = vault.step(|vault| vault.guard(&ask.row, first))?;
    let second = first.after_success(ask.e).ok_or(VaultError::Internal)?;
    let second = sign(device, id, second).map_err(VaultError::from)?;
    vault.step(|vault| vault.guard(&first, second))?;
    Ok(keep_only(device, id, second.g).map_err(VaultError::from)?)
}

impl Vault {
    /// What a try with a PIN needs; writes nothing.
    pub fn ask_pin(&self) -> Result<PinAsk, VaultError> {
        let store = self.store()?;
        match store.standing {
            Standing::Guarded | Standing::Plain => self.slot_ask(),
            Standing::Exhausted | Standing::Blocked => Err(VaultError::Blocked),
        }
    }

    pub(super) fn slot_ask(&self) -> Result<PinAsk, VaultError> {
        let Store { vault_id, header, standing, db, .. } = self.store()?;
        let row = Attempts::read(db)?;
        Ok(PinAsk {
            vault_id: *vault_id,
            e: header.e,
            salt: header.salt,
            kdf: header.kdf,
            row,
            standing: *standing,
        })
    }

    pub(super) fn is_exhausted(&self) -> Result<bool, VaultError> {
        Ok(self.store()?.standing == Standing::Exhausted)
    }

    fn count_try(&mut self, ask: &PinAsk, counted: &Attempts) -> Result<(), VaultError> {
        let store = self.store()?;
        if store.vault_id != ask.vault_id || store.header.e != ask.e {
            return Err(VaultError::Stale);
        }
        self.replace_row(&ask.row, counted)?;
        if ask.standing == Standing::Guarded && counted.left() == 0 {
            self.stand(Standing::Exhausted)?;
        }
        Ok(())
    }

    /// `None` for a wrong PIN.
    fn open_slot(
        &self,
        ask: &PinAsk,
        stretched: &Stretched,
        answer: &Key<32>,
        counted: &Attempts,
    ) -> Result<Option<OpenKeys>, VaultError> {
        let (db, sealer) = (&self.store()?.db, self.sealer()?);
        let wrap: Option<Vec<u8>> = db
            .prepare_cached("SELECT wrap FROM pin_slot WHERE e = ?1")?
            .query_row([ask.e], |row| row.get(0))
            .optional()?;
        let wrap = wrap.ok_or(VaultError::DAMAGED)?;
        let vmk = match open(joined(stretched, answer).as_ref(), &slot(&ask.vault_id, ask.e), &wrap) {
            Ok(vmk) => Key::from_slice(vmk.expose()).ok_or(VaultError::DAMAGED)?,
            Err(SealError::OtherKey) => return Ok(None),
            Err(other) => return Err(other.into()),
        };
        if ask.standing == Standing::Guarded && !counted.adds_up() {
            return Err(VaultError::DAMAGED);
        }
        sealer.open_keys(db, vmk).map(Some)
    }

    fn finish_unlock(
        &mut self,
        keys: OpenKeys,
        counted: &Attempts,
        after: &Attempts,
    ) -> Result<(), VaultError> {
        let sealer = self.sealer()?;
        self.write_as(Some(&keys), |db| {
            counted.replace(db, after)?;
            biometric::pin_entered(db, counted.tried)?;
            sealer.note(db, Event::Unlocked)
        })?;
        if self.is_exhausted()? {
            self.stand(Standing::Guarded)?;
        }
        self.keys = Some(keys);
        Ok(())
    }

    fn to_adopt(&self) -> Result<Option<PinAsk>, VaultError> {
        self.keys()?;
        Ok(Some(self.slot_ask()?).filter(|ask| ask.standing == Standing::Plain))
    }

    fn guard(&mut self, old: &Attempts, new: Attempts) -> Result<Attempts, VaultError> {
        self.keys()?;
        self.replace_row(old, &new)?;
        self.stand(Standing::Guarded)?;
        Ok(new)
    }
}

/// VMK sealed for a PIN slot.
pub(super) fn wrap_vmk(
    random: &Random,
    ask: &PinAsk,
    stretched: &Stretched,
    answer: &Key<32>,
    vmk: &Key<32>,
) -> Result<Vec<u8>, SealError> {
    seal(random, joined(stretched, answer).as_ref(), &slot(&ask.vault_id, ask.e), vmk.expose())
}

/// a ‖ y: neither the PIN (or code) nor the device alone.
pub(super) fn joined(stretched: &Stretched, answer: &Key<32>) -> Zeroizing<[u8; 64]> {
    let mut both = Zeroizing::new([0; 64]);
    for (to, from) in both.iter_mut().zip(stretched.input().iter().chain(answer.expose())) {
        *to = *from;
    }
    both
}

fn slot(vault_id: &VaultId, e: u32) -> Place<'_> {
    let row = u128::from(e).to_be_bytes();
    Place { vault_id, table: Table::PinSlot, row, version: 1, context: &[] }
}
