//! The v2 link: every row of `activation_v2.json`, both forms, the round trip of every payload.

mod profile;

use std::num::{NonZeroU16, NonZeroU32};

use profile::{hex, line, number, rows, text, unhex, vectors};
use proptest::prelude::*;
use serde_json::Value;
use softtoken_core::activation::address::Address;
use softtoken_core::activation::issuer_key::IssuerKey;
use softtoken_core::activation::link::{Flags, LinkPayload, Mode};
use softtoken_core::activation::profile::Profile;
use softtoken_core::codec::decimal::SerialNumber;
use softtoken_core::otp::{Algorithm, Digits};
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;

fn algorithm(number: u64) -> Algorithm {
    [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512][number as usize - 1]
}

fn made_of(row: &Value) -> LinkPayload {
    let flags = number(row, "flags");
    LinkPayload {
        mode: if number(row, "mode") == 1 { Mode::Link } else { Mode::QrCode },
        flags: Flags { offline_allowed: flags & 1 != 0, confirm_in_portal: flags & 2 != 0 },
        activation_id: unhex(text(row, "activation_id_hex")).try_into().unwrap(),
        secret: Key::from_slice(&unhex(text(row, "secret_hex"))).unwrap(),
        issuer_key: IssuerKey::new(unhex(text(row, "issuer_key_hex")).try_into().unwrap()).unwrap(),
        serial: SerialNumber::parse(text(row, "serial")).unwrap(),
        profile: Profile {
            algorithm: algorithm(number(row, "algorithm")),
            digits: Digits::new(number(row, "digits") as u8).unwrap(),
            period: NonZeroU16::new(number(row, "period") as u16).unwrap(),
        },
        expiry: NonZeroU32::new(number(row, "expiry") as u32).unwrap(),
        address: Address::parse(text(row, "address")).unwrap(),
    }
}

fn assert_says(payload: &LinkPayload, row: &Value) {
    assert_eq!(payload.mode == Mode::QrCode, number(row, "mode") == 2, "{row}");
    assert_eq!(u64::from(payload.flags.offline_allowed), number(row, "flags") & 1, "{row}");
    assert_eq!(u64::from(payload.flags.confirm_in_portal), number(row, "flags") >> 1, "{row}");
    assert_eq!(hex(&payload.activation_id), text(row, "activation_id_hex"), "{row}");
    assert_eq!(hex(payload.secret.expose()), text(row, "secret_hex"), "{row}");
    assert_eq!(hex(payload.issuer_key.bytes()), text(row, "issuer_key_hex"), "{row}");
    assert_eq!(payload.serial.digits(), text(row, "serial"), "{row}");
    assert_eq!(payload.profile.algorithm, algorithm(number(row, "algorithm")), "{row}");
    assert_eq!(u64::from(payload.profile.digits.get()), number(row, "digits"), "{row}");
    assert_eq!(u64::from(payload.profile.period.get()), number(row, "period"), "{row}");
    assert_eq!(payload.expires_at(), UnixTime(number(row, "expiry")), "{row}");
    assert_eq!(payload.address.ascii(), text(row, "address"), "{row}");
}

fn parse(text: &str) -> Result<LinkPayload, String> {
    LinkPayload::parse(text).map_err(line)
}

#[test]
fn every_link_row_is_made_and_read() {
    let file = vectors("activation_v2.json");
    for row in rows(&file, "activation_v2.json", "links") {
        let made = made_of(row);
        let host = Address::parse(text(row, "link_host")).unwrap();
        assert_eq!(hex(&made.to_bytes()), text(row, "payload_hex"), "{row}");
        assert_eq!(made.to_https(&host).as_str(), text(row, "https"), "{row}");
        assert_eq!(made.to_app().as_str(), text(row, "app"), "{row}");
        for form in ["https", "app"] {
            assert!(LinkPayload::looks_like(text(row, form)), "{row}");
            assert_says(&parse(text(row, form)).unwrap(), row);
        }
    }
}

#[test]
fn every_refused_link_row_says_why_and_where() {
    let file = vectors("activation_v2.json");
    for row in rows(&file, "activation_v2.json", "links_refused") {
        assert_eq!(parse(text(row, "text")).err().as_deref(), row["expect"].as_str(), "{row}");
        let ours = text(row, "expect") != "NotForThisApp";
        assert_eq!(LinkPayload::looks_like(text(row, "text")), ours, "{row}");
    }
}

