//! The process dies after every single step; older files and older keys are put back.
//!
//! A crash image is the device with the keys of the first k calls and the file as it was before or
//! after whatever was committed between call k and the next one.

#[path = "../vault_common/mod.rs"]
mod vault_common;

mod images;

use std::cell::RefCell;

use softtoken_core::vault::{Vault, VaultError, VaultState};

use images::{
    A, Image, NEW_PIN, SERIAL_A, WRONG, guess_until_blocked, guesses, image, images, opens_with_a_code,
    prepared, restore,
};
use vault_common::{Home, PIN, answer, identity, issued};

#[test]
fn a_cut_off_try_costs_at_most_that_try_and_gives_none() {
    for wrong in 0..5 {
        let (home, start) = prepared(wrong);
        for image in images(&home, &start, |vault| drop(home.unlock(vault, WRONG))) {
            restore(&home, &image);
            let mut vault = home.open().unwrap();
            let fails = vault.attempts().unwrap().fails;
            assert!((wrong..=wrong + 1).contains(&usize::try_from(fails).unwrap()), "{wrong} {fails}");
            assert_eq!(vault.state() == VaultState::Blocked, fails == 5, "no lockout without five tries");
            if fails < 5 {
                home.unlock(&mut vault, PIN).unwrap();
                vault.lock();
                drop(vault);
                assert_eq!(guess_until_blocked(&home), 5);
            } else {
                assert_eq!(home.unlock(&mut vault, PIN), Err(VaultError::Blocked));
                drop(vault);
            }
            opens_with_a_code(&home);
        }
    }
}

#[test]
fn guesses_over_cut_off_tries_and_older_files_are_five_in_all() {
    // Dies at every call of the first try, then guesses on, with the file of any moment before.
    let (home, start) = prepared(0);
    let images = images(&home, &start, |vault| drop(home.unlock(vault, WRONG)));
    let mut files: Vec<_> = images.iter().map(|image| &image.file).collect();
    files.push(&start.file);
    files.sort();
    files.dedup();
    assert!(files.len() > 1);
    let mut five = 0;
    for image in &images {
        for file in &files {
            // The file goes back, the device does not.
            restore(&home, &Image { file: file.to_vec(), ..image.clone() });
            let total = image.guesses + guess_until_blocked(&home);
            assert!(total <= 5, "{total}");
            five += usize::from(total == 5);
        }
    }
    assert!(five > 4, "most of them have all five");
}

#[test]
fn an_older_file_is_noticed_whatever_happened_since() {
    let (home, start) = prepared(1);
    let after = |work: &dyn Fn(&mut Vault)| {
        restore(&home, &start);
        let mut vault = home.open().unwrap();
        work(&mut vault);
        drop(vault);
        std::fs::write(home.db(), &start.file).unwrap();
        let mut vault = home.open().unwrap();
        home.device.take_calls();
        assert_eq!(vault.state(), VaultState::Blocked);
        assert_eq!(home.unlock(&mut vault, PIN), Err(VaultError::Blocked));
        assert_eq!(guesses(&home), 0);
    };
    after(&|vault| drop(home.unlock(vault, WRONG)));
    after(&|vault| home.unlock(vault, PIN).unwrap());
    after(&|vault| (0..4).for_each(|_| drop(home.unlock(vault, WRONG))));
    after(&|vault| home.forget_pin(vault).unwrap());
    after(&|vault| {
        home.unlock(vault, PIN).unwrap();
        home.change_pin(vault, NEW_PIN).unwrap();
    });
}

#[test]
fn an_edited_count_blocks_and_gives_no_guess() {
    for sql in [
        "UPDATE state SET fails = 0",
        "UPDATE state SET g = g - 1, fails = 0",
        "UPDATE state SET g = g + 1",
        "UPDATE state SET mac = randomblob(32)",
        "UPDATE state SET e = 2",
        // A file of schema 1 claims that nothing guards it.
        "UPDATE state SET mac = NULL, u_mac = NULL",
        "UPDATE state SET mac = NULL, u_mac = NULL, g = 1, u = 1, fails = 0",
    ] {
        let (home, _) = prepared(3);
        home.forge(sql);
        home.device.take_calls();
        let mut vault = home.open().unwrap();
        assert_eq!(home.unlock(&mut vault, PIN), Err(VaultError::Blocked), "{sql}");
        assert_eq!(guesses(&home), 0, "{sql}");
        drop(vault);
        opens_with_a_code(&home);
    }
}

