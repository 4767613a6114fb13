//! Addresses: every row of `activation_v2.json`, one canonical spelling, loopback.

mod profile;

use profile::{line, rows, text, vectors};
use proptest::prelude::*;
use softtoken_core::activation::address::Address;

#[test]
fn every_address_row_has_its_canonical_and_its_unicode_spelling() {
    let file = vectors("activation_v2.json");
    for row in rows(&file, "activation_v2.json", "addresses") {
        let address = Address::parse(text(row, "typed")).unwrap_or_else(|why| panic!("{why:?}: {row}"));
        assert_eq!(address.ascii(), text(row, "canonical"), "{row}");
        assert_eq!(address.unicode(), text(row, "unicode"), "{row}");
        assert_eq!(Address::from_canonical(address.ascii()), Ok(address), "{row}");
    }
}

#[test]
fn every_refused_address_row_says_why_and_where() {
    let file = vectors("activation_v2.json");
    for row in rows(&file, "activation_v2.json", "addresses_refused") {
        let why = Address::parse(text(row, "typed")).map(|address| address.ascii().to_owned());
        assert_eq!(why.map_err(line), Err(text(row, "expect").to_owned()), "{row}");
    }
}

#[test]
fn a_canonical_address_is_taken_only_as_it_is_written() {
    for spelling in
        ["idp.example.test:443", "https://idp.example.test", "[2001:db8:0::7]", "idp.example.test/"]
    {
        assert!(Address::parse(spelling).is_ok(), "{spelling}");
        assert_eq!(
            Address::from_canonical(spelling).map_err(line),
            Err("NotUnderstood Address BadEncoding".into())
        );
    }
    for (spelling, at) in [("Idp.example.test", 0), ("bücher.example", 1), (" idp.example.test", 0)] {
        let why = format!("NotUnderstood Address BadCharacter {at}");
        assert_eq!(Address::from_canonical(spelling).map_err(line), Err(why));
    }
}

#[test]
fn plain_http_is_for_this_machine_only() {
    for near in ["localhost", "idp.localhost:8443", "127.0.0.1", "127.9.9.9:80", "[::1]:8080"] {
        assert!(Address::parse(near).unwrap().is_loopback(), "{near}");
        assert!(Address::parse(&format!("http://{near}")).is_ok(), "{near}");
    }
    for far in
        ["localhost.example", "notlocalhost", "128.0.0.1", "127.0.0.1.example", "[::2]", "idp.example.test"]
    {
        assert!(!Address::parse(far).unwrap().is_loopback(), "{far}");
        let why = Address::parse(&format!("http://{far}")).map_err(line);
        assert_eq!(why, Err("NotUnderstood Address Mismatch".into()), "{far}");
    }
}

#[test]
fn the_port_is_443_when_nothing_else_is_said() {
    let port =
        |text| Address::parse(text).map(|address| (address.host().to_owned(), address.port())).unwrap();
    assert_eq!(port("idp.example.test"), ("idp.example.test".into(), 443));
    assert_eq!(port("idp.example.test:8443"), ("idp.example.test".into(), 8443));
    assert_eq!(port("[2001:db8::7]"), ("[2001:db8::7]".into(), 443));
    assert_eq!(port("[2001:db8::7]:1"), ("[2001:db8::7]".into(), 1));
    assert_eq!(port("http://localhost"), ("localhost".into(), 80));
}

#[test]
fn forms_that_embed_an_ipv4_address_are_refused() {
    for text in ["[::ffff:127.0.0.1]", "[::ffff:7f00:1]"] {
        assert_eq!(
            Address::parse(text).map_err(line),
            Err("NotUnderstood Address OutOfRange".into()),
            "{text}"
        );
    }
    for text in ["0x7f.1", "127.1", "2130706433", "idp.example.0x1"] {
        assert_eq!(
            Address::parse(text).map_err(line),
            Err("NotUnderstood Address BadEncoding".into()),
            "{text}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_an_address_of_the_right_shape_or_a_typed_error(text in "\\PC{0,80}") {
        if let Ok(address) = Address::parse(&text) {
            prop_assert!((1..=Address::MAX_LEN).contains(&address.ascii().len()));
            prop_assert!(address.ascii().bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase()));
            prop_assert_eq!(Address::from_canonical(address.ascii()), Ok(address));
        }
    }

    #[test]
    fn letter_case_scheme_and_a_final_slash_do_not_matter(
        name in "[a-z]([a-z0-9]{0,8}[a-z])?(\\.[a-z]{1,6}){0,3}", port in proptest::option::of(1_u16..)
    ) {
        let plain = port.map_or_else(|| name.clone(), |port| format!("{name}:{port}"));
        let address = Address::parse(&plain).unwrap();
        prop_assert_eq!(Address::parse(&format!("  HTTPS://{}/\n", plain.to_uppercase())), Ok(address.clone()));
        prop_assert_eq!(address.port(), port.unwrap_or(443));
        prop_assert_eq!(address.host(), name);
    }
}
