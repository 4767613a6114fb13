//! Lockout: the PIN is destroyed, not marked as blocked. The only way on is an unlock code.

use std::path::PathBuf;

use super::access::Access;
use super::ratchet::{Standing, destroy_slots, keep_only, sign};
use super::tries::PinAsk;
use super::{Event, Vault, VaultError, VaultState};
use crate::ports::DeviceKey;

/// "Forgot PIN": the same as five wrong PINs. A blocked vault stays as it is.
///
/// # Errors
/// `NoWayBack` when no unlock code and no recovery code would open anything afterwards.
pub fn forget_pin<A: Access>(vault: &A, device: &dyn DeviceKey) -> Result<(), A::Error> {
    if let Some(ask) = vault.step(|vault| vault.begin_forget())? {
        let gone = ask.row.given_up().ok_or(VaultError::Internal)?;
        let gone = sign(device, &ask.vault_id, gone).map_err(VaultError::from)?;
        vault.step(|vault| {
            vault.replace_row(&ask.row, &gone)?;
            vault.stand(Standing::Exhausted)
        })?;
        keep_only(device, &ask.vault_id, gone.g).map_err(VaultError::from)?;
    }
    finish(vault, device, Event::PinForgotten)
}

/// The device keys first: without them the wraps are dead, and the count in the file demands the rest.
pub(super) fn finish<A: Access>(vault: &A, device: &dyn DeviceKey, why: Event) -> Result<(), A::Error> {
    let vault_id = vault.step(|vault| Ok(vault.store()?.vault_id))?;
    destroy_slots(device, &vault_id).map_err(VaultError::from)?;
    vault.step(|vault| vault.drop_slots(why))
}

impl Vault {
    /// True when it is blocked and no code can ever open anything of it: it is empty, or its codes are
    /// used up.
    pub fn is_beyond_help(&self) -> Result<bool, VaultError> {
        if self.state() != VaultState::Blocked {
            return Ok(false);
        }
        let db = &self.store()?.db;
        let empty = self.count()? == 0 && !db.prepare("SELECT 1 FROM drafts")?.exists([])?;
        Ok(empty || !db.prepare("SELECT 1 FROM wraps")?.exists([])?)
    }

    /// Sets the file of a vault [beyond help](Self::is_beyond_help) aside, as a damaged one: a new vault can
    /// be made then. Gives its new name.
    pub fn set_aside(self) -> Option<PathBuf> {
        let Self { store, dir, _lock, .. } = self;
        // Closed before it is renamed.
        drop(store);
        super::file::set_aside(&dir)
    }

    /// `None` when the vault is blocked already.
    fn begin_forget(&mut self) -> Result<Option<PinAsk>, VaultError> {
        let ask = self.slot_ask()?;
        match ask.standing {
            Standing::Exhausted | Standing::Blocked => return Ok(None),
            Standing::Plain => return Err(VaultError::NoWayBack),
            Standing::Guarded => {}
        }
        if self.has_way_back()? { Ok(Some(ask)) } else { Err(VaultError::NoWayBack) }
    }

    /// True when an issuer can be asked for an unlock code, or the user has read the recovery code. One
    /// that was never shown, because the program ended before, opens nothing for anybody.
    fn has_way_back(&self) -> Result<bool, VaultError> {
        let (db, sealer) = (&self.store()?.db, self.sealer()?);
        let unread = db.prepare_cached("SELECT 1 FROM recovery")?.exists([])?;
        Ok(sealer.armings(db)?.iter().any(|arming| arming.reset_code.is_some() || !unread))
    }

    pub(super) fn drop_slots(&mut self, why: Event) -> Result<(), VaultError> {
        self.lock();
        self.stand(Standing::Blocked)?;
        let (db, sealer) = (&self.store()?.db, self.sealer()?);
        if !db.prepare("SELECT 1 FROM pin_slot UNION ALL SELECT 1 FROM bio_slot")?.exists([])? {
            return Ok(());
        }
        self.write(|db| {
            db.execute("DELETE FROM pin_slot", [])?;
            db.execute("DELETE FROM bio_slot", [])?;
            sealer.note(db, why)
        })
    }
}
