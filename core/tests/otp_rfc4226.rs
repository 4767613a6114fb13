//! HOTP: every row of `rfc4226.json`, and resynchronisation at the edges of the counter.

use proptest::prelude::*;
use serde_json::Value;
use softtoken_core::otp::{Algorithm, CodeSpec, Digits, OtpError, code_for_counter, hotp, resync};

const SECRET: &[u8] = b"12345678901234567890";
const SIX: CodeSpec = CodeSpec::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX };

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/rfc4226.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn code(counter: u64, digits: u8) -> String {
    hotp(SECRET, counter, Algorithm::Sha1, Digits::new(digits).unwrap()).as_str().to_owned()
}

#[test]
fn every_row_of_appendix_d_has_its_code_with_six_to_ten_digits() {
    let file = vectors();
    assert_eq!(file["secret_ascii"].as_str().unwrap().as_bytes(), SECRET);
    let rows = file["vectors"].as_array().unwrap();
    for row in rows {
        let counter = row["counter"].as_u64().unwrap();
        for digits in 6..=10 {
            assert_eq!(code(counter, digits), row[format!("otp{digits}")], "counter {counter}");
        }
    }
    assert_eq!(rows.len(), 10);
    eprintln!("vectors: rfc4226.json {} rows (vectors)", rows.len());
}

#[test]
fn counters_up_to_the_last_one_have_their_codes() {
    let file = vectors();
    let rows = file["large_counters"]["vectors"].as_array().unwrap();
    for row in rows {
        let counter = row["counter"].as_str().unwrap().parse().unwrap();
        assert_eq!(code(counter, 6), row["otp6"], "counter {counter}");
    }
    assert_eq!(rows.len(), 5);
    eprintln!("vectors: rfc4226.json {} rows (large_counters)", rows.len());
}

#[test]
fn every_resync_case_ends_as_listed() {
    let file = vectors();
    let rows = file["resync"]["cases"].as_array().unwrap();
    for row in rows {
        let codes = [row["codes"][0].as_str().unwrap(), row["codes"][1].as_str().unwrap()];
        let counter = row["server_counter"].as_u64().unwrap();
        let window = u16::try_from(row["window"].as_u64().unwrap()).unwrap();
        let found = resync(&SIX, SECRET, counter, window, codes).unwrap();
        assert_eq!(found.is_some(), row["ok"].as_bool().unwrap(), "{row}");
        assert_eq!(found, row["new_counter"].as_u64(), "{row}");
    }
    assert_eq!(rows.len(), 5);
    eprintln!("vectors: rfc4226.json {} rows (resync)", rows.len());
}

#[test]
fn resync_reaches_the_last_counter_of_its_window_and_not_one_more() {
    let (first, second) = (code(9, 6), code(10, 6));
    assert_eq!(resync(&SIX, SECRET, 0, 10, [&first, &second]).unwrap(), Some(11));
    assert_eq!(resync(&SIX, SECRET, 0, 9, [&first, &second]).unwrap(), None);
    assert_eq!(resync(&SIX, SECRET, 0, 0, [&first, &second]).unwrap(), None);
}

#[test]
fn resync_stops_at_the_end_of_the_counter() {
    let (first, second) = (code(u64::MAX - 2, 6), code(u64::MAX - 1, 6));
    assert_eq!(resync(&SIX, SECRET, u64::MAX - 5, 100, [&first, &second]).unwrap(), Some(u64::MAX));
    let last = code(u64::MAX, 6);
    assert_eq!(resync(&SIX, SECRET, u64::MAX - 5, 100, [&second, &last]).unwrap(), None);
}

#[test]
fn a_kind_without_counter_says_what_it_needs() {
    let answer = |spec: &CodeSpec| code_for_counter(spec, SECRET, 0).err();
    assert_eq!(answer(&CodeSpec::Steam), Some(OtpError::NeedsTime));
    assert_eq!(answer(&CodeSpec::Motp), Some(OtpError::NeedsTime));
    assert_eq!(answer(&SIX), None);
}

#[test]
fn a_code_is_compared_as_a_whole() {
    let code = hotp(SECRET, 0, Algorithm::Sha1, Digits::SIX);
    assert!(code.ct_eq("755224"));
    assert!(!code.ct_eq("755225") && !code.ct_eq("75522") && !code.ct_eq("7552240") && !code.ct_eq(""));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_code_has_exactly_its_digits_and_longer_codes_end_alike(
        secret in proptest::collection::vec(any::<u8>(), 0..200),
        counter: u64,
        algorithm in prop_oneof![Just(Algorithm::Sha1), Just(Algorithm::Sha256), Just(Algorithm::Sha512)],
    ) {
        let ten = hotp(&secret, counter, algorithm, Digits::new(10).unwrap());
        prop_assert!(ten.as_str().parse::<u64>().unwrap() < 1 << 31);
        for digits in 6..=10 {
            let code = hotp(&secret, counter, algorithm, Digits::new(digits).unwrap());
            prop_assert_eq!(code.as_str().len(), usize::from(digits));
            prop_assert!(ten.as_str().ends_with(code.as_str()));
        }
    }

    #[test]
    fn resync_finds_the_next_counter_anywhere_in_the_window(start in 0..u64::MAX - 300, ahead in 0..200_u64) {
        let (first, second) = (code(start + ahead, 8), code(start + ahead + 1, 8));
        let spec = CodeSpec::Hotp { algorithm: Algorithm::Sha1, digits: Digits::EIGHT };
        let found = resync(&spec, SECRET, start, 200, [&first, &second]).unwrap();
        prop_assert_eq!(found, Some(start + ahead + 2));
    }
}
