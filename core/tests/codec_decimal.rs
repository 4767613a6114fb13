//! Decimal codes: the Luhn rows of `entrust_v1.json`, what may stand between digits, and properties.

use proptest::prelude::*;
use softtoken_core::codec::decimal::{
    ActivationCode, DecimalError, RegistrationCode, ResetCode, SerialNumber,
};

#[test]
fn every_luhn_row_is_judged_as_listed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/entrust_v1.json");
    let file: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let rows = file["luhn"].as_array().unwrap();
    for row in rows {
        let text = row["text"].as_str().unwrap();
        // The hyphens of a row are those of `grouped`, so the shape is checked on the way.
        let shown = match text.len() {
            11 => SerialNumber::parse(text).map(|code| code.grouped()),
            _ => ActivationCode::parse(text).map(|code| code.grouped().to_string()),
        };
        match shown {
            Ok(shown) => assert!(row["valid"] == true && shown == text, "{text}"),
            Err(error) => {
                assert!(matches!(error, DecimalError::CheckDigit { .. }) && row["valid"] == false, "{text}");
            }
        }
    }
    assert_eq!(rows.len(), 13);
    eprintln!("vectors: entrust_v1.json {} rows (luhn)", rows.len());
}

#[test]
fn separators_are_dropped_and_anything_else_is_named() {
    for text in ["4824413456", "48244-13456", " 48244 13456\n", "4-8-2-4-4-1-3-4-5-6", "48244\u{2011}13456"] {
        let serial = SerialNumber::parse(text).unwrap();
        assert_eq!((serial.digits(), serial.value()), ("4824413456", 482_441_345));
    }
    let at = |position| Err(DecimalError::BadCharacter { position });
    assert_eq!(SerialNumber::parse("48244.13456"), at(5));
    assert_eq!(SerialNumber::parse("\u{a0}٤٨٢٤٤١٣٤٥٦"), at(1), "ASCII digits only");
}

#[test]
fn the_number_of_digits_is_judged_before_the_check_digit() {
    assert_eq!(SerialNumber::parse(" - "), Err(DecimalError::Empty));
    assert_eq!(SerialNumber::parse("482441345"), Err(DecimalError::TooShort));
    assert_eq!(SerialNumber::parse("48244134560"), Err(DecimalError::TooLong));
    assert_eq!(ResetCode::parse("123456782").unwrap().grouped(), "123456782");
}

#[test]
fn two_swapped_digits_are_pointed_at() {
    let swap = |text: &str| match SerialNumber::parse(text) {
        Err(DecimalError::CheckDigit { swap }) => swap,
        _ => panic!("accepted"),
    };
    assert_eq!(swap("84244-13456"), Some(0));
    // 31 for 13: the swap that was made is not always the first that repairs.
    let at = swap("48244-31456").unwrap() as usize;
    let mut digits = *b"4824431456";
    digits.swap(at, at + 1);
    assert!(SerialNumber::parse(std::str::from_utf8(&digits).unwrap()).is_ok());
    assert_eq!(swap("0000000001"), None, "no swap helps");
}

#[test]
fn a_value_with_too_many_digits_is_no_code() {
    assert!(SerialNumber::from_value(1_000_000_000).is_none());
    assert!(ActivationCode::from_value(u64::MAX).is_none());
    assert!(ResetCode::from_value(100_000_000).is_none());
    assert_eq!(RegistrationCode::from_value(122_114_935).unwrap().grouped().as_str(), "12211-49352");
    assert_eq!(ActivationCode::from_value(1).unwrap().grouped().as_str(), "0000-0000-0000-0018");
}

#[test]
fn debug_of_a_public_code_shows_its_digits() {
    assert_eq!(format!("{:?}", SerialNumber::from_value(482_441_345).unwrap()), "SerialNumber(4824413456)");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_survive_writing_and_reading(value in 0..1_000_000_000_000_000_u64) {
        let code = ActivationCode::from_value(value).unwrap();
        prop_assert_eq!(ActivationCode::parse(&code.grouped()).unwrap().value(), value);
        let value = value % 1_000_000_000;
        let code = RegistrationCode::from_value(value).unwrap();
        prop_assert_eq!(RegistrationCode::parse(&code.grouped()).unwrap().value(), value);
        let read = RegistrationCode::parse(code.digits()).unwrap();
        prop_assert_eq!(read.digits(), code.digits());
    }

    #[test]
    fn one_wrong_digit_never_passes(value in 0..1_000_000_000_u64, at in 0..10_usize, by in 1..10_u8) {
        let mut digits = SerialNumber::from_value(value).unwrap().digits().as_bytes().to_vec();
        digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
        let text = String::from_utf8(digits).unwrap();
        let refused = matches!(SerialNumber::parse(&text), Err(DecimalError::CheckDigit { .. }));
        prop_assert!(refused);
    }

    #[test]
    fn a_swap_of_neighbours_is_found_and_a_repair_offered(value in 0..1_000_000_000_u64, at in 0..9_usize) {
        let mut digits = SerialNumber::from_value(value).unwrap().digits().as_bytes().to_vec();
        let pair = [digits[at], digits[at + 1]];
        digits.swap(at, at + 1);
        let blind = pair[0] == pair[1] || matches!(&pair, b"09" | b"90");
        let text = String::from_utf8(digits.clone()).unwrap();
        match SerialNumber::parse(&text) {
            Ok(_) => prop_assert!(blind),
            Err(DecimalError::CheckDigit { swap: Some(first) }) => {
                let first = first as usize;
                prop_assert!(!blind && first <= at);
                digits.swap(first, first + 1);
                let repaired = SerialNumber::parse(&String::from_utf8(digits).unwrap()).is_ok();
                prop_assert!(repaired);
            }
            Err(error) => prop_assert!(false, "{error:?}"),
        }
    }

    #[test]
    fn any_text_gives_a_code_or_an_error(text in "(?s).{0,40}|[0-9 -]{0,40}") {
        if let Ok(code) = ResetCode::parse(&text) {
            prop_assert_eq!(ResetCode::from_value(code.value()), Some(code));
        }
        if let Err(DecimalError::BadCharacter { position }) = ActivationCode::parse(&text).map(|_| ()) {
            prop_assert!((position as usize) < text.chars().count());
        }
    }
}
