//! Steam, mOTP, Yandex (`steam_motp_yandex.json`) and legacy MobilePASS (`mobilepass_legacy.json`).

use proptest::prelude::*;
use serde_json::Value;
use softtoken_core::codec::{base32, hex};
use softtoken_core::otp::mobilepass::{MobilePassCode, MobilePassError, is_mobilepass_plus};
use softtoken_core::otp::yandex::{self, YandexSecretError};
use softtoken_core::otp::{CodeSpec, OtpError, code_at, code_for_counter, find_step, resync};
use softtoken_core::time::UnixTime;

fn vectors(file: &str) -> Value {
    let path = format!("{}/../tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn text<'a>(row: &'a Value, column: &str) -> &'a str {
    row[column].as_str().unwrap()
}

#[test]
fn every_steam_row_has_its_code() {
    let file = vectors("steam_motp_yandex.json");
    let secret = base32::decode(text(&file["steam"], "secret_base32")).unwrap();
    let rows = file["steam"]["vectors"].as_array().unwrap();
    for row in rows {
        let time = row["time"].as_u64().unwrap();
        let timed = code_at(&CodeSpec::Steam, secret.expose(), None, UnixTime(time)).unwrap();
        assert_eq!(timed.code.as_str(), row["code"], "{row}");
        assert_eq!((timed.step, timed.valid_until.0 - timed.valid_from.0), (time / 30, 30));
    }
    assert_eq!(rows.len(), 5);
    eprintln!("vectors: steam_motp_yandex.json {} rows (steam)", rows.len());
}

#[test]
fn every_motp_row_has_its_code() {
    let file = vectors("steam_motp_yandex.json");
    let rows = file["motp"].as_array().unwrap();
    for row in rows {
        let secret = hex::decode(text(row, "secret_hex")).unwrap();
        let time = row["time"].as_u64().unwrap();
        let pin = text(row, "pin").as_bytes();
        let timed = code_at(&CodeSpec::Motp, secret.expose(), Some(pin), UnixTime(time)).unwrap();
        assert_eq!(timed.code.as_str(), row["code"], "{row}");
        assert_eq!((timed.step, timed.valid_until.0 - timed.valid_from.0), (time / 10, 10));
    }
    assert_eq!(rows.len(), 6);
    eprintln!("vectors: steam_motp_yandex.json {} rows (motp)", rows.len());
}

#[test]
fn every_yandex_row_has_its_code_from_the_long_and_the_short_secret() {
    let file = vectors("steam_motp_yandex.json");
    let rows = file["yandex"].as_array().unwrap();
    for row in rows {
        let long = base32::decode(text(row, "secret_base32")).unwrap();
        let short = hex::decode(text(row, "secret16_hex")).unwrap();
        assert_eq!(long.len(), 26);
        assert_eq!(yandex::secret(long.expose()).unwrap(), short.expose());
        let time = UnixTime(row["time"].as_u64().unwrap());
        let pin = Some(text(row, "pin").as_bytes());
        for secret in [&long, &short] {
            let timed = code_at(&CodeSpec::Yandex, secret.expose(), pin, time).unwrap();
            assert_eq!(timed.code.as_str(), row["code"], "{row}");
        }
    }
    assert_eq!(rows.len(), 5);
    eprintln!("vectors: steam_motp_yandex.json {} rows (yandex)", rows.len());
}

#[test]
fn one_wrong_bit_of_a_long_yandex_secret_is_found() {
    let file = vectors("steam_motp_yandex.json");
    let good = base32::decode(text(&file["yandex"][0], "secret_base32")).unwrap();
    // The twelve bits of the checksum are bits too; all 208 are tried.
    for bit in 0..208 {
        let mut bad = good.expose().to_vec();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(yandex::secret(&bad), Err(YandexSecretError::Checksum), "bit {bit}");
    }
    assert_eq!(yandex::secret(&good.expose()[..25]), Err(YandexSecretError::Length));
    assert_eq!(yandex::secret(&[]), Err(YandexSecretError::Length));
    let answer = code_at(&CodeSpec::Yandex, &[0; 15], Some(b"1"), UnixTime(0)).err();
    assert_eq!(answer, Some(OtpError::Yandex(YandexSecretError::Length)));
}

#[test]
fn a_yandex_key_that_begins_with_a_zero_byte_loses_it() {
    let timed = code_at(&CodeSpec::Yandex, &[0; 16], Some(ZERO_PIN), UnixTime(0)).unwrap();
    assert_eq!(timed.code.as_str(), ZERO_CODE);
}

#[test]
fn motp_and_yandex_without_pin_ask_for_it() {
    for spec in [CodeSpec::Motp, CodeSpec::Yandex] {
        assert_eq!(code_at(&spec, &[1; 16], None, UnixTime(0)).err(), Some(OtpError::NeedsPin));
    }
    let code = |seconds| {
        let timed = code_at(&CodeSpec::Motp, &[1; 8], Some(b"1"), UnixTime(seconds)).unwrap();
        timed.code.as_str().to_owned()
    };
    let codes = [&*code(1030), &*code(1040)];
    let found = find_step(&CodeSpec::Motp, &[1; 8], Some(b"1"), UnixTime(1000), 3, codes);
    assert_eq!(found, Ok(Some(104)), "the search works for every kind that goes by time");
}

#[test]
fn every_mobilepass_row_has_its_code() {
    let file = vectors("mobilepass_legacy.json");
    let rows = file["vectors"].as_array().unwrap();
    for row in rows {
        let key = MobilePassCode::parse(text(row, "code")).unwrap().key(text(row, "policy"));
        let index = row["index"].as_u64().unwrap();
        let code = code_for_counter(&CodeSpec::MobilePass, key.expose(), index).unwrap();
        assert_eq!(code.as_str(), row["otp"], "{row}");
    }
    assert_eq!(rows.len(), 15);
    eprintln!("vectors: mobilepass_legacy.json {} rows (vectors)", rows.len());
}

#[test]
fn a_wrong_mobilepass_code_is_refused_in_the_wrong_group() {
    let file = vectors("mobilepass_legacy.json");
    let rows = file["bad_codes"].as_array().unwrap();
    let groups: Vec<_> = rows.iter().map(|row| MobilePassCode::parse(row.as_str().unwrap()).err()).collect();
    let bad = |group| Some(MobilePassError::CheckCharacter { group });
    assert_eq!(groups, [bad(3), bad(0)]);
    eprintln!("vectors: mobilepass_legacy.json {} rows (bad_codes)", rows.len());
}

#[test]
fn a_mobilepass_code_is_read_as_people_type_it() {
    let key = |text: &str| MobilePassCode::parse(text).map(|code| *code.key("").expose());
    let good = key("QVKYC-FM6KO-SY6F7-TR22W").unwrap();
    assert_eq!(key(" qvkyc fm6k0\tsy6f7tr22w\n"), Ok(good), "0 for O");
    assert_eq!(key(""), Err(MobilePassError::Empty));
    assert_eq!(key("---"), Err(MobilePassError::Empty));
    assert_eq!(key("QVKYC-FM6KO-SY6F7-TR22"), Err(MobilePassError::TooShort));
    assert_eq!(key("QVKYC-FM6KO-SY6F7-TR22WA"), Err(MobilePassError::TooLong));
    assert_eq!(key("QVKYC-FM8KO"), Err(MobilePassError::BadCharacter { position: 8 }));
}

#[test]
fn two_mobilepass_codes_resynchronise() {
    let key = MobilePassCode::parse("XUU75-RROTT-Y5IP6-U3BMV").unwrap().key("");
    let found = resync(&CodeSpec::MobilePass, key.expose(), 0, 5, ["445167", "201140"]);
    assert_eq!(found, Ok(Some(4)));
}

#[test]
fn the_mobilepass_plus_string_is_recognised_and_nothing_else() {
    let file = vectors("mobilepass_legacy.json");
    let string = text(&file["mobilepass_plus_string_shape"], "string");
    assert!(is_mobilepass_plus(string));
    assert!(is_mobilepass_plus(&format!(" {}\n", string.trim_end_matches('='))), "without padding");
    for other in ["", "QVKYC-FM6KO-SY6F7-TR22W", "otpauth://totp/a?secret=AA", "RW5yb2xs", &string[4..]] {
        assert!(!is_mobilepass_plus(other), "{other}");
    }
    assert!(!is_mobilepass_plus(&string.repeat(100)), "a limit");
    eprintln!("vectors: mobilepass_legacy.json 1 rows (mobilepass_plus_string_shape)");
}

/// A PIN that makes the hash of the zero secret begin with a zero byte, and the code at time 0,
/// computed with Python's hashlib and hmac.
const ZERO_PIN: &[u8] = b"0032";
const ZERO_CODE: &str = "vclhzxoj";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_secret_pin_and_time_give_a_code_of_the_right_shape(
        secret in proptest::collection::vec(any::<u8>(), 0..40),
        pin in proptest::collection::vec(any::<u8>(), 0..20),
        time: u64,
    ) {
        let time = UnixTime(time);
        let steam = code_at(&CodeSpec::Steam, &secret, None, time).unwrap().code;
        prop_assert!(steam.as_str().len() == 5);
        prop_assert!(steam.as_str().chars().all(|c| "23456789BCDFGHJKMNPQRTVWXY".contains(c)));
        let motp = code_at(&CodeSpec::Motp, &secret, Some(&pin), time).unwrap().code;
        prop_assert!(motp.as_str().len() == 6 && motp.as_str().chars().all(|c| c.is_ascii_hexdigit()));
        match code_at(&CodeSpec::Yandex, &secret, Some(&pin), time) {
            Ok(yandex) => {
                let code = yandex.code.as_str();
                prop_assert!(code.len() == 8 && code.chars().all(|c| c.is_ascii_lowercase()));
            }
            Err(error) => prop_assert!(matches!(error, OtpError::Yandex(_)) && secret.len() != 16),
        }
    }

    #[test]
    fn any_text_is_a_mobilepass_code_or_an_error(text in "(?s).{0,30}|[A-Z2-7]{20}") {
        if let Err(MobilePassError::BadCharacter { position }) = MobilePassCode::parse(&text) {
            prop_assert!((position as usize) < text.chars().count());
        }
        is_mobilepass_plus(&text);
    }
}