#[test]
fn a_slot_put_back_opens_nothing() {
    let (home, start) = prepared(4);
    let mut vault = home.open().unwrap();
    home.unlock(&mut vault, WRONG).unwrap_err();
    drop(vault);
    let older = tempfile::tempdir().unwrap();
    let path = older.path().join("older.db");
    std::fs::write(&path, &start.file).unwrap();
    home.forge(&format!(
        "ATTACH '{}' AS older; INSERT INTO pin_slot SELECT * FROM older.pin_slot;
         UPDATE state SET fails = 0, mac = (SELECT mac FROM older.state);",
        path.display()
    ));
    let mut vault = home.open().unwrap();
    assert_eq!(home.unlock(&mut vault, PIN), Err(VaultError::Blocked));
}

/// The honest limit: whoever puts file and device keys back has more guesses. A test that could not
/// see this would see no other violation either.
#[test]
fn restoring_file_and_keys_gives_more_guesses() {
    let (home, start) = prepared(0);
    let mut total = 0;
    for _ in 0..3 {
        restore(&home, &start);
        total += guess_until_blocked(&home);
    }
    assert_eq!(total, 15);
    restore(&home, &start);
    let mut vault = home.open().unwrap();
    home.unlock(&mut vault, PIN).unwrap();
}

#[test]
fn a_cut_off_success_opens_again() {
    let (home, start) = prepared(2);
    for image in images(&home, &start, |vault| drop(home.unlock(vault, PIN))) {
        restore(&home, &image);
        let mut vault = home.open().unwrap();
        assert!([0, 2, 3].contains(&vault.attempts().unwrap().fails));
        home.unlock(&mut vault, PIN).unwrap();
        assert_eq!(vault.attempts().unwrap().fails, 0);
    }
}

#[test]
fn a_cut_off_lockout_is_finished_and_a_given_up_pin_is_whole_or_not_at_all() {
    let (home, start) = prepared(0);
    for image in images(&home, &start, |vault| drop(home.forget_pin(vault))) {
        restore(&home, &image);
        let mut vault = home.open().unwrap();
        match vault.state() {
            VaultState::Blocked => {
                assert!(!home.device.aliases().iter().any(|alias| alias.contains("/pin.")));
                drop(vault);
                opens_with_a_code(&home);
            }
            _ => home.unlock(&mut vault, PIN).unwrap(),
        }
    }
}

#[test]
fn a_cut_off_redemption_leaves_the_old_code_or_the_new_pin() {
    let (home, _) = prepared(0);
    let mut vault = home.open().unwrap();
    home.forget_pin(&mut vault).unwrap();
    let code = answer(&vault.waiting().unwrap()[0], A);
    drop(vault);
    let start = image(&home);
    let (old, new) = (RefCell::new(0), RefCell::new(0));
    for image in images(&home, &start, |vault| drop(home.redeem(vault, &code, Some(NEW_PIN)))) {
        restore(&home, &image);
        let mut vault = home.open().unwrap();
        match vault.state() {
            VaultState::Blocked => {
                home.redeem(&mut vault, &code, Some(NEW_PIN)).unwrap();
                *old.borrow_mut() += 1;
            }
            _ => {
                home.unlock(&mut vault, NEW_PIN).unwrap();
                *new.borrow_mut() += 1;
            }
        }
        assert_eq!(vault.records().unwrap().len(), 1);
        drop(vault);
        home.open().unwrap();
        let keys = home.device.aliases();
        let of = |kind: &str| keys.iter().filter(|alias| alias.contains(kind)).count();
        assert_eq!((of("/pin."), of("/state."), of("/rec.")), (1, 1, 2), "{keys:?}");
        let mut vault = home.open().unwrap();
        home.forget_pin(&mut vault).unwrap();
        let dead = home.redeem(&mut vault, &code, Some(PIN));
        assert!(matches!(dead, Err(VaultError::WrongUnlockCode { .. })), "the old code is dead: {dead:?}");
    }
    assert!(*old.borrow() > 8 && *new.borrow() > 2, "{old:?} {new:?}");
}

#[test]
fn a_cut_off_arming_is_done_at_the_next_unlock() {
    let home = Home::new();
    let mut vault = home.create();
    vault.add(vec![issued("A", "a.example", SERIAL_A, A), identity("Local")]).unwrap();
    drop(vault);
    let start = image(&home);
    let arm = |vault: &mut Vault| {
        let _ = home.unlock(vault, PIN).and_then(|()| home.settle(vault));
    };
    for image in images(&home, &start, arm) {
        restore(&home, &image);
        let mut vault = home.open().unwrap();
        home.unlock(&mut vault, PIN).unwrap();
        home.settle(&mut vault).unwrap();
        assert!(vault.recovery_code().unwrap().is_some(), "not shown yet, so not lost");
        home.forget_pin(&mut vault).unwrap();
        drop(vault);
        opens_with_a_code(&home);
    }
}
