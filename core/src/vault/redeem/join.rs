//! An open vault and the right code: the opened groups join those that are open already.
//!
//! They are armed anew with the present C, in the same transaction: the code that opened them is used up.

use std::collections::HashSet;

use super::{Opened, Redeemed, take_back};
use crate::lock::KdfProfile;
use crate::ports::DeviceKey;
use crate::vault::access::Access;
use crate::vault::arming::{Arming, Plan, disarm};
use crate::vault::keys::{GroupId, OpenKeys};
use crate::vault::{Event, Vault, VaultError};

pub(super) fn join<A: Access>(
    vault: &A,
    device: &dyn DeviceKey,
    found: Opened,
    kdf: KdfProfile,
) -> Result<Redeemed, A::Error> {
    let Opened { opened, tried, present, .. } = found;
    let used: HashSet<GroupId> = opened.keys().copied().collect();
    let (keys, mut plan) = vault.step(|vault| {
        let keys = vault.keys()?.with_groups(opened)?;
        let code = vault.store()?.header.reset_code.clone();
        let plan = vault.plan_arming(&keys, code, kdf, &present, &used)?;
        Ok((keys, plan))
    })?;
    let vault_id = vault.step(|vault| Ok(vault.store()?.vault_id))?;
    plan.ask(device, &vault_id)?;
    vault.step(|vault| vault.finish_join(keys, &plan, &tried))?;
    Ok(Redeemed::default())
}

impl Vault {
    fn finish_join(&mut self, keys: OpenKeys, plan: &Plan, tried: &[Arming]) -> Result<(), VaultError> {
        let (now, store, sealer) = (self.keys()?, self.store()?, self.sealer()?);
        let mut header = store.header.clone();
        header.reset_code = plan.reset_code.clone();
        let version = self.write(|db| {
            for (group, key) in keys.groups.iter().filter(|(group, _)| !now.groups.contains_key(*group)) {
                sealer.rewrap(db, *group, Some(key), &keys.vmk)?;
                disarm(db, *group)?;
            }
            take_back(db, tried)?;
            sealer.write_plan(db, plan, &keys)?;
            sealer.note(db, Event::CodeRedeemed)?;
            store.write_header(&self.random, db, &header)
        })?;
        self.keep_header(header, version)?;
        self.keys = Some(keys);
        Ok(())
    }
}
