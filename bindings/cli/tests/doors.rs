//! The other front doors: MobilePASS, mOTP, two-step, and files to import.

mod support;

use serde_json::Value;
use support::{LINK, Place};

fn vectors(name: &str) -> Value {
    let file = format!("{}/../../tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn import_adds_the_lines_of_all_lists_and_names_what_it_cannot() {
    let place = Place::with_vault();
    let link = |name: &str| LINK.replace("alice", name);
    let one = place.secret("one.txt", LINK);
    let two = place.secret("two.txt", format!("{}\nnot a link\n{}\n", link("bob"), link("carol")));
    let answer = place.ok(&["import", &one, &two, "--yes"]);
    assert_eq!(answer["added"].as_array().unwrap().len(), 3);
    let refused = &answer["refused"][0];
    assert_eq!((&refused["entry"], &refused["file"]), (&2.into(), &two.as_str().into()));
    assert_eq!(place.names(), ["Example: alice", "Example: bob", "Example: carol"]);
}

#[test]
fn one_bad_file_does_not_stop_the_others() {
    let place = Place::with_vault();
    let good = place.secret("good.txt", LINK);
    let answer = place.ok(&["import", "nowhere.txt", &good, "--yes"]);
    assert_eq!(answer["added"].as_array().unwrap().len(), 1);
    let refused = &answer["refused"][0];
    assert_eq!((&refused["error"]["kind"], &refused["file"]), (&"File".into(), &"nowhere.txt".into()));
    assert!(refused["entry"].is_null());
}

#[test]
fn import_without_a_yes_adds_nothing() {
    let place = Place::with_vault();
    let list = place.secret("list.txt", LINK);
    place.fails(&["import", &list], 11, "ConsentNeeded");
    assert_eq!(place.fails(&["import", "nowhere", "--yes"], 1, "File")["problem"], "missing");
    assert!(place.names().is_empty());
}

#[test]
fn import_reads_pskc_with_password_key_or_nothing() {
    let mut rows = 0;
    for document in vectors("pskc.json")["documents"].as_array().unwrap() {
        let place = Place::with_vault();
        let file = place.secret("tokens.xml", document["xml"].as_str().unwrap());
        if let Some(secret) = document["unlock"]["value"].as_str() {
            assert_eq!(place.fails(&["import", &file, "--yes"], 11, "InputNeeded")["what"], "password");
            let password = place.secret("password", secret);
            place.ok(&["import", &file, "--password-file", &password, "--yes"]);
        } else {
            place.ok(&["import", &file, "--yes"]);
        }
        let (expect, name) = (&document["expect"], place.names().remove(0));
        let row = match expect["type"].as_str().unwrap() {
            "totp" => {
                let at = expect["check"]["time"].to_string();
                place.ok(&["codes", &name, "--at", &at])["codes"][0].clone()
            }
            "hotp" => place.ok(&["next", &name]),
            _ => {
                let challenge = expect["check"]["question"].as_str().unwrap();
                let row = place.ok(&["respond", &name, challenge]);
                assert_eq!(row["challenge"], challenge);
                assert!(place.ok(&["codes"])["codes"][0]["code"].is_null());
                assert_eq!(place.fails(&["respond", &name, "abc!"], 3, "NotUnderstood")["part"], "challenge");
                row
            }
        };
        let code = expect["check"]["code"].as_str().or(expect["check"]["response"].as_str()).unwrap();
        assert_eq!(row["code"], code, "{}", document["label"]);
        rows += 1;
    }
    eprintln!("vectors: pskc.json {rows} rows");
    assert!(rows >= 5);
}

#[test]
fn mobilepass_is_event_based() {
    let place = Place::with_vault();
    place.ok(&["add", "--mobilepass", "QVKYC-FM6KO-SY6F7-TR22W", "--name", "pass", "--yes"]);
    let row = place.ok(&["next", "pass"]);
    assert_eq!((&row["code"], &row["counter"]), (&"374844".into(), &0.into()));
    let policy = ["--mobilepass-policy", "18888710", "--name", "other", "--yes"];
    place.ok(&[&["add", "--mobilepass", "QVKYC-FM6KO-SY6F7-TR22W"][..], &policy].concat());
    assert_eq!(place.ok(&["next", "other"])["code"], "310551");
    place.fails(&["add", "--mobilepass", "QVKYC", "--name", "x", "--yes"], 3, "NotUnderstood");
}

#[test]
fn motp_needs_the_pin_of_the_identity() {
    let place = Place::with_vault();
    let text = "motp://Bank:alice?secret=e3152afee62599c8";
    assert_eq!(place.fails(&["add", text, "--yes"], 11, "InputNeeded")["what"], "otp_pin");
    let pin = place.secret("otp-pin", "1234");
    place.ok(&["add", text, "--otp-pin-file", &pin, "--name", "motp", "--yes"]);
    assert_eq!(place.ok(&["codes", "motp", "--at", "165892298"])["codes"][0]["code"], "e7d8b6");
}

#[test]
fn a_two_step_text_shows_what_to_type_at_the_portal() {
    let place = Place::with_vault();
    let text = "otpauth://totp/TEST0001?secret=AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQT&period=30&digits=6&creator=privacyidea&issuer=privacyIDEA&serial=TEST0001&2step_salt=8&2step_output=20&2step_difficulty=10000";
    let added = place.ok(&["add", text, "--yes"])["added"][0].clone();
    assert_eq!(added["state"], "pending");
    assert!(added["registration_code"].as_str().unwrap().len() >= 16, "{added}");
    let id = added["id"].as_str().unwrap();
    assert_eq!(place.ok(&["complete", id])["identity"]["state"], "active");
}

#[test]
fn a_foreign_text_cannot_paint_the_terminal() {
    let place = Place::with_vault();
    let text = LINK.replace("alice", "ev%1B%5B31mil");
    let ended = place.run(&["add", &text, "--yes"]);
    if ended.code == 0 {
        let shown = place.text(&["list"]);
        assert!(!shown.contains('\u{1b}'), "{shown}");
    } else {
        ended.error(3, "NotUnderstood");
    }
}
