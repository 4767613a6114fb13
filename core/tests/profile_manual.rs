//! The typed door: all problems of all fields at once, with their places; nothing typed is lost.

mod profile;

use profile::lines;
use proptest::prelude::*;
use softtoken_core::activation::state::TypedFields;
use softtoken_core::codec::decimal::{ActivationCode, SerialNumber};
use zeroize::Zeroizing;

fn typed(address: &str, serial_number: &str, activation_code: &str) -> TypedFields {
    TypedFields {
        address: address.into(),
        serial_number: serial_number.into(),
        activation_code: Zeroizing::new(activation_code.into()),
    }
}

fn problems(address: &str, serial_number: &str, activation_code: &str) -> Vec<String> {
    typed(address, serial_number, activation_code).check().map(|_| ()).map_err(lines).unwrap_err()
}

#[test]
fn values_are_taken_as_people_write_them() {
    let details = typed(" HTTPS://IDP.Example.test/ ", "48244 13456", "1745-7712 69428698").check();
    let details = details.map_err(lines).unwrap();
    assert_eq!(details.address.ascii(), "idp.example.test");
    assert_eq!(details.serial.grouped(), "48244-13456");
    assert_eq!(details.activation_code.grouped().as_str(), "1745-7712-6942-8698");
}

#[test]
fn every_field_with_a_problem_is_named_once_in_the_order_of_the_page() {
    let empty = [
        "NotUnderstood Address Empty",
        "NotUnderstood SerialNumber Empty",
        "NotUnderstood ActivationCode Empty",
    ];
    assert_eq!(problems("", " ", "-"), empty);
    let all = [
        "NotUnderstood Address BadCharacter 3",
        "NotUnderstood SerialNumber BadCharacter 2",
        "NotUnderstood ActivationCode TooShort",
    ];
    assert_eq!(problems("idp/x", "48x44-13456", "1745-7712"), all);
    assert_eq!(
        problems("idp", "48244-13456", "1745-7712-6942-86989"),
        ["NotUnderstood ActivationCode TooLong"]
    );
}

#[test]
fn a_swap_of_two_digits_is_hinted_at_by_its_place() {
    // The first neighbours whose swap would help, which need not be the ones that were swapped.
    assert_eq!(
        problems("idp", "4824431456", "1745771269428698"),
        ["NotUnderstood SerialNumber CheckDigit 2"]
    );
    assert_eq!(
        problems("idp", "4824413456", "7145771269428698"),
        ["NotUnderstood ActivationCode CheckDigit 0"]
    );
}

#[test]
fn what_was_typed_is_kept_however_wrong_it_is() {
    let fields = typed("http://idp.example.test", "48244-1345", "1745");
    assert!(fields.check().is_err());
    assert_eq!(
        (fields.address.as_str(), fields.serial_number.as_str()),
        ("http://idp.example.test", "48244-1345")
    );
    assert_eq!(fields.activation_code.as_str(), "1745");
}

#[test]
fn an_entrust_v1_activation_needs_no_address_and_a_wrong_one_is_still_named() {
    let without = typed(" ", "48244-13456", "1745-7712-6942-8698").check_v1().map_err(lines).unwrap();
    assert!(without.address.is_none());
    let with =
        typed("IDP.example.test", "48244-13456", "1745-7712-6942-8698").check_v1().map_err(lines).unwrap();
    assert_eq!(with.address.unwrap().ascii(), "idp.example.test");
    let wrong =
        typed("idp example", "", "1745-7712-6942-8698").check_v1().map(|_| ()).map_err(lines).unwrap_err();
    assert_eq!(wrong, ["NotUnderstood Address BadCharacter 3", "NotUnderstood SerialNumber Empty"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_texts_give_values_or_one_to_three_problems(
        address in "\\PC{0,30}", serial in "[0-9 -]{0,14}|\\PC{0,14}", code in "[0-9 -]{0,24}|\\PC{0,24}"
    ) {
        match typed(&address, &serial, &code).check() {
            Ok(details) => prop_assert!(!details.address.ascii().is_empty()),
            Err(problems) => prop_assert!((1..=3).contains(&problems.len())),
        }
    }

    #[test]
    fn one_wrong_digit_is_always_found(serial in 0..1_000_000_000_u64, code in 0..1_000_000_000_000_000_u64, at in 0..16_usize, by in 1..10_u8) {
        let wrong = |digits: &str, at: usize| {
            let mut digits = digits.as_bytes().to_vec();
            digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
            String::from_utf8(digits).unwrap()
        };
        let serial = SerialNumber::from_value(serial).unwrap();
        let code = ActivationCode::from_value(code).unwrap();
        let fields = typed("idp", &wrong(serial.digits(), at % 10), &wrong(code.digits(), at));
        prop_assert_eq!(fields.check().err().map(|problems| problems.len()), Some(2));
    }
}
