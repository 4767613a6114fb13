//! Hostile PSKC files: any text gives an answer, in bounded time, and no answer holds a secret.

use proptest::prelude::*;
use softtoken_core::activation::request::Refusal;
use softtoken_core::error::{Part, Problem};
use softtoken_core::transfer::pskc::{MAX_BYTES, MAX_DEPTH, MAX_ENTRIES, MAX_NODES, PskcFile};

#[test]
fn a_file_over_4_mib_is_refused_before_it_is_parsed() {
    let filled = |bytes: usize| {
        let packages = package(SEED);
        let space = " ".repeat(bytes - container(&packages).len());
        container(&format!("{packages}{space}"))
    };
    assert!(PskcFile::parse(&filled(MAX_BYTES)).is_ok());
    assert_eq!(PskcFile::parse(&filled(MAX_BYTES + 1)).err(), TOO_LONG);
}

#[test]
fn ten_thousand_entries_are_read_and_one_more_is_not() {
    let file = PskcFile::parse(&container(&package(SEED).repeat(MAX_ENTRIES))).unwrap();
    assert_eq!(file.open(None).unwrap().offers.len(), MAX_ENTRIES);
    let more = PskcFile::parse(&container(&package(SEED).repeat(MAX_ENTRIES + 1)));
    assert_eq!(more.err(), Some(Refusal::part(Part::Entry, Problem::TooLong)));
}

#[test]
fn nodes_are_counted() {
    // Root, container, package and its content are nodes as well, so this is over the limit.
    let empty = "<a/>".repeat(MAX_NODES.try_into().unwrap());
    assert_eq!(PskcFile::parse(&container(&format!("{}{empty}", package(SEED)))).err(), TOO_LONG);
}

#[test]
fn deep_nesting_is_refused_without_recursion() {
    let nested = |depth: usize| {
        let inside = format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        PskcFile::parse(&container(&format!("{}{inside}", package(SEED)))).err()
    };
    // The container is one level itself.
    let deepest = usize::try_from(MAX_DEPTH).unwrap() - 1;
    assert_eq!(nested(deepest), None);
    assert_eq!(nested(deepest + 1), TOO_LONG);
    assert_eq!(nested(200_000), TOO_LONG);
    assert_eq!(PskcFile::parse(&"<a>".repeat(1_000_000)).err(), TOO_LONG);
}

#[test]
fn work_does_not_grow_with_the_square_of_attributes_and_namespaces() {
    let many = |text: fn(usize) -> String, count| (0..count).map(text).collect::<String>();
    let attributes = many(|i| format!(" a{i}=''"), 300_000);
    assert_eq!(PskcFile::parse(&format!("<a{attributes}/>")).err(), TOO_LONG);
    let nested = many(|i| format!("<a xmlns:n{i}='{i}'>"), 100_000);
    assert_eq!(PskcFile::parse(&nested).err(), TOO_LONG);
    let inherited = many(|i| format!(" xmlns:n{i}='{i}'"), 32);
    let redeclared = "<a xmlns='x'/>".repeat(200_000);
    let refusal = PskcFile::parse(&format!("<a{inherited}>{redeclared}</a>")).err();
    assert_eq!(refusal, Some(Refusal::NotForThisApp));
    assert!(PskcFile::parse(&"xmlns:".repeat(600_000)).is_err());
}

#[test]
fn entities_cannot_grow_a_file() {
    let mut dtd = "<!DOCTYPE k [<!ENTITY a0 'ha'>".to_owned();
    for i in 1..12 {
        dtd += &format!("<!ENTITY a{i} '{}'>", format!("&a{};", i - 1).repeat(10));
    }
    let xml = format!("{dtd}]>{}", container(&package("<Issuer>&a11;</Issuer>")));
    let refused = Some(Refusal::part(Part::Xml, Problem::Unknown));
    assert_eq!(PskcFile::parse(&xml).err(), refused);
    assert_eq!(PskcFile::parse(&format!("<!DOCTYPE k>{}", container(&package(SEED)))).err(), refused);
}

