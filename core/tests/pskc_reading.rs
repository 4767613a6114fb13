//! How a PSKC file is read: names of elements and kinds, what an offer is made of, what is skipped.

use softtoken_core::activation::request::{Offer, Offers, Refusal, Warning};
use softtoken_core::error::{Part, Problem, Unsupported};
use softtoken_core::otp::{Algorithm, CodeSpec, Digits};
use softtoken_core::transfer::pskc::{Needs, PskcFile};

#[test]
fn namespaces_are_read_with_and_without_prefix() {
    let plain = container(&package(HOTP, "", DATA));
    let prefixed = plain.replace("</", "</p:").replace('<', "<p:").replace("<p:/p:", "</p:");
    let prefixed = prefixed.replace("xmlns=", "xmlns:p=");
    let bare = plain.replace(r#"xmlns="urn:ietf:params:xml:ns:keyprov:pskc""#, "");
    let draft = plain.replace(r#"keyprov:pskc" "#, r#"keyprov:pskc:1.0" "#);
    for xml in [&plain, &prefixed, &bare, &draft] {
        let offer = one(xml);
        assert!(offer.credential.secret.ct_eq(SECRET));
        assert_eq!(offer.credential.counter, 7);
    }
    assert!(prefixed.contains("<p:Secret>") && prefixed.contains("</p:Secret>"));
}

#[test]
fn kinds_are_known_under_their_names_of_the_drafts() {
    let spec = |algorithm: &str| one(&container(&package(algorithm, "", DATA))).credential.spec;
    let hotp = CodeSpec::Hotp { algorithm: Algorithm::Sha1, digits: Digits::SIX };
    for name in [HOTP, "urn:ietf:params:xml:ns:keyprov:pskc#hotp", "http://www.ietf.org/keyprov/pskc#hotp"] {
        assert_eq!(spec(name), hotp);
    }
    assert_eq!(spec("#hotp"), hotp);
    assert_eq!(spec("HOTP"), hotp);
    assert!(matches!(spec("http://www.ietf.org/keyprov/pskc#totp"), CodeSpec::Totp { .. }));
    for name in ["urn:ietf:params:xml:ns:keyprov:pskc#", "urn:ietf:params:xml:ns:keyprov:pskc:ocra#"] {
        match spec(&format!("{name}OCRA-1:HOTP-SHA512-8:C-QN08")) {
            CodeSpec::Ocra { suite } => assert_eq!(suite.as_str(), "OCRA-1:HOTP-SHA512-8:C-QN08"),
            _ => panic!("no OCRA"),
        }
    }
}

#[test]
fn what_is_not_said_has_the_default_of_the_standard() {
    let offer = one(&container(&package(TOTP, "", &secret("MTIzNA=="))));
    match offer.credential.spec {
        CodeSpec::Totp { algorithm: Algorithm::Sha1, digits: Digits::SIX, period, t0: 0 } => {
            assert_eq!(period.seconds(), 30);
        }
        spec => panic!("{spec:?}"),
    }
    assert_eq!(offer.warnings, [Warning::ShortSecret]);
    let offer = one(&container(&package(HOTP, "", &secret("MTIzNA=="))));
    assert_eq!(offer.warnings, [Warning::ShortSecret, Warning::CounterMissing]);
    let suite = "pskc#OCRA-1:HOTP-SHA1-6:C-QN08";
    assert_eq!(one(&container(&package(suite, "", SEED))).warnings, [Warning::CounterMissing]);
    assert_eq!(one(&container(&package(suite, "", DATA))).warnings, []);
    assert_eq!((offer.issuer.as_str(), offer.account.as_str(), offer.serial), ("", "K-1", None));
}

#[test]
fn the_hash_is_read_from_the_suite() {
    let algorithms = [
        ("", Algorithm::Sha1),
        ("HMAC-SHA1", Algorithm::Sha1),
        ("HMAC-SHA256", Algorithm::Sha256),
        ("HMAC-SHA-512", Algorithm::Sha512),
    ];
    for (suite, expected) in algorithms {
        let parameters = format!("<AlgorithmParameters><Suite> {suite} </Suite></AlgorithmParameters>");
        match one(&container(&package(HOTP, &parameters, DATA))).credential.spec {
            CodeSpec::Hotp { algorithm, .. } => assert_eq!(algorithm, expected),
            spec => panic!("{spec:?}"),
        }
    }
}

#[test]
fn ten_digits_are_accepted_with_a_warning() {
    let parameters = r#"<AlgorithmParameters><ResponseFormat Length="10" Encoding="DECIMAL" CheckDigits="false"/></AlgorithmParameters>"#;
    assert_eq!(one(&container(&package(HOTP, parameters, DATA))).warnings, [Warning::TenDigits]);
}

#[test]
fn the_start_of_step_0_and_the_period_are_kept() {
    let data = format!(
        "{SEED}<Time><PlainValue>86400</PlainValue></Time><TimeInterval><PlainValue> 60 </PlainValue></TimeInterval><TimeDrift><PlainValue>-4</PlainValue></TimeDrift>"
    );
    match one(&container(&package(TOTP, "", &data))).credential.spec {
        CodeSpec::Totp { period, t0, .. } => assert_eq!((period.seconds(), t0), (60, 86_400)),
        spec => panic!("{spec:?}"),
    }
}

#[test]
fn the_nearest_name_of_issuer_and_account_wins() {
    let device = "<DeviceInfo><Manufacturer>Maker</Manufacturer><SerialNo> S-1 </SerialNo><UserId>device user</UserId></DeviceInfo>";
    let names = |key: &str| {
        let offer = one(&container(
            &package(HOTP, key, DATA).replace("<KeyPackage>", &format!("<KeyPackage>{device}")),
        ));
        assert_eq!(offer.serial.as_deref(), Some("S-1"));
        (offer.issuer, offer.account)
    };
    let pair = |issuer: &str, account: &str| (issuer.to_owned(), account.to_owned());
    assert_eq!(names("<Issuer>Bank</Issuer><UserId>UID=jo</UserId>"), pair("Bank", "UID=jo"));
    assert_eq!(names("<Issuer/><FriendlyName>Jo's key</FriendlyName>"), pair("Maker", "device user"));
    let offer = one(&container(&package(
        HOTP,
        "<FriendlyName xml:lang='de'>Jos &#x53;chl&#252;ssel</FriendlyName>",
        DATA,
    )));
    assert_eq!(offer.account, "Jos Schlüssel");
}

#[test]
fn a_comment_does_not_cut_a_text() {
    let xml = container(&package(HOTP, "<UserId>jo<!-- x -->@example<![CDATA[.com]]></UserId>", DATA));
    assert_eq!(one(&xml).account, "jo@example.com");
    let xml = container(&package(HOTP, "<UserId>\n  jo\n  smith\n</UserId>", DATA));
    assert_eq!(one(&xml).account, "jo smith");
}

#[test]
fn base64_may_be_wrapped_and_unpadded() {
    for text in ["MTIzNDU2\r\n  Nzg5MDEyMzQ1Njc4OTA=\n", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA"] {
        assert!(one(&container(&package(HOTP, "", &secret(text)))).credential.secret.ct_eq(SECRET));
    }
}

#[test]
fn a_key_for_one_time_passwords_among_other_uses_is_offered() {
    let usage = "<Policy><StartDate>2020-01-01T00:00:00Z</StartDate><KeyUsage>Derive</KeyUsage><KeyUsage>OTP</KeyUsage><PINPolicy PINUsageMode=\"Local\" MinLength=\"4\"/></Policy>";
    assert_eq!(one(&container(&package(HOTP, usage, DATA))).credential.counter, 7);
}

#[test]
fn a_bad_entry_is_reported_by_its_place_and_the_others_are_offered() {
    let good = package(HOTP, "", DATA);
    let pin = package("urn:ietf:params:xml:ns:keyprov:pskc:pin", "", DATA);
    let empty = package(HOTP, "", "");
    let offers = open(&container(&[good.as_str(), &pin, &good, &empty, &good].concat()), None).unwrap();
    assert_eq!(offers.offers.len(), 3);
    let refused: Vec<_> = offers.refused.into_iter().map(|refused| (refused.entry, refused.why)).collect();
    let kind = Refusal::Unsupported(Unsupported::TokenKind);
    assert_eq!(refused, [(2, kind), (4, Refusal::part(Part::Secret, Problem::Missing))]);
}

#[test]
fn every_offer_of_a_signed_file_says_that_the_signature_was_not_checked() {
    let packages = package(HOTP, "", DATA).repeat(2);
    let xml = container(&format!("{packages}<d:Signature xmlns:d=\"http://www.w3.org/2000/09/xmldsig#\"/>"));
    for offer in open(&xml, None).unwrap().offers {
        assert_eq!(offer.warnings, [Warning::SignatureNotChecked]);
    }
}

#[test]
fn nothing_is_asked_for_when_nothing_can_be_opened() {
    let rsa = r#"<Secret><EncryptedValue><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa_1_5"/><CipherData><CipherValue>AAAA</CipherValue></CipherData></EncryptedValue></Secret>"#;
    let file = PskcFile::parse(&container(&package(HOTP, "", rsa))).unwrap();
    assert_eq!(file.needs(), Needs::Nothing);
    let refused = file.open(None).unwrap().refused;
    assert_eq!(refused[0].why, Refusal::Unsupported(Unsupported::Encryption));
}

#[test]
fn a_password_for_a_plain_file_is_ignored() {
    assert_eq!(open(&container(&package(HOTP, "", DATA)), Some(b"anything")).unwrap().offers.len(), 1);
}

fn open(xml: &str, secret: Option<&[u8]>) -> Result<Offers, Refusal> {
    PskcFile::parse(xml)?.open(secret)
}

fn one(xml: &str) -> Offer {
    let offers = open(xml, None).unwrap();
    assert_eq!(offers.refused, []);
    let Ok([offer]) = <[Offer; 1]>::try_from(offers.offers) else { panic!("not one offer") };
    offer
}

fn container(packages: &str) -> String {
    format!(
        r#"<KeyContainer xmlns="urn:ietf:params:xml:ns:keyprov:pskc" Version="1.0">{packages}</KeyContainer>"#
    )
}

fn package(algorithm: &str, children: &str, data: &str) -> String {
    format!(
        r#"<KeyPackage><Key Id="K-1" Algorithm="{algorithm}">{children}<Data>{data}</Data></Key></KeyPackage>"#
    )
}

fn secret(base64: &str) -> String {
    format!("<Secret><PlainValue>{base64}</PlainValue></Secret>")
}

const HOTP: &str = "urn:ietf:params:xml:ns:keyprov:pskc:hotp";
const TOTP: &str = "urn:ietf:params:xml:ns:keyprov:pskc:totp";
const SECRET: &[u8] = b"12345678901234567890";
const SEED: &str = "<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>";
const DATA: &str = "<Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret><Counter><PlainValue>7</PlainValue></Counter>";
