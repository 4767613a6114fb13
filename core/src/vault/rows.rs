//! Identities: labels and records, and the names that the database keeps unique.
//!
//! Each verb is one transaction and leaves its line in the events; a label and a name need the device only,
//! a record the PIN. The rows themselves are in `sealed`.

mod sealed;

use rusqlite::{OptionalExtension, params};

use super::groups::{Group, GroupChoice};
use super::keys::GroupId;
use super::{Event, Vault, VaultError, version_from, version_to};
use crate::identity::{IdentityId, IdentityName, Label, Record};
use crate::secret::{Key, SecretBytes};
pub(super) use sealed::{group_id_of, group_key};

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

/// An id that the table itself gave and then does not know: index and table disagree.
fn listed(error: VaultError) -> VaultError {
    if error == VaultError::UnknownIdentity { VaultError::DAMAGED } else { error }
}
