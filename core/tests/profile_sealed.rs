//! Sealed QR codes of our own making: what the MAC covers, what may vary, what the plaintext may hold.

mod profile;

use aes::Aes128;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use profile::line;
use proptest::prelude::*;
use ring::{hmac, pbkdf2};
use softtoken_core::activation::entrust_v1::sealed::{OpenedV1, SealedQr};

const PASSWORD: &str = "00000042";
const PLAINTEXT: &str = r#"{"sn":"48244-13456","ac":"1745-7712-6942-8698"}"#;

/// The three keys, made here a second time from the definition.
fn keys(salt: [u8; 8]) -> [u8; 64] {
    let mut keys = [0; 64];
    let rounds = 1000.try_into().unwrap();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, PASSWORD.as_bytes(), &mut keys);
    keys
}

/// Base64 of salt and ciphertext.
fn enc(plaintext: &[u8], salt: [u8; 8]) -> String {
    let keys = keys(salt);
    let cipher = cbc::Encryptor::<Aes128>::new_from_slices(&keys[..16], &keys[48..]).unwrap();
    STANDARD.encode([&salt[..], &cipher.encrypt_padded_vec::<Pkcs7>(plaintext)].concat())
}

/// A text whose part before the MAC is `query`.
fn with_mac(query: &str, salt: [u8; 8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &keys(salt)[16..48]), query.as_bytes());
    format!("igmobileotp://?{query}&mac={}", escape(&STANDARD.encode(&tag.as_ref()[..12])))
}

