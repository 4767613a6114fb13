//! The file as a whole: who can change it, and who notices.

mod vault_common;

use std::cell::RefCell;

use softtoken_core::ports::DeviceKey;
use softtoken_core::vault::{Event, Vault, VaultError, VaultState};
use vault_common::{Home, PIN, answer, identity, issued, name, names};

const DAMAGED: VaultError = VaultError::Damaged { kept_at: None };

/// What only the open vault writes: every table of it, by change, loss and doubling.
const OPEN_ROWS: &[&str] = &[
    "UPDATE header SET version = version + 1",
    "UPDATE state SET u = u + 1",
    "UPDATE groups SET version = version + 1",
    "UPDATE identities SET rowid = rowid + 100 WHERE rowid = 1",
    "UPDATE identities SET label_version = label_version + 1",
    "DELETE FROM identities WHERE rowid = 2",
    "DELETE FROM names WHERE owner = (SELECT id FROM identities WHERE rowid = 1)",
    "INSERT INTO names(tag, owner) VALUES (zeroblob(32), zeroblob(16))",
    "DELETE FROM listing",
    "DELETE FROM drafts",
    "UPDATE drafts SET group_id = NULL",
    "DELETE FROM recovery",
    "DELETE FROM events WHERE n = 1",
    "UPDATE events SET n = n + 1000",
    "UPDATE whole SET events = events - 1",
    "UPDATE whole SET root_mac = randomblob(32)",
    "UPDATE whole SET root_mac = NULL",
    "CREATE TEMP TABLE s AS SELECT id, record FROM identities;
     UPDATE identities SET record = (SELECT record FROM s WHERE s.id <> identities.id) WHERE rowid < 3",
];

/// What changes while it is closed.
const CLOSED_ROWS: &[&str] = &[
    "UPDATE state SET fails = 0",
    "UPDATE state SET tried_millis = 1",
    "UPDATE pin_slot SET wrap = randomblob(150)",
    "DELETE FROM pin_slot",
    "DELETE FROM bio_slot",
    "UPDATE armings SET tries = 1",
    "DELETE FROM wraps",
    "UPDATE whole SET root = NULL",
];

/// Three identities, a draft, a biometric slot; one wrong code and one wrong try.
fn home() -> (Home, String) {
    let home = Home::new();
    let mut vault = home.create();
    let first = issued("A", "a.example", "4824413456", 0xaa);
    vault.add(vec![first, identity("Local"), identity("Third")]).unwrap();
    let draft = vault.new_draft_id().unwrap();
    let body = softtoken_core::secret::SecretBytes::copy_of(b"draft");
    vault.put_draft(draft, Some(&identity("Pending")), &body).unwrap();
    home.settle(&mut vault).unwrap();
    let now = softtoken_core::ports::Elapsed { boot_id: 1, millis: 1000 };
    {
        let vault = RefCell::new(&mut vault);
        let ask = softtoken_core::vault::begin_biometrics(&vault, &home.device).unwrap();
        let answer = home.device.eval(&ask.alias, &ask.input).unwrap();
        softtoken_core::vault::enable_biometrics(&vault, &home.device, &answer, Some(now)).unwrap();
    }
    vault.lock();
    home.unlock(&mut vault, "8064").unwrap_err();
    let locked = RefCell::new(&mut vault);
    let now = Some(now);
    softtoken_core::vault::unlock(&locked, &home.device, &vault_common::pin("8064"), now).unwrap_err();
    drop(vault);
    let code = {
        let copy = Copy::of(&home);
        let mut vault = home.open().unwrap();
        home.forget_pin(&mut vault).unwrap();
        let code = answer(&vault.waiting().unwrap()[0], 0xaa);
        drop(vault);
        copy.put_back(&home);
        code
    };
    (home, code)
}

/// File and device keys.
struct Copy(Vec<u8>, softtoken_core::testing::KeyCopy);

impl Copy {
    fn of(home: &Home) -> Self {
        Self(std::fs::read(home.db()).unwrap(), home.device.copy())
    }

    fn put_back(&self, home: &Home) {
        std::fs::write(home.db(), &self.0).unwrap();
        home.device.restore(&self.1);
    }
}

fn is_set_aside(opened: &Result<Vault, VaultError>) -> bool {
    matches!(opened, Err(VaultError::Damaged { kept_at: Some(path) }) if path.exists())
}

#[test]
fn without_the_device_nothing_can_be_changed_and_no_try_is_lost_to_it() {
    let (home, _) = home();
    let copy = Copy::of(&home);
    for sql in OPEN_ROWS.iter().chain(CLOSED_ROWS) {
        home.tamper(sql);
        assert!(std::fs::read(home.db()).unwrap() != copy.0, "{sql} changes nothing");
        assert!(is_set_aside(&home.open()), "{sql}");
        copy.put_back(&home);
    }
    let mut vault = home.open().unwrap();
    assert_eq!(vault.attempts().unwrap().left(), 3, "the wrong tries of before, and no other");
    home.unlock(&mut vault, PIN).unwrap();
}

