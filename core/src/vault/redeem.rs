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

mod join;
mod reset;

use std::collections::HashMap;

use rusqlite::params;
use zeroize::Zeroizing;

use super::access::Access;
use super::arming::{Arming, WRAP_LAYOUT, disarm, sweep};
use super::keys::{GroupId, Present, rec_alias};
use super::ratchet::Standing;
use super::seal::{Place, Table, open};
use super::tries::joined;
use super::{Event, Vault, VaultError};
use crate::identity::IdentityName;
use crate::lock::{KdfProfile, Pin, Stretched, UnlockCode};
use crate::ports::{DeviceKey, HookError};
use crate::secret::Key;
use join::join;
use reset::reset;

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
}

/// A right code is no try.
fn take_back(db: &rusqlite::Connection, tried: &[Arming]) -> Result<(), VaultError> {
    let mut restore = db.prepare_cached("UPDATE armings SET tries = ?2 WHERE a = ?1")?;
    for arming in tried {
        restore.execute(params![arming.a, arming.tries])?;
    }
    Ok(())
}
