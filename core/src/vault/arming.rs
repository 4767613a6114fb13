//! Arming: a way back into every group, prepared while the vault is open.
//!
//! ```text
//! arming a of a group:   device key rec.<a>, salt, and the PIN reset code C it was made with
//! wrap of an identity:   group key ‖ root key ‖ 3, sealed under Argon2id(U, salt) ‖ rec.<a>(that)
//!                        U = the issuer's answer to C, computed here from K_rec and forgotten
//! ```
//! | Group | Who opens it | Wraps |
//! |---|---|---|
//! | with identities or drafts that have address, serial number and K_rec | the issuer, by the unlock code of any one of them | one for each of these |
//! | all others, the local one first | the user, by the recovery code, one for all such groups | one, named by the group |
//!
//! Every group has a device key `rec.<a>` of its own: when it was used it is deleted, and an older
//! file with an older code opens nothing, while groups that still wait keep theirs. Nothing here is
//! compared with a code. [`arm`] does what is missing and nothing else: after an unlock, after adding.
//! What is missing is worked out in `plan`; here it is carried out, and read again.

mod plan;

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};
use zeroize::Zeroizing;

use super::access::Access;
use super::keys::{GroupId, OpenKeys, Present, REC};
use super::recovery::Contact;
use super::seal::{Place, Table, open, seal};
use super::{DraftId, EncodingError, Event, Sealer, Vault, VaultError};
use crate::codec::decimal::ResetCode;
use crate::identity::encoding::{Fields, MapWriter};
use crate::lock::{KdfProfile, UnlockCode};
use crate::ports::DeviceKey;
use crate::secret::SecretBytes;
pub(super) use plan::Plan;
use plan::{GroupPlan, WrapPlan};

/// Prepares unlock and recovery codes for everything in the open vault that has none.
///
/// A new recovery code can be read with [`Vault::recovery_code`] until it is acknowledged. A change of
/// the vault meanwhile leaves the rest to the next call.
pub fn arm<A: Access>(vault: &A, device: &dyn DeviceKey, kdf: KdfProfile) -> Result<(), A::Error> {
    let vault_id = vault.step(|vault| Ok(vault.store()?.vault_id))?;
    let present = Present::read(device, &vault_id).map_err(VaultError::from)?;
    if let Some(mut plan) = vault.step(|vault| vault.begin_arming(kdf, &present))? {
        plan.ask(device, &vault_id)?;
        vault.step(|vault| vault.finish_arming(&plan))?;
    }
    sweep(vault, device)
}

/// Deletes device keys that no arming refers to. Best effort: opening the vault does it again.
pub(super) fn sweep<A: Access>(vault: &A, device: &dyn DeviceKey) -> Result<(), A::Error> {
    let (vault_id, armed) = vault.step(|vault| Ok((vault.store()?.vault_id, armed(&vault.store()?.db)?)))?;
    if let Ok(present) = Present::read(device, &vault_id) {
        let _ = present.delete(device, REC, |a| armed.contains(&a));
    }
    Ok(())
}

/// Numbers of all armings.
pub(super) fn armed(db: &Connection) -> rusqlite::Result<HashSet<u32>> {
    db.prepare_cached("SELECT a FROM armings")?.query_map([], |row| row.get(0))?.collect()
}

/// What one arming was made with; read with the device alone.
pub(super) struct Arming {
    pub(super) a: u32,
    pub(super) group: GroupId,
    pub(super) tries: u32,
    /// `None`: the recovery code opens it, whatever C is.
    pub(super) reset_code: Option<ResetCode>,
    pub(super) salt: [u8; 16],
    pub(super) kdf: KdfProfile,
}

impl Arming {
    pub(super) fn stretch(&self, code: &UnlockCode) -> Result<crate::lock::Stretched, VaultError> {
        Ok(self.kdf.stretch(code.characters().as_slice(), &self.salt)?)
    }

    /// What the wrap is bound to besides its place: C ‖ serial number, or that it is for the recovery code.
    pub(super) fn context(&self, contact: Option<&Contact>) -> Vec<u8> {
        match (&self.reset_code, contact) {
            (Some(code), Some(contact)) => [code.digits().as_bytes(), contact.serial.as_bytes()].concat(),
            _ => b"recovery".to_vec(),
        }
    }

    fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let (memory, passes, lanes) = self.kdf.parameters();
        let mut map = MapWriter::new(if self.reset_code.is_some() { 5 } else { 4 });
        map.number(MEMORY, memory.into()).number(PASSES, passes.into()).number(LANES, lanes.into());
        map.bytes(SALT, &self.salt);
        if let Some(code) = &self.reset_code {
            map.text(RESET_CODE, code.digits());
        }
        map.finish()
    }

    fn decode(a: u32, group: GroupId, tries: u32, bytes: &[u8]) -> Result<Self, VaultError> {
        let fields = Fields::read(bytes, &[MEMORY, PASSES, LANES, SALT, RESET_CODE])?;
        let kdf = KdfProfile::from_stored(fields.small(MEMORY)?, fields.small(PASSES)?, fields.small(LANES)?);
        let reset_code = fields.optional_text(RESET_CODE)?.map(ResetCode::parse).transpose();
        Ok(Self {
            a,
            group,
            tries,
            reset_code: reset_code.map_err(|_| VaultError::DAMAGED)?,
            salt: fields.bytes(SALT)?.try_into().map_err(|_| VaultError::DAMAGED)?,
            kdf: kdf.ok_or(VaultError::DAMAGED)?,
        })
    }
}

impl Vault {
    /// The recovery code that the user has not acknowledged yet. Needs the open vault.
    pub fn recovery_code(&self) -> Result<Option<UnlockCode>, VaultError> {
        let (keys, store, sealer) = (self.keys()?, self.store()?, self.sealer()?);
        let sealed: Option<Vec<u8>> = store
            .db
            .prepare_cached("SELECT code FROM recovery WHERE id = 1")?
            .query_row([], |row| row.get(0))
            .optional()?;
        let Some(sealed) = sealed else { return Ok(None) };
        let bytes = open(keys.vmk.expose(), &sealer.place(Table::Recovery, [0; 16], 1), &sealed)?;
        let text = std::str::from_utf8(bytes.expose()).map_err(|_| VaultError::DAMAGED)?;
        UnlockCode::parse(text).map(Some).map_err(|_| VaultError::DAMAGED)
    }

    /// The user has the recovery code: it is not kept any longer.
    pub fn acknowledge_recovery_code(&mut self) -> Result<(), VaultError> {
        self.keys()?;
        let sealer = self.sealer()?;
        self.write(|db| match db.execute("DELETE FROM recovery", [])? {
            0 => Ok(()),
            _ => sealer.note(db, Event::RecoveryCodeRead),
        })
    }

    /// True when the issuer's unlock code for this draft opens its group.
    pub fn is_armed(&self, id: DraftId) -> Result<bool, VaultError> {
        let mut wraps = self.store()?.db.prepare_cached("SELECT 1 FROM wraps WHERE id = ?1")?;
        Ok(wraps.exists([id.0])?)
    }

    fn begin_arming(&self, kdf: KdfProfile, present: &Present) -> Result<Option<Plan>, VaultError> {
        let code = self.store()?.header.reset_code.clone();
        let plan = self.plan_arming(self.keys()?, code, kdf, present, &HashSet::new())?;
        Ok(Some(plan).filter(|plan| !plan.is_empty()))
    }

    fn finish_arming(&mut self, plan: &Plan) -> Result<(), VaultError> {
        if plan.generation != self.generation.get() {
            return Ok(());
        }
        let (keys, store, sealer) = (self.keys()?, self.store()?, self.sealer()?);
        let mut header = store.header.clone();
        let changed = header.reset_code != plan.reset_code;
        header.reset_code = plan.reset_code.clone();
        let version = self.write(|db| {
            sealer.write_plan(db, plan, keys)?;
            if changed { store.write_header(&self.random, db, &header).map(Some) } else { Ok(None) }
        })?;
        match version {
            Some(version) => self.keep_header(header, version),
            None => Ok(()),
        }
    }
}

