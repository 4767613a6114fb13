//! Identities: labels and records, and the names that the database keeps unique.

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use super::groups::{Group, GroupChoice};
use super::keys::{GroupId, OpenKeys};
use super::seal::{Table, open, seal};
use super::{Event, Sealer, Vault, VaultError, version_from, version_to};
use crate::identity::encoding::{decode_label, decode_record, encode_label, encode_record};
use crate::identity::{IdentityId, IdentityName, Label, Record};
use crate::secret::{Key, SecretBytes};

/// An identity that is not in the vault yet.
pub struct NewIdentity {
    /// Read without the PIN.
    pub label: Label,
    /// Read with the PIN.
    pub record: Record,
    /// Where it belongs.
    pub group: GroupChoice,
}

impl Vault {
    /// All labels in the user's order. Needs no PIN.
    pub fn labels(&self) -> Result<Vec<(IdentityId, Label)>, VaultError> {
        let (store, sealer) = (self.store()?, self.sealer()?);
        let read = |id| sealer.label(&store.db, id).map(|(_, label)| (id, label)).map_err(listed);
        sealer.order(&store.db)?.into_iter().map(read).collect()
    }

    /// One label. Needs no PIN.
    pub fn label(&self, id: IdentityId) -> Result<Label, VaultError> {
        Ok(self.sealer()?.label(&self.store()?.db, id)?.1)
    }

    /// True when an identity or a draft has a name that clashes. Needs no PIN.
    pub fn is_name_taken(&self, name: &IdentityName) -> Result<bool, VaultError> {
        let store = self.store()?;
        let tag = store.meta.name_tag(&name.skeleton())?;
        let found = store.db.prepare_cached("SELECT 1 FROM names WHERE tag = ?1")?.exists([tag])?;
        Ok(found)
    }

    /// One record. Needs the open vault.
    pub fn record(&self, id: IdentityId) -> Result<Record, VaultError> {
        self.sealer()?.record(&self.store()?.db, self.keys()?, id)
    }

    /// Shows every record to `see`, in the user's order; only one is in memory at a time. Those that wait
    /// for their unlock code ([`Vault::sealed`]) are left out.
    pub fn each_record(&self, mut see: impl FnMut(IdentityId, &Record)) -> Result<(), VaultError> {
        let (keys, db, sealer) = (self.keys()?, &self.store()?.db, self.sealer()?);
        for id in sealer.order(db)? {
            match sealer.record(db, keys, id) {
                Ok(record) => see(id, &record),
                Err(VaultError::NeedsUnlockCode) => {}
                Err(other) => return Err(listed(other)),
            }
        }
        Ok(())
    }

    /// All records in the user's order, as [`Vault::each_record`], which keeps one at a time.
    pub fn records(&self) -> Result<Vec<(IdentityId, Record)>, VaultError> {
        let (keys, db, sealer) = (self.keys()?, &self.store()?.db, self.sealer()?);
        let read = |id| match sealer.record(db, keys, id) {
            Ok(record) => Some(Ok((id, record))),
            Err(VaultError::NeedsUnlockCode) => None,
            Err(other) => Some(Err(listed(other))),
        };
        sealer.order(db)?.into_iter().filter_map(read).collect()
    }

    /// What group an identity belongs to.
    pub fn group_of(&self, id: IdentityId) -> Result<Group, VaultError> {
        let (db, sealer) = (&self.store()?.db, self.sealer()?);
        sealer.group(db, group_id_of(db, id)?)
    }

    /// Adds all of them at the end of the list, or none: [`VaultError::NameTaken`] when one name is taken.
    pub fn add(&mut self, new: Vec<NewIdentity>) -> Result<Vec<IdentityId>, VaultError> {
        let (keys, sealer) = (self.keys()?, self.sealer()?);
        let (ids, made) = self.write(|db| {
            let mut order = sealer.order(db)?;
            let first = order.len();
            let mut made = Vec::new();
            for identity in &new {
                let id = IdentityId(self.random.array()?);
                made.extend(sealer.insert(db, keys, id, identity, None)?);
                sealer.note(db, Event::IdentityAdded(id))?;
                order.push(id);
            }
            sealer.write_order(db, &order)?;
            Ok((order.split_off(first), made))
        })?;
        self.keep_groups(made);
        Ok(ids)
    }

