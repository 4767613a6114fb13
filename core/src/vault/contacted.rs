//! What contacts with issuers change, each in one transaction, and the rows that they leave behind.
//!
//! | Row of `drafts` | Group | Name | Until |
//! |---|---|---|---|
//! | old pair: the record that an identity had before its present seed | that of the identity | none | the issuer says that nothing else lives than the present seed |
//! | queued deletion | none: sealed under the PIN | of the identity, not reserved | the issuer has answered, or a lockout |
//!
//! An old pair has K_rec of its own, so [`arm`](super::arm()) wraps the group's key for it as for an activation under way: both
//! unlock codes open the group for as long as the issuer may make either. The wrap that an identity had when its seed
//! was replaced stays until both new ones are there.

use rusqlite::{Connection, OptionalExtension, params};

use super::groups::{Group, GroupChoice};
use super::keys::{GroupId, OpenKeys};
use super::recovery::{Member, Recovery};
use super::rows::{group_id_of, group_key};
use super::seal::{Table, open, seal};
use super::{DraftId, Event, Sealer, Vault, VaultError, version_from, version_to};
use crate::identity::encoding::{MapWriter, encode_record};
use crate::identity::{IdentityId, IdentityName, Label, Record};
use crate::secret::{Key, SecretBytes};

/// What a contact says of an identity.
pub struct Contacted<'a> {
    /// Its record from now on.
    pub record: &'a Record,
    /// Its issuer and its holder, as proven.
    pub group: &'a GroupChoice,
    /// The record has another seed: the present record stays as an old pair.
    pub keep_old: bool,
    /// No other seed lives: the old pairs go.
    pub alone: bool,
    /// What to tell the user.
    pub event: Option<Event>,
}

impl Vault {
    /// Takes over what a contact says, and moves the identity into the group that it proved.
    ///
    /// # Errors
    /// `Stale` when it proves something else than is known by now: another issuer's key, another holder; also when the
    /// group that it belongs to has no way back yet. `NeedsUnlockCode`.
    pub fn contacted(&mut self, id: IdentityId, change: &Contacted<'_>) -> Result<(), VaultError> {
        let (keys, sealer) = (self.keys()?, self.sealer()?);
        let dropped = self.write(|db| {
            let from = group_id_of(db, id)?;
            let label = sealer.label(db, id)?.1;
            let old = sealer.record(db, keys, id)?;
            let group = sealer.enter(db, keys, from, change.group, &label)?;
            let key = group_key(db, keys, &group)?;
            if group != from {
                sealer.move_pairs(db, keys, from, group)?;
            }
            sealer.write_record(db, id, group, key, change.record)?;
            if change.keep_old {
                sealer.keep_pair(db, DraftId(self.random.array()?), group, key, (&label, &old))?;
            }
            if change.alone {
                sealer.drop_old_pairs(db, keys, group, &label)?;
            }
            change.event.map(|event| sealer.note(db, event)).transpose()?;
            Ok((group != from && sealer.drop_if_empty(db, from)?).then_some(from))
        })?;
        self.forget_group(dropped);
        Ok(())
    }

    /// Writes the record of an identity that its issuer has ended, and the event that says so.
    pub fn end(&mut self, id: IdentityId, record: &Record, event: Event) -> Result<(), VaultError> {
        let (keys, sealer) = (self.keys()?, self.sealer()?);
        self.write(|db| {
            let group = group_id_of(db, id)?;
            sealer.write_record(db, id, group, group_key(db, keys, &group)?, record)?;
            sealer.note(db, event)
        })
    }

    /// True when an old pair is kept beside this identity.
    pub fn has_old_pair(&self, id: IdentityId) -> Result<bool, VaultError> {
        let (keys, db, sealer) = (self.keys()?, &self.store()?.db, self.sealer()?);
        let label = sealer.label(db, id)?.1;
        Ok(!sealer.old_pairs(db, keys, group_id_of(db, id)?, &label)?.is_empty())
    }

