//! Creating, unlocking and changing the PIN.

mod vault_common;

use softtoken_core::error::DeviceKeyProblem;
use softtoken_core::lock::{KdfProfile, MAX_TRIES};
use softtoken_core::ports::{DeviceKey, DeviceKeyKind, HookError};
use softtoken_core::vault::{self, VaultError, VaultState};
use std::cell::RefCell;
use vault_common::{Home, PIN, identity, pin};

#[test]
fn a_vault_is_made_locked_and_unlocked() {
    let home = Home::new();
    let mut vault = home.open().unwrap();
    assert_eq!(vault.state(), VaultState::Fresh);
    assert_eq!(vault.ask_pin().err(), Some(VaultError::NoVault));
    drop(vault);
    vault = home.create();
    assert_eq!(vault.state(), VaultState::Open);
    let again = vault::create(&RefCell::new(&mut vault), &home.device, &pin(PIN), KdfProfile::cheap());
    assert_eq!(again, Err(VaultError::Exists));
    vault.lock();
    assert_eq!(vault.state(), VaultState::Locked);
    home.unlock(&mut vault, PIN).unwrap();
    assert_eq!(vault.state(), VaultState::Open);
    drop(vault);
    let mut vault = home.open().unwrap();
    assert_eq!(vault.state(), VaultState::Locked);
    home.unlock(&mut vault, PIN).unwrap();
    assert_eq!(vault.state(), VaultState::Open);
}

#[test]
fn a_cut_off_creation_leaves_no_vault_and_can_be_repeated() {
    for calls in 0..20 {
        let home = Home::new();
        let mut vault = home.open().unwrap();
        home.device.die_after(calls);
        let made = vault::create(&RefCell::new(&mut vault), &home.device, &pin(PIN), KdfProfile::cheap());
        if !home.device.revive() {
            assert!(made.is_ok() && calls > 10, "{calls}");
            continue;
        }
        assert!(made.is_err());
        drop(vault);
        assert_eq!(home.files(), ["vault.lock"]);
        home.create();
        home.reopen();
    }
}

#[test]
fn the_fifth_wrong_pin_blocks_and_a_right_one_before_resets_the_count() {
    let home = Home::new();
    let mut vault = home.create();
    vault.lock();
    for left in [4, 3, 2, 1] {
        assert_eq!(home.unlock(&mut vault, "8064"), Err(VaultError::WrongPin { attempts_left: left }));
    }
    home.unlock(&mut vault, PIN).unwrap();
    assert_eq!(vault.attempts().unwrap().left(), MAX_TRIES, "the right PIN at the fifth try opens");
    vault.lock();
    home.block(&mut vault);
    let aliases = home.device.aliases();
    assert!(!aliases.iter().any(|alias| alias.contains("/pin.")), "{aliases:?}");
    assert_eq!(home.unlock(&mut vault, PIN), Err(VaultError::Blocked));
    drop(vault);
    let mut vault = home.open().unwrap();
    assert_eq!(vault.state(), VaultState::Blocked);
    assert_eq!(home.unlock(&mut vault, PIN), Err(VaultError::Blocked));
    drop(vault);
    let db = rusqlite::Connection::open(home.db()).unwrap();
    let slots: u32 = db.query_row("SELECT count(*) FROM pin_slot", [], |row| row.get(0)).unwrap();
    assert_eq!(slots, 0, "the slot is gone, not marked");
}

#[test]
fn the_fifth_wrong_pin_closes_an_open_vault() {
    let home = Home::new();
    let mut vault = home.create();
    home.block(&mut vault);
    assert_eq!(vault.records().err(), Some(VaultError::Locked));
}

#[test]
fn a_failing_device_costs_a_try_once_the_try_is_counted() {
    let home = Home::new();
    let mut vault = home.create();
    vault.lock();
    // Fails while the next state key is made: nothing was counted yet.
    home.device.fail_next(HookError::Transient);
    assert_eq!(home.unlock(&mut vault, PIN), Err(VaultError::DeviceKey(DeviceKeyProblem::Transient)));
    assert_eq!(vault.attempts().unwrap().fails, 0);
    let calls = {
        home.device.take_calls();
        home.unlock(&mut vault, "8064").unwrap_err();
        home.device.take_calls()
    };
    let asked = calls.iter().position(|call| call == "eval pin.1").unwrap();
    home.device.die_after(asked.try_into().unwrap());
    assert_eq!(home.unlock(&mut vault, PIN), Err(VaultError::DeviceKey(DeviceKeyProblem::Transient)));
    assert!(home.device.revive());
    assert_eq!(vault.attempts().unwrap().fails, 2);
    home.unlock(&mut vault, PIN).unwrap();
    assert_eq!(vault.attempts().unwrap().fails, 0);
}

