//! A blocked vault with the right code and a new PIN: new VMK, new PIN slot, new C, all in one transaction.
//!
//! The opened groups are sealed under the new VMK and armed anew. What no code has opened stays sealed as
//! it was; what only the lost VMK could open is gone, and its names are given back to be shown. The rows of
//! the state and of the slot are signed by the device before the transaction, and what the device still
//! holds of the old epoch is deleted after it.

use rusqlite::params;

use super::{Opened, Redeemed, take_back};
use crate::error::PinProblem;
use crate::identity::Policy;
use crate::lock::{Attempts, KdfProfile, Pin, Stretched};
use crate::ports::DeviceKey;
use crate::secret::Key;
use crate::vault::access::Access;
use crate::vault::arming::{Arming, Plan, disarm};
use crate::vault::create::ask_new;
use crate::vault::groups::Group;
use crate::vault::header::Header;
use crate::vault::keys::{OpenKeys, pin_alias};
use crate::vault::ratchet::{Standing, keep_only, sign};
use crate::vault::tries::{PinAsk, wrap_vmk};
use crate::vault::{Event, Sealer, Vault, VaultError};

/// A blocked vault with a new PIN: everything that is committed at once.
struct Reset {
    keys: OpenKeys,
    old: PinAsk,
    new: PinAsk,
    header: Header,
    plan: Plan,
    tried: Vec<Arming>,
}

pub(super) fn reset<A: Access>(
    vault: &A,
    device: &dyn DeviceKey,
    found: Opened,
    pin: &Pin,
    kdf: KdfProfile,
) -> Result<Redeemed, A::Error> {
    let mut reset = vault.step(|vault| vault.begin_reset(found, pin, kdf))?;
    let stretched = reset.new.stretch(pin).map_err(VaultError::from)?;
    let id = reset.new.vault_id;
    let answer = ask_new(device, &reset.new, &stretched)?;
    let row = reset.old.row.after_success(reset.new.e).ok_or(VaultError::Internal)?;
    let row = sign(device, &id, row).map_err(VaultError::from)?;
    reset.plan.ask(device, &id)?;
    let (e, g) = (reset.new.e, row.g);
    let redeemed = vault.step(|vault| vault.finish_reset(reset, &stretched, &answer, row))?;
    let _ = keep_only(device, &id, g);
    // The slot of the old epoch is gone; a key that a cut-off lockout left goes too.
    let _ = e.checked_sub(1).map(|old| device.delete(&pin_alias(&id, old)));
    Ok(redeemed)
}

impl Vault {
    fn begin_reset(&mut self, found: Opened, pin: &Pin, kdf: KdfProfile) -> Result<Reset, VaultError> {
        let Opened { opened, root, tried, present } = found;
        let old = self.slot_ask()?;
        let new = self.next_slot(&old, kdf)?;
        let root = match root {
            Some(root) => {
                self.sealer()?.check_root(&self.store()?.db, &root)?;
                root
            }
            None => self.random.key()?,
        };
        let mut keys = OpenKeys::new(self.random.key()?, root)?;
        keys.pin_digits = pin.len();
        keys.groups = opened;
        if let Err(problem) = self.check_new_pin(&keys, pin) {
            self.write(|db| take_back(db, &tried))?;
            return Err(problem);
        }
        let used = keys.groups.keys().copied().collect();
        let plan = self.plan_arming(&keys, Some(self.draw_reset_code()?), kdf, &present, &used)?;
        let mut header = self.store()?.header.clone();
        header.kdf = new.kdf;
        header.salt = new.salt;
        header.e = new.e;
        header.reset_code = plan.reset_code.clone();
        if !keys.groups.contains_key(&header.local_group) {
            header.local_group = self.random.array()?;
        }
        Ok(Reset { keys, old, new, header, plan, tried })
    }

    /// The strictest rules of all identities that the code opened.
    fn check_new_pin(&self, keys: &OpenKeys, pin: &Pin) -> Result<(), VaultError> {
        let (db, sealer) = (&self.store()?.db, self.sealer()?);
        let mut policies = Vec::new();
        for id in sealer.order(db)? {
            match sealer.record(db, keys, id) {
                Ok(record) => policies.push(record.policy),
                Err(VaultError::NeedsUnlockCode) => {}
                Err(other) => return Err(other),
            }
        }
        let refused = |problem: PinProblem| VaultError::PinRefused(problem);
        pin.check(&Policy::strictest(policies).pin).map_err(refused)
    }

    fn finish_reset(
        &mut self,
        reset: Reset,
        stretched: &Stretched,
        answer: &Key<32>,
        row: Attempts,
    ) -> Result<Redeemed, VaultError> {
        let Reset { mut keys, old, new, header, plan, tried } = reset;
        let store = self.store()?;
        let sealer = Sealer { local_group: header.local_group, ..self.sealer()? };
        let slot = wrap_vmk(&self.random, &new, stretched, answer, &keys.vmk)?;
        let (version, local, (lost, untold)) = self.write_as(Some(&keys), |db| {
            if store.header.e != old.e {
                return Err(VaultError::Stale);
            }
            old.row.replace(db, &row)?;
            db.execute("DELETE FROM pin_slot", [])?;
            db.execute("DELETE FROM bio_slot", [])?;
            sealer.unseal_root(db)?;
            db.execute("INSERT INTO pin_slot(e, wrap) VALUES (?1, ?2)", params![new.e, slot])?;
            // What only the lost VMK could open.
            db.execute("DELETE FROM recovery", [])?;
            let lost = sealer.drop_plain_drafts(db)?;
            for group in sealer.group_ids(db)? {
                sealer.rewrap(db, group, keys.groups.get(&group), &keys.vmk)?;
            }
            let local = match keys.groups.contains_key(&header.local_group) {
                true => None,
                false => {
                    sealer.drop_if_empty(db, store.header.local_group)?;
                    Some(sealer.insert_group(db, header.local_group, &Group::Local, &keys.vmk)?)
                }
            };
            take_back(db, &tried)?;
            keys.groups.keys().try_for_each(|group| disarm(db, *group))?;
            sealer.write_plan(db, &plan, &keys)?;
            sealer.note(db, Event::CodeRedeemed)?;
            Ok((store.write_header(&self.random, db, &header)?, local, lost))
        })?;
        keys.groups.extend(local.map(|key| (header.local_group, key)));
        self.keep_header(header, version)?;
        self.keys = Some(keys);
        self.stand(Standing::Guarded)?;
        Ok(Redeemed { lost, untold })
    }
}
