//! `backup` and `restore`, from outside.

mod support;

use support::Place;

#[test]
fn a_backup_restores_on_another_device_and_overwrites_no_name() {
    let place = Place::with_vault();
    place.add_rfc6238("one");
    place.add_rfc6238("two");
    let file = place.path("desk.softtoken").display().to_string();
    let password = place.secret("password", "correct horse\n");
    let made = place.ok(&["backup", &file, "--password-file", &password]);
    assert_eq!((&made["identities"], made["left_out"].as_array().unwrap().len()), (&2.into(), 0));

    let other = Place::with_vault();
    other.add_rfc6238("TWO");
    let password = other.secret("password", "correct horse");
    let restored = other.ok(&["restore", &file, "--password-file", &password]);
    assert_eq!(restored["added"].as_array().unwrap().len(), 2);
    assert_eq!(other.names(), ["TWO", "one", "two (2)"]);
    let code =
        |place: &Place, name: &str| place.ok(&["codes", name, "--at", "59"])["codes"][0]["code"].clone();
    assert_eq!(code(&other, "one"), code(&place, "one"));
}

#[test]
fn a_pending_identity_is_left_out_and_named() {
    let place = Place::with_vault();
    let pending = "otpauth://totp/T?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&2step_salt=8&2step_output=20&2step_difficulty=1000";
    place.ok(&["add", pending, "--yes", "--name", "Two"]);
    let file = place.path("b.softtoken").display().to_string();
    let password = place.secret("password", "correct horse");
    let made = place.ok(&["backup", &file, "--password-file", &password]);
    assert_eq!(
        (&made["left_out"][0]["name"], &made["left_out"][0]["reason"]),
        (&"Two".into(), &"pending".into())
    );
}

#[test]
fn a_short_password_a_wrong_one_and_a_damaged_file_are_refused() {
    let place = Place::with_vault();
    place.add_rfc6238("one");
    let path = place.path("b.softtoken");
    let file = path.display().to_string();
    let short = place.secret("short", "seven77");
    place.fails(&["backup", &file, "--password-file", &short], 3, "NotUnderstood");
    assert!(!path.exists(), "nothing was written");
    let right = place.secret("right", "correct horse");
    place.ok(&["backup", &file, "--password-file", &right]);
    let wrong = place.secret("wrong", "correct zebra");
    place.fails(&["restore", &file, "--password-file", &wrong], 6, "WrongPassword");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    place.fails(&["restore", &file, "--password-file", &right], 3, "NotUnderstood");
    assert_eq!(place.names(), ["one"]);
}
