//! What the open vault lacks to be armed, worked out before the device is asked.
//!
//! A group keeps its arming while the device key lives and the code fits; only what has no wrap yet gets
//! one. A wanted recovery code is drawn anew: the old one is forgotten, so all groups of the user are
//! armed again with it. Nothing is written here, and a plan of an older generation is thrown away.

use std::collections::HashSet;

use zeroize::Zeroizing;

use super::{Arming, armed};
use crate::codec::decimal::ResetCode;
use crate::lock::{KdfProfile, UnlockCode};
use crate::ports::DeviceKey;
use crate::vault::groups::Group;
use crate::vault::keys::{GroupId, OpenKeys, Present, REC, VaultId, make_device_key, rec_alias};
use crate::vault::recovery::{Contact, Member, Recovery};
use crate::vault::tries::joined;
use crate::vault::{Vault, VaultError};

/// What is about to be armed.
pub(in crate::vault) struct Plan {
    pub(super) generation: u64,
    pub(in crate::vault) reset_code: Option<ResetCode>,
    pub(super) groups: Vec<GroupPlan>,
    pub(super) recovery: Option<UnlockCode>,
}

/// The arming of one group, and the wraps that it lacks.
pub(super) struct GroupPlan {
    pub(super) arming: Arming,
    /// Its device key has to be made.
    pub(super) fresh: bool,
    pub(super) wraps: Vec<WrapPlan>,
}

pub(super) struct WrapPlan {
    pub(super) id: [u8; 16],
    pub(super) contact: Option<Contact>,
    /// The issuer's answer; `None` for the recovery code.
    code: Option<UnlockCode>,
    /// Made on the device.
    pub(super) key: Option<Zeroizing<[u8; 64]>>,
}

impl Plan {
    /// Makes the device keys and asks them: Argon2id and one evaluation for each wrap.
    pub(in crate::vault) fn ask(
        &mut self,
        device: &dyn DeviceKey,
        vault_id: &VaultId,
    ) -> Result<(), VaultError> {
        for group in &mut self.groups {
            let alias = rec_alias(vault_id, group.arming.a);
            if group.fresh {
                make_device_key(device, &alias)?;
            }
            for wrap in &mut group.wraps {
                let code = wrap.code.as_ref().or(self.recovery.as_ref()).ok_or(VaultError::Internal)?;
                let stretched = group.arming.stretch(code)?;
                wrap.key = Some(joined(&stretched, &device.eval(&alias, stretched.input())?));
            }
        }
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

impl Vault {
    /// What the groups of `keys` lack. `reset_code`: the present C; one is drawn when there is none.
    /// Groups in `used` are armed anew in any case: their codes were used.
    pub(in crate::vault) fn plan_arming(
        &self,
        keys: &OpenKeys,
        reset_code: Option<ResetCode>,
        kdf: KdfProfile,
        present: &Present,
        used: &HashSet<GroupId>,
    ) -> Result<Plan, VaultError> {
        let (db, sealer) = (&self.store()?.db, self.sealer()?);
        let alive: HashSet<u32> = present.numbers(REC).collect();
        let numbers: HashSet<u32> = armed(db)?.union(&alive).copied().collect();
        let mut next = numbers.iter().max().map_or(Some(1), |a| a.checked_add(1));
        let mut plan =
            Plan { generation: self.generation.get(), reset_code, groups: Vec::new(), recovery: None };
        let (mut by_user, mut user_needs) = (Vec::new(), false);
        let mut group_ids: Vec<GroupId> = keys.groups.keys().copied().collect();
        group_ids.sort_unstable();
        for group in group_ids {
            let members = sealer.members(db, group)?;
            if members.is_empty() {
                continue;
            }
            let valid = |arming: &Arming| alive.contains(&arming.a) && !used.contains(&group);
            let arming = sealer.arming(db, group)?.filter(valid);
            let contacts = match sealer.group(db, group)? {
                Group::Local => Vec::new(),
                Group::Single { .. } | Group::Issuer { .. } => sealer.contacts(db, keys, &members)?,
            };
            if contacts.is_empty() {
                user_needs |= arming.is_none_or(|arming| arming.reset_code.is_some());
                by_user.push(group);
                continue;
            }
            let code = match &plan.reset_code {
                Some(code) => code.clone(),
                None => self.draw_reset_code()?,
            };
            plan.reset_code = Some(code.clone());
            let (arming, fresh) = match arming.filter(|arming| arming.reset_code.as_ref() == Some(&code)) {
                Some(arming) => (arming, false),
                None => (self.new_arming(&mut next, group, Some(code.clone()), kdf)?, true),
            };
            let mut wraps = Vec::new();
            let unwrapped = self.unwrapped_pairs(&members, &contacts, arming.a)?;
            for (id, Recovery { contact, key }) in contacts {
                if fresh || unwrapped.contains(&contact.serial) || !sealer.is_wrapped(db, id, arming.a)? {
                    let code = UnlockCode::answer(&key, &code, &contact.address, &contact.serial);
                    let code = Some(code.map_err(|_| VaultError::Internal)?);
                    wraps.push(WrapPlan { id, contact: Some(contact), code, key: None });
                }
            }
            if !wraps.is_empty() {
                plan.groups.push(GroupPlan { arming, fresh, wraps });
            }
        }
        if user_needs {
            // One recovery code opens all of them; the old one is forgotten, so all are armed again.
            plan.recovery = Some(UnlockCode::draw(&self.random)?);
            for group in by_user {
                let arming = self.new_arming(&mut next, group, None, kdf)?;
                let wraps = vec![WrapPlan { id: group, contact: None, code: None, key: None }];
                plan.groups.push(GroupPlan { arming, fresh: true, wraps });
            }
        }
        Ok(plan)
    }

    /// Serial numbers of old pairs that have no wrap yet: the wrap of their identity was made with that pair's key,
    /// so the identity needs a new one.
    fn unwrapped_pairs(
        &self,
        members: &[Member],
        contacts: &[([u8; 16], Recovery)],
        a: u32,
    ) -> Result<HashSet<String>, VaultError> {
        let (db, sealer) = (&self.store()?.db, self.sealer()?);
        let is_draft = |id: &[u8; 16]| members.iter().any(|one| matches!(one, Member::Draft(of) if of == id));
        let mut serials = HashSet::new();
        for (id, recovery) in contacts.iter().filter(|(id, _)| is_draft(id)) {
            if !sealer.is_wrapped(db, *id, a)? {
                serials.insert(recovery.contact.serial.clone());
            }
        }
        Ok(serials)
    }

    /// Eight random digits and their check digit.
    pub(in crate::vault) fn draw_reset_code(&self) -> Result<ResetCode, VaultError> {
        ResetCode::from_value(self.random.below(100_000_000)?).ok_or(VaultError::Internal)
    }

    fn new_arming(
        &self,
        next: &mut Option<u32>,
        group: GroupId,
        reset_code: Option<ResetCode>,
        kdf: KdfProfile,
    ) -> Result<Arming, VaultError> {
        let a = next.ok_or(VaultError::Internal)?;
        *next = a.checked_add(1);
        Ok(Arming { a, group, tries: 0, reset_code, salt: self.random.array()?, kdf: kdf.for_codes() })
    }
}
