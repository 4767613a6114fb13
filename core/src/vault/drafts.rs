//! Drafts: activations under way, sealed, with the names they reserve.
//!
//! The table has two more kinds of rows, which contacts with issuers leave behind (`contacted`): old pairs have a group
//! and no name, queued deletions a name that is not reserved.

use rusqlite::{Connection, OptionalExtension, params};

use super::keys::GroupId;
use super::recovery::Recovery;
use super::rows::group_key;
use super::seal::{Table, open, seal};
use super::{Event, NewIdentity, Sealer, Vault, VaultError, version_from, version_to};
use crate::identity::{IdentityId, IdentityName};
use crate::secret::{Key, SecretBytes};

/// A random id; the identity that a draft becomes keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DraftId(pub [u8; 16]);

/// An activation under way. No `Debug`, no `Clone`.
pub struct Draft {
    /// Which one.
    pub id: DraftId,
    /// The name it reserves.
    pub name: Option<IdentityName>,
    /// What the activation put there.
    pub body: SecretBytes,
}

impl Vault {
    /// An id for a new draft.
    pub fn new_draft_id(&self) -> Result<DraftId, VaultError> {
        Ok(DraftId(self.random.array()?))
    }

    /// Writes a draft, new or again. `identity` is what it will become: its name is reserved (what the
    /// draft had reserved before is free again), and it is sealed in that identity's group, so that the
    /// unlock code of the group opens it. Without one it is sealed under the PIN only.
    ///
    /// # Errors
    /// `Stale` when it has become an identity already.
    pub fn put_draft(
        &mut self,
        id: DraftId,
        identity: Option<&NewIdentity>,
        body: &SecretBytes,
    ) -> Result<(), VaultError> {
        self.put(id, identity.map_or(For::Nobody, For::Identity), body)
    }

    /// The same before there is an identity to be: the name is reserved, and a lockout destroys the draft.
    pub fn reserve_draft(
        &mut self,
        id: DraftId,
        name: &IdentityName,
        body: &SecretBytes,
    ) -> Result<(), VaultError> {
        self.put(id, For::Name(name), body)
    }

    fn put(&mut self, id: DraftId, what: For<'_>, body: &SecretBytes) -> Result<(), VaultError> {
        if body.len() > MAX_DRAFT {
            return Err(VaultError::TooLarge);
        }
        let (keys, sealer) = (self.keys()?, self.sealer()?);
        let made = self.write(|db| {
            let present: Option<(i64, Option<GroupId>)> = db
                .prepare_cached("SELECT version, group_id FROM drafts WHERE id = ?1")?
                .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let (version, group) = present.unwrap_or((0, None));
            let version = version_from(version)?.checked_add(1).ok_or(VaultError::Internal)?;
            if db.prepare_cached("SELECT 1 FROM identities WHERE id = ?1")?.exists([id.0])? {
                return Err(VaultError::Stale);
            }
            sealer.free_name(db, id.0)?;
            let name = match what {
                For::Nobody => None,
                For::Name(name) => Some(name),
                For::Identity(identity) => Some(&identity.label.name),
            };
            let name = name.map(|name| sealer.reserve(db, id, version, name)).transpose()?;
            let For::Identity(identity) = what else {
                sealer.write_draft(db, id, version, (None, name, None), &keys.drafts, body)?;
                return Ok(None);
            };
            let (group, made) = sealer.choose_group(db, keys, &identity.group, group)?;
            let key = match &made {
                Some(key) => key,
                None => group_key(db, keys, &group)?,
            };
            let recovery = Recovery::of(&identity.label, &identity.record);
            let recovery =
                recovery.map(|recovery| sealer.seal_recovery(key, id.0, version, &recovery)).transpose()?;
            sealer.write_draft(db, id, version, (Some(group), name, recovery), key, body)?;
            Ok(made.map(|key| (group, key)))
        })?;
        self.keep_groups(made);
        Ok(())
    }

    /// Ids of drafts that are sealed under the PIN only: a lockout would destroy them.
    pub fn plain_drafts(&self) -> Result<Vec<DraftId>, VaultError> {
        self.keys()?;
        let mut statement =
            self.store()?.db.prepare_cached("SELECT id FROM drafts WHERE group_id IS NULL")?;
        Ok(statement.query_map([], |row| row.get(0).map(DraftId))?.collect::<Result<_, _>>()?)
    }

    /// All drafts and queued deletions, oldest first, but those that wait for their unlock code.
    pub fn drafts(&self) -> Result<Vec<Draft>, VaultError> {
        let (keys, sealer) = (self.keys()?, self.sealer()?);
        let mut statement = self.store()?.db.prepare_cached(
            "SELECT id, version, name, body, group_id FROM drafts
                 WHERE name IS NOT NULL OR group_id IS NULL ORDER BY rowid",
        )?;
        let mut rows = statement.query([])?;
        let mut drafts = Vec::new();
        while let Some(row) = rows.next()? {
            let (id, version) = (row.get(0)?, version_from(row.get(1)?)?);
            let (name, group): (Option<Vec<u8>>, Option<GroupId>) = (row.get(2)?, row.get(4)?);
            let key = match group {
                None => &keys.drafts,
                Some(group) => match keys.groups.get(&group) {
                    Some(key) => key,
                    None => continue,
                },
            };
            let name = sealer.draft_name(id, version, name.as_deref())?;
            let sealed = row.get_ref(3)?.as_blob().map_err(|_| VaultError::DAMAGED)?;
            let body = open(key.expose(), &sealer.place(Table::Draft, id, version), sealed)?;
            drafts.push(Draft { id: DraftId(id), name, body });
        }
        Ok(drafts)
    }

