//! Blocked, and the way back: `status`, `forgot-pin`, `unlock`.

mod support;

use support::Place;

/// Five wrong PINs.
fn block(place: &Place) {
    let wrong = place.secret("wrong", "111222");
    for _ in 0..5 {
        place.run_without_pin(&["list", "--pin-file", &wrong]).error(6, "WrongPin");
    }
    place.fails(&["list"], 7, "PinBlocked");
}

#[test]
fn the_recovery_code_opens_a_blocked_vault_under_a_new_pin_and_only_once() {
    let place = Place::with_vault();
    let key = "otpauth://totp/one?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let added = place.ok(&["add", key, "--yes"]);
    let code = added["recovery_code"].as_str().expect("shown with the first identity").to_owned();
    block(&place);
    let new = place.secret("new", "83051");
    place.fails(&["unlock", "0000-0000-0000-0", "--new-pin-file", &new], 6, "WrongUnlockCode");
    let opened = place.ok(&["unlock", &code, "--new-pin-file", &new]);
    let next = opened["recovery_code"].as_str().expect("a new one is drawn").to_owned();
    assert_ne!(next, code);
    place.run_without_pin(&["list", "--pin-file", &new]).json();
    for _ in 0..5 {
        place.run_without_pin(&["list", "--pin-file", &place.secret("wrong", "111222")]).error(6, "WrongPin");
    }
    place.fails(&["unlock", &code, "--new-pin-file", &new], 6, "WrongUnlockCode");
    place.ok(&["unlock", &next, "--new-pin-file", &new]);
}

#[test]
fn an_issuer_is_named_with_its_reset_code_while_the_pin_is_blocked() {
    let place = Place::with_vault();
    let manual = ["--manual", "--address", "id.example.org", "--serial-number", "48244-13456"];
    let code = ["--activation-code", "1745-7712-6942-8698", "--offline", "--yes", "--name", "Work"];
    place.ok(&[&["add"], &manual[..], &code[..]].concat());
    block(&place);
    let status = place.ok(&["status"]);
    let ask = &status["ask"][0];
    assert_eq!((&ask["issuer"], &ask["serial"]), (&"id.example.org".into(), &"4824413456".into()));
    assert_eq!(ask["reset_code"].as_str().map(str::len), Some(9));
}

#[test]
fn forgetting_the_pin_needs_a_yes_and_a_way_back() {
    let place = Place::with_vault();
    place.fails(&["forgot-pin", "--yes"], 8, "Unsupported");
    place.add_rfc6238("one");
    // Its recovery code went to a script, which has shown it to nobody.
    place.fails(&["forgot-pin", "--yes"], 8, "Unsupported");
    let manual = ["--manual", "--address", "id.example.org", "--serial-number", "48244-13456"];
    let code = ["--activation-code", "1745-7712-6942-8698", "--offline", "--yes", "--name", "Work"];
    place.ok(&[&["add"], &manual[..], &code[..]].concat());
    place.fails(&["forgot-pin"], 11, "ConsentNeeded");
    assert_eq!(place.ok(&["status"])["state"], "locked");
    assert_eq!(place.ok(&["forgot-pin", "--yes"])["state"], "blocked");
}

#[test]
fn the_log_tells_what_happened_and_needs_the_pin() {
    let place = Place::with_vault();
    place.add_rfc6238("one");
    let wrong = place.secret("wrong", "111222");
    place.run_without_pin(&["list", "--pin-file", &wrong]).error(6, "WrongPin");
    let events = place.ok(&["log"])["events"].as_array().unwrap().clone();
    let kinds: Vec<_> = events.iter().map(|one| one["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["created", "unlocked", "identity_added", "wrong_pin", "unlocked"]);
    assert_eq!((&events[2]["name"], &events[3]["left"]), (&"one".into(), &4.into()));
    assert!(events.iter().all(|one| one["at"].as_u64().is_some_and(|at| at > 1_700_000_000)));
    place.run_without_pin(&["log"]).error(11, "InputNeeded");
}
