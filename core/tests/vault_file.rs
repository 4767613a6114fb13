//! The file: locked, damaged, foreign, newer; and nothing in it can be read.

mod vault_common;

use std::fs;

use softtoken_core::error::{DeviceKeyProblem, FileProblem};
use softtoken_core::ports::HookError;
use softtoken_core::testing::MemoryDeviceKey;
use softtoken_core::vault::{SCHEMA, VaultError, VaultState};
use vault_common::{Home, PIN, identity, names};

#[test]
fn a_second_handle_is_refused_at_once() {
    let home = Home::new();
    let vault = home.create();
    assert_eq!(home.open().err(), Some(VaultError::Busy));
    drop(vault);
    let fresh = home.open().unwrap();
    assert_eq!(home.open().err(), Some(VaultError::Busy));
    drop(fresh);
    // Another program has the database itself.
    let other = rusqlite::Connection::open(home.db()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(home.open().err(), Some(VaultError::Busy));
    drop(other);
    assert_eq!(home.open().unwrap().state(), VaultState::Locked);
}

#[test]
fn a_missing_folder_is_no_access() {
    let home = Home::new();
    let result = softtoken_core::vault::Vault::open(
        &home.path().join("nowhere"),
        &home.device,
        softtoken_core::random::Random::seeded(1),
    );
    assert_eq!(result.err(), Some(VaultError::File(FileProblem::NoAccess)));
}

#[test]
fn what_is_not_a_file_is_left_alone() {
    let home = Home::new();
    fs::create_dir(home.db()).unwrap();
    assert_eq!(home.open().err(), Some(VaultError::File(FileProblem::Other)));
    assert_eq!(home.files(), ["vault.db", "vault.lock"]);
}

#[test]
fn an_empty_file_is_a_vault_that_was_never_made() {
    let home = Home::new();
    fs::write(home.db(), b"").unwrap();
    assert_eq!(home.open().unwrap().state(), VaultState::Fresh);
    home.create();
    assert_eq!(home.open().unwrap().state(), VaultState::Locked);
}

#[test]
fn damaged_files_are_kept_and_counted() {
    let home = Home::new();
    let foreign = home.path().join("foreign.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE notes(x)").unwrap();
    let foreign = fs::read(foreign).unwrap();
    let mut contents = vec![b"not a database at all, but long enough".to_vec(), vec![0; 4096], foreign];
    contents.push(b"SQLite format 3\0 and then nothing".to_vec());
    for (n, content) in contents.iter().enumerate() {
        fs::write(home.db(), content).unwrap();
        let kept = home.path().join(format!("vault.db.damaged-{}", n + 1));
        assert_eq!(home.open().err(), Some(VaultError::Damaged { kept_at: Some(kept.clone()) }));
        assert_eq!(&fs::read(kept).unwrap(), content, "kept as it was");
        assert!(!home.db().exists());
        assert_eq!(home.open().unwrap().state(), VaultState::Fresh);
    }
}

#[test]
fn a_journal_beside_a_damaged_file_is_kept_with_it() {
    let home = Home::new();
    fs::write(home.db(), b"garbage, not a database").unwrap();
    let journal = home.path().join("vault.db-journal");
    fs::write(&journal, b"journal of it").unwrap();
    assert!(matches!(home.open().err(), Some(VaultError::Damaged { kept_at: Some(_) })));
    assert_eq!(fs::read(home.path().join("vault.db.damaged-1-journal")).unwrap(), b"journal of it");
    // Setting aside was interrupted between the two renames.
    fs::write(&journal, b"journal alone").unwrap();
    assert_eq!(home.open().unwrap().state(), VaultState::Fresh);
    assert_eq!(fs::read(home.path().join("vault.db.damaged-2-journal")).unwrap(), b"journal alone");
}

#[test]
fn a_changed_header_or_schema_is_damage() {
    for sql in [
        "UPDATE header SET body = zeroblob(300)",
        "UPDATE header SET version = 2",
        "UPDATE header SET vault_id = vault_id, body = substr(body, 1, 100)",
        "DELETE FROM header",
        "DELETE FROM state",
        "PRAGMA application_id = 1",
        "PRAGMA user_version = 0",
        "PRAGMA user_version = -1",
        "CREATE TRIGGER t AFTER UPDATE ON state BEGIN UPDATE state SET fails = 0; END",
        "CREATE TABLE extra(x)",
        "DROP TABLE wraps",
    ] {
        let home = Home::new();
        home.create();
        home.tamper(sql);
        let Some(VaultError::Damaged { kept_at: Some(kept) }) = home.open().err() else { panic!("{sql}") };
        assert!(kept.exists() && !home.db().exists(), "{sql}");
    }
}

#[test]
fn broken_pages_are_damage_or_read_as_before() {
    let home = Home::new();
    let mut vault = home.create();
    vault.add((0..40).map(|n| identity(&format!("Name {n}"))).collect()).unwrap();
    let before = names(&vault);
    drop(vault);
    let good = fs::read(home.db()).unwrap();
    let keys = home.device.copy();
    let mut damaged = 0;
    for at in (0..good.len()).step_by(397) {
        let mut bad = good.clone();
        bad[at] ^= 0x40;
        fs::write(home.db(), &bad).unwrap();
        home.device.restore(&keys);
        match home.open() {
            Err(VaultError::Damaged { kept_at: Some(_) }) => damaged += 1,
            Err(VaultError::TooNew { .. } | VaultError::DeviceKeyLost) => {}
            Err(other) => panic!("{at}: {other}"),
            Ok(mut vault) => match home.unlock(&mut vault, PIN).and_then(|()| vault.labels()) {
                Ok(labels) => {
                    let after: Vec<_> = labels.iter().map(|(_, l)| l.name.as_str().to_owned()).collect();
                    assert_eq!(after, before, "{at}");
                    for (id, label) in labels {
                        match vault.record(id) {
                            Ok(r) => assert!(r.credential.secret.ct_eq(label.name.as_str().as_bytes())),
                            Err(error) => assert_eq!(error, VaultError::Damaged { kept_at: None }),
                        }
                    }
                }
                // A changed state row is an attack.
                Err(VaultError::Blocked) => {}
                Err(VaultError::Damaged { kept_at: None } | VaultError::WrongPin { .. }) => {}
                Err(other) => panic!("{at}: {other}"),
            },
        }
    }
    assert!(damaged > 0);
}

#[test]
fn every_byte_of_the_files_head_may_be_wrong() {
    let home = Home::new();
    let mut vault = home.create();
    vault.add(vec![identity("Bank")]).unwrap();
    drop(vault);
    let good = fs::read(home.db()).unwrap();
    for (at, flip) in (0..100).flat_map(|at| [0x01, 0x04, 0x80].map(|flip| (at, flip))) {
        let mut bad = good.clone();
        bad[at] ^= flip;
        fs::write(home.db(), &bad).unwrap();
        match home.open().map(|vault| names(&vault)) {
            Ok(read) => assert_eq!(read, ["Bank"]),
            Err(VaultError::Damaged { kept_at: Some(kept) }) => {
                assert_eq!(fs::read(kept).unwrap(), bad, "{at}")
            }
            Err(VaultError::TooNew { .. }) => assert!((60..64).contains(&at), "{at}"),
            // Byte 18 says who may write; SQLite then only reads.
            Err(VaultError::File(FileProblem::NoAccess)) => assert_eq!(at, 18),
            Err(other) => panic!("{at} {flip}: {other}"),
        }
    }
}

#[test]
fn a_newer_file_is_refused_untouched() {
    let home = Home::new();
    home.create();
    home.tamper("PRAGMA user_version = 7; CREATE TABLE from_the_future(x);");
    let before = fs::read(home.db()).unwrap();
    for _ in 0..2 {
        assert_eq!(home.open().err(), Some(VaultError::TooNew { found: 7, known: SCHEMA }));
    }
    assert_eq!(fs::read(home.db()).unwrap(), before);
    assert!(!home.files().iter().any(|file| file.contains("damaged")));
}

#[test]
fn a_device_problem_renames_nothing() {
    let home = Home::new();
    home.create();
    home.device.fail_next(HookError::Transient);
    assert_eq!(home.open().err(), Some(VaultError::DeviceKey(DeviceKeyProblem::Transient)));
    assert!(home.db().exists());
    assert!(home.open().is_ok());
    home.device.lose_all();
    assert_eq!(home.open().err(), Some(VaultError::DeviceKeyLost));
    assert!(home.db().exists());
}

#[test]
fn a_copy_on_another_device_is_refused() {
    let home = Home::new();
    home.create();
    let mut there = Home::new();
    there.device = MemoryDeviceKey::seeded(2);
    fs::copy(home.db(), there.db()).unwrap();
    assert_eq!(there.open().err(), Some(VaultError::DeviceKeyLost));
    assert!(there.db().exists());
}

#[test]
fn an_interrupted_write_is_undone() {
    let home = Home::new();
    let mut vault = home.create();
    vault.add((0..100).map(|n| identity(&format!("Name {n}"))).collect()).unwrap();
    let before = names(&vault);
    drop(vault);
    let mut after = home.interrupted("DELETE FROM names; UPDATE identities SET record = randomblob(576)");
    assert_ne!(fs::read(home.db()).unwrap(), fs::read(after.db()).unwrap(), "pages were written");
    after.device = home.device;
    let vault = after.reopen();
    assert_eq!(names(&vault), before);
    vault.each_record(|_, record| assert!(record.credential.secret.expose().starts_with(b"Name "))).unwrap();
    assert!(vault.is_name_taken(&vault_common::name("name 7")).unwrap());
}

#[test]
fn settings_of_the_file_are_those_of_the_format() {
    let home = Home::new();
    home.create();
    let bytes = fs::read(home.db()).unwrap();
    assert_eq!(&bytes[..16], b"SQLite format 3\0");
    assert_eq!(&bytes[18..20], [1, 1], "no write-ahead log");
    assert_eq!(&bytes[60..64], SCHEMA.to_be_bytes());
    assert_eq!(&bytes[68..72], b"STv2");
    #[cfg(unix)]
    for file in ["vault.db", "vault.lock"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(home.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}
