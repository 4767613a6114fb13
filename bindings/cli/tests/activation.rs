//! Activations that a portal has to complete: typed values and Entrust v1, without an issuer that answers.

mod support;

use serde_json::Value;
use support::Place;

/// Serial number and activation code with right check digits, not given out by anybody.
const MANUAL: [&str; 8] = [
    "add",
    "--manual",
    "--address",
    "login.example.com",
    "--serial-number",
    "48244-13456",
    "--activation-code",
    "1745-7712-6942-8698",
];

fn manual(place: &Place, more: &[&str]) -> support::Ended {
    place.run(&[&MANUAL[..], more].concat())
}

fn pending() -> (Place, Value) {
    let place = Place::with_vault();
    let answer = manual(&place, &["--offline", "--yes", "--name", "Bank"]).json();
    let identity = answer["added"][0].clone();
    (place, identity)
}

#[test]
fn typed_values_end_with_a_registration_code_and_a_pending_identity() {
    let (place, identity) = pending();
    assert_eq!((&identity["name"], &identity["state"]), (&"Bank".into(), &"pending".into()));
    let code = identity["registration_code"].as_str().unwrap();
    assert_eq!(code.chars().filter(char::is_ascii_digit).count(), 10, "{code}");
    assert_eq!((&identity["kind"], &identity["digits"]), (&"totp".into(), &8.into()));
    assert_eq!(place.ok(&["list"])["identities"][0], identity);
    let codes = place.ok(&["codes"]);
    assert_eq!(codes["codes"][0]["name"], "Bank");
    assert_eq!(codes["codes"][0]["code"].as_str().unwrap().len(), 8);
}

#[test]
fn complete_makes_it_active_with_the_same_codes_and_may_be_said_twice() {
    let (place, identity) = pending();
    let before = place.ok(&["codes", "Bank", "--at", "1741011292"])["codes"][0]["code"].clone();
    let completed = place.ok(&["complete", "Bank"])["identity"].clone();
    assert_eq!((&completed["id"], &completed["state"]), (&identity["id"], &"active".into()));
    assert!(completed["registration_code"].is_null());
    assert_eq!(place.ok(&["codes", "Bank", "--at", "1741011292"])["codes"][0]["code"], before);
    place.ok(&["complete", "Bank"]);
}

#[test]
fn abandon_frees_the_name_and_never_touches_an_active_identity() {
    let (place, _) = pending();
    place.ok(&["abandon", "Bank"]);
    assert!(place.names().is_empty());
    place.add_rfc6238("Bank");
    place.fails(&["abandon", "Bank"], 1, "StaleInput");
    assert_eq!(place.names(), ["Bank"]);
}

#[test]
fn a_pending_identity_reserves_its_name() {
    let (place, _) = pending();
    place.fails(&["add", support::LINK, "--name", "bank", "--yes"], 4, "NameTaken");
}

#[test]
fn resume_shows_the_registration_code_again() {
    let (place, identity) = pending();
    let again = place.ok(&["resume", "Bank"])["identity"].clone();
    assert_eq!(again["registration_code"], identity["registration_code"]);
    let page = place.text(&["resume", "Bank"]);
    assert!(page.contains(identity["registration_code"].as_str().unwrap()), "{page}");
    assert!(page.contains("softtoken complete \"Bank\""), "{page}");
}

#[test]
fn typing_the_same_again_continues_the_pending_one() {
    let (place, identity) = pending();
    let again = manual(&place, &["--offline", "--yes"]).json();
    assert_eq!(again["added"][0]["registration_code"], identity["registration_code"]);
    assert_eq!(place.names(), ["Bank"]);
}

#[test]
fn without_network_the_activation_stays_pending_and_both_ways_out_are_named() {
    let place = Place::with_vault();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (mut args, address) = (MANUAL, format!("127.0.0.1:{port}"));
    args[3] = &address;
    let error = place.run(&[&args[..], &["--yes", "--name", "Bank"]].concat()).error(9, "NoNetwork");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("--offline") && message.contains("softtoken resume"), "{message}");
    let identity = place.ok(&["list"])["identities"][0].clone();
    assert_eq!((&identity["name"], &identity["state"]), (&"Bank".into(), &"pending".into()));
    let answer = place.ok(&[&args[..], &["--yes", "--offline"]].concat());
    assert!(answer["added"][0]["registration_code"].is_string(), "{answer}");
    assert_eq!(place.names(), ["Bank"]);
}

#[test]
fn a_mistyped_digit_is_found_by_its_check_digit() {
    let place = Place::with_vault();
    let mut args = MANUAL;
    args[5] = "48244-13465";
    let error = place.run(&[&args[..], &["--offline", "--yes"]].concat()).error(3, "NotUnderstood");
    assert_eq!((&error["part"], &error["problem"]), (&"serial_number".into(), &"check_digit".into()));
    assert!(error["message"].as_str().unwrap().contains("swap"), "{error}");
}

#[test]
fn missing_details_are_needed() {
    let place = Place::with_vault();
    let error = place.fails(&["add", "--manual", "--address", "a.example", "--yes"], 11, "InputNeeded");
    assert_eq!(error["what"], "details");
}

fn entrust() -> Value {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/entrust_v1.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn a_completed_entrust_token_is_brought_over_with_its_codes() {
    let vectors = entrust();
    let mut rows = 0;
    for row in vectors["seed"].as_array().unwrap().iter().filter(|row| row["policy_in_seed"].is_null()) {
        let place = Place::with_vault();
        let text = |field: &str| row[field].as_str().unwrap();
        let answer = place.ok(&[
            "add",
            "--manual",
            "--entrust-v1",
            "--serial-number",
            text("serial"),
            "--activation-code",
            text("activation_code"),
            "--registration-code",
            text("registration_code"),
            "--name",
            "old",
            "--yes",
        ]);
        let added = &answer["added"][0];
        assert_eq!((&added["state"], &added["badge"]), (&"active".into(), &"legacy".into()));
        for otp in row["totp_sha256_30s"].as_array().unwrap() {
            let sheet = place.ok(&["codes", "old", "--at", &otp["time"].to_string()]);
            assert_eq!(sheet["codes"][0]["code"], otp["otp6"]);
            rows += 1;
        }
    }
    eprintln!("vectors: entrust_v1.json {rows} rows");
    assert!(rows >= 5);
}

#[test]
fn a_sealed_qr_text_needs_its_password() {
    let vectors = entrust();
    let sample = &vectors["secure_qr"][0];
    let (text, place) = (sample["uri"].as_str().unwrap(), Place::with_vault());
    assert_eq!(place.fails(&["add", text, "--yes"], 11, "InputNeeded")["what"], "password");
    let wrong = place.secret("password", "00000000");
    place.fails(&["add", text, "--password-file", &wrong, "--yes"], 6, "WrongPassword");
    let right = place.secret("password", sample["password"].as_str().unwrap());
    let answer = place.ok(&["add", text, "--password-file", &right, "--name", "v1", "--yes"]);
    let added = &answer["added"][0];
    assert_eq!((&added["state"], &added["badge"]), (&"pending".into(), &"legacy".into()));
    assert_eq!(added["digits"], 6);
    assert!(added["registration_code"].is_string());
}
