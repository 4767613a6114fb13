//! Creating, unlocking and changing the PIN.

mod vault_common;

use softtoken_core::error::DeviceKeyProblem;
use softtoken_core::lock::{KdfProfile, MAX_TRIES};
use softtoken_core::ports::HookError;
use softtoken_core::vault::{VaultError, VaultState};
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
    assert_eq!(vault.begin_create(KdfProfile::cheap()).err(), Some(VaultError::Exists));
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
fn an_abandoned_creation_leaves_no_vault() {
    let home = Home::new();
    let vault = home.open().unwrap();
    let new = vault.begin_create(KdfProfile::cheap()).unwrap();
    let stretched = new.stretch(&pin(PIN)).unwrap();
    new.make_keys(&home.device, &stretched).unwrap();
    assert_eq!(home.device.aliases(), new.aliases());
    drop(vault);
    assert_eq!(home.files(), ["vault.lock"]);
    assert_eq!(home.open().unwrap().state(), VaultState::Fresh);
}

#[test]
fn wrong_pins_are_counted_and_a_right_one_resets_the_count() {
    let home = Home::new();
    let mut vault = home.create();
    vault.lock();
    for left in [4, 3, 2, 1, 0, 0] {
        assert_eq!(home.unlock(&mut vault, "8064"), Err(VaultError::WrongPin { attempts_left: left }));
        assert_eq!(vault.state(), VaultState::Locked);
    }
    drop(vault);
    let mut vault = home.open().unwrap();
    assert_eq!((vault.attempts().unwrap().fails, vault.attempts().unwrap().left()), (6, 0));
    home.unlock(&mut vault, PIN).unwrap();
    assert_eq!(vault.attempts().unwrap().left(), MAX_TRIES);
}

#[test]
fn a_try_counts_before_the_device_is_asked() {
    let home = Home::new();
    let mut vault = home.create();
    vault.lock();
    let evals = home.device.evals();
    let ask = vault.ask_pin().unwrap();
    let stretched = ask.stretch(&pin(PIN)).unwrap();
    assert_eq!(vault.attempts().unwrap().fails, 0, "stretching is not a try");
    let this = vault.begin_try(&ask).unwrap();
    assert_eq!((home.device.evals(), vault.attempts().unwrap().fails), (evals, 1));
    // The process dies here.
    drop((vault, this, stretched));
    let mut vault = home.open().unwrap();
    assert_eq!(vault.attempts().unwrap().fails, 1);
    home.device.fail_next(HookError::Transient);
    assert_eq!(home.unlock(&mut vault, PIN), Err(VaultError::DeviceKey(DeviceKeyProblem::Transient)));
    assert_eq!(vault.attempts().unwrap().fails, 2, "a failing device costs a try");
    home.unlock(&mut vault, PIN).unwrap();
    assert_eq!(vault.attempts().unwrap().fails, 0);
}

#[test]
fn each_try_asks_the_device_once() {
    let home = Home::new();
    let mut vault = home.create();
    let evals = home.device.evals();
    for digits in [PIN, "8064", PIN] {
        let _ = home.unlock(&mut vault, digits);
    }
    assert_eq!(home.device.evals(), evals + 3);
    assert_eq!(vault.state(), VaultState::Open, "a wrong PIN does not close an open vault");
}

#[test]
fn the_right_pin_is_useless_without_the_device() {
    let home = Home::new();
    let mut vault = home.create();
    let alias = home.device.aliases().into_iter().find(|alias| alias.ends_with("/pin.1")).unwrap();
    vault.lock();
    home.device.lose(&alias);
    assert_eq!(home.unlock(&mut vault, PIN), Err(VaultError::DeviceKeyLost));
    use softtoken_core::ports::DeviceKey;
    home.device.create(&alias).unwrap();
    assert!(matches!(home.unlock(&mut vault, PIN), Err(VaultError::WrongPin { .. })));
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
    let stale = vault.ask_pin().unwrap();
    let old = home.change_pin(&mut vault, "806423").unwrap();
    assert!(old.ends_with("/pin.1"), "{old}");
    assert_eq!(vault.attempts().unwrap().fails, 0);
    assert_eq!(vault.begin_try(&stale).err(), Some(VaultError::Stale));
    vault.lock();
    assert!(matches!(home.unlock(&mut vault, PIN), Err(VaultError::WrongPin { .. })));
    home.unlock(&mut vault, "806423").unwrap();
    assert!(vault.record(id).unwrap().credential.secret.ct_eq(b"Bank"));
    drop(vault);
    assert!(home.device.aliases().contains(&old));
    let mut vault = home.open().unwrap();
    assert!(!home.device.aliases().contains(&old), "opening sweeps the keys of replaced PINs");
    home.unlock(&mut vault, "806423").unwrap();
    assert!(vault.record(id).is_ok());
}

#[test]
fn an_interrupted_change_leaves_the_old_pin_and_can_be_repeated() {
    let home = Home::new();
    let vault = home.create();
    let new = vault.begin_change(KdfProfile::cheap()).unwrap();
    let stretched = new.stretch(&pin("806423")).unwrap();
    new.make_keys(&home.device, &stretched).unwrap();
    drop(vault);
    let mut vault = home.reopen();
    home.change_pin(&mut vault, "806423").unwrap();
    vault.lock();
    home.unlock(&mut vault, "806423").unwrap();
    vault.lock();
    assert_eq!(home.change_pin(&mut vault, "5551").err(), Some(VaultError::Locked));
}

#[test]
fn of_two_changes_under_way_the_second_is_stale() {
    let home = Home::new();
    let mut vault = home.create();
    let slow = vault.begin_change(KdfProfile::cheap()).unwrap();
    let stretched = slow.stretch(&pin("806423")).unwrap();
    let answer = slow.make_keys(&home.device, &stretched).unwrap();
    home.change_pin(&mut vault, "551739").unwrap();
    assert_eq!(vault.finish_change(slow, stretched, answer).err(), Some(VaultError::Stale));
    vault.lock();
    home.unlock(&mut vault, "551739").unwrap();
}

#[test]
fn a_device_key_that_fails_its_test_makes_no_vault() {
    let home = Home::new();
    let vault = home.open().unwrap();
    let new = vault.begin_create(KdfProfile::cheap()).unwrap();
    let stretched = new.stretch(&pin(PIN)).unwrap();
    home.device.answer_zero();
    assert_eq!(
        new.make_keys(&home.device, &stretched).err(),
        Some(VaultError::DeviceKey(DeviceKeyProblem::Faulty))
    );
    assert!(home.device.aliases().is_empty(), "a faulty key does not stay");
}

#[test]
fn the_cost_is_kept_in_the_file_and_only_rises() {
    let home = Home::new();
    let mut vault = home.create();
    assert_eq!(vault.ask_pin().unwrap().profile(), KdfProfile::cheap(), "less than standard still opens");
    let new = vault.begin_change(KdfProfile::standard()).unwrap();
    let stretched = new.stretch(&pin(PIN)).unwrap();
    let answer = new.make_keys(&home.device, &stretched).unwrap();
    vault.finish_change(new, stretched, answer).unwrap();
    home.change_pin(&mut vault, "806423").unwrap();
    drop(vault);
    let vault = home.open().unwrap();
    assert_eq!(vault.ask_pin().unwrap().profile(), KdfProfile::standard());
    assert_eq!(KdfProfile::standard().parameters(), (64 * 1024, 3, 1));
}