impl Sealer<'_> {
    /// Writes a plan that the device has answered, in a transaction of the caller.
    pub(super) fn write_plan(&self, db: &Connection, plan: &Plan, keys: &OpenKeys) -> Result<(), VaultError> {
        for GroupPlan { arming, fresh, wraps } in &plan.groups {
            if *fresh {
                disarm(db, arming.group)?;
                let place = self.arming_place(arming.a);
                let body = seal(self.random, self.meta.armings.expose(), &place, arming.encode()?.expose())?;
                db.prepare_cached("INSERT INTO armings(a, group_id, tries, body) VALUES (?1, ?2, 0, ?3)")?
                    .execute(params![arming.a, arming.group, body])?;
            }
            for wrap in wraps {
                self.write_wrap(db, arming, wrap, keys)?;
            }
        }
        if let Some(code) = &plan.recovery {
            let place = self.place(Table::Recovery, [0; 16], 1);
            let sealed = seal(self.random, keys.vmk.expose(), &place, code.shown().as_bytes())?;
            db.execute("DELETE FROM recovery", [])?;
            db.execute("INSERT INTO recovery(id, code) VALUES (1, ?1)", [sealed])?;
        }
        Ok(())
    }

    fn write_wrap(
        &self,
        db: &Connection,
        arming: &Arming,
        wrap: &WrapPlan,
        keys: &OpenKeys,
    ) -> Result<(), VaultError> {
        let parent = wrap.key.as_ref().ok_or(VaultError::Internal)?;
        let group = keys.groups.get(&arming.group).ok_or(VaultError::Internal)?;
        let content = Zeroizing::new([&group.expose()[..], keys.root.expose(), &[WRAP_LAYOUT]].concat());
        let context = arming.context(wrap.contact.as_ref());
        let place = Place { context: &context, ..self.place(Table::Wrap, wrap.id, arming.a.into()) };
        let sealed = seal(self.random, parent.as_slice(), &place, &content)?;
        let contact = wrap.contact.as_ref().map(Contact::encode).transpose()?;
        let contact = contact.unwrap_or_else(|| SecretBytes::new(Vec::new()));
        let place = self.place(Table::WrapInfo, wrap.id, arming.a.into());
        let info = seal(self.random, self.meta.armings.expose(), &place, contact.expose())?;
        db.prepare_cached("DELETE FROM wraps WHERE id = ?1")?.execute([wrap.id])?;
        db.prepare_cached("INSERT INTO wraps(id, a, info, wrap) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![wrap.id, arming.a, info, sealed])?;
        Ok(())
    }

    /// The arming of a group.
    pub(super) fn arming(&self, db: &Connection, group: GroupId) -> Result<Option<Arming>, VaultError> {
        Ok(self.armings(db)?.into_iter().find(|arming| arming.group == group))
    }

    /// All armings.
    pub(super) fn armings(&self, db: &Connection) -> Result<Vec<Arming>, VaultError> {
        let mut statement = db.prepare_cached("SELECT a, group_id, tries, body FROM armings ORDER BY a")?;
        let mut rows = statement.query([])?;
        let mut armings = Vec::new();
        while let Some(row) = rows.next()? {
            let a = row.get(0)?;
            let sealed = row.get_ref(3)?.as_blob().map_err(|_| VaultError::DAMAGED)?;
            let body = open(self.meta.armings.expose(), &self.arming_place(a), sealed)?;
            armings.push(Arming::decode(a, row.get(1)?, row.get(2)?, body.expose())?);
        }
        Ok(armings)
    }

    fn arming_place(&self, a: u32) -> Place<'_> {
        self.place(Table::Arming, u128::from(a).to_be_bytes(), 1)
    }

    fn is_wrapped(&self, db: &Connection, id: [u8; 16], a: u32) -> Result<bool, VaultError> {
        let mut statement = db.prepare_cached("SELECT 1 FROM wraps WHERE id = ?1 AND a = ?2")?;
        Ok(statement.exists(params![id, a])?)
    }
}

/// Deletes the arming of a group with its wraps.
pub(super) fn disarm(db: &Connection, group: GroupId) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM wraps WHERE a IN (SELECT a FROM armings WHERE group_id = ?1)")?
        .execute([group])?;
    db.prepare_cached("DELETE FROM armings WHERE group_id = ?1")?.execute([group])?;
    Ok(())
}

/// Last byte of a wrap whose root key makes the root MAC; schema 2 had no such byte.
pub(super) const WRAP_LAYOUT: u8 = 3;
const MEMORY: u32 = 1;
const PASSES: u32 = 2;
const LANES: u32 = 3;
const SALT: u32 = 4;
const RESET_CODE: u32 = 5;
