//! Google's export: the shared table, bad entries among good ones, and pages.

mod doors_support;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doors_support::*;
use serde_json::Value;
use softtoken_core::activation::migration;
use softtoken_core::activation::pages::{PageCollector, PageError};
use softtoken_core::activation::request::{Offers, Page};

fn read(link: &str) -> Offers {
    migration::parse(link).unwrap_or_else(|refusal| panic!("{}: {link}", describe(&refusal)))
}

fn refused(link: &str) -> String {
    migration::parse(link).err().map_or("accepted".into(), |refusal| describe(&refusal))
}

fn link(payload: &[u8]) -> String {
    format!("otpauth-migration://offline?data={}", URL_SAFE_NO_PAD.encode(payload))
}

/// `field` 1 of a payload: an entry.
fn entry(message: &[u8]) -> Vec<u8> {
    [&[0x0a, u8::try_from(message.len()).unwrap()], message].concat()
}

/// A good entry with the name given.
fn named(name: &str) -> Vec<u8> {
    entry(&[b"\x0a\x0a1234567890\x12", &[name.len() as u8][..], name.as_bytes()].concat())
}

fn check(offers: &Offers, decoded: &Value) {
    let entries = rows(decoded, "otp");
    let mut offered = offers.offers.iter();
    for (place, row) in (1..).zip(entries) {
        if row["algorithm"] == "MD5" {
            assert_eq!(refused_entries(offers), [format!("{place}: Unsupported Md5")]);
            continue;
        }
        let offer = offered.next().unwrap();
        let or = |key, default| Some(text(row, key)).filter(|t| *t != "UNSPECIFIED").unwrap_or(default);
        let (issuer, name) = (text(row, "issuer"), text(row, "name"));
        assert_eq!(offer.issuer, issuer);
        assert_eq!(offer.account, name.strip_prefix(&format!("{issuer}:")).unwrap_or(name));
        assert_eq!(secret_hex(offer), text(row, "secret_hex"));
        let (kind, algorithm, digits, period) = rule(&offer.credential.spec);
        assert_eq!(kind.to_uppercase(), or("type", "TOTP"));
        assert_eq!(algorithm, or("algorithm", "SHA1"));
        assert_eq!(digits, row["digits"].as_u64().unwrap_or(6));
        assert_eq!(period, (kind == "totp").then_some(30));
        assert_eq!(offer.credential.counter, number(&row["counter"]));
    }
    assert!(offered.next().is_none());
    let page = offers.page.unwrap();
    assert_eq!(i64::from(page.batch_id), decoded["batch_id"].as_i64().unwrap());
    assert_eq!(u64::from(page.index), number(&decoded["batch_index"]));
    assert_eq!(u64::from(page.size), number(&decoded["batch_size"]));
}

#[test]
fn every_row_of_the_table_is_read_or_refused_as_it_says() {
    let file = vectors("migration.json");
    let good = rows(&file, "vectors");
    for row in good {
        check(&read(text(row, "uri")), &row["decoded"]);
        check(&read(&link(&bytes(text(row, "payload_hex")))), &row["decoded"]);
    }
    for row in rows(&file, "variants") {
        let same = &good[usize::try_from(number(&row["same_as"])).unwrap()];
        check(&read(text(row, "uri")), &same["decoded"]);
    }
    for row in rows(&file, "reject") {
        let offers = migration::parse(text(row, "uri"));
        assert!(offers.is_err() || offers.is_ok_and(|offers| offers.offers.is_empty()), "{row}");
    }
    let count = good.len() + rows(&file, "variants").len() + rows(&file, "reject").len();
    assert_eq!(count, 19);
    eprintln!("vectors: migration.json {count} rows");
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    softtoken_core::codec::hex::decode(hexadecimal).ok().unwrap().expose().to_vec()
}

