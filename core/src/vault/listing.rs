//! The order in which the user wants to see the identities: one sealed row of ids.
//!
//! The row is a wish, not the truth: ids that are gone are skipped, and identities that it does not
//! name come last, in the order they were added.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::seal::{Table, open, seal};
use super::{Sealer, Vault, VaultError, version_from, version_to};
use crate::identity::IdentityId;

impl Vault {
    /// Number of identities. Needs no PIN.
    pub fn count(&self) -> Result<u32, VaultError> {
        Ok(self.store()?.db.query_row("SELECT count(*) FROM identities", [], |row| row.get(0))?)
    }

    /// Moves an identity to `position`, counted from 0; a position behind the end is the end.
    pub fn move_to(&mut self, id: IdentityId, position: usize) -> Result<(), VaultError> {
        self.keys()?;
        let sealer = self.sealer()?;
        self.write(|db| {
            let mut order = sealer.order(db)?;
            let from = order.iter().position(|other| *other == id).ok_or(VaultError::UnknownIdentity)?;
            let moved = order.remove(from);
            order.insert(position.min(order.len()), moved);
            sealer.write_order(db, &order)
        })
    }
}

impl Sealer<'_> {
    /// All identities, in the user's order.
    pub(super) fn order(&self, db: &Connection) -> Result<Vec<IdentityId>, VaultError> {
        let present = db
            .prepare_cached("SELECT id FROM identities ORDER BY rowid")?
            .query_map([], |row| row.get(0).map(IdentityId))?
            .collect::<Result<Vec<_>, _>>()?;
        let mut missing: HashSet<_> = present.iter().copied().collect();
        let mut order: Vec<_> = self.wanted(db)?.into_iter().filter(|id| missing.remove(id)).collect();
        order.extend(present.into_iter().filter(|id| missing.contains(id)));
        Ok(order)
    }

    pub(super) fn write_order(&self, db: &Connection, order: &[IdentityId]) -> Result<(), VaultError> {
        let ids: Vec<u8> = order.iter().flat_map(|id| id.0).collect();
        let version = match self.row(db)? {
            Some((version, _)) => version.checked_add(1).ok_or(VaultError::Internal)?,
            None => 1,
        };
        let place = self.place(Table::Listing, [0; 16], version);
        let sealed = seal(self.random, self.meta.labels.expose(), &place, &ids)?;
        db.prepare_cached(
            "INSERT INTO listing(id, version, ids) VALUES (1, ?1, ?2)
             ON CONFLICT(id) DO UPDATE SET version = excluded.version, ids = excluded.ids",
        )?
        .execute(params![version_to(version)?, sealed])?;
        Ok(())
    }

    fn wanted(&self, db: &Connection) -> Result<Vec<IdentityId>, VaultError> {
        let Some((version, sealed)) = self.row(db)? else { return Ok(Vec::new()) };
        let ids = open(self.meta.labels.expose(), &self.place(Table::Listing, [0; 16], version), &sealed)?;
        let (ids, rest) = ids.expose().as_chunks::<16>();
        if rest.is_empty() {
            Ok(ids.iter().copied().map(IdentityId).collect())
        } else {
            Err(VaultError::DAMAGED)
        }
    }

    fn row(&self, db: &Connection) -> Result<Option<(u64, Vec<u8>)>, VaultError> {
        db.prepare_cached("SELECT version, ids FROM listing WHERE id = 1")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?
            .map(|(version, ids)| Ok((version_from(version)?, ids)))
            .transpose()
    }
}
