//! Activation without network: every offline row of `activation_v2.json` with its intermediate values.

mod profile;

use std::sync::{Arc, Mutex};

use profile::{hex, line, number, rows, text, vectors};
use proptest::prelude::*;
use serde_json::Value;
use softtoken_core::activation::link::LinkPayload;
use softtoken_core::activation::manual::TypedDetails;
use softtoken_core::activation::offline::{
    Completion, OfflineError, OfflineInput, OfflineResult, Stretch, StretchFailed, argon2id,
};
use softtoken_core::activation::state::TypedFields;
use softtoken_core::codec::decimal::RegistrationCode;
use softtoken_core::otp::{Algorithm, CodeSpec, Digits, Period, code_at};
use softtoken_core::random::Random;
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;

const FILE: &str = "activation_v2.json";

fn typed(address: &str, serial_number: &str, activation_code: &str) -> TypedDetails {
    let activation_code = activation_code.to_owned().into();
    let fields =
        TypedFields { address: address.into(), serial_number: serial_number.into(), activation_code };
    fields.check().map_err(profile::lines).unwrap()
}

fn from_row(row: &Value) -> OfflineInput {
    match row["link"].as_str() {
        Some(link) => {
            let payload = LinkPayload::parse(link).map_err(line).unwrap();
            OfflineInput::from_link(&payload, text(row, "password").as_bytes()).map_err(line).unwrap()
        }
        None => OfflineInput::from_typed(&typed(
            text(row, "address"),
            text(row, "serial"),
            text(row, "activation_code"),
        )),
    }
}

/// Fast, and different for every password and salt.
fn quick(password: &[u8], salt: &[u8; 32]) -> Result<Key<32>, StretchFailed> {
    let digest = ring::digest::digest(&ring::digest::SHA256, &[password, b"|", salt].concat());
    Key::from_slice(digest.as_ref()).ok_or(StretchFailed)
}

fn assert_row(row: &Value) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    let stretch: &Stretch = &move |password, salt| {
        let root = argon2id(password, salt)?;
        record.lock().unwrap().push((password.to_vec(), hex(salt), hex(root.expose())));
        Ok(root)
    };
    let code = RegistrationCode::parse(text(row, "registration_code")).unwrap();
    let result = from_row(row).derive(code, stretch).unwrap();
    let inside = (
        text(row, "argon2_password").as_bytes().to_vec(),
        text(row, "salt_hex").to_owned(),
        text(row, "root_hex").to_owned(),
    );
    assert_eq!(*seen.lock().unwrap(), [inside], "{row}");
    assert_eq!(hex(result.seed.expose()), text(row, "seed_hex"), "{row}");
    assert_eq!(hex(result.recovery_key.expose()), text(row, "recovery_key_hex"), "{row}");
    let CodeSpec::Totp { algorithm, digits, period, t0: 0 } = result.spec else { panic!("{row}") };
    let hashes = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];
    assert_eq!(algorithm, hashes[number(row, "algorithm") as usize - 1], "{row}");
    assert_eq!(
        (digits.get().into(), period.seconds().into()),
        (number(row, "digits"), number(row, "period"))
    );
}

#[test]
fn every_typed_row_is_derived_with_the_listed_values() {
    rows(&vectors(FILE), FILE, "offline_typed").iter().for_each(assert_row);
}

#[test]
fn every_qr_row_is_derived_with_the_listed_values() {
    rows(&vectors(FILE), FILE, "offline_qr").iter().for_each(assert_row);
}

#[test]
fn only_a_qr_code_that_allows_it_goes_without_network() {
    let file = vectors(FILE);
    for row in file["links"].as_array().unwrap() {
        let payload = LinkPayload::parse(text(row, "app")).map_err(line).unwrap();
        let refused = OfflineInput::from_link(&payload, b"00000042").err().map(line);
        let expected = (row["offline"] == false).then(|| "Unsupported Offline".to_owned());
        assert_eq!(refused, expected, "{row}");
        // The password does not matter as long as the way is closed.
        assert!(OfflineInput::from_link(&payload, b"").is_err(), "{row}");
    }
}

#[test]
fn a_password_must_be_eight_digits_and_any_eight_are_taken() {
    let file = vectors(FILE);
    let payload = LinkPayload::parse(text(&file["offline_qr"][0], "link")).map_err(line).unwrap();
    let refused = |password: &[u8]| OfflineInput::from_link(&payload, password).err().map(line);
    assert_eq!(refused(b"00000000"), None);
    assert_eq!(refused(b"1234567").as_deref(), Some("NotUnderstood Password TooShort"));
    assert_eq!(refused(b"123456789").as_deref(), Some("NotUnderstood Password TooLong"));
    assert_eq!(refused(b"1234 5678"), None, "as it is shown");
    assert_eq!(refused(b"1234 678").as_deref(), Some("NotUnderstood Password TooShort"));
    assert_eq!(refused(b"1234.5678").as_deref(), Some("NotUnderstood Password BadCharacter 4"));
    assert_eq!(refused("12345６7".as_bytes()).as_deref(), Some("NotUnderstood Password BadCharacter 5"));
}

