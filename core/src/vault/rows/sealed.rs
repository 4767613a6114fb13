//! The rows behind the verbs, in a transaction of the caller: what is sealed, and under which key.
//!
//! A label is sealed under the key of all labels, so that it can be read before the PIN; a record under the
//! key of its group. Whether a name is free is for the database to say, over identities and drafts together.

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use super::NewIdentity;
use crate::identity::encoding::{decode_label, decode_record, encode_label, encode_record};
use crate::identity::{IdentityId, IdentityName, Label, Record};
use crate::secret::Key;
use crate::vault::groups::{Group, GroupChoice};
use crate::vault::keys::{GroupId, OpenKeys};
use crate::vault::seal::{Table, open, seal};
use crate::vault::{Sealer, VaultError, version_from};

impl Sealer<'_> {
    /// Inserts one identity with its name into `group`, or into the group that it chose; gives back the
    /// group that was made for it.
    pub(in crate::vault) fn insert(
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
    pub(in crate::vault) fn choose_group(
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
    pub(in crate::vault) fn take_name(
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

    pub(in crate::vault) fn free_name(&self, db: &Connection, owner: [u8; 16]) -> Result<(), VaultError> {
        db.prepare_cached("DELETE FROM names WHERE owner = ?1")?.execute([owner])?;
        Ok(())
    }

    pub(in crate::vault) fn label(
        &self,
        db: &Connection,
        id: IdentityId,
    ) -> Result<(u64, Label), VaultError> {
        let mut statement = db.prepare_cached("SELECT label_version, label FROM identities WHERE id = ?1")?;
        let mut rows = statement.query([id.0])?;
        let row = rows.next()?.ok_or(VaultError::UnknownIdentity)?;
        let version = version_from(row.get(0)?)?;
        let sealed = row.get_ref(1)?.as_blob().map_err(|_| VaultError::DAMAGED)?;
        let bytes = open(self.meta.labels.expose(), &self.place(Table::Label, id.0, version), sealed)?;
        Ok((version, decode_label(bytes.expose())?))
    }

    pub(in crate::vault) fn record(
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

    pub(super) fn seal_label(
        &self,
        id: IdentityId,
        version: u64,
        label: &Label,
    ) -> Result<Vec<u8>, VaultError> {
        let place = self.place(Table::Label, id.0, version);
        Ok(seal(self.random, self.meta.labels.expose(), &place, encode_label(label)?.expose())?)
    }

    pub(in crate::vault) fn seal_record(
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

pub(in crate::vault) fn group_id_of(db: &Connection, id: IdentityId) -> Result<GroupId, VaultError> {
    db.prepare_cached("SELECT group_id FROM identities WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?
        .ok_or(VaultError::UnknownIdentity)
}

/// The key of a group in memory.
pub(in crate::vault) fn group_key<'k>(
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
