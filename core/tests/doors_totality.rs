//! Any text gives an answer from every front door, quickly, and no answer repeats the secret.

mod doors_support;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doors_support::vectors;
use proptest::prelude::*;
use softtoken_core::activation::request::{Offers, Refusal};
use softtoken_core::activation::typed::{TypedKeyOptions, mobilepass_code, typed_key};
use softtoken_core::activation::{foreign, list, migration, otpauth, two_step};

/// What every door that takes text says.
fn ask_all(text: &str) -> Vec<Result<(), Refusal>> {
    let _ = (otpauth::is_ours(text), migration::is_ours(text), list::is_list(text));
    vec![
        otpauth::parse(text).map(drop),
        migration::parse(text).map(drop),
        list::parse(text).map(drop),
        typed_key(text, text, text, TypedKeyOptions::default()).map(drop),
        mobilepass_code(text, text).map(drop),
        Err(foreign::refusal(text)),
    ]
}

/// Links of the tables, as raw material.
fn links() -> impl Strategy<Value = String> {
    let mut links = Vec::new();
    for (file, keys) in [("otpauth.json", ["accept", "reject"]), ("migration.json", ["vectors", "reject"])] {
        let file = vectors(file);
        for row in keys.iter().flat_map(|key| file[*key].as_array().unwrap()) {
            links.push(row["uri"].as_str().unwrap().to_string());
        }
    }
    proptest::sample::select(links)
}

/// What an attacker would put in.
fn junk() -> impl Strategy<Value = String> {
    prop_oneof![
        "(?s).{0,4}",
        proptest::sample::select(vec![
            "%",
            "%4",
            "%00",
            "%FF",
            "&",
            "=",
            "?",
            "://",
            ":",
            "+",
            "2step_salt=",
            "&digits=",
            "\n",
            "#",
            "&period=99999999999999999999",
            "\u{202e}",
            "1",
            "8",
        ])
        .prop_map(String::from),
    ]
}

/// Every offer must be one that later rooms can use.
fn check_offers(offers: &Offers) {
    for offer in &offers.offers {
        assert!(!offer.credential.secret.is_empty());
        assert!(!offer.issuer.chars().chain(offer.account.chars()).any(char::is_control));
    }
    assert!(offers.offers.len() + offers.refused.len() > 0);
    assert!(offers.refused.iter().all(|refused| refused.entry > 0));
    assert!(offers.page.is_none_or(|page| page.index < page.size));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gets_an_answer(text in "(?s).{0,300}") {
        ask_all(&text);
    }

    #[test]
    fn any_text_behind_a_scheme_gets_an_answer(
        scheme in proptest::sample::select(vec![
            "otpauth://totp/", "otpauth://hotp/?", "otpauth://steam/?secret=", "otpauth://yaotp/?secret=",
            "motp://", "steam://", "oathtoken:///addToken?", "otpauth-migration://offline?data=",
            "pia://", "tiqrauth://", "https://h/tiqrauth/?",
        ]),
        rest in "(?s).{0,200}",
    ) {
        ask_all(&format!("{scheme}{rest}"));
    }

    #[test]
    fn a_link_with_a_wound_gets_an_answer(
        link in links(), at in any::<proptest::sample::Index>(), cut in 0_usize..5, put in junk(),
    ) {
        let mut characters: Vec<char> = link.chars().collect();
        let at = at.index(characters.len());
        let end = (at + cut).min(characters.len());
        characters.splice(at..end, put.chars());
        let wounded: String = characters.into_iter().collect();
        ask_all(&wounded);
        if let Ok(offers) = list::parse(&wounded) {
            check_offers(&offers);
        }
    }

    #[test]
    fn any_payload_gets_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let link = format!("otpauth-migration://offline?data={}", URL_SAFE_NO_PAD.encode(&bytes));
        if let Ok(offers) = migration::parse(&link) {
            check_offers(&offers);
        }
        let _ = list::parse_bytes(&bytes);
        two_step::base32check(&bytes);
    }

    #[test]
    fn a_payload_with_a_wound_gets_an_answer(
        row in 0_usize..8, at in any::<proptest::sample::Index>(), byte in any::<u8>(),
    ) {
        let file = vectors("migration.json");
        let payload = file["vectors"][row]["payload_hex"].as_str().unwrap();
        let mut payload = softtoken_core::codec::hex::decode(payload).ok().unwrap().expose().to_vec();
        let at = at.index(payload.len());
        payload[at] = byte;
        let link = format!("otpauth-migration://offline?data={}", URL_SAFE_NO_PAD.encode(&payload));
        if let Ok(offers) = migration::parse(&link) {
            check_offers(&offers);
        }
    }

    #[test]
    fn no_refusal_repeats_a_secret(
        canary in "[A-Z2-7]{16}", bad in proptest::sample::select(vec!["!", "%FF", "%G", "&digits=5", "\u{e9}"]),
    ) {
        let payload = [&[0x0a, 0x12, 0x0a, 0x10][..], canary.as_bytes(), &[0x13][..]].concat();
        for text in [
            format!("otpauth://totp/a?secret={canary}{bad}"),
            format!("otpauth://totp/{canary}%00?secret={canary}"),
            format!("otpauth://{canary}/a?secret={canary}"),
            format!("steam://{canary}{bad}0"),
            format!("motp://a?secret={canary}"),
            format!("{canary}://{canary}"),
            format!("{canary} {bad}"),
            format!("otpauth-migration://offline?data={}", URL_SAFE_NO_PAD.encode(&payload)),
        ] {
            let refusals = ask_all(&text).into_iter().filter_map(Result::err);
            let entries = list::parse(&text).map(|offers| offers.refused).unwrap_or_default();
            for refusal in refusals.chain(entries.into_iter().map(|entry| entry.why)) {
                let said = format!("{refusal:?} {refusal}");
                prop_assert!(!said.contains(&canary), "{said}");
            }
        }
    }
}

/// Long runs of what the readers look for, up to the limits.
#[test]
fn long_inputs_of_one_kind_are_refused() {
    let percent = "%41".repeat(20_000);
    let entries = URL_SAFE_NO_PAD.encode(b"\x0a\x00".repeat(20_000));
    for text in ["&".repeat(60_000), "=".repeat(60_000), percent, entries, "\u{1f511}".repeat(15_000)] {
        let data = format!("otpauth-migration://offline?data={text}");
        let query = format!("otpauth-migration://offline?{text}");
        for text in [&text, &data, &query] {
            let answers = ask_all(text);
            let list = 2;
            assert!(answers.iter().enumerate().all(|(door, answer)| door == list || answer.is_err()));
        }
    }
}
