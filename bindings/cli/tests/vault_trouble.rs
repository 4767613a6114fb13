//! A vault that is busy, newer, damaged, or without its device keys: exit code 10, and nothing lost.

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use support::Place;

#[test]
fn a_vault_that_another_program_holds_is_busy() {
    let place = Place::with_vault();
    place.add_rfc6238("Bank");
    let mut watching = Command::new(env!("CARGO_BIN_EXE_softtoken"))
        .arg("--vault")
        .arg(place.path("vault"))
        .arg("--keys")
        .arg(place.path("keys"))
        .arg("--pin-file")
        .arg(place.path("pin"))
        .args(["watch", "--plain"])
        .stdout(Stdio::piped())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(watching.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let busy = place.run(&["list"]);
    watching.kill().unwrap();
    watching.wait().unwrap();
    assert!(line.starts_with("Bank: "), "{line}");
    busy.error(10, "VaultBusy");
    place.ok(&["list"]);
}

#[test]
fn a_vault_of_a_newer_version_is_left_alone() {
    let place = Place::with_vault();
    let mut bytes = fs::read(place.vault_db()).unwrap();
    // SQLite file format, section 1.3.16: the user version, big-endian at offset 60.
    bytes[60..64].copy_from_slice(&9999_u32.to_be_bytes());
    fs::write(place.vault_db(), &bytes).unwrap();
    let error = place.fails(&["list"], 10, "VaultTooNew");
    assert_eq!(error["found"], 9999);
    assert!(error["known"].as_u64().unwrap() < 9999);
    place.fails(&["init"], 10, "VaultTooNew");
    assert!(fs::read(place.vault_db()).unwrap() == bytes, "untouched");
}

#[test]
fn a_copied_vault_has_no_device_keys() {
    let place = Place::with_vault();
    fs::remove_dir_all(place.path("keys")).unwrap();
    place.fails(&["list"], 10, "DeviceKeyLost");
    place.fails(&["init"], 1, "VaultExists");
    assert_eq!(place.ok(&["status"])["state"], "device_key_lost");
}

#[test]
fn a_damaged_vault_is_kept_and_never_deleted() {
    let place = Place::with_vault();
    fs::write(place.vault_db(), b"this is no vault").unwrap();
    let error = place.fails(&["list"], 10, "VaultDamaged");
    let kept = error["kept_at"].as_str().unwrap().to_owned();
    assert_eq!(fs::read(&kept).unwrap(), b"this is no vault");
    assert_eq!(place.fails(&["list"], 10, "VaultDamaged")["kept_at"], kept, "until there is a new one");
    let status = place.ok(&["status"]);
    assert_eq!((&status["state"], &status["kept_at"]), (&"damaged".into(), &kept.as_str().into()));
    assert_eq!(place.ok(&["doctor"])["findings"][0], "vault_damaged");
    place.ok(&["init"]);
    assert_eq!(place.ok(&["status"])["state"], "locked");
    assert!(fs::exists(kept).unwrap());
}
