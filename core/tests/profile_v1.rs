//! Entrust v1: every row of `entrust_v1.json`, what a policy says, and what a new activation offers.

mod profile;

use std::collections::HashSet;

use profile::{hex, line, number, rows, text, vectors};
use serde_json::Value;
use softtoken_core::activation::entrust_v1::sealed::{OpenedV1, SealedQr, V1Policy};
use softtoken_core::activation::entrust_v1::{V1Details, seed};
use softtoken_core::activation::registration_code;
use softtoken_core::activation::request::Warning;
use softtoken_core::activation::state::TypedFields;
use softtoken_core::codec::decimal::{ActivationCode, RegistrationCode, SerialNumber};
use softtoken_core::otp::{Algorithm, CodeSpec, Digits, Period, totp};
use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;

const FILE: &str = "entrust_v1.json";

fn open(uri: &str, password: &str) -> Result<OpenedV1, String> {
    assert!(SealedQr::looks_like(uri), "{uri}");
    SealedQr::parse(uri).and_then(|sealed| sealed.open(password.as_bytes())).map_err(line)
}

fn codes(row: &Value) -> (SerialNumber, ActivationCode, RegistrationCode) {
    (
        SerialNumber::parse(text(row, "serial")).unwrap(),
        ActivationCode::parse(text(row, "activation_code")).unwrap(),
        RegistrationCode::parse(text(row, "registration_code")).unwrap(),
    )
}

#[test]
fn every_sealed_row_opens_to_what_its_plaintext_says() {
    let file = vectors(FILE);
    for row in rows(&file, FILE, "secure_qr") {
        let opened = open(text(row, "uri"), text(row, "password")).unwrap();
        let plaintext: Value = serde_json::from_str(text(row, "plaintext")).unwrap();
        assert_eq!(opened.details.serial.grouped(), text(&plaintext, "sn"), "{row}");
        assert_eq!(opened.details.activation_code.grouped().as_str(), text(&plaintext, "ac"), "{row}");
        assert_eq!(opened.policy_text.as_deref(), plaintext["policy"].as_str(), "{row}");
        assert_eq!(opened.registration_url.as_deref(), plaintext["regurl"].as_str(), "{row}");
    }
}

#[test]
fn every_negative_row_is_refused_as_listed() {
    let file = vectors(FILE);
    for row in rows(&file, FILE, "secure_qr_negative") {
        let refused = open(text(row, "uri"), text(row, "password")).err().unwrap();
        let class = match refused.split(' ').next().unwrap() {
            "WrongPassword" => "bad_password_or_tampered",
            "NotUnderstood" => "malformed",
            "Unsupported" => "unsupported",
            other => other,
        };
        assert_eq!(class, text(row, "result"), "{refused}: {row}");
    }
}

#[test]
fn every_seed_row_gives_the_listed_seed_and_codes() {
    let file = vectors(FILE);
    for row in rows(&file, FILE, "seed") {
        let (serial, activation_code, registration_code) = codes(row);
        assert_eq!(hex(&activation_code.value().to_be_bytes()[1..]), text(row, "ac7_hex"), "{row}");
        assert_eq!(hex(&registration_code.value().to_be_bytes()[4..]), text(row, "rc4_hex"), "{row}");
        assert_eq!(&text(row, "rc4_hex")[4..], text(row, "rng2_hex"), "{row}");
        assert_eq!(serial.digits(), text(row, "pbkdf2_salt_ascii"), "{row}");
        let seed = seed(&serial, &activation_code, &registration_code, row["policy_in_seed"].as_str());
        assert_eq!(hex(seed.expose()), text(row, "seed_hex"), "{row}");
        for code in row["totp_sha256_30s"].as_array().unwrap() {
            let time = UnixTime(number(code, "time"));
            let (six, eight) = (Digits::SIX, Digits::EIGHT);
            for (digits, expected) in [(six, text(code, "otp6")), (eight, text(code, "otp8"))] {
                let made = totp(seed.expose(), time, 0, Period::THIRTY, Algorithm::Sha256, digits);
                assert_eq!(made.as_str(), expected, "{row}");
            }
        }
    }
}

#[test]
fn a_token_is_brought_over_with_its_seed_and_its_digits() {
    let file = vectors(FILE);
    let row = &file["secure_qr"][0];
    let details = open(text(row, "uri"), text(row, "password")).unwrap().details;
    let code = RegistrationCode::parse("12211-49352").unwrap();
    let offer = details.bring_over(&code, None);
    assert_eq!(hex(offer.credential.secret.expose()), text(&file["seed"][0], "seed_hex"));
    assert_eq!((offer.issuer.as_str(), offer.serial.as_deref()), ("myid.umc.edu", Some("4824413456")));
    assert_eq!(offer.warnings, [Warning::Legacy]);
    let spec =
        |digits| CodeSpec::Totp { algorithm: Algorithm::Sha256, digits, period: Period::THIRTY, t0: 0 };
    assert_eq!(offer.credential.spec, spec(Digits::SIX));
    assert_eq!(details.bring_over(&code, Some(Digits::EIGHT)).credential.spec, spec(Digits::EIGHT));
}

