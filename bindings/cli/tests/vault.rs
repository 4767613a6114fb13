//! `init`, `status`, `change-pin`: the PIN, the folders, and every state that a vault can be in.

mod support;

use support::{PIN, Place, set_mode};

#[test]
fn without_a_vault_every_command_but_init_says_so() {
    let place = Place::fresh();
    for args in [
        &["list"][..],
        &["codes"],
        &["next", "x"],
        &["respond", "x", "1"],
        &["resync", "x"],
        &["rename", "x", "y"],
        &["move", "x", "1"],
        &["remove", "x", "--yes"],
        &["policy"],
        &["change-pin", "--new-pin-file", "pin"],
        &["add", support::LINK, "--yes"],
        &["import", "pin", "--yes"],
        &["complete", "x"],
        &["abandon", "x"],
        &["resume", "x"],
    ] {
        assert_eq!(place.fails(args, 11, "InputNeeded")["what"], "vault", "{args:?}");
    }
    assert_eq!(place.ok(&["status"])["state"], "fresh");
    assert!(!place.vault_db().exists());
}

#[test]
fn init_makes_a_vault_that_status_shows_locked_without_a_pin() {
    let place = Place::fresh();
    assert_eq!(place.ok(&["init"])["ok"], true);
    let ended = place.run_without_pin(&["status"]);
    assert_eq!(ended.code, 0);
    let status = ended.json();
    assert_eq!((&status["state"], &status["attempts_left"]), (&"locked".into(), &5.into()));
    assert_eq!((&status["identities"], &status["assurance"]), (&0.into(), &"software".into()));
    assert!(status["ask"].as_array().unwrap().is_empty());
    place.fails(&["init"], 1, "VaultExists");
}

#[test]
fn a_weak_pin_is_refused_with_the_reason() {
    let place = Place::fresh();
    place.secret("pin", "1234");
    assert_eq!(place.fails(&["init"], 1, "PinRefused")["problem"], "run");
    place.secret("pin", "49");
    let error = place.fails(&["init"], 1, "PinRefused");
    assert_eq!((&error["problem"], &error["min"]), (&"too_short".into(), &4.into()));
    place.secret("pin", "49a751");
    assert_eq!(place.fails(&["init"], 1, "PinRefused")["problem"], "not_digits");
    assert_eq!(place.ok(&["status"])["state"], "fresh");
}

#[test]
fn a_script_without_a_pin_hears_that_one_is_needed() {
    let place = Place::fresh();
    assert_eq!(place.run_without_pin(&["init"]).error(11, "InputNeeded")["what"], "new_pin");
    place.ok(&["init"]);
    assert_eq!(place.run_without_pin(&["list"]).error(11, "InputNeeded")["what"], "pin");
}

#[test]
fn the_device_keys_are_outside_the_vault_and_private() {
    let place = Place::with_vault();
    let vault_files: Vec<_> = std::fs::read_dir(place.path("vault")).unwrap().collect();
    assert!(vault_files.iter().all(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_str().unwrap().starts_with("vault.")
    }));
    let folders: Vec<_> = std::fs::read_dir(place.path("keys")).unwrap().map(Result::unwrap).collect();
    assert_eq!(folders.len(), 1, "one folder, named after the vault's id");
    assert_eq!(folders[0].file_name().len(), 32);
    assert!(std::fs::read_dir(folders[0].path()).unwrap().count() >= 2);
}

#[test]
fn five_wrong_pins_count_down_and_then_the_pin_is_blocked() {
    let place = Place::with_vault();
    let wrong = place.secret("wrong", "111222");
    let try_it = || place.run_without_pin(&["list", "--pin-file", &wrong]);
    for left in (0..5).rev() {
        assert_eq!(try_it().error(6, "WrongPin")["attempts_left"], left);
    }
    try_it().error(7, "PinBlocked");
    place.fails(&["list"], 7, "PinBlocked");
    assert_eq!(place.ok(&["status"])["state"], "blocked");
}

#[test]
fn the_right_pin_gives_all_tries_back() {
    let place = Place::with_vault();
    let wrong = place.secret("wrong", "111222");
    place.run_without_pin(&["list", "--pin-file", &wrong]).error(6, "WrongPin");
    assert_eq!(place.ok(&["status"])["attempts_left"], 4);
    place.ok(&["list"]);
    assert_eq!(place.ok(&["status"])["attempts_left"], 5);
}

#[test]
fn change_pin_opens_with_the_new_one_only() {
    let place = Place::with_vault();
    place.add_rfc6238("kept");
    let new = place.secret("new", "70318264\n");
    place.ok(&["change-pin", "--new-pin-file", &new]);
    place.fails(&["list"], 6, "WrongPin");
    assert_eq!(place.run_without_pin(&["list", "--pin-file", &new]).json()["identities"][0]["name"], "kept");
}

#[test]
fn change_pin_refuses_a_wrong_present_pin_and_a_weak_new_one() {
    let place = Place::with_vault();
    let (wrong, weak) = (place.secret("wrong", "111222"), place.secret("weak", "0000"));
    let ended = place.run_without_pin(&["change-pin", "--pin-file", &wrong, "--new-pin-file", &weak]);
    assert_eq!(ended.error(6, "WrongPin")["attempts_left"], 4);
    place.fails(&["change-pin", "--new-pin-file", &weak], 1, "PinRefused");
    place.ok(&["list"]);
}

#[cfg(unix)]
#[test]
fn a_pin_file_that_others_may_read_is_refused_unless_told_otherwise() {
    let place = Place::with_vault();
    set_mode(&place.path("pin"), 0o644);
    assert_eq!(place.fails(&["list"], 2, "File")["problem"], "open_to_others");
    place.ok(&["list", "--insecure-files"]);
}

#[test]
fn the_pin_may_come_from_standard_input() {
    let place = Place::with_vault();
    let mut command = place.command(&["list", "--pin-file", "-"]);
    command.stdin(std::process::Stdio::piped());
    let ended = support::ended(command.spawn().unwrap(), format!("{PIN}\n").as_bytes());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

#[test]
fn a_missing_pin_file_is_named() {
    let place = Place::with_vault();
    let error = place.run_without_pin(&["list", "--pin-file", "no-such-file"]).error(1, "File");
    assert_eq!((&error["problem"], &error["file"]), (&"missing".into(), &"no-such-file".into()));
}
