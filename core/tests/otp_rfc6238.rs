//! TOTP: every row of `rfc6238.json`, the windows of codes, and the search for a drifted clock.

use proptest::prelude::*;
use serde_json::Value;
use softtoken_core::otp::{
    Algorithm, CodeSpec, Digits, OtpError, Period, code_at, find_step, totp, totp_step,
};
use softtoken_core::time::UnixTime;

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/rfc6238.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The RFC's seed: `1234567890` repeated up to `length` bytes.
fn seed(length: usize) -> Vec<u8> {
    b"1234567890".iter().copied().cycle().take(length).collect()
}

fn spec(algorithm: Algorithm, digits: Digits, period: u32, t0: u64) -> CodeSpec {
    CodeSpec::Totp { algorithm, digits, period: Period::new(period).unwrap(), t0 }
}

#[test]
fn every_row_of_appendix_b_has_its_code_and_step() {
    let file = vectors();
    let rows = file["vectors"].as_array().unwrap();
    for row in rows {
        let name = row["alg"].as_str().unwrap();
        let algorithm = Algorithm::parse(name).unwrap();
        let secret = seed(match algorithm {
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
            Algorithm::Sha512 => 64,
        });
        let seed_hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(file["seeds"][name], seed_hex);
        let time = UnixTime(row["time"].as_u64().unwrap());
        for (digits, column) in [(Digits::SIX, "otp6"), (Digits::EIGHT, "otp8")] {
            let timed = code_at(&spec(algorithm, digits, 30, 0), &secret, None, time).unwrap();
            assert_eq!(timed.code.as_str(), row[column], "{row}");
            assert_eq!(timed.step, row["step"], "{row}");
            let plain = totp(&secret, time, 0, Period::THIRTY, algorithm, digits);
            assert_eq!(plain.as_str(), row[column], "{row}");
        }
    }
    assert_eq!(rows.len(), 18);
    eprintln!("vectors: rfc6238.json {} rows (vectors)", rows.len());
}

#[test]
fn the_short_seed_gives_the_wrong_codes_that_are_known() {
    let file = vectors();
    let rows = file["wrong_if_20_byte_seed_used"].as_array().unwrap();
    for row in rows {
        let algorithm = Algorithm::parse(row["alg"].as_str().unwrap()).unwrap();
        let time = UnixTime(row["time"].as_u64().unwrap());
        let code = totp(&seed(20), time, 0, Period::THIRTY, algorithm, Digits::EIGHT);
        assert_eq!(code.as_str(), row["otp8"], "{row}");
    }
    assert_eq!(rows.len(), 2);
    eprintln!("vectors: rfc6238.json {} rows (wrong_if_20_byte_seed_used)", rows.len());
}

#[test]
fn other_periods_and_starts_have_their_codes() {
    let file = vectors();
    let rows = file["other_steps"]["vectors"].as_array().unwrap();
    for row in rows {
        let number = |column: &str| row[column].as_u64().unwrap();
        let algorithm = Algorithm::parse(row["alg"].as_str().unwrap()).unwrap();
        let period = u32::try_from(number("period")).unwrap();
        let spec = spec(algorithm, Digits::SIX, period, number("t0"));
        let timed = code_at(&spec, &seed(20), None, UnixTime(number("time"))).unwrap();
        assert_eq!(timed.code.as_str(), row["otp6"], "{row}");
    }
    assert_eq!(rows.len(), 5);
    eprintln!("vectors: rfc6238.json {} rows (other_steps)", rows.len());
}

#[test]
fn steps_change_at_their_boundaries() {
    let file = vectors();
    let rows = file["boundaries"].as_array().unwrap();
    for row in rows {
        let time = UnixTime(row["time"].as_u64().unwrap());
        assert_eq!(totp_step(time, 0, Period::THIRTY), row["step"], "{row}");
    }
    assert_eq!(rows.len(), 5);
    eprintln!("vectors: rfc6238.json {} rows (boundaries)", rows.len());
}

#[test]
fn time_before_the_start_is_step_zero() {
    let spec = spec(Algorithm::Sha1, Digits::SIX, 30, 1000);
    let timed = code_at(&spec, &seed(20), None, UnixTime(5)).unwrap();
    let window = (timed.step, timed.valid_from, timed.valid_until);
    assert_eq!(window, (0, UnixTime(0), UnixTime(1030)));
    assert_eq!(timed.code.as_str(), "755224", "HOTP of counter 0");
}

#[test]
fn two_codes_find_the_drift_in_both_directions_and_no_further() {
    let (secret, now) = (seed(20), UnixTime(1_111_111_109));
    let spec = spec(Algorithm::Sha1, Digits::EIGHT, 30, 0);
    let step = totp_step(now, 0, Period::THIRTY);
    let code = |step: u64| {
        let timed = code_at(&spec, &secret, None, UnixTime(step * 30)).unwrap();
        timed.code.as_str().to_owned()
    };
    let find = |first: u64, second: u64, window| {
        find_step(&spec, &secret, None, now, window, [&code(first), &code(second)]).unwrap()
    };
    assert_eq!(find(step + 7, step + 8, 7), Some(step + 8));
    assert_eq!(find(step - 7, step - 6, 7), Some(step - 6));
    assert_eq!(find(step, step + 1, 0), Some(step + 1));
    assert_eq!(find(step + 8, step + 9, 7), None, "outside the window");
    assert_eq!(find(step - 8, step - 7, 7), None, "outside the window");
    assert_eq!(find(step + 1, step, 7), None, "not ascending");
    assert_eq!(find(step, step + 2, 7), None, "not consecutive");
}

#[test]
fn a_kind_without_clock_says_what_it_needs() {
    let answer = |spec: &CodeSpec| code_at(spec, b"secret", None, UnixTime(0)).err();
    let hotp = CodeSpec::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX };
    assert_eq!(answer(&hotp), Some(OtpError::NeedsCounter));
    assert_eq!(answer(&CodeSpec::MobilePass), Some(OtpError::NeedsCounter));
    let found = find_step(&hotp, b"secret", None, UnixTime(0), 1, ["", ""]);
    assert_eq!(found, Err(OtpError::NeedsCounter));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_code_holds_from_its_first_second_to_the_next_step(
        period in 1..=0x7fff_ffff_u32, t0 in 0..1_u64 << 40, time in 0..1_u64 << 60,
    ) {
        let spec = spec(Algorithm::Sha256, Digits::SIX, period, t0);
        let at = |time| code_at(&spec, b"secret", None, time).unwrap();
        let now = at(UnixTime(time));
        prop_assert!(now.valid_from.0 <= time && time < now.valid_until.0);
        let same = at(now.valid_from);
        prop_assert_eq!((same.step, same.code.as_str()), (now.step, now.code.as_str()));
        prop_assert_eq!(at(UnixTime(now.valid_until.0 - 1)).step, now.step);
        prop_assert_eq!(at(now.valid_until).step, now.step + 1);
    }

    #[test]
    fn no_time_and_no_start_overflows(period in 1..=0x7fff_ffff_u32, t0: u64, time: u64) {
        let spec = spec(Algorithm::Sha1, Digits::SIX, period, t0);
        let timed = code_at(&spec, b"", None, UnixTime(time)).unwrap();
        prop_assert!(timed.valid_from.0 <= time && time <= timed.valid_until.0);
        prop_assert_eq!(find_step(&spec, b"", None, UnixTime(time), 2, ["", ""]), Ok(None));
    }
}
