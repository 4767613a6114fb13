//! Creating, unlocking and changing the PIN, in steps.
//!
//! | Step | Unlock | Create / change |
//! |---|---|---|
//! | 1, vault | [`Vault::ask_pin`] → [`PinAsk`] | [`Vault::begin_create`] → [`NewVault`], [`Vault::begin_change`] → [`NewPin`] |
//! | 2, no vault, slow | [`PinAsk::stretch`] | `stretch` |
//! | 3, vault | [`Vault::begin_try`] → [`PinTry`]: the try is counted, durably | |
//! | 4, device key, no vault | [`PinTry::ask`] | `make_keys` |
//! | 5, vault | [`Vault::finish_try`] | [`Vault::finish_create`], [`Vault::finish_change`] |
//!
//! Nothing is written before the last step but the count of a try. A step that belongs to an older
//! state of the vault answers [`VaultError::Stale`].

use rusqlite::params;
use zeroize::Zeroizing;

use super::groups::Group;
use super::header::Header;
use super::keys::{self, MetaKeys, OpenKeys, VaultId, make_device_key, meta_input, pin_alias};
use super::seal::{Place, SealError, Table, open, seal};
use super::{Sealer, Store, Vault, VaultError, file, schema, version_to};
use crate::lock::{Attempts, KdfError, KdfProfile, Pin, Stretched};
use crate::ports::DeviceKey;
use crate::random::Random;
use crate::secret::Key;

/// What stretching a PIN for this vault needs.
#[derive(Clone)]
pub struct PinAsk {
    vault_id: VaultId,
    e: u32,
    salt: [u8; 16],
    kdf: KdfProfile,
}

impl PinAsk {
    /// Argon2id: about 100 ms with the standard profile.
    pub fn stretch(&self, pin: &Pin) -> Result<Stretched, KdfError> {
        self.kdf.stretch(pin, &self.salt)
    }

    /// The cost.
    pub fn profile(&self) -> KdfProfile {
        self.kdf
    }

    fn alias(&self) -> String {
        pin_alias(&self.vault_id, self.e)
    }
}

/// A try that was counted and may be answered once.
pub struct PinTry {
    ask: PinAsk,
    counted: Attempts,
}

impl PinTry {
    /// The device key to ask.
    pub fn alias(&self) -> String {
        self.ask.alias()
    }

    /// Asks the device key. A failure costs this try: whatever the reason, the answer may have been seen.
    pub fn ask(&self, device: &dyn DeviceKey, stretched: &Stretched) -> Result<Key<32>, VaultError> {
        Ok(device.eval(&self.alias(), stretched.input())?)
    }
}

/// A vault that is about to be made.
pub struct NewVault(PinAsk);

/// What the device keys of a new vault answered.
pub struct DeviceAnswers {
    meta: Key<32>,
    pin: Key<32>,
}

impl NewVault {
    /// Argon2id.
    pub fn stretch(&self, pin: &Pin) -> Result<Stretched, KdfError> {
        self.0.stretch(pin)
    }

    /// Makes and tests the device keys `meta` and `pin.1`, and asks them.
    pub fn make_keys(
        &self,
        device: &dyn DeviceKey,
        stretched: &Stretched,
    ) -> Result<DeviceAnswers, VaultError> {
        let (meta, pin) = (keys::alias(&self.0.vault_id, "meta"), self.0.alias());
        make_device_key(device, &meta)?;
        make_device_key(device, &pin)?;
        Ok(DeviceAnswers {
            meta: device.eval(&meta, &meta_input(&self.0.vault_id))?,
            pin: device.eval(&pin, stretched.input())?,
        })
    }

    /// The aliases of the device keys, to delete them when the vault is not made after all.
    pub fn aliases(&self) -> [String; 2] {
        [keys::alias(&self.0.vault_id, "meta"), self.0.alias()]
    }
}

/// A PIN that is about to replace the present one.
pub struct NewPin(PinAsk);

impl NewPin {
    /// Argon2id.
    pub fn stretch(&self, pin: &Pin) -> Result<Stretched, KdfError> {
        self.0.stretch(pin)
    }

