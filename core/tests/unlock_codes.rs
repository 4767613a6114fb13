//! From five wrong PINs back to a new PIN: unlock codes of issuers, and the recovery code.

mod vault_common;

use softtoken_core::error::PinProblem;
use softtoken_core::identity::PinRules;
use softtoken_core::secret::SecretBytes;
use softtoken_core::vault::{GroupChoice, MAX_CODES, Vault, VaultError, VaultState};
use vault_common::{Home, PIN, answer, identity, issued, names};

const NEW_PIN: &str = "806423";
const A: u8 = 0xaa;
const B: u8 = 0xbb;
const SERIAL_A: &str = "4824413456";
const SERIAL_B: &str = "1002003000";

/// Two issuers and one identity without; armed.
fn home() -> (Home, Vault) {
    let home = Home::new();
    let mut vault = home.create();
    vault
        .add(vec![
            issued("A", "a.example", SERIAL_A, A),
            issued("B", "b.example", SERIAL_B, B),
            identity("Local"),
        ])
        .unwrap();
    home.settle(&mut vault).unwrap();
    (home, vault)
}

fn code_of(vault: &Vault, issuer: &str, key: u8) -> String {
    let waiting = vault.waiting().unwrap();
    answer(waiting.iter().find(|one| one.contact.issuer == issuer).unwrap(), key)
}

fn open_names(vault: &Vault) -> Vec<String> {
    let sealed = vault.sealed().unwrap();
    let open = |name: &String| !sealed.iter().any(|(_, label)| label.name.as_str() == name);
    names(vault).into_iter().filter(open).collect()
}

fn recovery_code(vault: &mut Vault) -> String {
    let code = vault.recovery_code().unwrap().unwrap().shown().to_string();
    vault.acknowledge_recovery_code().unwrap();
    assert!(vault.recovery_code().unwrap().is_none(), "it is forgotten");
    code
}

#[test]
fn a_blocked_vault_names_every_issuer_and_one_reset_code() {
    let (home, mut vault) = home();
    home.block(&mut vault);
    drop(vault);
    let vault = home.open().unwrap();
    let waiting = vault.waiting().unwrap();
    let shown: Vec<_> = waiting.iter().map(|w| (&*w.contact.issuer, &*w.contact.serial)).collect();
    assert_eq!(shown, [("A", SERIAL_A), ("B", SERIAL_B)]);
    assert_eq!(waiting[0].reset_code, waiting[1].reset_code);
    assert_eq!(waiting[0].reset_code.len(), 9);
    assert!(vault.takes_recovery_code().unwrap());
    assert_eq!(names(&vault), ["A", "B", "Local"], "labels need no PIN");
}