#[test]
fn device_and_issuer_agree_and_a_wrong_digit_anywhere_gives_another_seed() {
    let details = typed("idp.example.test", "48244-13456", "1745-7712-6942-8698");
    let device = OfflineInput::from_typed(&details).start(&Random::seeded(3), &quick).unwrap();
    let told = RegistrationCode::parse(&device.registration_code.grouped()).unwrap();
    let issuer = OfflineInput::from_typed(&details).derive(told, &quick).unwrap();
    assert!(device.seed.expose() == issuer.seed.expose());
    assert!(device.recovery_key.expose() == issuer.recovery_key.expose());
    assert!(device.seed.expose() != device.recovery_key.expose());
    let others = [
        (
            typed("idp.example.test:8443", "48244-13456", "1745-7712-6942-8698"),
            device.registration_code.value(),
        ),
        (typed("idp.example.test", "10020-03000", "1745-7712-6942-8698"), device.registration_code.value()),
        (typed("idp.example.test", "48244-13456", "0000-0000-0000-0018"), device.registration_code.value()),
        (
            typed("idp.example.test", "48244-13456", "1745-7712-6942-8698"),
            device.registration_code.value() ^ 1,
        ),
    ];
    for (details, code) in others {
        let code = RegistrationCode::from_value(code).unwrap();
        let other = OfflineInput::from_typed(&details).derive(code, &quick).unwrap();
        assert!(other.seed.expose() != device.seed.expose());
        assert!(other.recovery_key.expose() != device.recovery_key.expose());
    }
}

/// An activation, and the code that it shows at `time`.
fn shown_at(time: u64) -> (OfflineResult, String) {
    let details = typed("idp.example.test", "48244-13456", "1745-7712-6942-8698");
    let result = OfflineInput::from_typed(&details).start(&Random::seeded(3), &quick).unwrap();
    let shown = code_at(&result.spec, result.seed.expose(), None, UnixTime(time)).unwrap();
    (result, shown.code.as_str().to_owned())
}

#[test]
fn the_first_code_is_found_within_120_steps_and_the_drift_is_learned() {
    let now = 1_893_456_000_u64;
    let step = i64::try_from(now / 30).unwrap();
    for drift in [0, 1, -1, 7, 120, -120] {
        let (result, code) = shown_at(now.saturating_add_signed(drift * 30 + 29));
        let found = Completion { step: u64::try_from(step + drift).unwrap(), drift };
        assert_eq!(result.complete(&code, UnixTime(now)), Some(found));
    }
    for drift in [121, -121] {
        let (result, code) = shown_at(now.saturating_add_signed(drift * 30));
        assert_eq!(result.complete(&code, UnixTime(now)), None, "{drift}");
    }
    // At the beginning of time there are no earlier steps.
    let (result, code) = shown_at(0);
    assert_eq!(result.complete(&code, UnixTime(59)), Some(Completion { step: 0, drift: -1 }));
}

#[test]
fn a_code_of_another_seed_or_another_length_completes_nothing() {
    let (result, code) = shown_at(1_893_456_000);
    let other = OfflineInput::from_typed(&typed("idp.example.test", "48244-13456", "0000-0000-0000-0018"));
    let other = other.start(&Random::seeded(3), &quick).unwrap();
    assert_eq!(other.complete(&code, UnixTime(1_893_456_000)), None);
    for wrong in ["", &code[..7], &code[1..], "12345678901234567890", "é"] {
        assert_eq!(result.complete(wrong, UnixTime(1_893_456_000)), None, "{wrong}");
    }
}

#[test]
fn a_typed_activation_has_the_fixed_profile() {
    let details = typed("idp.example.test", "48244-13456", "1745-7712-6942-8698");
    let result = OfflineInput::from_typed(&details).start(&Random::seeded(3), &quick).unwrap();
    let spec =
        CodeSpec::Totp { algorithm: Algorithm::Sha256, digits: Digits::EIGHT, period: Period::THIRTY, t0: 0 };
    assert_eq!(result.spec, spec);
}

#[test]
fn a_failing_stretch_is_an_error_of_its_own() {
    let details = typed("idp.example.test", "48244-13456", "1745-7712-6942-8698");
    let failed = OfflineInput::from_typed(&details).start(&Random::seeded(3), &|_, _| Err(StretchFailed));
    assert_eq!(failed.err(), Some(OfflineError::Stretch(StretchFailed)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_registration_codes_never_share_a_seed(a in 0..1_000_000_000_u64, b in 0..1_000_000_000_u64) {
        let input = OfflineInput::from_typed(&typed("idp.example.test", "48244-13456", "1745-7712-6942-8698"));
        let seed = |value| {
            let code = RegistrationCode::from_value(value).unwrap();
            hex(input.derive(code, &quick).unwrap().seed.expose())
        };
        prop_assert_eq!(seed(a) == seed(b), a == b);
    }
}