#[test]
fn the_right_pin_is_useless_without_the_device() {
    let home = Home::new();
    let mut vault = home.create();
    let alias = home.device.aliases().into_iter().find(|alias| alias.ends_with("/pin.1")).unwrap();
    vault.lock();
    home.device.lose(&alias);
    home.device.create(&alias).unwrap();
    assert!(matches!(home.unlock(&mut vault, PIN), Err(VaultError::WrongPin { .. })));
    home.device.lose(&alias);
    assert_eq!(home.unlock(&mut vault, PIN), Err(VaultError::Blocked), "no PIN opens it any more");
    assert_eq!(vault.state(), VaultState::Blocked);
}

#[test]
fn keys_on_a_curve_are_refused() {
    let home = Home::new();
    let mut vault = home.open().unwrap();
    home.device.pretend(DeviceKeyKind::EcdhP256);
    let unsupported = VaultError::DeviceKey(DeviceKeyProblem::Unsupported);
    let made = vault::create(&RefCell::new(&mut vault), &home.device, &pin(PIN), KdfProfile::cheap());
    assert_eq!(made, Err(unsupported.clone()));
    assert!(home.device.aliases().is_empty());
    drop(vault);
    home.device.pretend(DeviceKeyKind::HmacSha256);
    home.create();
    home.device.pretend(DeviceKeyKind::EcdhP256);
    assert_eq!(home.open().err(), Some(unsupported));
}

#[test]
fn digits_of_another_script_are_the_same_pin() {
    let home = Home::new();
    let mut vault = home.create();
    home.unlock(&mut vault, "٧٢٩٤").unwrap();
    home.unlock(&mut vault, "７２９４").unwrap();
}

#[test]
fn a_changed_pin_replaces_the_old_one_and_keeps_the_identities() {
    let home = Home::new();
    let mut vault = home.create();
    let id = vault.add(vec![identity("Bank")]).unwrap()[0];
    let _ = home.unlock(&mut vault, "0000");
    home.change_pin(&mut vault, "806423").unwrap();
    assert_eq!(vault.attempts().unwrap().fails, 0);
    assert!(!home.device.aliases().iter().any(|alias| alias.ends_with("/pin.1")));
    vault.lock();
    assert!(matches!(home.unlock(&mut vault, PIN), Err(VaultError::WrongPin { .. })));
    home.unlock(&mut vault, "806423").unwrap();
    assert!(vault.record(id).unwrap().credential.secret.ct_eq(b"Bank"));
    vault.lock();
    assert_eq!(home.change_pin(&mut vault, "5551").err(), Some(VaultError::Locked));
}

#[test]
fn a_change_that_is_cut_off_leaves_one_pin_that_opens() {
    for calls in 0..40 {
        let home = Home::new();
        let mut vault = home.create();
        home.device.die_after(calls);
        let changed = home.change_pin(&mut vault, "806423").is_ok();
        let died = home.device.revive();
        drop(vault);
        let mut vault = home.open().unwrap();
        let (right, wrong) = if changed { ("806423", PIN) } else { (PIN, "806423") };
        assert!(matches!(home.unlock(&mut vault, wrong), Err(VaultError::WrongPin { .. })), "{calls}");
        home.unlock(&mut vault, right).unwrap();
        home.change_pin(&mut vault, "551739").unwrap();
        drop(vault);
        home.open().unwrap();
        let stale =
            home.device.aliases().into_iter().filter(|a| a.contains("/pin.") || a.contains("/state."));
        assert_eq!(stale.count(), 2, "one of each kind");
        assert!(died || calls > 8, "{calls}");
    }
}

#[test]
fn a_device_key_that_fails_its_test_makes_no_vault() {
    let home = Home::new();
    let mut vault = home.open().unwrap();
    home.device.answer_zero();
    assert_eq!(
        vault::create(&RefCell::new(&mut vault), &home.device, &pin(PIN), KdfProfile::cheap()),
        Err(VaultError::DeviceKey(DeviceKeyProblem::Faulty))
    );
    assert!(home.device.aliases().is_empty(), "a faulty key does not stay");
}

#[test]
fn the_cost_is_kept_in_the_file_and_only_rises() {
    let home = Home::new();
    let mut vault = home.create();
    assert_eq!(vault.ask_pin().unwrap().profile(), KdfProfile::cheap(), "less than standard still opens");
    vault::change_pin(&RefCell::new(&mut vault), &home.device, &pin(PIN), KdfProfile::standard()).unwrap();
    home.change_pin(&mut vault, "806423").unwrap();
    drop(vault);
    let vault = home.open().unwrap();
    assert_eq!(vault.ask_pin().unwrap().profile(), KdfProfile::standard());
    assert_eq!(KdfProfile::standard().parameters(), (64 * 1024, 3, 1));
}
