//! Drafts: activations under way, sealed, with the names they reserve.

use rusqlite::{OptionalExtension, params};

use super::seal::{Table, open, seal};
use super::{NewIdentity, Vault, VaultError, version_from, version_to};
use crate::identity::{IdentityId, IdentityName};
use crate::secret::SecretBytes;

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

    /// Writes a draft, new or again, and reserves `name` for it; what it had reserved before is free again.
    pub fn put_draft(
        &mut self,
        id: DraftId,
        name: Option<&IdentityName>,
        body: &SecretBytes,
    ) -> Result<(), VaultError> {
        if body.len() > MAX_DRAFT {
            return Err(VaultError::TooLarge);
        }
        let (keys, sealer) = (self.keys()?, self.sealer()?);
        self.write(|db| {
            let version: Option<i64> = db
                .prepare_cached("SELECT version FROM drafts WHERE id = ?1")?
                .query_row([id.0], |row| row.get(0))
                .optional()?;
            let version = version_from(version.unwrap_or(0))?.checked_add(1).ok_or(VaultError::Internal)?;
            sealer.free_name(db, id.0)?;
            let sealed_name = match name {
                Some(name) => {
                    sealer.take_name(db, id.0, name)?;
                    let place = sealer.place(Table::DraftName, id.0, version);
                    Some(seal(sealer.random, sealer.meta.labels.expose(), &place, name.as_str().as_bytes())?)
                }
                None => None,
            };
            let place = sealer.place(Table::Draft, id.0, version);
            let sealed = seal(sealer.random, keys.drafts.expose(), &place, body.expose())?;
            db.prepare_cached(
                "INSERT INTO drafts(id, version, name, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT(id)
                 DO UPDATE SET version = excluded.version, name = excluded.name, body = excluded.body",
            )?
            .execute(params![id.0, version_to(version)?, sealed_name, sealed])?;
            Ok(())
        })
    }

    /// All drafts, oldest first.
    pub fn drafts(&self) -> Result<Vec<Draft>, VaultError> {
        let (keys, sealer) = (self.keys()?, self.sealer()?);
        let mut statement =
            self.store()?.db.prepare_cached("SELECT id, version, name, body FROM drafts ORDER BY rowid")?;
        let mut rows = statement.query([])?;
        let mut drafts = Vec::new();
        while let Some(row) = rows.next()? {
            let (id, version) = (row.get(0)?, version_from(row.get(1)?)?);
            let name: Option<Vec<u8>> = row.get(2)?;
            let name = name.map(|sealed| {
                let place = sealer.place(Table::DraftName, id, version);
                let bytes = open(sealer.meta.labels.expose(), &place, &sealed)?;
                let text = std::str::from_utf8(bytes.expose()).map_err(|_| VaultError::DAMAGED)?;
                IdentityName::new(text).map_err(|_| VaultError::DAMAGED)
            });
            let sealed = row.get_ref(3)?.as_blob().map_err(|_| VaultError::DAMAGED)?;
            let body = open(keys.drafts.expose(), &sealer.place(Table::Draft, id, version), sealed)?;
            drafts.push(Draft { id: DraftId(id), name: name.transpose()?, body });
        }
        Ok(drafts)
    }

    /// Deletes a draft and frees its name.
    pub fn delete_draft(&mut self, id: DraftId) -> Result<(), VaultError> {
        self.keys()?;
        let sealer = self.sealer()?;
        self.write(|db| {
            sealer.free_name(db, id.0)?;
            match db.prepare_cached("DELETE FROM drafts WHERE id = ?1")?.execute([id.0])? {
                0 => Err(VaultError::UnknownDraft),
                _ => Ok(()),
            }
        })
    }

    /// Turns a draft into an identity at the end of the list, in one transaction. The identity keeps the id.
    pub fn finish_draft(&mut self, id: DraftId, new: NewIdentity) -> Result<IdentityId, VaultError> {
        let (keys, sealer) = (self.keys()?, self.sealer()?);
        let identity = IdentityId(id.0);
        let made = self.write(|db| {
            if db.prepare_cached("DELETE FROM drafts WHERE id = ?1")?.execute([id.0])? == 0 {
                return Err(VaultError::UnknownDraft);
            }
            sealer.free_name(db, id.0)?;
            let mut order = sealer.order(db)?;
            let made = sealer.insert(db, keys, identity, &new)?;
            order.push(identity);
            sealer.write_order(db, &order)?;
            Ok(made)
        })?;
        self.keep_groups(made);
        Ok(identity)
    }
}

/// Longest body of a draft, in bytes.
pub const MAX_DRAFT: usize = 256 * 1024;