#[test]
fn scheme_and_host_have_no_letter_case_and_the_path_has() {
    let file = vectors("activation_v2.json");
    let row = &file["links"][0];
    let payload = text(row, "app").split_once("#2.").unwrap().1;
    for before in
        ["HTTPS://GO.EXAMPLE.TEST/a", "https://[2001:db8::7]:8443/a", "SoftToken://A", "softtoken://a"]
    {
        assert_says(&parse(&format!("{before}#2.{payload}")).unwrap(), row);
    }
    for before in ["https://go.example.test/A", "https:///a", "softtoken:a", "softtoken://a/", "softtoken://"]
    {
        assert_eq!(parse(&format!("{before}#2.{payload}")).err().unwrap(), "NotForThisApp", "{before}");
    }
    for fragment in ["", "2", ".AA", "two.AA", "2222.AA", "-2.AA"] {
        assert_eq!(parse(&format!("https://h/a#{fragment}")).err().unwrap(), "NotForThisApp", "{fragment}");
    }
}

#[test]
fn a_text_of_2048_bytes_is_looked_at_and_a_longer_one_is_not() {
    let page = "softtoken://a#2.";
    let fits = format!("{page}{}", "A".repeat(LinkPayload::MAX_TEXT - page.len()));
    assert_eq!(parse(&fits).err().unwrap(), "NotUnderstood Version Unknown");
    assert_eq!(parse(&format!("{fits}A")).err().unwrap(), "NotUnderstood Text TooLong");
}

/// A made-up payload; its text is shown when a property fails.
struct MadeUp(LinkPayload);

impl std::fmt::Debug for MadeUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.to_app())
    }
}

fn payloads() -> impl Strategy<Value = MadeUp> {
    let order = (any::<bool>(), any::<[bool; 2]>(), any::<[u8; 16]>(), any::<[u8; 16]>(), any::<[u8; 32]>());
    let rest =
        (0..1_000_000_000_u64, 1..=3_u64, 6..=10_u8, 1_u16.., 1_u32.., "[a-z]{1,9}(\\.[a-z]{2,9}){0,3}");
    (order, rest, proptest::option::of(1_u16..)).prop_filter_map("small order", |(order, rest, port)| {
        let (qr, [offline_allowed, confirm_in_portal], activation_id, secret, key) = order;
        let (serial, algorithm_number, digits, period, expiry, host) = rest;
        Some(MadeUp(LinkPayload {
            mode: if qr { Mode::QrCode } else { Mode::Link },
            flags: Flags { offline_allowed, confirm_in_portal },
            activation_id,
            secret: Key::new(secret),
            issuer_key: IssuerKey::new(key).ok()?,
            serial: SerialNumber::from_value(serial)?,
            profile: Profile {
                algorithm: algorithm(algorithm_number),
                digits: Digits::new(digits)?,
                period: NonZeroU16::new(period)?,
            },
            expiry: NonZeroU32::new(expiry)?,
            address: Address::parse(&port.map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
                .ok()?,
        }))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_made_is_read_back_the_same(MadeUp(payload) in payloads()) {
        let host = Address::parse("go.example.test").unwrap();
        for text in [payload.to_app(), payload.to_https(&host)] {
            let read = parse(&text).unwrap();
            prop_assert!(read.to_bytes() == payload.to_bytes());
            prop_assert_eq!((read.mode, read.flags), (payload.mode, payload.flags));
            prop_assert_eq!((read.profile, read.expiry), (payload.profile, payload.expiry));
            prop_assert_eq!((&read.serial, &read.address), (&payload.serial, &payload.address));
            prop_assert!(read.secret.expose() == payload.secret.expose());
        }
    }

    #[test]
    fn bytes_are_refused_or_written_back_the_same(
        MadeUp(payload) in payloads(), at in 0..96_usize, bit in 0..8_u32, cut in 0..97_usize
    ) {
        let mut bytes = payload.to_bytes().to_vec();
        if let Some(byte) = bytes.get_mut(at) { *byte ^= 1 << bit; }
        bytes.truncate(cut.max(1));
        if let Ok(read) = LinkPayload::from_bytes(&bytes) {
            prop_assert!(read.to_bytes().as_slice() == bytes.as_slice());
        }
    }

    #[test]
    fn any_text_gives_a_typed_answer(text in "\\PC{0,60}", payload in "[A-Za-z0-9_-]{0,200}") {
        let _ = parse(&text);
        let _ = parse(&format!("softtoken://a#2.{text}"));
        let _ = parse(&format!("https://h/a#2.{payload}"));
    }
}
