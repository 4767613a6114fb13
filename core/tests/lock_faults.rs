//! A device that fails to delete a key, and a redemption that is cut off: what is left, and what it is worth.

mod vault_common;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use softtoken_core::error::DeviceKeyProblem;
use softtoken_core::lock::{KdfProfile, UnlockCode};
use softtoken_core::ports::DeviceKey;
use softtoken_core::testing::KeyCopy;
use softtoken_core::vault::{self, Vault, VaultError, VaultState};
use vault_common::{Faulty, Home, PIN, answer, identity, issued, pin};

const WRONG: &str = "551739";
const NEW_PIN: &str = "806423";
const A: (&str, u8) = ("4824413456", 0xaa);
const B: (&str, u8) = ("1002003000", 0xbb);
const FAILED: VaultError = VaultError::DeviceKey(DeviceKeyProblem::Transient);

/// A locked vault with identities of two issuers and a local one, all armed, and the recovery code.
fn prepared() -> (Home, String) {
    let home = Home::in_memory();
    let mut vault = home.create();
    let [a, b] = [("A", "a.example", A), ("B", "b.example", B)]
        .map(|(name, address, (serial, key))| issued(name, address, serial, key));
    vault.add(vec![a, b, identity("Local")]).unwrap();
    home.settle(&mut vault).unwrap();
    let recovery = vault.recovery_code().unwrap().unwrap().shown().to_string();
    (home, recovery)
}

fn unlock(vault: &mut Vault, device: &dyn DeviceKey, digits: &str) -> Result<(), VaultError> {
    vault::unlock(&RefCell::new(vault), device, &pin(digits), None)
}

fn redeem(
    vault: &mut Vault,
    device: &dyn DeviceKey,
    code: &str,
    new: Option<&str>,
) -> Result<(), VaultError> {
    let (code, new) = (UnlockCode::parse(code).unwrap(), new.map(pin));
    vault::redeem(&RefCell::new(vault), device, &code, new.as_ref(), KdfProfile::cheap()).map(drop)
}

