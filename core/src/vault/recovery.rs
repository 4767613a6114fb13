//! Who can open a group again: the issuers of its identities, and what they are asked.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::arming::Arming;
use super::keys::{GroupId, OpenKeys};
use super::seal::{Table, open, seal};
use super::{EncodingError, Sealer, Vault, VaultError, VaultState, version_from};
use crate::codec::decimal::SerialNumber;
use crate::identity::encoding::{Fields, MapWriter};
use crate::identity::{IdentityId, IdentityName, Label, Record};
use crate::secret::{Key, SecretBytes};

/// Whom to ask for an unlock code. No secret: the lock screen shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The issuer as the user reads it.
    pub issuer: String,
    /// The issuer's canonical address.
    pub address: String,
    /// The serial number at the issuer, ten digits.
    pub serial: String,
}

/// A wrap that waits for its unlock code: whom to ask, and what to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Whom to ask.
    pub contact: Contact,
    /// The PIN reset code, nine digits.
    pub reset_code: String,
}

/// An identity or draft that its issuer can answer for.
pub(super) struct Recovery {
    pub(super) contact: Contact,
    pub(super) key: Key<32>,
}

/// An identity or draft of a group.
pub(super) enum Member {
    Identity(IdentityId),
    Draft([u8; 16]),
}

impl Contact {
    pub(super) fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let mut map = MapWriter::new(3);
        map.text(ISSUER, &self.issuer).text(ADDRESS, &self.address).text(SERIAL, &self.serial);
        map.finish()
    }

    /// `None` for the wrap of a recovery code, which names nobody.
    fn decode(bytes: &[u8]) -> Result<Option<Self>, VaultError> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let fields = Fields::read(bytes, &[ISSUER, ADDRESS, SERIAL])?;
        let text = |key| fields.text(key).map(str::to_owned);
        Ok(Some(Self { issuer: text(ISSUER)?, address: text(ADDRESS)?, serial: text(SERIAL)? }))
    }
}

impl Recovery {
    /// `None` when the issuer could not answer: no K_rec, no address, no serial number of the profile.
    pub(super) fn of(label: &Label, record: &Record) -> Option<Self> {
        let address = label.address.clone()?;
        let serial = SerialNumber::parse(label.serial.as_deref()?).ok()?.digits().to_owned();
        let key = Key::new(*record.recovery_key.as_ref()?.expose());
        let issuer = if label.issuer.is_empty() { address.clone() } else { label.issuer.clone() };
        Some(Self { contact: Contact { issuer, address, serial }, key })
    }

    fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let contact = self.contact.encode()?;
        let mut map = MapWriter::new(2);
        map.bytes(CONTACT, contact.expose()).bytes(RECOVERY_KEY, self.key.expose());
        map.finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self, VaultError> {
        let fields = Fields::read(bytes, &[CONTACT, RECOVERY_KEY])?;
        Ok(Self {
            contact: Contact::decode(fields.bytes(CONTACT)?)?.ok_or(VaultError::DAMAGED)?,
            key: Key::from_slice(fields.bytes(RECOVERY_KEY)?).ok_or(VaultError::DAMAGED)?,
        })
    }
}

impl Vault {
    /// Every issuer that can open something that is sealed now, in the user's order of their identities;
    /// pending ones last. While the PIN can be tried these are the groups that it would not open. Needs no PIN.
    pub fn waiting(&self) -> Result<Vec<Waiting>, VaultError> {
        let (db, sealer) = (&self.store()?.db, self.sealer()?);
        let order = sealer.order(db)?;
        let mut behind_pin = db.prepare_cached("SELECT 1 FROM groups WHERE id = ?1 AND length(key) > 0")?;
        let locked = self.state() == VaultState::Locked;
        let mut waiting = Vec::new();
        for arming in self.sealed_armings()? {
            if locked && behind_pin.exists([arming.group])? {
                continue;
            }
            let Some(code) = &arming.reset_code else { continue };
            for (id, contact, _) in sealer.wraps(db, &arming)? {
                let place = order.iter().position(|one| one.0 == id).unwrap_or(usize::MAX);
                let reset_code = code.digits().to_owned();
                waiting.extend(contact.map(|contact| (place, Waiting { contact, reset_code })));
            }
        }
        waiting.sort_by_key(|(place, _)| *place);
        let mut waiting: Vec<Waiting> = waiting.into_iter().map(|(_, waiting)| waiting).collect();
        // The codes of a new pair and of the old one are asked for in one question.
        let mut asked = HashSet::new();
        waiting.retain(|one| asked.insert((one.contact.address.clone(), one.contact.serial.clone())));
        Ok(waiting)
    }

    /// True when the recovery code opens something that is sealed now. Needs no PIN.
    pub fn takes_recovery_code(&self) -> Result<bool, VaultError> {
        Ok(self.sealed_armings()?.iter().any(|arming| arming.reset_code.is_none()))
    }

    /// Identities of the open vault that wait for their unlock code, in the user's order.
    pub fn sealed(&self) -> Result<Vec<(IdentityId, Label)>, VaultError> {
        let (keys, db) = (self.keys()?, &self.store()?.db);
        let mut sealed = self.labels()?;
        let mut failed = Ok(());
        sealed.retain(|(id, _)| match super::rows::group_id_of(db, *id) {
            Ok(group) => !keys.groups.contains_key(&group),
            Err(error) => {
                failed = Err(error);
                false
            }
        });
        failed.map(|()| sealed)
    }

