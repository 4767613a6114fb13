//! Opens a vault whose process was killed, and compares it with everything that may be true.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use softtoken_core::TokenError;
use softtoken_core::identity::{CodeKind, IdentityName};
use softtoken_core::lock::{KdfProfile, Pin};
use softtoken_core::ports::DeviceKey;
use softtoken_core::random::Random;
use softtoken_core::token::{SoftToken, TokenState};
use softtoken_core::vault::{self, Vault};

use super::child::Watched;
use super::known::{Known, Row, Story};
use crate::common::{Dice, PINS, expected_code, keys, open};
use crate::{ISSUED, issuer_code, vault_common};

/// How a checked vault was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    NoVault,
    Pin,
    /// A PIN that was being changed.
    NewPin,
    Code,
}

/// Opens the vault, whatever was cut off; afterwards `story` knows it exactly.
pub fn check(folder: &Path, story: &mut Story, dice: &Dice) -> (Way, Duration) {
    let mut possible = story.possible();
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let device = Arc::new(Watched::new(keys(folder), move || {
        count.fetch_add(1, Ordering::Relaxed);
    }));
    let begun = Instant::now();
    let token = open(folder, device.clone()).unwrap_or_else(|error| panic!("{error:?}: it does not open"));
    let took = begun.elapsed();
    let state = token.state().unwrap();
    let before = format!("{possible:?}");
    possible.retain(|known| match &state {
        TokenState::Fresh => known.pin.is_none(),
        TokenState::Locked { attempts_left, .. } => {
            known.pin.is_some() && !known.blocked && known.fails + attempts_left == 5
        }
        TokenState::Blocked { .. } => known.blocked,
        _ => false,
    });
    assert!(!possible.is_empty(), "{state:?} instead of one of {before}");
    let way = match state {
        TokenState::Fresh => {
            story.known = Known::default();
            return (Way::NoVault, took);
        }
        TokenState::Blocked { .. } => {
            let (user, issuer) = (token.takes_recovery_code().unwrap(), has_issuer(&token));
            let pin = usize::try_from(dice.below(PINS.len() as u64)).unwrap();
            redeem(&token, story, issuer && (!user || dice.below(2) == 0), Some(pin));
            possible.iter_mut().for_each(|known| known.pin = Some(pin));
            Way::Code
        }
        _ => {
            let first = possible.first().unwrap().pin;
            if possible.iter().any(|known| known.fails == 0) {
                // A success was the last thing that happened.
                story.guesses = story.guesses.min(known_fails(&possible));
            }
            let right = with_pin(&token, &possible);
            possible.retain(|known| known.pin == Some(right));
            if first == Some(right) { Way::Pin } else { Way::NewPin }
        }
    };
    (0..asked.load(Ordering::Relaxed)).for_each(|_| story.guessed());
    story.guesses = 0;
    while has_issuer(&token) {
        redeem(&token, story, true, None);
    }
    while token.takes_recovery_code().unwrap() {
        redeem(&token, story, false, None);
    }
    story.known = look(&token, possible);
    story.recovery.extend(token.recovery_code().unwrap().map(|code| code.to_string()));
    token.lock().unwrap();
    drop(token);
    only_its_keys(folder, device.as_ref());
    (way, took)
}

fn known_fails(possible: &[Known]) -> u32 {
    possible.iter().map(|known| known.fails).max().unwrap_or(0)
}

/// The PIN that opens, of those that may be right.
fn with_pin(token: &SoftToken, possible: &[Known]) -> usize {
    let mut pins: Vec<usize> = possible.iter().filter_map(|known| known.pin).collect();
    pins.dedup();
    for pin in &pins {
        match token.unlock(PINS[*pin].as_bytes()) {
            Ok(()) => return *pin,
            Err(TokenError::WrongPin { .. }) if pins.len() > 1 => {}
            Err(other) => panic!("{other:?} with the right PIN"),
        }
    }
    panic!("neither the old nor the new PIN opens it");
}