#[test]
fn a_new_activation_says_beforehand_that_the_vendor_may_refuse_it() {
    let fields = TypedFields {
        address: String::new(),
        serial_number: "48244-13456".into(),
        activation_code: "1745-7712-6942-8698".to_owned().into(),
    };
    let details = V1Details::from_typed(fields.check_v1().map_err(profile::lines).unwrap());
    let (offer, code) = details.activate(&Random::seeded(1), None).unwrap();
    assert_eq!(offer.warnings, [Warning::Legacy, Warning::VendorMayRefuse]);
    assert_eq!((offer.issuer.as_str(), offer.account.as_str()), ("", ""));
    let again = details.bring_over(&code, None);
    assert!(
        offer.credential.secret.ct_eq(again.credential.secret.expose()),
        "the seed is that of the shown code"
    );
}

#[test]
fn the_published_registration_code_has_the_listed_parts() {
    let file = vectors(FILE);
    let (_, _, code) = codes(&file["seed"][0]);
    let facts = &file["registration_code"];
    assert_eq!(code.value() >> 16, number(facts, "sample_upper"));
    assert_eq!(code.digits().len() as u64, number(facts, "digits"));
    eprintln!("vectors: {FILE} 1 rows (registration_code)");
}

#[test]
fn registration_codes_cover_their_ranges() {
    let random = Random::seeded(7);
    let values: Vec<u64> = (0..4000).map(|_| registration_code::draw_v1(&random).unwrap().value()).collect();
    assert!(values.iter().all(|value| *value <= 999_999_999 && value >> 16 <= 15_258));
    let bits = |shift: u32| values.iter().map(|value| (value >> shift) & 0xff).collect::<HashSet<_>>().len();
    assert_eq!((bits(0), bits(8), bits(16)), (256, 256, 256), "low, high byte of rng, low byte of the rest");
    let drawn: HashSet<u64> = (0..4000).map(|_| registration_code::draw(&random).unwrap().value()).collect();
    assert!(drawn.len() > 3990 && drawn.iter().all(|value| *value <= 999_999_999));
}

#[test]
fn a_policy_is_read_where_it_is_understood() {
    let file = vectors(FILE);
    let row = &file["secure_qr"][0];
    let mut opened = open(text(row, "uri"), text(row, "password")).unwrap();
    let said = V1Policy { allow_unsecured: Some(false), trusted_execution_allowed: Some(false) };
    assert_eq!(opened.policy(), said);
    for (policy, allow_unsecured, trusted_execution_allowed) in [
        (r#"{"allowUnsecured":true,"trustedExecution":"ALLOWED","else":[1]}"#, Some(true), Some(true)),
        (r#"{"allowUnsecured":"TRUE"}"#, Some(true), None),
        (r#"{"allowUnsecured":"maybe","trustedExecution":7}"#, None, None),
        ("[]", None, None),
        ("not JSON", None, None),
    ] {
        opened.policy_text = Some(policy.into());
        assert_eq!(opened.policy(), V1Policy { allow_unsecured, trusted_execution_allowed }, "{policy}");
    }
    opened.policy_text = None;
    assert_eq!(opened.policy(), V1Policy::default());
}

#[test]
fn a_password_is_eight_digits_and_nothing_else() {
    let uri = text(&vectors(FILE)["secure_qr"][1], "uri").to_owned();
    assert!(open(&uri, "00000042").is_ok(), "leading zeros count");
    assert!(open(&uri, "0000 0042").is_ok(), "as it is shown");
    for (password, why) in [
        ("42", "NotUnderstood Password TooShort"),
        ("0000042", "NotUnderstood Password TooShort"),
        ("000000042", "NotUnderstood Password TooLong"),
        ("", "NotUnderstood Password Empty"),
        ("0000004x", "NotUnderstood Password BadCharacter 7"),
        ("0000 042", "NotUnderstood Password TooShort"),
        ("0000.0042", "NotUnderstood Password BadCharacter 4"),
        ("00000043", "WrongPassword"),
        ("00000420", "WrongPassword"),
    ] {
        assert_eq!(open(&uri, password).err().unwrap(), why);
    }
}