/// A number of the closed file.
fn number(home: &Home, sql: &str) -> u32 {
    rusqlite::Connection::open(home.db()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

fn guesses(home: &Home) -> usize {
    home.device.take_calls().iter().filter(|call| call.starts_with("eval pin.")).count()
}

fn keys(home: &Home, kind: &str) -> BTreeSet<u32> {
    let number = |alias: String| alias.split_once(kind)?.1.parse().ok();
    home.device.aliases().into_iter().filter_map(number).collect()
}

#[test]
fn a_device_that_cannot_list_its_keys_costs_no_try() {
    let (home, _) = prepared();
    let mut vault = home.open().unwrap();
    for _ in 0..6 {
        let device = Faulty::from(&home.device, "list", 0);
        assert_eq!(unlock(&mut vault, &device, PIN), Err(FAILED));
        assert!(device.has_failed());
        assert_eq!(vault.attempts().unwrap().fails, 0, "nothing was started");
    }
    assert_eq!(unlock(&mut vault, &home.device, PIN), Ok(()));
}

#[test]
fn a_count_whose_older_key_cannot_be_deleted_stops_the_try_before_the_guess() {
    for digits in [WRONG, PIN] {
        let (home, _) = prepared();
        home.device.take_calls();
        for tried in 0..5 {
            let g = number(&home, "SELECT g FROM state");
            let mut vault = home.open().unwrap();
            let device = Faulty::from(&home.device, &format!("delete state.{g}"), 0);
            assert_eq!(unlock(&mut vault, &device, digits), Err(FAILED));
            assert!(device.has_failed());
            assert_eq!(vault.attempts().unwrap().fails, tried + 1, "it was started, so it counts");
            assert_eq!(guesses(&home), 0, "nothing was learned");
        }
        assert_eq!(home.open().unwrap().state(), VaultState::Blocked, "five tries were started");
    }
}

#[test]
fn a_key_that_could_not_be_deleted_is_deleted_before_the_next_guess() {
    let (home, _) = prepared();
    let g = number(&home, "SELECT g FROM state");
    let mut vault = home.open().unwrap();
    let device = Faulty::once(&home.device, &format!("delete state.{g}"), 0);
    assert_eq!(unlock(&mut vault, &device, WRONG), Err(FAILED));
    assert_eq!(keys(&home, "/state."), BTreeSet::from([g, g + 1]));
    let left = unlock(&mut vault, &home.device, WRONG);
    assert_eq!(left, Err(VaultError::WrongPin { attempts_left: 3 }));
    assert_eq!(keys(&home, "/state."), BTreeSet::from([g + 2]));
    unlock(&mut vault, &home.device, PIN).unwrap();
}

/// What is done with a device that does not delete.
type Work<'w> = &'w dyn Fn(&Home, &mut Vault);

/// The device after `work`, and every file there was until then.
fn lived(work: Work<'_>) -> (Home, KeyCopy, Vec<Vec<u8>>) {
    let (home, _) = prepared();
    let mut files = vec![std::fs::read(home.db()).unwrap()];
    let mut vault = home.open().unwrap();
    let (record, file) = (Arc::new(Mutex::new(Vec::new())), home.db());
    let seen = Arc::clone(&record);
    home.device.watch(move |_| seen.lock().unwrap().push(std::fs::read(&file).unwrap()));
    work(&home, &mut vault);
    home.device.watch(|_| ());
    drop(vault);
    files.append(&mut record.lock().unwrap());
    files.push(std::fs::read(home.db()).unwrap());
    files.dedup();
    let keys = home.device.copy();
    (home, keys, files)
}

/// Wrong PINs with the file that is there, at most `most`: how many the device answered.
fn guess(home: &Home, file: &[u8], most: usize) -> usize {
    std::fs::write(home.db(), file).unwrap();
    home.device.take_calls();
    for _ in 0..most {
        let Ok(mut vault) = home.open() else { break };
        if !matches!(home.unlock(&mut vault, WRONG), Err(VaultError::WrongPin { .. })) {
            break;
        }
    }
    guesses(home)
}

/// Deleting fails in every place where a failure is passed over; then any older file is put back, and another.
#[test]
fn a_state_key_that_was_left_over_gives_no_guess_more() {
    let works: [Work<'_>; 4] = [
        // The delete before the guess must work; the one after the success fails.
        &|home, vault| {
            let g = newest(home);
            let _ = unlock(vault, &Faulty::from(&home.device, &format!("delete state.{}", g + 1), 1), PIN);
        },
        &|home, vault| {
            home.unlock(vault, PIN).unwrap();
            let (new, faulty) = (pin(NEW_PIN), Faulty::from(&home.device, "delete state.", 0));
            vault::change_pin(&RefCell::new(vault), &faulty, &new, KdfProfile::cheap()).unwrap_err();
        },
        &|home, vault| {
            home.unlock(vault, PIN).unwrap();
            let g = newest(home);
            let faulty = Faulty::from(&home.device, &format!("delete state.{g}"), 0);
            let new = pin(NEW_PIN);
            vault::change_pin(&RefCell::new(vault), &faulty, &new, KdfProfile::cheap()).unwrap();
            assert!(faulty.has_failed());
        },
        &|home, vault| {
            home.forget_pin(vault).unwrap();
            let code = answer(&vault.waiting().unwrap()[0], A.1);
            let g = newest(home);
            let faulty = Faulty::from(&home.device, &format!("delete state.{g}"), 0);
            redeem(vault, &faulty, &code, Some(NEW_PIN)).unwrap();
            assert!(faulty.has_failed());
        },
    ];
    let (mut five, mut older) = (0, 0);
    for work in works {
        let (home, keys, files) = lived(work);
        for first in &files {
            for second in &files {
                for most in 0..=5 {
                    home.device.restore(&keys);
                    // All of it comes after the success that the work ends with.
                    let early = guess(&home, first, most);
                    older += usize::from(early > 0 && Some(first) != files.last());
                    let total = early + guess(&home, second, 12) + guess(&home, first, 12);
                    assert!(total <= 5, "{total} guesses");
                    five += usize::from(total == 5);
                }
            }
        }
    }
    assert!(five > 20 && older > 10, "not covered: {five} with all five, {older} in a file that is older");
}

/// g of the row, read beside an open vault: the newest key is the row's.
fn newest(home: &Home) -> u32 {
    *keys(home, "/state.").last().unwrap()
}

/// How a redemption is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Dies,
    FailsOnce,
    NeverDeletes,
}

#[test]
fn a_cut_off_redemption_leaves_nothing_that_is_not_swept_and_sweeps_no_code_that_is_needed() {
    for fault in [Fault::Dies, Fault::FailsOnce, Fault::NeverDeletes] {
        let (home, recovery) = prepared();
        let mut vault = home.open().unwrap();
        home.forget_pin(&mut vault).unwrap();
        let codes: Vec<String> = vault
            .waiting()
            .unwrap()
            .iter()
            .map(|one| answer(one, if one.contact.serial == A.0 { A.1 } else { B.1 }))
            .collect();
        drop(vault);
        let (start, file) = (home.device.copy(), std::fs::read(home.db()).unwrap());
        let (mut before, mut after) = (0, 0);
        for calls in 0.. {
            home.device.restore(&start);
            std::fs::write(home.db(), &file).unwrap();
            let mut vault = home.open().unwrap();
            let (kind, skip) = if fault == Fault::NeverDeletes { ("delete", calls) } else { ("", calls) };
            let device = match fault {
                Fault::NeverDeletes | Fault::Dies => Faulty::from(&home.device, kind, skip),
                Fault::FailsOnce => Faulty::once(&home.device, kind, skip),
            };
            let result = redeem(&mut vault, &device, &codes[0], Some(NEW_PIN));
            drop(vault);
            let needed = || {
                let db = rusqlite::Connection::open(home.db()).unwrap();
                let mut all = db.prepare("SELECT a FROM armings").unwrap();
                all.query_map([], |row| row.get(0)).unwrap().collect::<Result<BTreeSet<u32>, _>>().unwrap()
            };
            for _ in 0..2 {
                let vault = home.open().unwrap();
                let state = vault.state();
                drop(vault);
                assert!(
                    keys(&home, "/rec.").is_superset(&needed()),
                    "{fault:?} {calls}: a needed key is gone"
                );
                if state == VaultState::Blocked {
                    assert!(keys(&home, "/pin.").is_empty(), "{fault:?} {calls}");
                }
            }
            let mut vault = home.open().unwrap();
            match vault.state() {
                VaultState::Blocked => {
                    assert!(result.is_err());
                    before += 1;
                    home.redeem(&mut vault, &codes[0], Some(NEW_PIN)).unwrap();
                }
                _ => {
                    after += 1;
                    home.unlock(&mut vault, NEW_PIN).unwrap();
                }
            }
            home.redeem(&mut vault, &codes[1], None).unwrap();
            home.redeem(&mut vault, &recovery, None).unwrap();
            assert_eq!(vault.records().unwrap().len(), 3, "{fault:?} {calls}");
            home.settle(&mut vault).unwrap();
            drop(vault);
            drop(home.open().unwrap());
            assert_eq!(keys(&home, "/rec."), needed(), "{fault:?} {calls}");
            assert_eq!(
                (keys(&home, "/pin.").len(), keys(&home, "/state.").len()),
                (1, 1),
                "{fault:?} {calls}"
            );
            if !device.has_failed() {
                break;
            }
        }
        // A device that never deletes cannot make a key either, so nothing is begun.
        assert!(before > 2 && after > 0, "{fault:?}: {before} {after}");
    }
}