#[test]
fn with_the_device_the_right_pin_notices_what_only_the_open_vault_writes() {
    let (home, _) = home();
    let copy = Copy::of(&home);
    for sql in OPEN_ROWS {
        home.forge(sql);
        let mut opened = home.open();
        if let Ok(vault) = &mut opened {
            assert_eq!(home.unlock(vault, PIN), Err(DAMAGED), "{sql}");
            assert_eq!(vault.state(), VaultState::Locked, "{sql}");
        } else {
            assert!(is_set_aside(&opened), "{sql}");
        }
        drop(opened);
        copy.put_back(&home);
    }
    home.unlock(&mut home.open().unwrap(), PIN).unwrap();
}

#[test]
fn with_the_device_the_right_code_notices_it_too() {
    let (home, code) = home();
    let mut vault = home.open().unwrap();
    home.forget_pin(&mut vault).unwrap();
    drop(vault);
    let copy = Copy::of(&home);
    for sql in OPEN_ROWS {
        home.forge(sql);
        let mut opened = home.open();
        if let Ok(vault) = &mut opened {
            assert_eq!(home.redeem(vault, &code, Some("806423")).err(), Some(DAMAGED), "{sql}");
            assert_eq!(vault.state(), VaultState::Blocked, "{sql}");
        } else {
            assert!(is_set_aside(&opened), "{sql}");
        }
        drop(opened);
        copy.put_back(&home);
    }
    let mut vault = home.open().unwrap();
    home.redeem(&mut vault, &code, Some("806423")).unwrap();
    assert_eq!(names(&vault), ["A", "Local", "Third"]);
}

#[test]
fn rows_of_two_ages_are_not_one_file() {
    let (home, _) = home();
    let older = tempfile::tempdir().unwrap();
    let path = older.path().join("older.db");
    std::fs::copy(home.db(), &path).unwrap();
    let mut vault = home.reopen();
    let (id, record) = vault.records().unwrap().remove(1);
    vault.update_record(id, &record).unwrap();
    drop(vault);
    home.forge(&format!(
        "ATTACH '{}' AS older; DELETE FROM identities; INSERT INTO identities SELECT * FROM older.identities;",
        path.display()
    ));
    assert_eq!(home.unlock(&mut home.open().unwrap(), PIN), Err(DAMAGED));
}

#[test]
fn a_group_that_waited_through_several_lockouts_still_finds_the_file_whole() {
    let home = Home::new();
    let mut vault = home.create();
    let a = || issued("A", "a.example", "4824413456", 0xaa);
    let b = issued("B", "b.example", "1002003000", 0xbb);
    vault.add(vec![a(), b]).unwrap();
    home.settle(&mut vault).unwrap();
    for round in 0..3 {
        home.forget_pin(&mut vault).unwrap();
        let waiting = vault.waiting().unwrap();
        let of_a = waiting.iter().find(|one| one.contact.issuer == "A").unwrap();
        home.redeem(&mut vault, &answer(of_a, 0xaa), Some("806423")).unwrap();
        vault.add(vec![identity(&format!("Local {round}"))]).unwrap();
        home.settle(&mut vault).unwrap();
    }
    home.forget_pin(&mut vault).unwrap();
    let waiting = vault.waiting().unwrap();
    let of_b = waiting.iter().find(|one| one.contact.issuer == "B").unwrap();
    home.redeem(&mut vault, &answer(of_b, 0xbb), Some("551739")).unwrap();
    assert_eq!(vault.records().unwrap().len(), 1, "B alone is open");
}

#[test]
fn the_log_tells_what_happened_and_survives_a_lockout() {
    let (home, code) = home();
    let mut vault = home.open().unwrap();
    vault.tell_time(Some(softtoken_core::time::UnixTime(1_893_456_789)));
    for left in [2, 1, 0] {
        assert_eq!(home.unlock(&mut vault, "8064"), Err(VaultError::WrongPin { attempts_left: left }));
    }
    assert_eq!(vault.events().err(), Some(VaultError::Locked), "only its user reads it");
    home.redeem(&mut vault, &code, Some("806423")).unwrap();
    vault.rename(vault.labels().unwrap()[0].0, &name("Renamed")).unwrap();
    let ids: Vec<_> = vault.labels().unwrap().into_iter().map(|(id, _)| id).collect();
    let events: Vec<Event> = vault.events().unwrap().into_iter().map(|one| one.event).collect();
    let expected = [
        Event::Created,
        Event::IdentityAdded(ids[0]),
        Event::IdentityAdded(ids[1]),
        Event::IdentityAdded(ids[2]),
        Event::BiometricsOn,
        Event::WrongPin(4),
        Event::WrongPin(3),
        Event::WrongPin(2),
        Event::WrongPin(1),
        Event::WrongPin(0),
        Event::Blocked,
        Event::CodeRedeemed,
        Event::IdentityRenamed(ids[0]),
    ];
    assert_eq!(events, expected);
    assert_eq!(vault.events().unwrap()[0].at, None);
    assert_eq!(vault.events().unwrap()[12].at.map(|at| at.0), Some(1_893_456_789));
}

#[test]
fn the_log_keeps_the_newest_thousand() {
    let home = Home::new();
    let mut vault = home.create();
    for _ in 0..1010 {
        vault.note(Event::BackupMade(0)).unwrap();
    }
    let events = vault.events().unwrap();
    assert_eq!(events.len(), 1000);
    assert!(events.iter().all(|one| one.event == Event::BackupMade(0)));
    drop(vault);
    assert_eq!(home.reopen().events().unwrap().len(), 1000);
}