fn has_issuer(token: &SoftToken) -> bool {
    !token.unlock_requests().unwrap().is_empty()
}

fn redeem(token: &SoftToken, story: &Story, issuer: bool, pin: Option<usize>) {
    let codes = if issuer { vec![issuer_code(token)] } else { story.recovery.clone() };
    let pin = pin.map(|pin| PINS[pin].as_bytes());
    // The newest may have been made for groups that are open; an older one belongs to a closed one then.
    let opened = codes.iter().rev().take(3).any(|code| token.redeem_unlock_code(code, pin).is_ok());
    assert!(opened, "no code opens it: issuer {issuer}, {} codes", codes.len());
}

/// The identities are those of one of the possible vaults, in their order; counters go on.
fn look(token: &SoftToken, mut possible: Vec<Known>) -> Known {
    let views = token.identities().unwrap();
    let skeletons: HashSet<_> =
        views.iter().map(|view| IdentityName::new(&view.name).unwrap().skeleton()).collect();
    assert_eq!(skeletons.len(), views.len(), "a name is there twice");
    let expected = format!("{possible:?}");
    let same = |row: &Row, name: &str, counts: bool| row.name == name && row.next.is_some() == counts;
    possible.retain(|known| {
        known.rows.len() == views.len()
            && known
                .rows
                .iter()
                .zip(&views)
                .all(|(row, view)| same(row, &view.name, view.kind == Some(CodeKind::Hotp)))
    });
    let names: Vec<_> = views.iter().map(|view| &view.name).collect();
    assert!(!possible.is_empty(), "{names:?} instead of one of {expected}");
    for (place, view) in views.iter().enumerate().filter(|(_, view)| view.kind == Some(CodeKind::Hotp)) {
        let shown = token.next_code(view.id).unwrap();
        let counter = shown.counter.unwrap();
        assert_eq!(shown.code.unwrap().as_str(), expected_code(counter));
        possible.retain(|known| known.rows[place].next == Some(counter));
        assert!(!possible.is_empty(), "{} shows counter {counter} instead of one of {expected}", view.name);
        possible.iter_mut().for_each(|known| known.rows[place].next = Some(counter + 1));
    }
    assert_eq!(token.codes(None).unwrap().codes.len(), views.len());
    let known = possible.swap_remove(0);
    Known { fails: 0, blocked: false, ..known }
}

/// After an unlock there is one key of each kind that there is one of; leftovers of the dead are swept.
fn only_its_keys(folder: &Path, device: &dyn DeviceKey) {
    let mut aliases = Vec::new();
    for vault in std::fs::read_dir(folder.join("keys")).unwrap() {
        aliases.extend(device.list(vault.unwrap().file_name().to_str().unwrap()).unwrap());
    }
    let of = |kind: &str| aliases.iter().filter(|alias| alias.contains(kind)).count();
    // Of a vault whose making was cut off the keys stay: nothing says which vault they were for.
    let mine = aliases.iter().filter(|alias| alias.ends_with("/meta")).count();
    assert!((1..=mine).contains(&of("/pin.")) && (1..=mine).contains(&of("/state.")), "{aliases:?}");
}

/// Adds an issuer's identity, which cannot be had through the front door without a network.
pub fn add_issued(folder: &Path, known: &mut Known) {
    let keys = keys(folder);
    let mut vault = Vault::open(folder, &keys, Random::system()).unwrap();
    let pin = Pin::new(PINS[known.pin.unwrap()].as_bytes()).unwrap();
    vault::unlock(&RefCell::new(&mut vault), &keys, &pin, None).unwrap();
    let (name, address, serial, key) = ISSUED;
    vault.add(vec![vault_common::issued(name, address, serial, key)]).unwrap();
    vault::arm(&RefCell::new(&mut vault), &keys, KdfProfile::cheap()).unwrap();
    known.rows.push(Row { name: name.to_owned(), next: None });
}