    /// Makes and tests the device key of the new PIN, and asks it.
    pub fn make_keys(&self, device: &dyn DeviceKey, stretched: &Stretched) -> Result<Key<32>, VaultError> {
        let alias = self.0.alias();
        make_device_key(device, &alias)?;
        Ok(device.eval(&alias, stretched.input())?)
    }
}

impl Vault {
    /// First step of a new vault.
    pub fn begin_create(&self, kdf: KdfProfile) -> Result<NewVault, VaultError> {
        if self.store.is_some() {
            return Err(VaultError::Exists);
        }
        Ok(NewVault(PinAsk { vault_id: self.random.array()?, e: 1, salt: self.random.array()?, kdf }))
    }

    /// Writes the new vault; it is open then.
    pub fn finish_create(
        &mut self,
        new: NewVault,
        stretched: Stretched,
        answers: DeviceAnswers,
    ) -> Result<(), VaultError> {
        if self.store.is_some() {
            return Err(VaultError::Exists);
        }
        let NewVault(PinAsk { vault_id, e, salt, kdf }) = new;
        let header = Header { kdf, salt, e, local_group: self.random.array()? };
        let mut open_keys = OpenKeys::new(self.random.key()?)?;
        let store = Store {
            db: file::create(&self.dir)?,
            vault_id,
            header_version: 1,
            header,
            meta: MetaKeys::new(&answers.meta)?,
        };
        let transaction = store.db.unchecked_transaction()?;
        schema::climb_in(&transaction, 0)?;
        let body = store.seal_header(&self.random, 1, &header)?;
        transaction.execute(
            "INSERT INTO header(id, vault_id, version, body) VALUES (1, ?1, 1, ?2)",
            params![vault_id, body],
        )?;
        Attempts::insert(&transaction, e)?;
        let wrap = wrap_vmk(&self.random, &vault_id, e, &stretched, &answers.pin, &open_keys.vmk)?;
        transaction.execute("INSERT INTO pin_slot(e, wrap) VALUES (?1, ?2)", params![e, wrap])?;
        let sealer = Sealer {
            vault_id: &store.vault_id,
            meta: &store.meta,
            random: &self.random,
            local_group: header.local_group,
        };
        let local = sealer.insert_group(&transaction, header.local_group, &Group::Local, &open_keys.vmk)?;
        transaction.commit()?;
        open_keys.groups.insert(header.local_group, local);
        self.store = Some(store);
        self.keys = Some(open_keys);
        Ok(())
    }

    /// What a try with a PIN needs; writes nothing.
    pub fn ask_pin(&self) -> Result<PinAsk, VaultError> {
        let Store { vault_id, header, .. } = self.store()?;
        Ok(PinAsk { vault_id: *vault_id, e: header.e, salt: header.salt, kdf: header.kdf })
    }

    /// Counts a try, durably, before its answer can be known.
    pub fn begin_try(&mut self, ask: &PinAsk) -> Result<PinTry, VaultError> {
        self.is_current(ask)?;
        let counted = self.write(|db| Ok(Attempts::read(db)?.count(db)?))?;
        Ok(PinTry { ask: ask.clone(), counted })
    }

    /// Opens the vault, or says [`VaultError::WrongPin`]. A vault that was open stays open after a wrong PIN.
    pub fn finish_try(
        &mut self,
        this: PinTry,
        stretched: Stretched,
        answer: Key<32>,
    ) -> Result<(), VaultError> {
        self.is_current(&this.ask)?;
        let (store, sealer) = (self.store()?, self.sealer()?);
        let wrap: Vec<u8> = store
            .db
            .prepare_cached("SELECT wrap FROM pin_slot WHERE e = ?1")?
            .query_row([this.ask.e], |row| row.get(0))?;
        let vmk = match open(joined(&stretched, &answer).as_ref(), &slot(&store.vault_id, this.ask.e), &wrap)
        {
            Ok(vmk) => Key::from_slice(vmk.expose()).ok_or(VaultError::DAMAGED)?,
            Err(SealError::OtherKey) => {
                return Err(VaultError::WrongPin { attempts_left: this.counted.left() });
            }
            Err(other) => return Err(other.into()),
        };
        let mut open_keys = OpenKeys::new(vmk)?;
        sealer.unwrap_groups(&store.db, &mut open_keys)?;
        self.write(|db| Ok(Attempts::read(db)?.reset(db, this.ask.e)?))?;
        self.keys = Some(open_keys);
        Ok(())
    }