fn escape(base64: &str) -> String {
    base64.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

fn sealed(plaintext: &str) -> String {
    let enc = escape(&enc(plaintext.as_bytes(), [7; 8]));
    with_mac(&format!("action=secactivate&enc={enc}&v=1"), [7; 8])
}

fn open(text: &str) -> Result<OpenedV1, String> {
    SealedQr::parse(text).and_then(|sealed| sealed.open(PASSWORD.as_bytes())).map_err(line)
}

fn refused(plaintext: &str) -> String {
    open(&sealed(plaintext)).err().unwrap()
}

/// A salt whose Base64 begins with `+++++++++++`.
const PLUS: [u8; 8] = [0xfb, 0xef, 0xbe, 0xfb, 0xef, 0xbe, 0xfb, 0xef];

#[test]
fn a_plus_may_arrive_as_it_is_escaped_or_as_a_space() {
    let enc = enc(PLAINTEXT.as_bytes(), PLUS);
    assert!(enc.starts_with("++++++++++"), "{enc}");
    for form in
        [escape(&enc), enc.clone(), enc.replace('+', " "), enc.replace('+', "%20"), enc.replace('+', "%2b")]
    {
        let text = with_mac(&format!("action=secactivate&enc={form}&v=1"), PLUS);
        assert!(open(&text).is_ok(), "{text}");
    }
    // The MAC covers the text as received: the same code in another spelling is another text.
    let text = with_mac(&format!("action=secactivate&enc={}&v=1", escape(&enc)), PLUS);
    assert_eq!(open(&text.replacen("%2B", "+", 1)).err().as_deref(), Some("WrongPassword"));
}

#[test]
fn parameters_before_the_mac_may_stand_in_any_order_and_be_unknown() {
    let enc = escape(&enc(PLAINTEXT.as_bytes(), [7; 8]));
    for query in [
        format!("action=secactivate&v=1&enc={enc}"),
        format!("action=secactivate&enc={enc}&v=1&x=1"),
        format!("action=secactivate&enc={enc}&macs=1&v=1&"),
    ] {
        assert!(open(&with_mac(&query, [7; 8])).is_ok(), "{query}");
    }
    let text = with_mac(&format!("action=secactivate&enc={enc}&v=1"), [7; 8]);
    assert_eq!(open(&format!("{text}&x=1")).err().as_deref(), Some("NotUnderstood Mac Mismatch"));
}

#[test]
fn any_scheme_is_the_issuers_and_the_mac_does_not_cover_it() {
    let text = sealed(PLAINTEXT);
    for scheme in ["mytoken", "IGMOBILEOTP", "a1+b.c-d"] {
        let text = text.replacen("igmobileotp", scheme, 1);
        assert!(SealedQr::looks_like(&text) && open(&text).is_ok(), "{scheme}");
    }
    for other in [
        "otpauth://totp/x?secret=AA",
        "https://h/?action=secactivate",
        "1x://?action=secactivate",
        "x:?action=secactivate",
    ] {
        assert!(!SealedQr::looks_like(other), "{other}");
        assert_eq!(SealedQr::parse(other).err().map(line).as_deref(), Some("NotForThisApp"), "{other}");
    }
}

#[test]
fn the_plaintext_is_an_object_with_serial_number_and_activation_code() {
    let opened = open(&sealed(PLAINTEXT)).unwrap();
    assert_eq!((opened.policy_text, opened.registration_url), (None, None));
    assert_eq!(opened.details.issuer, "");
    assert_eq!(refused(""), "NotUnderstood Plaintext BadEncoding");
    assert_eq!(refused("sn=1"), "NotUnderstood Plaintext BadEncoding");
    assert_eq!(
        refused(r#"["48244-13456","1745-7712-6942-8698",null,null]"#),
        "NotUnderstood Plaintext BadEncoding"
    );
    assert_eq!(refused(&format!("{PLAINTEXT}{{}}")), "NotUnderstood Plaintext BadEncoding");
    assert_eq!(refused(r#"{"sn":4824413456,"ac":"1"}"#), "NotUnderstood Plaintext BadEncoding");
    assert_eq!(refused(r#"{"sn":"48244-13456","sn":"48244-13456"}"#), "NotUnderstood Plaintext BadEncoding");
    assert_eq!(refused(r#"{"ac":"1745-7712-6942-8698"}"#), "NotUnderstood SerialNumber Missing");
    assert_eq!(refused(r#"{"sn":"48244-13456"}"#), "NotUnderstood ActivationCode Missing");
    assert_eq!(refused(r#"{"sn":"48244-31456","ac":""}"#), "NotUnderstood SerialNumber CheckDigit 2");
    assert_eq!(refused(r#"{"sn":"48244-13456","ac":"1745"}"#), "NotUnderstood ActivationCode TooShort");
}

#[test]
fn the_issuer_is_the_host_of_the_registration_url() {
    let issuer = |url: &str| {
        let members = &PLAINTEXT[..PLAINTEXT.len() - 1];
        open(&sealed(&format!(r#"{members},"regurl":{url:?}}}"#))).unwrap().details.issuer
    };
    assert_eq!(issuer("myid.example.test/igst"), "myid.example.test");
    assert_eq!(issuer("https://MyId.example.test:8443/igst?x=1"), "myid.example.test");
    assert_eq!(issuer("http://myid.example.test"), "myid.example.test");
    for none in ["", "/igst", "ftp://myid.example.test", "https://me@example.test/", "not a host"] {
        assert_eq!(issuer(none), "", "{none}");
    }
}

#[test]
fn no_change_of_any_one_character_is_accepted() {
    let text = sealed(PLAINTEXT);
    let query_at = text.find('?').unwrap();
    for (at, old) in text.char_indices().filter(|(at, _)| *at > query_at) {
        for new in ['A', '&', '%', '='].into_iter().filter(|new| *new != old) {
            let mut changed = text.clone();
            changed.replace_range(at..=at, &new.to_string());
            assert!(open(&changed).is_err(), "{at}: {old} for {new}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn any_plaintext_under_a_right_mac_gives_a_typed_answer(plaintext in "\\PC{0,60}|\\{\"sn\":\"\\PC{0,9}\"\\}") {
        let _ = open(&sealed(&plaintext));
    }

    #[test]
    fn any_text_gives_a_typed_answer(text in "\\PC{0,60}", tail in "(&(enc|v|mac|x)=[A-Za-z0-9%+/= ]{0,30}){0,5}") {
        let _ = open(&text);
        let _ = open(&format!("x://?action=secactivate{tail}"));
    }
}