#[test]
fn no_answer_holds_a_byte_of_a_secret() {
    // The canary stands where each refusal arises: as secret, number, name, kind and password.
    for xml in [
        container(&package(&format!("<Secret><PlainValue>{CANARY}!</PlainValue></Secret>"))),
        container(&package(&format!("{SEED}<Counter><PlainValue>{CANARY}</PlainValue></Counter>"))),
        container(&package(SEED).replace("pskc:hotp", CANARY)),
        container(&package(SEED)).replace("1.0", CANARY),
        container(&package(SEED)).replace("</Secret>", &format!("</{CANARY}>")),
        format!("{CANARY}<a/>"),
    ] {
        let answer = match PskcFile::parse(&xml).and_then(|file| file.open(Some(CANARY.as_bytes()))) {
            Err(why) => format!("{why} {why:?}"),
            Ok(offers) => {
                assert_eq!(offers.offers.len(), 0);
                format!("{:?}", offers.refused)
            }
        };
        assert!(!answer.contains(CANARY), "{answer}");
    }
    let encrypted = &samples()[3].0;
    let why = PskcFile::parse(encrypted).unwrap().open(Some(CANARY.as_bytes())).err().unwrap();
    assert!(!format!("{why} {why:?}").contains(CANARY));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_an_answer(text in ".*", secret in prop::option::of(prop::collection::vec(any::<u8>(), 0..40))) {
        answer(&text, secret.as_deref());
    }

    #[test]
    fn any_mixture_of_tags_gives_an_answer(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        answer(&pieces.concat(), Some(b"00"));
        answer(&container(&pieces.concat()), Some(b"00"));
    }

    #[test]
    fn a_changed_document_gives_an_answer(
        sample in 0_usize..5,
        cut in any::<prop::sample::Index>(),
        length in 0_usize..60,
        put in prop_oneof![Just(String::new()), "[<>/\"&= a-z0-9]{0,20}", prop::sample::select(PIECES).prop_map(str::to_owned)],
    ) {
        // The derivation of the last sample is real work; its other values are in the others as well.
        let (mut xml, secret) = samples().swap_remove(sample);
        xml = xml.replace("<IterationCount>10000<", "<IterationCount>1<");
        let start = cut.index(xml.len());
        xml.replace_range(start..(start + length).min(xml.len()), &put);
        answer(&xml, secret.as_deref());
    }
}

fn answer(xml: &str, secret: Option<&[u8]>) {
    if let Ok(offers) = PskcFile::parse(xml).and_then(|file| file.open(secret)) {
        // Each place of the file has one answer.
        assert!(!offers.offers.is_empty() || !offers.refused.is_empty());
        assert!(offers.refused.windows(2).all(|pair| pair[0].entry < pair[1].entry));
        assert!(offers.offers.iter().all(|offer| !offer.credential.secret.is_empty()));
    }
}

/// The documents of `pskc.json` with what opens them; they are ASCII, so any offset is a boundary.
fn samples() -> Vec<(String, Option<Vec<u8>>)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/pskc.json");
    let file: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let rows = file["documents"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    rows.map(|row| (text(&row["xml"]).unwrap(), text(&row["unlock"]["value"]).map(String::into_bytes)))
        .collect()
}

fn container(packages: &str) -> String {
    format!(
        r#"<KeyContainer xmlns="urn:ietf:params:xml:ns:keyprov:pskc" Version="1.0">{packages}</KeyContainer>"#
    )
}

fn package(data: &str) -> String {
    format!(
        r#"<KeyPackage><Key Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp"><Data>{data}</Data></Key></KeyPackage>"#
    )
}

const SEED: &str = "<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>";
const CANARY: &str = "Q0FOQVJZLXNlY3JldA";
const TOO_LONG: Option<Refusal> =
    Some(Refusal::NotUnderstood { part: Part::Xml, problem: Problem::TooLong, position: None });

const PIECES: &[&str] = &[
    "<KeyPackage>",
    "</KeyPackage>",
    "<Key Algorithm=\"hotp\">",
    "<Key Algorithm='totp' Id='x'>",
    "</Key>",
    "<Data>",
    "</Data>",
    "<Secret>",
    "</Secret>",
    "<PlainValue>",
    "</PlainValue>",
    "MTIz",
    "7",
    "<EncryptedValue>",
    "</EncryptedValue>",
    "<EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/>",
    "<CipherData><CipherValue>",
    "</CipherValue></CipherData>",
    "<ValueMAC>AA==</ValueMAC>",
    "<Counter>",
    "</Counter>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x ",
    "?>",
    "&amp;",
    "&",
    "\u{feff}",
    "\u{0}",
    "<a",
    ">",
    "/>",
    "ü",
    " ",
];