    /// Replaces a record; its version rises by one. On return it is on the disk.
    pub fn update_record(&mut self, id: IdentityId, record: &Record) -> Result<(), VaultError> {
        let (keys, sealer) = (self.keys()?, self.sealer()?);
        self.write(|db| {
            let (group, version): (GroupId, i64) = db
                .prepare_cached("SELECT group_id, version FROM identities WHERE id = ?1")?
                .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?
                .ok_or(VaultError::UnknownIdentity)?;
            let version = version_from(version)?.checked_add(1).ok_or(VaultError::Internal)?;
            let sealed = sealer.seal_record(group_key(db, keys, &group)?, id, version, record)?;
            db.prepare_cached("UPDATE identities SET version = ?2, record = ?3 WHERE id = ?1")?
                .execute(params![id.0, version_to(version)?, sealed])?;
            Ok(())
        })
    }

    /// Gives an identity another name.
    pub fn rename(&mut self, id: IdentityId, name: &IdentityName) -> Result<(), VaultError> {
        self.keys()?;
        let sealer = self.sealer()?;
        self.write(|db| {
            let (version, mut label) = sealer.label(db, id)?;
            label.name = name.clone();
            sealer.free_name(db, id.0)?;
            sealer.take_name(db, id.0, name)?;
            let version = version.checked_add(1).ok_or(VaultError::Internal)?;
            let sealed = sealer.seal_label(id, version, &label)?;
            db.prepare_cached("UPDATE identities SET label_version = ?2, label = ?3 WHERE id = ?1")?
                .execute(params![id.0, version_to(version)?, sealed])?;
            sealer.note(db, Event::IdentityRenamed(id))
        })
    }

    /// Deletes an identity, its name, and its group when that was only for it. The bytes are overwritten.
    pub fn remove(&mut self, id: IdentityId) -> Result<(), VaultError> {
        self.remove_and_queue(id, None)
    }

    /// The same; in its transaction `message` is queued under its name and the PIN, to tell its issuer.
    pub fn remove_and_queue(
        &mut self,
        id: IdentityId,
        message: Option<&SecretBytes>,
    ) -> Result<(), VaultError> {
        let (keys, sealer) = (self.keys()?, self.sealer()?);
        let dropped = self.write(|db| {
            let group = group_id_of(db, id)?;
            let (_, label) = sealer.label(db, id)?;
            if let Some(message) = message {
                sealer.queue(db, keys, &label.name, message)?;
            }
            sealer.drop_old_pairs(db, keys, group, &label)?;
            let mut order = sealer.order(db)?;
            order.retain(|other| *other != id);
            db.prepare_cached("DELETE FROM identities WHERE id = ?1")?.execute([id.0])?;
            sealer.free_name(db, id.0)?;
            sealer.write_order(db, &order)?;
            db.prepare_cached("DELETE FROM wraps WHERE id = ?1")?.execute([id.0])?;
            sealer.note(db, Event::IdentityRemoved(id))?;
            Ok(sealer.drop_if_empty(db, group)?.then_some(group))
        })?;
        self.forget_group(dropped);
        Ok(())
    }

    pub(super) fn forget_group(&mut self, dropped: Option<GroupId>) {
        if let (Some(keys), Some(group)) = (&mut self.keys, dropped) {
            keys.groups.remove(&group);
        }
    }

    pub(super) fn keep_groups(&mut self, made: impl IntoIterator<Item = (GroupId, Key<32>)>) {
        if let Some(keys) = &mut self.keys {
            keys.groups.extend(made);
        }
    }
}

