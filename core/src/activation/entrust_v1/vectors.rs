//! The intermediate values of `entrust_v1.json`, which no public function shows.

use super::sealed::{Keys, SealedQr};
use serde_json::Value;

fn file() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/entrust_v1.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn text<'a>(row: &'a Value, member: &str) -> &'a str {
    row[member].as_str().unwrap()
}

fn hex(bytes: &[u8]) -> String {
    crate::codec::hex::encode(bytes).to_string()
}

fn sealed(row: &Value) -> SealedQr {
    SealedQr::parse(text(row, "uri")).unwrap_or_else(|why| panic!("{why:?}: {row}"))
}

#[test]
fn every_sealed_row_is_taken_apart_as_listed() {
    let file = file();
    let rows = file["secure_qr"].as_array().unwrap();
    for row in rows {
        let sealed = sealed(row);
        assert_eq!(hex(&sealed.salt), text(row, "salt_hex"), "{row}");
        assert_eq!(sealed.mac_input, text(row, "mac_input"), "{row}");
        assert_eq!(hex(&sealed.mac), text(row, "mac_12_hex"), "{row}");
        assert_eq!(sealed.ciphertext.len() as u64, row["ciphertext_len"], "{row}");
        assert!(text(row, "uri").starts_with(&format!("{}://?", text(row, "scheme"))), "{row}");
    }
    assert_eq!(rows.len(), 3);
    eprintln!("vectors: entrust_v1.json {} rows (secure_qr, texts)", rows.len());
}

#[test]
fn every_sealed_row_has_the_listed_keys_mac_and_plaintext() {
    let file = file();
    let rows = file["secure_qr"].as_array().unwrap();
    for row in rows {
        let sealed = sealed(row);
        let keys = Keys::derive(text(row, "password").as_bytes(), &sealed.salt);
        assert_eq!(hex(keys.aes.expose()), text(row, "aes128_key_hex"), "{row}");
        assert_eq!(hex(keys.mac.expose()), text(row, "hmac_key_hex"), "{row}");
        assert_eq!(hex(keys.iv.expose()), text(row, "iv_hex"), "{row}");
        let all = [&keys.aes.expose()[..], keys.mac.expose(), keys.iv.expose()].concat();
        assert_eq!(hex(&all), text(row, "pbkdf2_64_hex"), "{row}");
        assert_eq!(hex(keys.sign(&sealed.mac_input).as_ref()), text(row, "hmac_sha256_full_hex"), "{row}");
        let plaintext = keys.decrypt(&sealed.ciphertext).map_err(|_| ()).unwrap();
        assert_eq!(String::from_utf8_lossy(&plaintext), text(row, "plaintext"), "{row}");
    }
    assert_eq!(rows.len(), 3);
    eprintln!("vectors: entrust_v1.json {} rows (secure_qr, keys)", rows.len());
}

#[test]
fn a_ciphertext_with_wrong_padding_is_malformed_even_under_the_right_key() {
    let row = &file()["secure_qr"][0];
    let sealed = sealed(row);
    let keys = Keys::derive(text(row, "password").as_bytes(), &sealed.salt);
    for bit in 0..8 {
        // The last byte of the block before the last one flips the padding's length byte.
        let mut changed = sealed.ciphertext.clone();
        let at = changed.len() - 17;
        changed[at] ^= 1 << bit;
        assert!(keys.decrypt(&changed).is_err(), "bit {bit}");
    }
}
