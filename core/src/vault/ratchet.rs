//! The device's side of the count: making, keeping and deleting the keys `state.<g>`.

use super::keys::{self, BIO, MakeKeyError, PIN, Present, STATE, VaultId};
use super::{Vault, VaultError};
use crate::lock::Attempts;
use crate::ports::{DeviceKey, HookError};

/// How far the count of tries is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// By device keys: five tries.
    Guarded,
    /// Not yet: a file of schema 1 that this version has not unlocked. Tries are counted, nothing blocks.
    Plain,
    /// The fifth try was started; its slot is about to be destroyed unless that try succeeds.
    Exhausted,
    /// There is no PIN any more.
    Blocked,
}

/// Makes the device key of the row's generation and the row's MAC with it.
pub(super) fn sign(
    device: &dyn DeviceKey,
    vault_id: &VaultId,
    row: Attempts,
) -> Result<Attempts, MakeKeyError> {
    let alias = keys::state_alias(vault_id, row.g);
    keys::make_device_key(device, &alias)?;
    Ok(row.signed(&device.eval(&alias, &row.input(vault_id))?))
}

/// Deletes the device keys of all other generations. Until this has succeeded nothing may be evaluated.
pub(super) fn keep_only(device: &dyn DeviceKey, vault_id: &VaultId, g: u32) -> Result<(), HookError> {
    Present::read(device, vault_id)?.delete(device, STATE, |n| n == g)
}

/// Deletes everything that could open a PIN or biometric slot.
pub(super) fn destroy_slots(device: &dyn DeviceKey, vault_id: &VaultId) -> Result<(), HookError> {
    let present = Present::read(device, vault_id)?;
    present.delete(device, PIN, |_| false)?;
    present.delete(device, BIO, |_| false)
}

/// What a row found in a file is worth. Asks the device key of its generation. `whole`: the file has
/// MACs over all of its rows.
pub(super) fn judge(
    device: &dyn DeviceKey,
    vault_id: &VaultId,
    present: &Present,
    row: &Attempts,
    whole: bool,
) -> Result<Standing, HookError> {
    if row.mac.is_none() {
        // The first generation may be left of an adoption that was cut off; a later one shows that the
        // vault was guarded already and this file is an older one.
        let adopted = present.numbers(STATE).any(|g| g > 1);
        return Ok(if adopted { Standing::Blocked } else { Standing::Plain });
    }
    let input = if whole { row.input(vault_id) } else { row.input_of_schema_2(vault_id) };
    match device.eval(&keys::state_alias(vault_id, row.g), &input) {
        Ok(answer) if !row.is_signed(&answer) => Ok(Standing::Blocked),
        Ok(_) if row.left() == 0 => Ok(Standing::Exhausted),
        Ok(_) => Ok(Standing::Guarded),
        Err(HookError::Lost | HookError::Invalidated) => Ok(Standing::Blocked),
        Err(other) => Err(other),
    }
}

impl Vault {
    /// Puts `new` in the place of `old`, in a transaction of its own.
    pub(super) fn replace_row(&mut self, old: &Attempts, new: &Attempts) -> Result<(), VaultError> {
        self.write(|db| old.replace(db, new))
    }
}

impl Attempts {
    /// Puts `new` in the place of this row in a transaction of the caller; `Stale` when it is not there.
    pub(super) fn replace(&self, db: &rusqlite::Connection, new: &Self) -> Result<(), VaultError> {
        if Self::read(db)? != *self {
            return Err(VaultError::Stale);
        }
        Ok(new.write(db)?)
    }
}