    /// Deletes a draft and frees its name.
    pub fn delete_draft(&mut self, id: DraftId) -> Result<(), VaultError> {
        self.keys()?;
        let sealer = self.sealer()?;
        let dropped = self.write(|db| {
            sealer.free_name(db, id.0)?;
            let group = sealer.take_draft(db, id)?;
            db.prepare_cached("DELETE FROM wraps WHERE id = ?1")?.execute([id.0])?;
            match group {
                Some(group) => Ok(sealer.drop_if_empty(db, group)?.then_some(group)),
                None => Ok(None),
            }
        })?;
        self.forget_group(dropped);
        Ok(())
    }

    /// Turns a draft into an identity at the end of the list, in one transaction. The identity keeps the
    /// id, the group, and with them the draft's unlock code. If the group has an identity with the same serial
    /// number, that was an activation anew: it takes its name and place, and the other becomes an old pair.
    pub fn finish_draft(&mut self, id: DraftId, mut new: NewIdentity) -> Result<IdentityId, VaultError> {
        let (keys, sealer) = (self.keys()?, self.sealer()?);
        let identity = IdentityId(id.0);
        let made = self.write(|db| {
            let group = sealer.take_draft(db, id)?;
            sealer.free_name(db, id.0)?;
            let mut order = sealer.order(db)?;
            let replaced = group.map(|group| sealer.replace(db, keys, group, &new.label)).transpose()?;
            let event = match replaced.flatten() {
                Some((old, name)) => {
                    new.label.name = name;
                    order.iter_mut().filter(|one| **one == old).for_each(|one| *one = identity);
                    Event::SeedReplaced(identity)
                }
                None => {
                    order.push(identity);
                    Event::IdentityAdded(identity)
                }
            };
            let made = sealer.insert(db, keys, identity, &new, group)?;
            sealer.write_order(db, &order)?;
            sealer.note(db, event)?;
            Ok(made)
        })?;
        self.keep_groups(made);
        Ok(identity)
    }
}

/// What a draft is written for.
#[derive(Clone, Copy)]
enum For<'a> {
    Nobody,
    Name(&'a IdentityName),
    Identity(&'a NewIdentity),
}

impl Sealer<'_> {
    /// Takes a name for a draft; gives it sealed.
    fn reserve(
        &self,
        db: &Connection,
        id: DraftId,
        version: u64,
        name: &IdentityName,
    ) -> Result<Vec<u8>, VaultError> {
        self.take_name(db, id.0, name)?;
        let place = self.place(Table::DraftName, id.0, version);
        Ok(seal(self.random, self.meta.labels.expose(), &place, name.as_str().as_bytes())?)
    }

    /// Group, sealed name and sealed recovery key of a draft, as far as it has them, and its body.
    pub(super) fn write_draft(
        &self,
        db: &Connection,
        id: DraftId,
        version: u64,
        (group, name, recovery): (Option<GroupId>, Option<Vec<u8>>, Option<Vec<u8>>),
        key: &Key<32>,
        body: &SecretBytes,
    ) -> Result<(), VaultError> {
        let sealed =
            seal(self.random, key.expose(), &self.place(Table::Draft, id.0, version), body.expose())?;
        db.prepare_cached(
            "INSERT INTO drafts(id, version, name, body, group_id, recovery) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT(id) DO UPDATE SET version = excluded.version, name = excluded.name,
             body = excluded.body, group_id = excluded.group_id, recovery = excluded.recovery",
        )?
        .execute(params![id.0, version_to(version)?, name, sealed, group, recovery])?;
        Ok(())
    }

    pub(super) fn draft_name(
        &self,
        id: [u8; 16],
        version: u64,
        sealed: Option<&[u8]>,
    ) -> Result<Option<IdentityName>, VaultError> {
        let Some(sealed) = sealed else { return Ok(None) };
        let bytes = open(self.meta.labels.expose(), &self.place(Table::DraftName, id, version), sealed)?;
        let text = std::str::from_utf8(bytes.expose()).map_err(|_| VaultError::DAMAGED)?;
        IdentityName::new(text).map(Some).map_err(|_| VaultError::DAMAGED)
    }

    /// Deletes a draft's row; gives its group.
    fn take_draft(&self, db: &Connection, id: DraftId) -> Result<Option<GroupId>, VaultError> {
        db.prepare_cached("DELETE FROM drafts WHERE id = ?1 RETURNING group_id")?
            .query_row([id.0], |row| row.get(0))
            .optional()?
            .ok_or(VaultError::UnknownDraft)
    }

    /// Deletes the drafts that only a lost VMK could open; gives the names of activations and of queued deletions.
    pub(super) fn drop_plain_drafts(
        &self,
        db: &Connection,
    ) -> Result<(Vec<IdentityName>, Vec<IdentityName>), VaultError> {
        let mut statement =
            db.prepare_cached("SELECT id, version, name FROM drafts WHERE group_id IS NULL")?;
        let mut rows = statement.query([])?;
        let (mut lost, mut untold) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let (id, name): ([u8; 16], Option<Vec<u8>>) = (row.get(0)?, row.get(2)?);
            let reserved = db.prepare_cached("SELECT 1 FROM names WHERE owner = ?1")?.exists([id])?;
            let names = if reserved { &mut lost } else { &mut untold };
            names.extend(self.draft_name(id, version_from(row.get(1)?)?, name.as_deref())?);
            self.free_name(db, id)?;
        }
        db.execute("DELETE FROM drafts WHERE group_id IS NULL", [])?;
        Ok((lost, untold))
    }
}

/// Longest body of a draft, in bytes.
pub const MAX_DRAFT: usize = 256 * 1024;