    /// True when both the present pair of this identity and its old ones have their way back.
    pub fn is_pair_armed(&self, id: IdentityId) -> Result<bool, VaultError> {
        let (keys, db, sealer) = (self.keys()?, &self.store()?.db, self.sealer()?);
        let label = sealer.label(db, id)?.1;
        let mut wraps = db.prepare_cached("SELECT 1 FROM wraps WHERE id = ?1")?;
        for one in sealer.old_pairs(db, keys, group_id_of(db, id)?, &label)? {
            if !wraps.exists([one])? {
                return Ok(false);
            }
        }
        Ok(wraps.exists([id.0])?)
    }
}

impl Sealer<'_> {
    /// The group of an identity whose issuer and holder are proven: the one it is in, if that is theirs or now becomes
    /// theirs, or the open one that they have already.
    fn enter(
        &self,
        db: &Connection,
        keys: &OpenKeys,
        from: GroupId,
        choice: &GroupChoice,
        label: &Label,
    ) -> Result<GroupId, VaultError> {
        let GroupChoice::Issuer { address, key, holder, succeeds } = choice else { return Ok(from) };
        if let Some(old) = succeeds {
            self.succeed(db, keys, address, [old, key])?;
        }
        let proven = Group::Issuer { address: address.clone(), key: *key, holder: *holder };
        for id in self.group_ids(db)? {
            // Known by another key since the contact began.
            if matches!(self.group(db, id)?, Group::Issuer { address: of, key: known, .. } if of == *address && known != *key)
            {
                return Err(VaultError::Stale);
            }
        }
        match self.group(db, from)? {
            group if group == proven => return Ok(from),
            Group::Single { address: of, .. } if of == *address => {}
            Group::Single { .. } | Group::Issuer { .. } | Group::Local => return Err(VaultError::Stale),
        }
        match self.open_group(db, keys, &proven)? {
            // Nothing of its way back changes with what the group is.
            None => self.rewrite(db, from, &proven, keys.groups.get(&from), &keys.vmk).map(|()| from),
            Some(group) if self.has_serial(db, keys, group, label)? => Ok(from),
            Some(group) if self.arming(db, group)?.is_none() => Err(VaultError::Stale),
            Some(group) => Ok(group),
        }
    }

    /// Makes an identity of the group with the serial number of `new` an old pair of the same id and way back; gives it
    /// and its name, which is free then.
    pub(super) fn replace(
        &self,
        db: &Connection,
        keys: &OpenKeys,
        group: GroupId,
        new: &Label,
    ) -> Result<Option<(IdentityId, IdentityName)>, VaultError> {
        for member in self.members(db, group)? {
            let Member::Identity(id) = member else { continue };
            let label = self.label(db, id)?.1;
            if new.serial.is_none() || (&label.address, &label.serial) != (&new.address, &new.serial) {
                continue;
            }
            let old = self.record(db, keys, id)?;
            self.free_name(db, id.0)?;
            db.prepare_cached("DELETE FROM identities WHERE id = ?1")?.execute([id.0])?;
            self.keep_pair(db, DraftId(id.0), group, group_key(db, keys, &group)?, (&label, &old))?;
            return Ok(Some((id, label.name)));
        }
        Ok(None)
    }

    /// Writes an old pair.
    fn keep_pair(
        &self,
        db: &Connection,
        id: DraftId,
        group: GroupId,
        key: &Key<32>,
        (label, old): (&Label, &Record),
    ) -> Result<(), VaultError> {
        let mut body = MapWriter::new(1);
        body.bytes(RECORD, encode_record(old)?.expose());
        let recovery = Recovery::of(label, old).ok_or(VaultError::Stale)?;
        let recovery = self.seal_recovery(key, id.0, 1, &recovery)?;
        self.write_draft(db, id, 1, (Some(group), None, Some(recovery)), key, &body.finish()?)
    }

    /// Moves the old pairs of a group of one identity with it.
    fn move_pairs(
        &self,
        db: &Connection,
        keys: &OpenKeys,
        from: GroupId,
        to: GroupId,
    ) -> Result<(), VaultError> {
        let (old, new) = (group_key(db, keys, &from)?, group_key(db, keys, &to)?);
        for member in self.members(db, from)? {
            let Member::Draft(id) = member else { continue };
            let (version, body): (i64, Vec<u8>) = db
                .prepare_cached("SELECT version, body FROM drafts WHERE id = ?1 AND name IS NULL")?
                .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?
                .ok_or(VaultError::Stale)?;
            let version = version_from(version)?;
            let body = open(old.expose(), &self.place(Table::Draft, id, version), &body)?;
            let recovery = self.draft_recovery(db, keys, id)?.ok_or(VaultError::DAMAGED)?;
            let version = version.checked_add(1).ok_or(VaultError::Internal)?;
            let recovery = self.seal_recovery(new, id, version, &recovery)?;
            // Its wrap is of the group that it leaves, and goes with that.
            db.prepare_cached("DELETE FROM wraps WHERE id = ?1")?.execute([id])?;
            self.write_draft(db, DraftId(id), version, (Some(to), None, Some(recovery)), new, &body)?;
        }
        Ok(())
    }

    fn write_record(
        &self,
        db: &Connection,
        id: IdentityId,
        group: GroupId,
        key: &Key<32>,
        record: &Record,
    ) -> Result<(), VaultError> {
        let version: i64 = db
            .prepare_cached("SELECT version FROM identities WHERE id = ?1")?
            .query_row([id.0], |row| row.get(0))?;
        let version = version_from(version)?.checked_add(1).ok_or(VaultError::Internal)?;
        let sealed = self.seal_record(key, id, version, record)?;
        db.prepare_cached("UPDATE identities SET group_id = ?2, version = ?3, record = ?4 WHERE id = ?1")?
            .execute(params![id.0, group, version_to(version)?, sealed])?;
        Ok(())
    }

    /// Ids of the old pairs of the identity with this label. Those of a group that waits for its code are known by
    /// their wraps.
    fn old_pairs(
        &self,
        db: &Connection,
        keys: &OpenKeys,
        group: GroupId,
        label: &Label,
    ) -> Result<Vec<[u8; 16]>, VaultError> {
        let ids = db
            .prepare_cached("SELECT id FROM drafts WHERE group_id = ?1 AND name IS NULL ORDER BY rowid")?
            .query_map([group], |row| row.get(0))?
            .collect::<Result<Vec<[u8; 16]>, _>>()?;
        let mut pairs = Vec::new();
        for id in ids {
            let serial = match keys.groups.contains_key(&group) {
                true => self.draft_recovery(db, keys, id)?.map(|found| found.contact.serial),
                false => {
                    let arming = self.arming(db, group)?;
                    let wraps = arming.map(|arming| self.wraps(db, &arming)).transpose()?.unwrap_or_default();
                    wraps.into_iter().find(|wrap| wrap.0 == id).and_then(|wrap| Some(wrap.1?.serial))
                }
            };
            if serial.is_some() && serial == label.serial {
                pairs.push(id);
            }
        }
        Ok(pairs)
    }

    /// Deletes the old pairs of the identity with this label, and their ways back.
    pub(super) fn drop_old_pairs(
        &self,
        db: &Connection,
        keys: &OpenKeys,
        group: GroupId,
        label: &Label,
    ) -> Result<(), VaultError> {
        for id in self.old_pairs(db, keys, group, label)? {
            db.prepare_cached("DELETE FROM drafts WHERE id = ?1")?.execute([id])?;
            db.prepare_cached("DELETE FROM wraps WHERE id = ?1")?.execute([id])?;
        }
        Ok(())
    }

    /// Queues a message about a deleted identity.
    pub(super) fn queue(
        &self,
        db: &Connection,
        keys: &OpenKeys,
        name: &IdentityName,
        message: &SecretBytes,
    ) -> Result<(), VaultError> {
        let id = DraftId(self.random.array()?);
        let place = self.place(Table::DraftName, id.0, 1);
        let name = seal(self.random, self.meta.labels.expose(), &place, name.as_str().as_bytes())?;
        self.write_draft(db, id, 1, (None, Some(name), None), &keys.drafts, message)
    }

    fn has_serial(
        &self,
        db: &Connection,
        keys: &OpenKeys,
        group: GroupId,
        label: &Label,
    ) -> Result<bool, VaultError> {
        let contacts = self.contacts(db, keys, &self.members(db, group)?)?;
        Ok(contacts.iter().any(|(_, found)| Some(&found.contact.serial) == label.serial.as_ref()))
    }
}

/// The record of an old pair; no draft of an activation has it.
const RECORD: u32 = 16;
