//! The fixed order of a try, seen from the device: what is in the file when a key is asked.

mod vault_common;

use std::path::Path;
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OpenFlags};
use vault_common::{Home, PIN, identity};

/// g, fails, e, and whether there is a PIN slot, as somebody reads them who takes the disk at that moment.
type Row = (u32, u32, u32, bool);

/// Every call with the file as it was then.
fn watch(home: &Home) -> Arc<Mutex<Vec<(String, Row)>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (record, file) = (Arc::clone(&seen), home.db());
    home.device.watch(move |call| record.lock().unwrap().push((call.to_owned(), row(&file))));
    seen
}

fn row(file: &Path) -> Row {
    // A copy, because the vault holds the file exclusively.
    let copy = tempfile::tempdir().unwrap();
    for name in ["vault.db", "vault.db-journal"] {
        let from = file.with_file_name(name);
        if from.exists() {
            std::fs::copy(from, copy.path().join(name)).unwrap();
        }
    }
    let db = Connection::open_with_flags(copy.path().join("vault.db"), OpenFlags::SQLITE_OPEN_READ_WRITE);
    let sql = "SELECT g, fails, e, EXISTS(SELECT 1 FROM pin_slot) FROM state";
    db.unwrap().query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap()
}

fn only(seen: &[(String, Row)]) -> Vec<(&str, Row)> {
    let wanted = |call: &str| !call.starts_with("eval state") && call != "list" && !call.contains("rec.");
    seen.iter().map(|(call, row)| (call.as_str(), *row)).filter(|(call, _)| wanted(call)).collect()
}

#[test]
fn a_wrong_pin_is_counted_and_its_older_count_is_dead_before_the_device_is_asked() {
    let home = Home::new();
    let mut vault = home.create();
    vault.lock();
    let seen = watch(&home);
    home.unlock(&mut vault, "8064").unwrap_err();
    assert_eq!(
        only(&seen.lock().unwrap()),
        [
            ("delete state.2", (1, 0, 1, true)),
            ("create state.2", (1, 0, 1, true)),
            ("delete state.1", (2, 1, 1, true)),
            ("eval pin.1", (2, 1, 1, true)),
        ]
    );
}

#[test]
fn a_right_pin_resets_the_count_by_the_same_ratchet() {
    let home = Home::new();
    let mut vault = home.create();
    vault.lock();
    let seen = watch(&home);
    home.unlock(&mut vault, PIN).unwrap();
    assert_eq!(
        only(&seen.lock().unwrap())[3..],
        [
            ("eval pin.1", (2, 1, 1, true)),
            ("delete state.3", (2, 1, 1, true)),
            ("create state.3", (2, 1, 1, true)),
            ("delete state.2", (3, 0, 1, true)),
        ]
    );
    assert_eq!(row(&home.db()), (3, 0, 1, true));
}

#[test]
fn the_fifth_wrong_pin_deletes_the_key_first_and_the_slot_second() {
    let home = Home::new();
    let mut vault = home.create();
    vault.lock();
    for _ in 0..4 {
        home.unlock(&mut vault, "8064").unwrap_err();
    }
    let seen = watch(&home);
    home.unlock(&mut vault, "8064").unwrap_err();
    assert_eq!(
        only(&seen.lock().unwrap())[2..],
        [
            ("delete state.5", (6, 5, 1, true)),
            ("eval pin.1", (6, 5, 1, true)),
            ("delete pin.1", (6, 5, 1, true)),
        ]
    );
    assert_eq!(row(&home.db()), (6, 5, 1, false));
}

#[test]
fn a_given_up_pin_is_counted_out_before_its_key_is_deleted() {
    let home = Home::new();
    let mut vault = home.create();
    vault.add(vec![identity("Bank")]).unwrap();
    home.settle(&mut vault).unwrap();
    vault.acknowledge_recovery_code().unwrap();
    let seen = watch(&home);
    home.forget_pin(&mut vault).unwrap();
    let seen = seen.lock().unwrap();
    let deleted = only(&seen).into_iter().find(|(call, _)| *call == "delete pin.1");
    assert_eq!(deleted, Some(("delete pin.1", (2, 5, 1, true))));
}

#[test]
fn each_try_evaluates_the_pin_key_once() {
    let home = Home::new();
    let mut vault = home.create();
    home.device.take_calls();
    for digits in [PIN, "8064", PIN] {
        let _ = home.unlock(&mut vault, digits);
    }
    let calls = home.device.take_calls();
    assert_eq!(calls.iter().filter(|call| *call == "eval pin.1").count(), 3);
}
