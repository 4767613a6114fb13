//! Redeeming an unlock code or recovery code: it opens the groups that it was made for, and no other.
//!
//! | Vault | A new PIN | What happens, in one transaction |
//! |---|---|---|
//! | blocked | is set | new VMK, new PIN slot, new C; the opened groups are sealed under the new VMK and armed anew; all others stay sealed with the C they were armed with |
//! | open | is refused as stale | the opened groups join the open ones and are armed with the present C |
//!
//! The tries are committed before the device is asked, and taken back when the code was right. The
//! tenth wrong code deletes the device keys: then nothing but a reactivation helps those groups. The
//! device keys of the opened groups are deleted last, so the same code never opens anything again.

use std::collections::{HashMap, HashSet};

use rusqlite::params;
use zeroize::Zeroizing;

use super::access::Access;
use super::arming::{Arming, Plan, WRAP_LAYOUT, disarm, sweep};
use super::create::ask_new;
use super::groups::Group;
use super::header::Header;
use super::keys::{GroupId, OpenKeys, Present, pin_alias, rec_alias};
use super::ratchet::{Standing, keep_only, sign};
use super::seal::{Place, Table, open};
use super::tries::{PinAsk, joined, wrap_vmk};
use super::{Event, Sealer, Vault, VaultError};
use crate::error::PinProblem;
use crate::identity::{IdentityName, Policy};
use crate::lock::{Attempts, KdfProfile, Pin, Stretched, UnlockCode};
use crate::ports::{DeviceKey, HookError};
use crate::secret::Key;

/// Wrong unlock codes until only a reactivation helps.
pub const MAX_CODES: u32 = 10;

/// What a redeemed code did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redeemed {
    /// Names of drafts that were sealed under the lost PIN only and are gone.
    pub lost: Vec<IdentityName>,
    /// Names of deleted identities whose issuers will not hear of it any more.
    pub untold: Vec<IdentityName>,
}

/// Opens what the code belongs to. A blocked vault needs a new PIN, and is open then.
///
/// # Errors
/// `WrongUnlockCode`; `NeedsNewPin`; `PinRefused` when the new PIN is not enough for the issuers of the
/// opened identities (nothing has changed then); `Locked` while a PIN can still be tried; `Stale` when
/// nothing waits for a code.
pub fn redeem<A: Access>(
    vault: &A,
    device: &dyn DeviceKey,
    code: &UnlockCode,
    new_pin: Option<&Pin>,
    kdf: KdfProfile,
) -> Result<Redeemed, A::Error> {
    let candidates = vault.step(|vault| vault.begin_redeem(new_pin.is_some()))?;
    let mut asked = Vec::new();
    for arming in candidates.armings {
        let stretched = arming.stretch(code)?;
        asked.push((arming, stretched));
    }
    vault.step(|vault| vault.count_codes(&asked))?;
    let id = &candidates.vault_id;
    let mut answers = Vec::new();
    for (arming, stretched) in asked {
        match device.eval(&rec_alias(id, arming.a), stretched.input()) {
            Ok(answer) => answers.push((arming, Some(Box::new(joined(&stretched, &answer))))),
            // Only a reactivation helps this one; the others may still fit.
            Err(HookError::Lost | HookError::Invalidated) => answers.push((arming, None)),
            Err(other) => return Err(VaultError::from(other).into()),
        }
    }
    let (opened, root) = vault.step(|vault| vault.open_wraps(&answers))?;
    if opened.is_empty() {
        return Err(wrong(vault, device, answers)?.into());
    }
    let tried: Vec<Arming> = answers.into_iter().map(|(arming, _)| arming).collect();
    let present = Present::read(device, id).map_err(VaultError::from)?;
    let found = Opened { opened, root, tried, present };
    let redeemed = match new_pin {
        Some(pin) => reset(vault, device, found, pin, kdf)?,
        None => join(vault, device, found, kdf)?,
    };
    sweep(vault, device)?;
    Ok(redeemed)
}

/// Group keys, and the root key unless schema 2 made the wraps.
type OpenedWraps = (HashMap<GroupId, Key<32>>, Option<Key<32>>);

/// An arming that was asked, and the key that its wraps are sealed under if the code is right.
/// Boxed, so that a growing list moves no copy of the key.
type Answered = (Arming, Option<Box<Zeroizing<[u8; 64]>>>);

/// Sealed armings, and the vault they are of.
struct Candidates {
    vault_id: [u8; 16],
    armings: Vec<Arming>,
}