    /// Drafts of the open vault that wait for their unlock code: their names.
    pub fn sealed_drafts(&self) -> Result<Vec<(IdentityId, IdentityName)>, VaultError> {
        let (keys, db, sealer) = (self.keys()?, &self.store()?.db, self.sealer()?);
        let mut statement =
            db.prepare_cached("SELECT id, version, name, group_id FROM drafts ORDER BY rowid")?;
        let mut rows = statement.query([])?;
        let mut sealed = Vec::new();
        while let Some(row) = rows.next()? {
            let (group, name): (Option<GroupId>, Option<Vec<u8>>) = (row.get(3)?, row.get(2)?);
            if group.is_none_or(|group| keys.groups.contains_key(&group)) {
                continue;
            }
            if let Some(name) = sealer.draft_name(row.get(0)?, version_from(row.get(1)?)?, name.as_deref())? {
                sealed.push((IdentityId(row.get(0)?), name));
            }
        }
        Ok(sealed)
    }

    /// Armings of groups whose keys are not in memory.
    pub(super) fn sealed_armings(&self) -> Result<Vec<Arming>, VaultError> {
        let mut armings = self.sealer()?.armings(&self.store()?.db)?;
        if let Some(keys) = &self.keys {
            armings.retain(|arming| !keys.groups.contains_key(&arming.group));
        }
        Ok(armings)
    }
}

/// A wrap: its row, whom to ask, and the sealed keys.
pub(super) type Wrap = ([u8; 16], Option<Contact>, Vec<u8>);

impl Sealer<'_> {
    /// The wraps of an arming.
    pub(super) fn wraps(&self, db: &Connection, arming: &Arming) -> Result<Vec<Wrap>, VaultError> {
        let mut statement =
            db.prepare_cached("SELECT id, info, wrap FROM wraps WHERE a = ?1 ORDER BY rowid")?;
        let mut rows = statement.query([arming.a])?;
        let mut wraps = Vec::new();
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            let place = self.place(Table::WrapInfo, id, arming.a.into());
            let sealed = row.get_ref(1)?.as_blob().map_err(|_| VaultError::DAMAGED)?;
            let info = open(self.meta.armings.expose(), &place, sealed)?;
            wraps.push((id, Contact::decode(info.expose())?, row.get(2)?));
        }
        Ok(wraps)
    }

    /// Identities and drafts of a group.
    pub(super) fn members(&self, db: &Connection, group: GroupId) -> Result<Vec<Member>, VaultError> {
        let mut members = db
            .prepare_cached("SELECT id FROM identities WHERE group_id = ?1 ORDER BY rowid")?
            .query_map([group], |row| Ok(Member::Identity(IdentityId(row.get(0)?))))?
            .collect::<Result<Vec<_>, _>>()?;
        let mut drafts = db.prepare_cached("SELECT id FROM drafts WHERE group_id = ?1 ORDER BY rowid")?;
        for draft in drafts.query_map([group], |row| Ok(Member::Draft(row.get(0)?)))? {
            members.push(draft?);
        }
        Ok(members)
    }

    /// Those of the members that their issuer can answer for.
    pub(super) fn contacts(
        &self,
        db: &Connection,
        keys: &OpenKeys,
        members: &[Member],
    ) -> Result<Vec<([u8; 16], Recovery)>, VaultError> {
        let mut contacts = Vec::new();
        for member in members {
            let found = match member {
                Member::Identity(id) => {
                    let record = self.record(db, keys, *id)?;
                    Recovery::of(&self.label(db, *id)?.1, &record).map(|found| (id.0, found))
                }
                Member::Draft(id) => self.draft_recovery(db, keys, *id)?.map(|found| (*id, found)),
            };
            contacts.extend(found);
        }
        Ok(contacts)
    }

    /// What a draft keeps for its issuer's answer, sealed under the key of its group.
    pub(super) fn seal_recovery(
        &self,
        key: &Key<32>,
        id: [u8; 16],
        version: u64,
        recovery: &Recovery,
    ) -> Result<Vec<u8>, VaultError> {
        let place = self.place(Table::DraftRecovery, id, version);
        Ok(seal(self.random, key.expose(), &place, recovery.encode()?.expose())?)
    }

    pub(super) fn draft_recovery(
        &self,
        db: &Connection,
        keys: &OpenKeys,
        id: [u8; 16],
    ) -> Result<Option<Recovery>, VaultError> {
        let (version, group, sealed): (i64, GroupId, Option<Vec<u8>>) = db
            .prepare_cached("SELECT version, group_id, recovery FROM drafts WHERE id = ?1")?
            .query_row(params![id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let Some(sealed) = sealed else { return Ok(None) };
        let key = keys.groups.get(&group).ok_or(VaultError::NeedsUnlockCode)?;
        let place = self.place(Table::DraftRecovery, id, version_from(version)?);
        Recovery::decode(open(key.expose(), &place, &sealed)?.expose()).map(Some)
    }
}

const ISSUER: u32 = 1;
const ADDRESS: u32 = 2;
const SERIAL: u32 = 3;
const CONTACT: u32 = 1;
const RECOVERY_KEY: u32 = 2;
