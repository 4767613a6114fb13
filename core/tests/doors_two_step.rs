//! privacyIDEA's two-step enrolment against the values of its own code.

mod doors_support;

use doors_support::*;
use softtoken_core::activation::otpauth::{self, Parsed};
use softtoken_core::activation::request::Warning;
use softtoken_core::activation::two_step::{TwoStep, base32check};
use softtoken_core::codec::{base32, hex};

const LINK: &str = "otpauth://totp/T?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn two_step(link: &str) -> TwoStep {
    match otpauth::parse(link) {
        Ok(Parsed::TwoStep(two_step)) => two_step,
        Ok(Parsed::Account(_)) => panic!("complete: {link}"),
        Err(refusal) => panic!("{}: {link}", describe(&refusal)),
    }
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    if hexadecimal.is_empty() {
        return Vec::new();
    }
    hex::decode(hexadecimal).ok().unwrap().expose().to_vec()
}

/// The server's check: no separators, Base32, and the first four bytes of the SHA-1 of the rest.
fn server_accepts(text: &str) -> bool {
    let decoded = base32::decode(text).map(|bytes| bytes.expose().to_vec()).unwrap_or_default();
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric());
    plain
        && decoded.split_at_checked(4).is_some_and(|(check, payload)| {
            base32::decode(&base32check(payload)).ok().unwrap().expose().starts_with(check)
        })
}

#[test]
fn every_run_gives_the_secret_the_check_text_and_the_codes() {
    let file = vectors("pi_2step.json");
    for row in rows(&file, "two_step") {
        let two_step = two_step(text(row, "uri"));
        assert_eq!(secret_hex(two_step.offer()), text(row, "server_component_hex"));
        assert_eq!(u64::from(two_step.rounds()), number(&row["rounds"]));
        assert_eq!(two_step.output_len() as u64, number(&row["output"]));
        let client_part = bytes(text(row, "client_component_hex"));
        assert_eq!(two_step.salt_len(), client_part.len());
        let (offer, check) = two_step.finish(&client_part).ok().unwrap();
        assert_eq!(check.as_str(), text(row, "base32check"));
        assert_eq!(secret_hex(&offer), text(row, "final_secret_hex"));
        assert_eq!(offer.serial.as_deref(), Some("TEST0001"));
        for otp in rows(row, "otp") {
            assert_eq!(code(&offer, otp), text(otp, "value"));
        }
    }
    for row in rows(&file, "base32check") {
        let check = base32check(&bytes(text(row, "payload_hex")));
        assert_eq!(check.as_str(), text(row, "encoded"));
        assert_eq!(check.len() as u64, number(&row["len"]));
        assert!(server_accepts(&check));
    }
    for row in rows(&file, "base32check_bad") {
        assert_eq!(server_accepts(text(row, "encoded")), row["server_accepts"], "{row}");
    }
    let count = ["two_step", "base32check", "base32check_bad"].map(|key| rows(&file, key).len());
    assert_eq!(count, [5, 5, 5]);
    let later = rows(&file["push"], "challenges").len() + rows(&file["push"], "answers").len();
    eprintln!("vectors: pi_2step.json 15 rows ({later} push rows are for later)");
}

#[test]
fn a_single_parameter_asks_for_two_steps_and_the_hash_gives_the_length() {
    let plain = two_step(&format!("{LINK}&2step_difficulty="));
    assert_eq!((plain.salt_len(), plain.output_len(), plain.rounds()), (8, 20, 10_000));
    let sha512 = two_step(&format!("{LINK}&algorithm=SHA512&2step_salt=10"));
    assert_eq!((sha512.salt_len(), sha512.output_len(), sha512.rounds()), (10, 64, 10_000));
}

#[test]
fn the_limits_are_the_last_that_are_taken() {
    for extra in ["2step_salt=1", "2step_salt=64", "2step_output=16", "2step_output=64"] {
        two_step(&format!("{LINK}&{extra}"));
    }
    assert_eq!(two_step(&format!("{LINK}&2step_difficulty=1")).rounds(), 1);
    assert_eq!(two_step(&format!("{LINK}&2step_difficulty=1000000")).rounds(), 1_000_000);
    for extra in [
        "2step_salt=0",
        "2step_salt=65",
        "2step_output=15",
        "2step_output=65",
        "2step_difficulty=0",
        "2step_difficulty=1000001",
        "2step_difficulty=4294967296",
    ] {
        assert_eq!(refused(&format!("{LINK}&{extra}")), "NotUnderstood TwoStep OutOfRange", "{extra}");
    }
}

#[test]
fn a_part_of_another_length_is_refused() {
    for length in [0, 7, 9] {
        let result = two_step(&format!("{LINK}&2step_salt=8")).finish(&vec![1; length]);
        assert_eq!(result.err().map(|r| describe(&r)).unwrap(), "NotUnderstood TwoStep Mismatch");
    }
}

#[test]
fn warnings_about_the_servers_part_do_not_outlive_it() {
    let link = "otpauth://hotp/T?secret=JBSWY3DPEHPK3PXPJ&2step_difficulty=1";
    let warnings = &two_step(link).offer().warnings.clone();
    assert_eq!(*warnings, [Warning::ShortSecret, Warning::LeftoverBits, Warning::CounterMissing]);
    let (offer, _) = two_step(link).finish(&[1; 8]).ok().unwrap();
    assert_eq!(offer.warnings, [Warning::CounterMissing]);
}
