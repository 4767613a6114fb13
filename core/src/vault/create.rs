//! Making a vault, and changing its PIN.

use rusqlite::params;

use super::access::Access;
use super::groups::Group;
use super::header::Header;
use super::keys::{self, MetaKeys, OpenKeys, VaultId, make_device_key, meta_input};
use super::ratchet::{Standing, keep_only, sign};
use super::seal::{Place, Table, seal};
use super::store::Store;
use super::tries::{PinAsk, wrap_vmk};
use super::{Event, Sealer, Vault, VaultError, file, schema, version_to};
use crate::lock::{Attempts, KdfProfile, Pin, Stretched};
use crate::ports::{DeviceKey, DeviceKeyKind, HookError, KeyStore};
use crate::random::Random;
use crate::secret::Key;

/// Makes the vault under its first PIN; it is open then.
///
/// # Errors
/// `Exists`; what device and disk say. The device keys of a vault that was not made are deleted again.
pub fn create<A: Access>(
    vault: &A,
    device: &dyn DeviceKey,
    pin: &Pin,
    kdf: KdfProfile,
) -> Result<(), A::Error> {
    let ask = vault.step(|vault| vault.begin_create(kdf))?;
    let stretched = ask.stretch(pin).map_err(VaultError::from)?;
    let made = make_keys(device, &ask, &stretched)?;
    let mut may_exist = false;
    let created = vault.step(|vault| {
        let created = vault.finish_create(&ask, &stretched, &made, pin.len());
        may_exist = vault.is_in_doubt();
        created
    });
    if created.is_err() && !may_exist {
        // Keys of a vault that does not exist serve nobody; failing to delete them harms nobody.
        aliases(&ask).iter().for_each(|alias| device.delete(alias).unwrap_or(()));
    }
    created
}

/// Replaces the PIN of the open vault; the old one opens nothing from here on. The cost never falls.
pub fn change_pin<A: Access>(
    vault: &A,
    device: &dyn DeviceKey,
    pin: &Pin,
    kdf: KdfProfile,
) -> Result<(), A::Error> {
    let (old, new) = vault.step(|vault| vault.begin_change(kdf))?;
    let stretched = new.stretch(pin).map_err(VaultError::from)?;
    let answer = ask_new(device, &new, &stretched)?;
    let row = match old.standing {
        Standing::Guarded => {
            let row = old.row.after_success(new.e).ok_or(VaultError::Internal)?;
            sign(device, &new.vault_id, row).map_err(VaultError::from)?
        }
        _ => Attempts { fails: 0, e: new.e, ..old.row },
    };
    vault.step(|vault| {
        let before = vault.swap_pin_digits(pin.len());
        vault.finish_change(&old, &new, &stretched, &answer, row).inspect_err(|_| {
            vault.swap_pin_digits(before);
        })
    })?;
    // Opening the vault sweeps what is left over.
    let _ = keep_only(device, &new.vault_id, row.g);
    let _ = device.delete(&old.alias());
    Ok(())
}

/// Makes and tests the device key of a new PIN slot, and asks it.
pub(super) fn ask_new(
    device: &dyn DeviceKey,
    ask: &PinAsk,
    stretched: &Stretched,
) -> Result<Key<32>, VaultError> {
    make_device_key(device, &ask.alias())?;
    Ok(device.eval(&ask.alias(), stretched.input())?)
}

/// What the device keys of a new vault answered.
struct Made {
    meta: Key<32>,
    pin: Key<32>,
    row: Attempts,
    store: KeyStore,
}

fn make_keys(device: &dyn DeviceKey, ask: &PinAsk, stretched: &Stretched) -> Result<Made, VaultError> {
    check_kind(device)?;
    let id = &ask.vault_id;
    let meta = keys::alias(id, "meta");
    make_device_key(device, &meta)?;
    let pin = ask_new(device, ask, stretched)?;
    let row = sign(device, id, ask.row)?;
    let store = device.caps()?.store;
    Ok(Made { meta: device.eval(&meta, &meta_input(id))?, pin, row, store })
}

fn aliases(ask: &PinAsk) -> [String; 3] {
    let id = &ask.vault_id;
    [keys::alias(id, "meta"), ask.alias(), keys::state_alias(id, ask.row.g)]
}

/// Points on a curve need an input of another shape; no platform of this version has them.
pub(super) fn check_kind(device: &dyn DeviceKey) -> Result<(), HookError> {
    match device.caps()?.kind {
        DeviceKeyKind::HmacSha256 => Ok(()),
        DeviceKeyKind::EcdhP256 => Err(HookError::Unsupported),
    }
}

impl Vault {
    fn begin_create(&self, kdf: KdfProfile) -> Result<PinAsk, VaultError> {
        if self.store.is_some() {
            return Err(VaultError::Exists);
        }
        Ok(PinAsk {
            vault_id: self.random.array()?,
            e: 1,
            salt: self.random.array()?,
            kdf,
            row: Attempts::first(1),
            standing: Standing::Guarded,
        })
    }

