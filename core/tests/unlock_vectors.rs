//! Every row of the unlock codes in `activation_v2.json`, as an independent reader computed it.

mod profile;

use profile::{rows, text, vectors};
use softtoken_core::codec::decimal::ResetCode;
use softtoken_core::lock::issuer_unlock_code;
use softtoken_core::lock::{UnlockCode, UnlockCodeError};
use softtoken_core::secret::Key;

const FILE: &str = "activation_v2.json";

#[test]
fn every_reset_code_is_answered_with_the_listed_unlock_code() {
    for row in rows(&vectors(FILE), FILE, "unlock_codes") {
        let key = softtoken_core::codec::hex::decode(text(row, "recovery_key_hex")).unwrap();
        let key = Key::from_slice(key.expose()).unwrap();
        let (address, serial) = (text(row, "address"), text(row, "serial"));
        let reset_code = text(row, "reset_code");
        let code = issuer_unlock_code(&key, reset_code, address, serial).unwrap();
        assert_eq!(code.as_str(), text(row, "unlock_code"), "{row}");
        assert_eq!(UnlockCode::parse(&code).unwrap().shown().as_str(), code.as_str());
        let answer = UnlockCode::answer(&key, &ResetCode::parse(reset_code).unwrap(), address, "4824413457");
        assert_ne!(answer.unwrap().shown().as_str(), code.as_str(), "bound to the serial number");
    }
}

#[test]
fn every_malformed_unlock_code_is_refused_as_listed() {
    for row in rows(&vectors(FILE), FILE, "unlock_codes_refused") {
        let found = match UnlockCode::parse(text(row, "text")).err().unwrap() {
            UnlockCodeError::Empty => "Empty".to_owned(),
            UnlockCodeError::BadCharacter { position } => format!("BadCharacter {position}"),
            UnlockCodeError::TooShort => "TooShort".to_owned(),
            UnlockCodeError::TooLong => "TooLong".to_owned(),
            UnlockCodeError::CheckCharacter => "CheckDigit".to_owned(),
        };
        assert_eq!(format!("NotUnderstood UnlockCode {found}"), text(row, "expect"), "{row}");
    }
}