impl Sealer<'_> {
    /// Inserts one identity with its name into `group`, or into the group that it chose; gives back the
    /// group that was made for it.
    pub(super) fn insert(
        &self,
        db: &Connection,
        keys: &OpenKeys,
        id: IdentityId,
        new: &NewIdentity,
        group: Option<GroupId>,
    ) -> Result<Option<(GroupId, Key<32>)>, VaultError> {
        self.take_name(db, id.0, &new.label.name)?;
        let (group_id, made) = self.choose_group(db, keys, &new.group, group)?;
        let key = match &made {
            Some(key) => key,
            None => group_key(db, keys, &group_id)?,
        };
        let label = self.seal_label(id, 1, &new.label)?;
        let record = self.seal_record(key, id, 1, &new.record)?;
        db.prepare_cached(
            "INSERT INTO identities(id, group_id, label_version, label, version, record)
             VALUES (?1, ?2, 1, ?3, 1, ?4)",
        )?
        .execute(params![id.0, group_id, label, record])?;
        Ok(made.map(|key| (group_id, key)))
    }

    /// The group to put something into, and its key when it had to be made.
    pub(super) fn choose_group(
        &self,
        db: &Connection,
        keys: &OpenKeys,
        choice: &GroupChoice,
        present: Option<GroupId>,
    ) -> Result<(GroupId, Option<Key<32>>), VaultError> {
        match (present, choice) {
            (Some(group), _) => Ok((group, None)),
            (None, GroupChoice::Local) => Ok((self.local_group, None)),
            (None, GroupChoice::Single { address, claimed_key }) => {
                let group = Group::Single { address: address.clone(), claimed_key: *claimed_key };
                let id = self.random.array()?;
                Ok((id, Some(self.insert_group(db, id, &group, &keys.vmk)?)))
            }
            (None, GroupChoice::Issuer { address, key, holder, succeeds }) => {
                if let Some(old) = succeeds {
                    self.succeed(db, keys, address, [old, key])?;
                }
                let group = Group::Issuer { address: address.clone(), key: *key, holder: *holder };
                // One that waits for its code cannot be joined; this one gets its own until then.
                if let Some(id) = self.open_group(db, keys, &group)? {
                    return Ok((id, None));
                }
                let id = self.random.array()?;
                Ok((id, Some(self.insert_group(db, id, &group, &keys.vmk)?)))
            }
        }
    }

    /// Lets the database decide whether a name is free, and takes it for `owner`.
    pub(super) fn take_name(
        &self,
        db: &Connection,
        owner: [u8; 16],
        name: &IdentityName,
    ) -> Result<(), VaultError> {
        let tag = self.meta.name_tag(&name.skeleton())?;
        match db.prepare_cached("INSERT INTO names(tag, owner) VALUES (?1, ?2)")?.execute(params![tag, owner])
        {
            Ok(_) => Ok(()),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                Err(VaultError::NameTaken)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn free_name(&self, db: &Connection, owner: [u8; 16]) -> Result<(), VaultError> {
        db.prepare_cached("DELETE FROM names WHERE owner = ?1")?.execute([owner])?;
        Ok(())
    }

    pub(super) fn label(&self, db: &Connection, id: IdentityId) -> Result<(u64, Label), VaultError> {
        let mut statement = db.prepare_cached("SELECT label_version, label FROM identities WHERE id = ?1")?;
        let mut rows = statement.query([id.0])?;
        let row = rows.next()?.ok_or(VaultError::UnknownIdentity)?;
        let version = version_from(row.get(0)?)?;
        let sealed = row.get_ref(1)?.as_blob().map_err(|_| VaultError::DAMAGED)?;
        let bytes = open(self.meta.labels.expose(), &self.place(Table::Label, id.0, version), sealed)?;
        Ok((version, decode_label(bytes.expose())?))
    }

    pub(super) fn record(
        &self,
        db: &Connection,
        keys: &OpenKeys,
        id: IdentityId,
    ) -> Result<Record, VaultError> {
        let mut statement =
            db.prepare_cached("SELECT group_id, version, record FROM identities WHERE id = ?1")?;
        let mut rows = statement.query([id.0])?;
        let row = rows.next()?.ok_or(VaultError::UnknownIdentity)?;
        let key = group_key(db, keys, &row.get(0)?)?;
        let place = self.place(Table::Record, id.0, version_from(row.get(1)?)?);
        let bytes = open(key.expose(), &place, row.get_ref(2)?.as_blob().map_err(|_| VaultError::DAMAGED)?)?;
        Ok(decode_record(bytes.expose())?)
    }

    fn seal_label(&self, id: IdentityId, version: u64, label: &Label) -> Result<Vec<u8>, VaultError> {
        let place = self.place(Table::Label, id.0, version);
        Ok(seal(self.random, self.meta.labels.expose(), &place, encode_label(label)?.expose())?)
    }

    pub(super) fn seal_record(
        &self,
        key: &Key<32>,
        id: IdentityId,
        version: u64,
        record: &Record,
    ) -> Result<Vec<u8>, VaultError> {
        let place = self.place(Table::Record, id.0, version);
        Ok(seal(self.random, key.expose(), &place, encode_record(record)?.expose())?)
    }
}

/// An id that the table itself gave and then does not know: index and table disagree.
fn listed(error: VaultError) -> VaultError {
    if error == VaultError::UnknownIdentity { VaultError::DAMAGED } else { error }
}

pub(super) fn group_id_of(db: &Connection, id: IdentityId) -> Result<GroupId, VaultError> {
    db.prepare_cached("SELECT group_id FROM identities WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?
        .ok_or(VaultError::UnknownIdentity)
}

/// The key of a group in memory.
pub(super) fn group_key<'k>(
    db: &Connection,
    keys: &'k OpenKeys,
    group: &GroupId,
) -> Result<&'k Key<32>, VaultError> {
    match keys.groups.get(group) {
        Some(key) => Ok(key),
        None if db.prepare_cached("SELECT 1 FROM groups WHERE id = ?1")?.exists([group])? => {
            Err(VaultError::NeedsUnlockCode)
        }
        None => Err(VaultError::DAMAGED),
    }
}