    /// First step of another PIN, with the vault open. The cost is never lower than before.
    pub fn begin_change(&self, kdf: KdfProfile) -> Result<NewPin, VaultError> {
        self.keys()?;
        let Store { vault_id, header, .. } = self.store()?;
        let e = header.e.checked_add(1).ok_or(VaultError::Internal)?;
        Ok(NewPin(PinAsk {
            vault_id: *vault_id,
            e,
            salt: self.random.array()?,
            kdf: kdf.at_least(header.kdf),
        }))
    }

    /// Replaces the PIN slot; the old PIN opens nothing from here on. Gives the alias of the device
    /// key of the old PIN, for the caller to delete (opening the vault deletes it too).
    pub fn finish_change(
        &mut self,
        new: NewPin,
        stretched: Stretched,
        answer: Key<32>,
    ) -> Result<String, VaultError> {
        let NewPin(PinAsk { vault_id, e, salt, kdf }) = new;
        let keys = self.keys()?;
        let store = self.store()?;
        if store.vault_id != vault_id || store.header.e.checked_add(1) != Some(e) {
            return Err(VaultError::Stale);
        }
        let header = Header { kdf, salt, e, ..store.header };
        let version = store.header_version.checked_add(1).ok_or(VaultError::Internal)?;
        let body = store.seal_header(&self.random, version, &header)?;
        let wrap = wrap_vmk(&self.random, &vault_id, e, &stretched, &answer, &keys.vmk)?;
        self.write(|db| {
            db.execute(
                "UPDATE header SET version = ?1, body = ?2 WHERE id = 1",
                params![version_to(version)?, body],
            )?;
            db.execute("DELETE FROM pin_slot", [])?;
            db.execute("INSERT INTO pin_slot(e, wrap) VALUES (?1, ?2)", params![e, wrap])?;
            Ok(Attempts::read(db)?.reset(db, e)?)
        })?;
        let store = self.store.as_mut().ok_or(VaultError::NoVault)?;
        let old = pin_alias(&vault_id, store.header.e);
        store.header = header;
        store.header_version = version;
        Ok(old)
    }

    fn is_current(&self, ask: &PinAsk) -> Result<(), VaultError> {
        let store = self.store()?;
        let current = store.vault_id == ask.vault_id && store.header.e == ask.e;
        if current { Ok(()) } else { Err(VaultError::Stale) }
    }
}

impl Store {
    fn seal_header(&self, random: &Random, version: u64, header: &Header) -> Result<Vec<u8>, VaultError> {
        let place = Place { vault_id: &self.vault_id, table: Table::Header, row: [0; 16], version };
        Ok(seal(random, self.meta.header.expose(), &place, header.encode()?.expose())?)
    }
}

fn wrap_vmk(
    random: &Random,
    vault_id: &VaultId,
    e: u32,
    stretched: &Stretched,
    answer: &Key<32>,
    vmk: &Key<32>,
) -> Result<Vec<u8>, SealError> {
    seal(random, joined(stretched, answer).as_ref(), &slot(vault_id, e), vmk.expose())
}

/// a ‖ y: neither the PIN nor the device alone.
fn joined(stretched: &Stretched, answer: &Key<32>) -> Zeroizing<[u8; 64]> {
    let mut both = Zeroizing::new([0; 64]);
    for (to, from) in both.iter_mut().zip(stretched.input().iter().chain(answer.expose())) {
        *to = *from;
    }
    both
}

fn slot(vault_id: &VaultId, e: u32) -> Place<'_> {
    let row = u128::from(e).to_be_bytes();
    Place { vault_id, table: Table::PinSlot, row, version: 1 }
}