/// What the code opened.
struct Opened {
    opened: HashMap<GroupId, Key<32>>,
    /// `None`: a wrap of schema 2.
    root: Option<Key<32>>,
    tried: Vec<Arming>,
    present: Present,
}

/// A blocked vault with a new PIN: everything that is committed at once.
struct Reset {
    keys: OpenKeys,
    old: PinAsk,
    new: PinAsk,
    header: Header,
    plan: Plan,
    tried: Vec<Arming>,
}

fn wrong<A: Access>(
    vault: &A,
    device: &dyn DeviceKey,
    answers: Vec<Answered>,
) -> Result<VaultError, A::Error> {
    let left = |arming: &Arming| MAX_CODES.saturating_sub(arming.tries.saturating_add(1));
    let alive = answers.iter().filter(|(_, answer)| answer.is_some());
    let tries_left = alive.map(|(arming, _)| left(arming)).max().unwrap_or(0);
    let dead: Vec<Arming> =
        answers.into_iter().map(|(arming, _)| arming).filter(|arming| left(arming) == 0).collect();
    let vault_id = vault.step(|vault| Ok(vault.store()?.vault_id))?;
    for arming in &dead {
        device.delete(&rec_alias(&vault_id, arming.a)).map_err(VaultError::from)?;
    }
    vault.step(|vault| {
        let sealer = vault.sealer()?;
        vault.write(|db| {
            dead.iter().try_for_each(|arming| disarm(db, arming.group))?;
            sealer.note(db, Event::WrongCode(tries_left))
        })
    })?;
    Ok(VaultError::WrongUnlockCode { tries_left })
}

fn reset<A: Access>(
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

fn join<A: Access>(
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
    fn begin_redeem(&self, new_pin: bool) -> Result<Candidates, VaultError> {
        let store = self.store()?;
        match (store.standing, &self.keys, new_pin) {
            (Standing::Exhausted | Standing::Blocked, _, false) => return Err(VaultError::NeedsNewPin),
            (Standing::Exhausted | Standing::Blocked, _, true) | (_, Some(_), false) => {}
            (_, None, _) => return Err(VaultError::Locked),
            (_, Some(_), true) => return Err(VaultError::Stale),
        }
        let armings = self.sealed_armings()?;
        let nothing = self.keys.is_some() && self.sealed()?.is_empty() && self.sealed_drafts()?.is_empty();
        if nothing {
            return Err(VaultError::Stale);
        }
        if armings.is_empty() {
            return Err(VaultError::WrongUnlockCode { tries_left: 0 });
        }
        Ok(Candidates { vault_id: store.vault_id, armings })
    }

    fn count_codes(&mut self, asked: &[(Arming, Stretched)]) -> Result<(), VaultError> {
        self.write(|db| {
            let mut count =
                db.prepare_cached("UPDATE armings SET tries = tries + 1 WHERE a = ?1 AND tries = ?2")?;
            for (arming, _) in asked {
                if count.execute(params![arming.a, arming.tries])? != 1 {
                    return Err(VaultError::Stale);
                }
            }
            Ok(())
        })
    }

    /// The keys of the groups that the code opens, and the root key.
    fn open_wraps(&self, answers: &[Answered]) -> Result<OpenedWraps, VaultError> {
        let (db, sealer) = (&self.store()?.db, self.sealer()?);
        let (mut opened, mut root) = (HashMap::new(), None);
        for (arming, parent) in answers {
            let Some(parent) = parent else { continue };
            for (id, contact, wrap) in sealer.wraps(db, arming)? {
                let context = arming.context(contact.as_ref());
                let place = Place { context: &context, ..sealer.place(Table::Wrap, id, arming.a.into()) };
                // Of a wrong code nothing is decrypted: the key commitment does not fit.
                let Ok(content) = open(parent.as_slice(), &place, &wrap) else { continue };
                let key = content.expose().first_chunk::<32>().ok_or(VaultError::DAMAGED)?;
                opened.insert(arming.group, Key::new(*key));
                if let Some((root_key, [WRAP_LAYOUT])) =
                    content.expose().get(32..).and_then(|rest| rest.split_first_chunk::<32>())
                {
                    root = Some(Key::new(*root_key));
                }
            }
        }
        Ok((opened, root))
    }

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

/// A right code is no try.
fn take_back(db: &rusqlite::Connection, tried: &[Arming]) -> Result<(), VaultError> {
    let mut restore = db.prepare_cached("UPDATE armings SET tries = ?2 WHERE a = ?1")?;
    for arming in tried {
        restore.execute(params![arming.a, arming.tries])?;
    }
    Ok(())
}