#[test]
fn a_bad_entry_is_named_and_the_others_are_offered() {
    let no_secret = entry(b"\x12\x01a");
    let truncated = entry(b"\x0a\x09abc");
    let group = entry(b"\x0b\x0c");
    let bad_name = entry(b"\x0a\x0a1234567890\x12\x02\xff\xfe");
    let new_algorithm = entry(b"\x0a\x0a1234567890\x20\x05");
    let new_type = entry(b"\x0a\x0a1234567890\x30\x03");
    let new_digits = entry(b"\x0a\x0a1234567890\x28\x03");
    let negative = entry(b"\x0a\x0a1234567890\x30\x01\x38\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    let payload = [
        named("first"),
        no_secret,
        truncated,
        group,
        bad_name,
        new_algorithm,
        new_type,
        new_digits,
        negative,
        named("last"),
    ]
    .concat();
    let offers = read(&link(&payload));
    let accounts: Vec<_> = offers.offers.iter().map(|offer| offer.account.as_str()).collect();
    assert_eq!(accounts, ["first", "last"]);
    assert_eq!(
        refused_entries(&offers),
        [
            "2: NotUnderstood Secret Missing",
            "3: NotUnderstood Entry Truncated",
            "4: NotUnderstood Entry BadEncoding",
            "5: NotUnderstood Label BadEncoding",
            "6: NotUnderstood Algorithm Unknown",
            "7: NotUnderstood Type Unknown",
            "8: NotUnderstood Digits Unknown",
            "9: NotUnderstood Counter OutOfRange",
        ]
    );
}

#[test]
fn the_last_of_two_values_counts_as_in_every_protocol_buffer() {
    let twice = entry(b"\x0a\x01x\x0a\x0a1234567890\x12\x01a\x12\x01b");
    let offers = read(&link(&twice));
    assert_eq!(offers.offers[0].account, "b");
    assert_eq!(secret_hex(&offers.offers[0]), "31323334353637383930");
    assert_eq!(offers.page, None, "no batch size, no page");
}

#[test]
fn a_payload_has_at_most_a_thousand_entries() {
    let entries = |count| link(&entry(b"\x0a\x02xy").repeat(count));
    assert_eq!(read(&entries(1000)).offers.len(), 1000);
    assert_eq!(refused(&entries(1001)), "NotUnderstood Payload TooLong");
}

#[test]
fn a_link_of_64_kib_is_read_and_the_next_is_not() {
    let start = format!("{}&x=", link(&named("a")));
    let longest = format!("{start}{}", "x".repeat(64 * 1024 - start.len()));
    assert_eq!(read(&longest).offers.len(), 1);
    assert_eq!(refused(&format!("{longest}x")), "NotUnderstood Text TooLong");
}

/// Page `index` of `size`; the batch id is -5.
fn page(index: u8, size: u8) -> Offers {
    let bad = entry(b"\x12\x01a");
    let place = [&[0x18, size, 0x20, index, 0x28, 0xfb][..], &[0xff; 8][..], &[0x01]].concat();
    read(&link(&[named(&format!("page {index}")), bad, place].concat()))
}

#[test]
fn pages_come_in_any_order() {
    let mut pages = PageCollector::start(page(2, 3)).ok().unwrap();
    assert_eq!((pages.size(), pages.missing()), (3, vec![0, 1]));
    assert_eq!(pages.add(page(0, 3)), Ok(true));
    assert_eq!(pages.add(page(0, 3)), Ok(false), "scanned twice");
    assert_eq!(pages.missing(), [1]);
    assert_eq!(pages.add(page(1, 3)), Ok(true));
    assert!(pages.missing().is_empty());
    let all = pages.into_offers();
    let accounts: Vec<_> = all.offers.iter().map(|offer| offer.account.as_str()).collect();
    assert_eq!(accounts, ["page 0", "page 1", "page 2"]);
    let places: Vec<_> = all.refused.iter().map(|refused| refused.entry).collect();
    assert_eq!(places, [2, 4, 6], "counted through the pages");
}

#[test]
fn a_page_of_another_export_changes_nothing() {
    let first = page(0, 2);
    assert_eq!(first.page, Some(Page { batch_id: -5, index: 0, size: 2 }));
    let mut pages = PageCollector::start(first).ok().unwrap();
    assert_eq!(pages.add(page(1, 3)), Err(PageError::OtherExport), "another size");
    let mut other = page(1, 2);
    other.page = other.page.map(|page| Page { batch_id: 5, ..page });
    assert_eq!(pages.add(other), Err(PageError::OtherExport), "another id");
    assert_eq!(pages.add(read(&link(&named("a")))), Err(PageError::NotAPage));
    assert_eq!(pages.missing(), [1]);
    assert_eq!(PageCollector::start(read(&link(&named("a")))).err(), Some(PageError::NotAPage));
}
