//! Base32 and hexadecimal text: what is dropped, what is refused and where, and nothing panics.

use proptest::prelude::*;
use softtoken_core::codec::base32::{self, Base32Error};
use softtoken_core::codec::hex::{self, HexError};

fn base32_bytes(text: &str) -> Result<Vec<u8>, Base32Error> {
    base32::decode(text).map(|bytes| bytes.expose().to_vec())
}

#[test]
fn base32_reads_the_examples_of_rfc_4648() {
    for (bytes, text) in [
        ("f", "MY======"),
        ("fo", "MZXQ===="),
        ("foo", "MZXW6==="),
        ("foob", "MZXW6YQ="),
        ("fooba", "MZXW6YTB"),
        ("foobar", "MZXW6YTBOI======"),
    ] {
        assert_eq!(base32_bytes(text).unwrap(), bytes.as_bytes());
        assert_eq!(base32::encode(bytes.as_bytes()).as_str(), text.trim_end_matches('='));
    }
    assert_eq!(base32::encode(b"").as_str(), "");
}

#[test]
fn base32_drops_separators_case_padding_and_leftover_bits() {
    let key = b"Hello!\xde\xad\xbe\xef";
    for text in [
        "JBSWY3DPEHPK3PXP",
        "jbsw y3dp ehpk 3pxp",
        " JBSW-Y3DP-EHPK-3PXP\n",
        "JBSW\u{a0}Y3DP\u{2011}EHPK\u{2013}3PXP",
        "JBSWY3DPEHPK3PXPJ",
        "JBSWY3DPEHPK3PXP= = =",
    ] {
        assert_eq!(base32_bytes(text).unwrap(), key, "{text:?}");
    }
}

#[test]
fn base32_names_the_bad_character_of_the_text_as_given() {
    let at = |position| Err(Base32Error::BadCharacter { position });
    assert_eq!(base32_bytes("JBSWY3DP1EHPK3PX"), at(8));
    assert_eq!(base32_bytes("JBSW Y3DP 8"), at(10));
    assert_eq!(base32_bytes("\u{a0}\u{a0}JB!"), at(4), "characters, not bytes");
    assert_eq!(base32_bytes("JBSW=Y3DP"), at(4), "padding in the middle");
    assert_eq!(base32_bytes("JBſW"), at(2), "no case folding beyond ASCII");
}

#[test]
fn base32_without_one_whole_byte_is_empty() {
    for text in ["", " - ", "====", "A", "A="] {
        assert_eq!(base32_bytes(text), Err(Base32Error::Empty), "{text:?}");
    }
}

#[test]
fn base32_has_a_limit() {
    let longest = base32::encode(&[7; base32::MAX_BYTES]);
    assert_eq!(base32_bytes(&longest).unwrap(), [7; base32::MAX_BYTES]);
    let longer = base32::encode(&[7; base32::MAX_BYTES + 1]);
    assert_eq!(base32_bytes(&longer), Err(Base32Error::TooLong));
}

#[test]
fn only_a_typed_key_reads_one_and_zero_as_letters() {
    let typed = base32::decode_typed("jbsw y3dp e0p1 3pxp").unwrap();
    assert_eq!(typed.expose(), base32_bytes("JBSWY3DPEOPI3PXP").unwrap());
    let eight = base32::decode_typed("JBSWY3D8").err();
    assert_eq!(eight, Some(Base32Error::BadCharacter { position: 7 }));
}

#[test]
fn hex_is_strict_but_for_the_case() {
    let read = |text: &str| hex::decode(text).map(|bytes| bytes.expose().to_vec());
    assert_eq!(read("00fFDeadbeEF").unwrap(), [0x00, 0xff, 0xde, 0xad, 0xbe, 0xef]);
    assert_eq!(read(""), Err(HexError::Empty));
    assert_eq!(read("0"), Err(HexError::OddLength));
    assert_eq!(read("0x00"), Err(HexError::BadCharacter { position: 1 }));
    assert_eq!(read("00 ff"), Err(HexError::BadCharacter { position: 2 }));
    assert_eq!(read("äg"), Err(HexError::BadCharacter { position: 0 }));
    assert_eq!(read(&"00".repeat(hex::MAX_BYTES)).unwrap().len(), hex::MAX_BYTES);
    assert_eq!(read(&"00".repeat(hex::MAX_BYTES + 1)), Err(HexError::TooLong));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn base32_and_hex_round_trip(bytes in proptest::collection::vec(any::<u8>(), 1..200)) {
        let text = base32::encode(&bytes);
        prop_assert_eq!(text.len(), (bytes.len() * 8).div_ceil(5));
        prop_assert_eq!(&base32_bytes(&text).unwrap(), &bytes);
        prop_assert_eq!(&base32_bytes(&text.to_lowercase()).unwrap(), &bytes);
        let text = hex::encode(&bytes);
        prop_assert_eq!(text.as_str(), bytes.iter().map(|b| format!("{b:02x}")).collect::<String>());
        let read = hex::decode(&text).unwrap();
        prop_assert_eq!(read.expose(), bytes.as_slice());
    }

    #[test]
    fn any_text_gives_bytes_or_a_position_inside_it(text in "(?s).{0,80}|[A-Za-z0-9 =-]{0,80}") {
        let length = text.chars().count();
        for result in [base32::decode(&text), base32::decode_typed(&text)] {
            match result {
                Ok(bytes) => prop_assert!(bytes.len() <= length * 5 / 8),
                Err(Base32Error::BadCharacter { position }) => prop_assert!((position as usize) < length),
                Err(Base32Error::Empty | Base32Error::TooLong) => {}
            }
        }
        match hex::decode(&text) {
            Ok(bytes) => prop_assert_eq!(bytes.len() * 2, length),
            Err(HexError::BadCharacter { position }) => prop_assert!((position as usize) < length),
            Err(HexError::Empty | HexError::OddLength | HexError::TooLong) => {}
        }
    }
}