    fn finish_create(
        &mut self,
        ask: &PinAsk,
        stretched: &Stretched,
        made: &Made,
        pin_digits: u8,
    ) -> Result<(), VaultError> {
        if self.store.is_some() {
            return Err(VaultError::Exists);
        }
        let PinAsk { vault_id, e, salt, kdf, .. } = *ask;
        let header = Header {
            kdf,
            salt,
            e,
            local_group: self.random.array()?,
            reset_code: None,
            auto_lock: None,
            key_store: Some(made.store),
        };
        let mut open_keys = OpenKeys::new(self.random.key()?, self.random.key()?)?;
        open_keys.pin_digits = pin_digits;
        let store = Store {
            db: file::create(&self.dir)?,
            vault_id,
            header_version: 1,
            header,
            meta: MetaKeys::new(&made.meta)?,
            standing: Standing::Guarded,
        };
        let transaction = store.db.unchecked_transaction()?;
        schema::climb_in(&transaction, 0)?;
        let body = store.seal_header(&self.random, 1, &store.header)?;
        transaction.execute(
            "INSERT INTO header(id, vault_id, version, body) VALUES (1, ?1, 1, ?2)",
            params![vault_id, body],
        )?;
        made.row.write(&transaction)?;
        let wrap = wrap_vmk(&self.random, ask, stretched, &made.pin, &open_keys.vmk)?;
        transaction.execute("INSERT INTO pin_slot(e, wrap) VALUES (?1, ?2)", params![e, wrap])?;
        let sealer = Sealer { now: self.now, ..store.sealer(&self.random) };
        let local = store.header.local_group;
        let key = sealer.insert_group(&transaction, local, &Group::Local, &open_keys.vmk)?;
        sealer.note(&transaction, Event::Created)?;
        sealer.close(&transaction, Some(&open_keys))?;
        self.commit(transaction)?;
        open_keys.groups.insert(local, key);
        self.store = Some(store);
        self.keys = Some(open_keys);
        Ok(())
    }

    /// What the next commit writes down as the length of the PIN; gives what it was.
    fn swap_pin_digits(&mut self, digits: u8) -> u8 {
        self.keys.as_mut().map_or(0, |keys| std::mem::replace(&mut keys.pin_digits, digits))
    }

    /// The present slot, and the next one.
    fn begin_change(&self, kdf: KdfProfile) -> Result<(PinAsk, PinAsk), VaultError> {
        self.keys()?;
        let old = self.slot_ask()?;
        let new = self.next_slot(&old, kdf)?;
        Ok((old, new))
    }

    /// A slot of the next epoch with a new salt.
    pub(super) fn next_slot(&self, old: &PinAsk, kdf: KdfProfile) -> Result<PinAsk, VaultError> {
        Ok(PinAsk {
            e: old.e.checked_add(1).ok_or(VaultError::Internal)?,
            salt: self.random.array()?,
            kdf: kdf.at_least(old.kdf),
            ..old.clone()
        })
    }

    fn finish_change(
        &mut self,
        old: &PinAsk,
        new: &PinAsk,
        stretched: &Stretched,
        answer: &Key<32>,
        row: Attempts,
    ) -> Result<(), VaultError> {
        let (keys, store, sealer) = (self.keys()?, self.store()?, self.sealer()?);
        if store.vault_id != old.vault_id || store.header.e != old.e {
            return Err(VaultError::Stale);
        }
        let header = Header { kdf: new.kdf, salt: new.salt, e: new.e, ..store.header.clone() };
        let wrap = wrap_vmk(&self.random, new, stretched, answer, &keys.vmk)?;
        let version = self.write(|db| {
            old.row.replace(db, &row)?;
            db.execute("DELETE FROM pin_slot", [])?;
            db.execute("INSERT INTO pin_slot(e, wrap) VALUES (?1, ?2)", params![new.e, wrap])?;
            sealer.unseal_root(db)?;
            sealer.note(db, Event::PinChanged)?;
            store.write_header(&self.random, db, &header)
        })?;
        self.keep_header(header, version)
    }

    /// The header that was just committed.
    pub(super) fn keep_header(&mut self, header: Header, version: u64) -> Result<(), VaultError> {
        let store = self.store.as_mut().ok_or(VaultError::NoVault)?;
        store.header = header;
        store.header_version = version;
        Ok(())
    }
}

impl Store {
    fn seal_header(&self, random: &Random, version: u64, header: &Header) -> Result<Vec<u8>, VaultError> {
        let vault_id: &VaultId = &self.vault_id;
        let place = Place { vault_id, table: Table::Header, row: [0; 16], version, context: &[] };
        Ok(seal(random, self.meta.header.expose(), &place, header.encode()?.expose())?)
    }

    /// Writes a header in a transaction of the caller; gives its version.
    pub(super) fn write_header(
        &self,
        random: &Random,
        db: &rusqlite::Connection,
        header: &Header,
    ) -> Result<u64, VaultError> {
        let version = self.header_version.checked_add(1).ok_or(VaultError::Internal)?;
        let body = self.seal_header(random, version, header)?;
        db.execute(
            "UPDATE header SET version = ?1, body = ?2 WHERE id = 1",
            params![version_to(version)?, body],
        )?;
        Ok(version)
    }
}