#[test]
fn one_issuers_code_opens_its_identities_and_no_byte_of_the_others() {
    let (home, mut vault) = home();
    home.block(&mut vault);
    let code = code_of(&vault, "A", A);
    assert_eq!(home.redeem(&mut vault, &code, None), Err(VaultError::NeedsNewPin));
    home.redeem(&mut vault, &code, Some(NEW_PIN)).unwrap();
    assert_eq!(vault.state(), VaultState::Open);
    for _ in 0..2 {
        assert_eq!(open_names(&vault), ["A"]);
        let records = vault.records().unwrap();
        assert_eq!(records.len(), 1);
        assert!(records[0].1.credential.secret.ct_eq(b"A"));
        for (id, _) in vault.sealed().unwrap() {
            assert_eq!(vault.record(id).err(), Some(VaultError::NeedsUnlockCode));
        }
        drop(vault);
        vault = home.open().unwrap();
        assert_eq!(home.unlock(&mut vault, PIN), Err(VaultError::WrongPin { attempts_left: 4 }));
        home.unlock(&mut vault, NEW_PIN).unwrap();
    }
    let keys = |sql: &str| -> Vec<u32> {
        let copy = tempfile::tempdir().unwrap();
        std::fs::copy(home.db(), copy.path().join("x.db")).unwrap();
        let db = rusqlite::Connection::open(copy.path().join("x.db")).unwrap();
        let mut statement = db.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let sealed = keys("SELECT length(key) FROM groups ORDER BY length(key)");
    assert_eq!(sealed.iter().filter(|length| **length == 0).count(), 2, "B and the old local group");
}

#[test]
fn the_others_join_with_their_own_codes_and_the_reset_code_they_were_armed_with() {
    let (home, mut vault) = home();
    let recovery = recovery_code(&mut vault);
    home.block(&mut vault);
    let (code_a, code_b) = (code_of(&vault, "A", A), code_of(&vault, "B", B));
    let old = vault.waiting().unwrap()[0].reset_code.clone();
    home.redeem(&mut vault, &code_a, Some(NEW_PIN)).unwrap();
    assert_eq!(vault.waiting().unwrap().len(), 1, "only B can be asked");
    assert_eq!(vault.waiting().unwrap()[0].reset_code, old);
    vault.add(vec![identity("Later")]).unwrap();
    home.settle(&mut vault).unwrap();
    let newer = recovery_code(&mut vault);
    assert_eq!(home.redeem(&mut vault, &code_b, Some(NEW_PIN)), Err(VaultError::Stale), "it is open");
    home.redeem(&mut vault, &code_b, None).unwrap();
    assert_eq!(open_names(&vault), ["A", "B", "Later"]);
    home.redeem(&mut vault, &recovery, None).unwrap();
    assert_eq!(open_names(&vault), ["A", "B", "Local", "Later"]);
    let newest = recovery_code(&mut vault);
    assert_eq!(home.redeem(&mut vault, &code_b, None), Err(VaultError::Stale), "nothing waits");
    // Everything is armed again, with one new reset code; the old codes are dead.
    home.block(&mut vault);
    let codes: Vec<_> = vault.waiting().unwrap().into_iter().map(|one| one.reset_code).collect();
    assert!(codes.len() == 2 && codes[0] == codes[1] && codes[0] != old, "{codes:?} {old}");
    for dead in [&code_a, &code_b, &recovery, &newer] {
        let result = home.redeem(&mut vault, dead, Some(PIN));
        assert!(matches!(result, Err(VaultError::WrongUnlockCode { .. })), "{result:?}");
    }
    home.redeem(&mut vault, &newest, Some("551739")).unwrap();
    assert_eq!(open_names(&vault), ["Local", "Later"], "one recovery code opens all that is the user's own");
    let fresh = vault.recovery_code().unwrap().unwrap().shown().to_string();
    assert_ne!(fresh, newest, "a used code is replaced");
    let code = code_of(&vault, "B", B);
    home.redeem(&mut vault, &code, None).unwrap();
    assert_eq!(open_names(&vault), ["B", "Local", "Later"]);
    drop(vault);
    let mut vault = home.open().unwrap();
    home.unlock(&mut vault, "551739").unwrap();
    assert_eq!(open_names(&vault), ["B", "Local", "Later"]);
}

#[test]
fn ten_wrong_codes_leave_reactivation_only() {
    let (home, mut vault) = home();
    home.block(&mut vault);
    let right = code_of(&vault, "A", A);
    let wrong = code_of(&vault, "A", 0x11);
    for left in (1..MAX_CODES).rev() {
        let result = home.redeem(&mut vault, &wrong, Some(NEW_PIN));
        assert_eq!(result, Err(VaultError::WrongUnlockCode { tries_left: left }));
        drop(vault);
        vault = home.open().unwrap();
    }
    let spent = std::fs::read(home.db()).unwrap();
    assert_eq!(
        home.redeem(&mut vault, &wrong, Some(NEW_PIN)),
        Err(VaultError::WrongUnlockCode { tries_left: 0 })
    );
    assert!(!home.device.aliases().iter().any(|alias| alias.contains("/rec.")));
    drop(vault);
    // Neither the right code nor the file of before helps: the device keys are gone.
    for file in [None, Some(spent)] {
        if let Some(bytes) = file {
            std::fs::write(home.db(), bytes).unwrap();
        }
        let mut vault = home.open().unwrap();
        let result = home.redeem(&mut vault, &right, Some(NEW_PIN));
        assert_eq!(result, Err(VaultError::WrongUnlockCode { tries_left: 0 }));
        assert_eq!(vault.state(), VaultState::Blocked);
    }
}

#[test]
fn a_right_code_after_wrong_ones_gives_the_tries_back() {
    let (home, mut vault) = home();
    home.block(&mut vault);
    let wrong = code_of(&vault, "B", 0x22);
    home.redeem(&mut vault, &wrong, Some(NEW_PIN)).unwrap_err();
    let (a, b) = (code_of(&vault, "A", A), code_of(&vault, "B", B));
    home.redeem(&mut vault, &a, Some(NEW_PIN)).unwrap();
    for left in [8, 7] {
        let result = home.redeem(&mut vault, &wrong, None);
        assert_eq!(result, Err(VaultError::WrongUnlockCode { tries_left: left }), "A's code was no try at B");
    }
    home.redeem(&mut vault, &b, None).unwrap();
    assert_eq!(open_names(&vault), ["A", "B"]);
}

#[test]
fn an_old_code_opens_nothing_not_even_an_old_file() {
    let (home, mut vault) = home();
    home.block(&mut vault);
    let code = code_of(&vault, "A", A);
    drop(vault);
    let before = std::fs::read(home.db()).unwrap();
    let mut vault = home.open().unwrap();
    home.redeem(&mut vault, &code, Some(NEW_PIN)).unwrap();
    drop(vault);
    let after = std::fs::read(home.db()).unwrap();
    std::fs::write(home.db(), before).unwrap();
    let mut vault = home.open().unwrap();
    assert_eq!(vault.state(), VaultState::Blocked);
    let result = home.redeem(&mut vault, &code, Some(PIN));
    assert!(matches!(result, Err(VaultError::WrongUnlockCode { .. })), "{result:?}");
    drop(vault);
    std::fs::write(home.db(), after).unwrap();
    let mut vault = home.open().unwrap();
    assert_eq!(vault.state(), VaultState::Blocked, "the older file was taken for an attack");
    let code = code_of(&vault, "A", A);
    home.redeem(&mut vault, &code, Some(PIN)).unwrap();
    assert_eq!(open_names(&vault), ["A"], "and the way back is still there");
}

#[test]
fn a_new_pin_must_please_the_issuers_it_opens() {
    let home = Home::new();
    let mut vault = home.create();
    let mut strict = issued("A", "a.example", SERIAL_A, A);
    strict.record.policy.pin = PinRules { min_digits: 6 };
    vault.add(vec![strict]).unwrap();
    home.settle(&mut vault).unwrap();
    home.block(&mut vault);
    let code = code_of(&vault, "A", A);
    for _ in 0..12 {
        let refused = home.redeem(&mut vault, &code, Some("8064"));
        assert_eq!(refused, Err(VaultError::PinRefused(PinProblem::TooShort { min: 6 })), "and is no try");
    }
    home.redeem(&mut vault, &code, Some(NEW_PIN)).unwrap();
}

#[test]
fn a_given_up_pin_is_the_same_path() {
    let (home, mut vault) = home();
    vault.lock();
    home.forget_pin(&mut vault).unwrap();
    home.forget_pin(&mut vault).unwrap();
    assert_eq!(home.unlock(&mut vault, PIN), Err(VaultError::Blocked));
    let code = code_of(&vault, "B", B);
    home.redeem(&mut vault, &code, Some(PIN)).unwrap();
    assert_eq!(open_names(&vault), ["B"]);
}

#[test]
fn nobody_gives_up_a_pin_without_a_way_back() {
    let home = Home::new();
    let mut vault = home.create();
    assert_eq!(home.forget_pin(&mut vault), Err(VaultError::NoWayBack));
    home.unlock(&mut vault, PIN).unwrap();
    vault.lock();
    let code = "0000-0000-0000-0";
    assert_eq!(home.redeem(&mut vault, code, Some(NEW_PIN)), Err(VaultError::Locked), "the PIN still works");
}

#[test]
fn drafts_come_back_with_their_group() {
    let (home, mut vault) = home();
    let recovery = recovery_code(&mut vault);
    let put = |vault: &mut Vault, identity: Option<_>, body: &[u8]| {
        let id = vault.new_draft_id().unwrap();
        vault.put_draft(id, identity.as_ref(), &SecretBytes::copy_of(body)).unwrap();
        id
    };
    let at_c = put(&mut vault, Some(issued("C", "c.example", SERIAL_A, 0xcc)), b"draft of C");
    put(&mut vault, Some(identity("Two steps")), b"draft of nobody");
    put(&mut vault, None, b"under the PIN only");
    home.settle(&mut vault).unwrap();
    home.block(&mut vault);
    let code = code_of(&vault, "C", 0xcc);
    home.redeem(&mut vault, &code, Some(NEW_PIN)).unwrap();
    let drafts = vault.drafts().unwrap();
    assert_eq!((drafts.len(), drafts[0].id), (1, at_c));
    assert!(drafts[0].body.ct_eq(b"draft of C"));
    let waiting: Vec<_> =
        vault.sealed_drafts().unwrap().into_iter().map(|(_, name)| name.as_str().to_owned()).collect();
    assert_eq!(waiting, ["Two steps"]);
    let id = vault.finish_draft(at_c, issued("C", "c.example", SERIAL_A, 0xcc)).unwrap();
    home.redeem(&mut vault, &recovery, None).unwrap();
    assert_eq!(vault.drafts().unwrap().len(), 1);
    assert!(vault.record(id).is_ok());
    home.block(&mut vault);
    let code = code_of(&vault, "C", 0xcc);
    home.redeem(&mut vault, &code, Some(PIN)).unwrap();
    assert_eq!(open_names(&vault), ["C"], "the identity has the code of its draft's group");
}

#[test]
fn removed_groups_take_their_keys_with_them() {
    let (home, mut vault) = home();
    let ids: Vec<_> = vault.labels().unwrap().into_iter().map(|(id, _)| id).collect();
    let count = |home: &Home| home.device.aliases().iter().filter(|alias| alias.contains("/rec.")).count();
    assert_eq!(count(&home), 3);
    vault.remove(ids[0]).unwrap();
    home.settle(&mut vault).unwrap();
    assert_eq!(count(&home), 2);
    home.block(&mut vault);
    assert_eq!(vault.waiting().unwrap().len(), 1);
    let code = code_of(&vault, "B", B);
    home.redeem(&mut vault, &code, Some(PIN)).unwrap();
    // An identity that waits may be removed without its code.
    vault.remove(ids[2]).unwrap();
    assert_eq!(names(&vault), ["B"]);
    assert!(vault.waiting().unwrap().is_empty() && !vault.takes_recovery_code().unwrap());
}

#[test]
fn an_issuer_without_serial_number_is_opened_by_the_recovery_code() {
    let home = Home::new();
    let mut vault = home.create();
    let mut odd = issued("Odd", "odd.example", SERIAL_A, A);
    odd.label.serial = None;
    odd.group = GroupChoice::Single { address: "odd.example".to_owned(), claimed_key: None };
    vault.add(vec![odd]).unwrap();
    home.settle(&mut vault).unwrap();
    let recovery = recovery_code(&mut vault);
    home.block(&mut vault);
    assert!(vault.waiting().unwrap().is_empty());
    home.redeem(&mut vault, &recovery, Some(PIN)).unwrap();
    assert_eq!(open_names(&vault), ["Odd"]);
}
