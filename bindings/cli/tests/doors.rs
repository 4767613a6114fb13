//! The other front doors: pictures, MobilePASS, mOTP, two-step, and files to import.

mod support;

use qrcodegen::{QrCode, QrCodeEcc};
use serde_json::Value;
use support::{LINK, Place};

fn vectors(name: &str) -> Value {
    let file = format!("{}/../../tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// A grey picture (PGM) of QR codes side by side.
fn picture(texts: &[&str]) -> Vec<u8> {
    let encode = |text: &&str| QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
    let codes: Vec<QrCode> = texts.iter().map(encode).collect();
    let side = codes.iter().map(QrCode::size).max().unwrap() + 2 * QUIET;
    let (width, height) = (side * i32::try_from(codes.len()).unwrap() * MODULE, side * MODULE);
    let mut bytes = format!("P5\n{width} {height}\n255\n").into_bytes();
    for y in 0..height {
        for x in 0..width {
            let (column, row) = (x / MODULE, y / MODULE);
            let code = &codes[usize::try_from(column / side).unwrap()];
            // Outside of the code every module is light.
            let dark = code.get_module(column % side - QUIET, row - QUIET);
            bytes.push(if dark { 0 } else { 255 });
        }
    }
    bytes
}

/// Pixels of a module, and modules of light around a code.
const MODULE: i32 = 4;
const QUIET: i32 = 4;

#[test]
fn a_picture_of_one_code_is_read() {
    let place = Place::with_vault();
    let file = place.secret("one.pgm", picture(&[LINK]));
    assert_eq!(place.ok(&["add", "--qr", &file, "--yes"])["added"][0]["name"], "Example: alice");
}

#[test]
fn among_several_codes_one_has_to_be_picked() {
    let place = Place::with_vault();
    let other = LINK.replace("alice", "bob");
    let file = place.secret("two.pgm", picture(&[LINK, &other]));
    let error = place.fails(&["add", "--qr", &file, "--yes"], 11, "InputNeeded");
    assert_eq!((&error["what"], &error["count"]), (&"choice".into(), &2.into()));
    assert_eq!(place.run(&["add", "--qr", &file, "--pick", "3", "--yes"]).code, 2);
    place.ok(&["add", "--qr", &file, "--pick", "2", "--yes"]);
    assert_eq!(place.names(), ["Example: bob"]);
}

#[test]
fn what_is_no_picture_or_has_no_code_is_said_so() {
    let place = Place::with_vault();
    let text = place.secret("text.png", "hello");
    let error = place.fails(&["add", "--qr", &text, "--yes"], 3, "NotUnderstood");
    assert_eq!((&error["part"], &error["problem"]), (&"picture".into(), &"unknown".into()));
    let mut empty = b"P5\n64 64\n255\n".to_vec();
    empty.extend([255; 64 * 64]);
    let empty = place.secret("empty.pgm", empty);
    assert_eq!(place.fails(&["add", "--qr", &empty, "--yes"], 3, "NotUnderstood")["problem"], "missing");
    assert_eq!(place.fails(&["add", "--qr", "nowhere.png", "--yes"], 1, "File")["problem"], "missing");
}

#[test]
fn import_adds_all_codes_of_a_picture() {
    let place = Place::with_vault();
    let foreign = format!("https://example.com/{}", "x".repeat(LINK.len() - 20));
    let pages = place.secret("pages.pgm", picture(&[LINK, &foreign, &LINK.replace("alice", "bob")]));
    let answer = place.ok(&["import", &pages, "--yes"]);
    assert_eq!(answer["added"].as_array().unwrap().len(), 2, "{answer}");
    assert_eq!(answer["refused"][0]["error"]["kind"], "NotForThisApp");
    assert_eq!(place.names(), ["Example: alice", "Example: bob"]);
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
