//! Every row of `pskc.json` and `pskc_extra.json`, and figures 6 and 7 of RFC 6030.

use serde_json::Value;
use softtoken_core::activation::request::{Offer, Refusal, Warning};
use softtoken_core::codec::hex;
use softtoken_core::error::{Part, Problem};
use softtoken_core::otp::{self, CodeSpec, ocra};
use softtoken_core::time::UnixTime;
use softtoken_core::transfer::pskc::{Needs, PskcFile};

#[test]
fn every_document_opens_with_the_values_and_codes_listed() {
    let file = vectors("pskc.json");
    let rows = file["documents"].as_array().unwrap();
    for row in rows {
        let Ok([offer]) = <[Offer; 1]>::try_from(offers(row)) else { panic!("{}", row["label"]) };
        assert_fields(&offer, &row["expect"]);
        assert_code(&offer, &row["expect"]["check"]);
        assert_eq!(offer.issuer, "Example Issuer");
        assert_eq!(offer.serial.as_deref(), Some("EX-000001"));
        assert_eq!(offer.warnings, []);
    }
    assert_eq!(rows.len(), 5);
    eprintln!("vectors: pskc.json {} rows (documents)", rows.len());
}

#[test]
fn every_bad_document_is_refused_for_its_reason() {
    let file = vectors("pskc.json");
    let rows = file["reject"].as_array().unwrap();
    for row in rows {
        let expected = match row["why"].as_str().unwrap() {
            "wrong password" | "MAC altered" => Refusal::WrongPassword,
            "encrypted, but MACMethod removed: refuse CBC without MAC" => {
                Refusal::part(Part::Mac, Problem::Missing)
            }
            "version 2.0" => Refusal::part(Part::Version, Problem::Unknown),
            "not XML" => Refusal::at(Part::Xml, Problem::BadEncoding, 0),
            "DTD with entity: refuse DOCTYPE" => Refusal::part(Part::Xml, Problem::Unknown),
            why => panic!("no rule for {why}"),
        };
        let refusal = open(row).err().unwrap();
        assert_eq!(refusal, expected, "{}", row["why"]);
    }
    assert_eq!(rows.len(), 6);
    eprintln!("vectors: pskc.json {} rows (reject)", rows.len());
}

#[test]
fn every_document_of_another_writer_opens() {
    let file = vectors("pskc_extra.json");
    let rows = file["documents"].as_array().unwrap();
    for row in rows {
        let found = offers(row);
        let expected = row["expect"].as_array().unwrap();
        assert_eq!(found.len(), expected.len(), "{}", row["label"]);
        for (offer, expected) in found.iter().zip(expected) {
            assert_fields(offer, expected);
            assert_eq!(offer.issuer, expected["issuer"].as_str().unwrap());
            assert_eq!(offer.account, expected["account"].as_str().unwrap());
            assert_eq!(offer.serial.as_deref(), expected["serial"].as_str());
        }
    }
    assert_eq!(rows.len(), 15);
    eprintln!("vectors: pskc_extra.json {} rows", rows.len());
}

#[test]
fn a_wrong_key_refuses_the_file_even_when_another_entry_is_plain() {
    let file = vectors("pskc.json");
    let open = |row: &Value, key: &str| {
        let xml = row["xml"].as_str().unwrap().replacen("</pskc:MACMethod>", PLAIN_AFTER_MAC_METHOD, 1);
        let offers = PskcFile::parse(&xml).unwrap().open(Some(key.as_bytes()));
        offers.map(|offers| offers.offers.len())
    };
    let row = &file["documents"][3];
    let key = row["unlock"]["value"].as_str().unwrap();
    assert_eq!(open(row, key), Ok(2));
    assert_eq!(open(row, &key.replace('0', "1")), Err(Refusal::WrongPassword));
    // The right key by its MAC key, and no value that fits it.
    let altered = &file["reject"][1];
    assert_eq!(altered["why"], "MAC altered");
    assert_eq!(open(altered, key), Err(Refusal::WrongPassword));
}

#[test]
fn figure_6_opens_and_its_mac_covers_the_iv() {
    let figure = &vectors("pskc.json")["rfc6030"]["figure6"];
    let bytes = |name: &str| hex::decode(figure[name].as_str().unwrap()).unwrap();
    let psk = figure["psk_hex"].as_str().unwrap();
    let xml = |cipher: &[u8]| {
        // The figure's own MAC key, encrypted under the pre-shared key.
        let mac_key = "ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX";
        document(PRE_SHARED, mac_key, cipher, bytes("value_mac_hex").expose())
    };
    let cipher = bytes("cipher_value_hex");
    let open = |cipher: &[u8]| PskcFile::parse(&xml(cipher)).unwrap().open(Some(psk.as_bytes()));
    let offers = open(cipher.expose()).unwrap().offers;
    assert!(offers[0].credential.secret.ct_eq(figure["secret_ascii"].as_str().unwrap().as_bytes()));
    let mut other_iv = cipher.expose().to_vec();
    other_iv[0] ^= 1;
    assert_eq!(open(&other_iv).err(), Some(Refusal::WrongPassword));
    eprintln!("vectors: pskc.json 1 rows (figure6)");
}

#[test]
fn figure_7_derives_its_key_from_the_password() {
    let figure = &vectors("pskc.json")["rfc6030"]["figure7"];
    let text = |name: &str| figure[name].as_str().unwrap();
    // Cipher values and MAC of the figure; under the derived key they hold its MAC key and secret.
    let mac_key = "2GTTnLwM3I4e5IO5FkufoOEiOhNj91fhKRQBtBJYluUDsPOLTfUvoU2dStyOwYZx";
    let cipher = base64("oTvo+S22nsmS2Z/RtcoF8Hfh+jzMe0RkiafpoDpnoZTjPYZu6V+A4aEn032yCr4f");
    let mac = base64("LP6xMvjtypbfT9PdkJhBZ+D6O4w=");
    let derived = DERIVED
        .replace("SALT", &to_base64(hex::decode(text("salt_hex")).unwrap().expose()))
        .replace("ROUNDS", &figure["iterations"].to_string())
        .replace("LENGTH", &figure["key_length"].to_string());
    // The same values open with the password and, without derivation, with the key listed.
    for (protection, secret) in [(derived.as_str(), text("password")), (PRE_SHARED, text("derived_key_hex"))]
    {
        let file = PskcFile::parse(&document(protection, mac_key, &cipher, &mac)).unwrap();
        let offers = file.open(Some(secret.as_bytes())).unwrap().offers;
        assert_eq!(*hex::encode(offers[0].credential.secret.expose()), text("secret_hex"));
    }
    eprintln!("vectors: pskc.json 1 rows (figure7)");
}

fn open(row: &Value) -> Result<Vec<Offer>, Refusal> {
    let file = PskcFile::parse(row["xml"].as_str().unwrap())?;
    let needs = match row["unlock"]["kind"].as_str() {
        Some("password") => Needs::Password,
        Some("psk") => Needs::PreSharedKey,
        _ => Needs::Nothing,
    };
    assert_eq!(file.needs(), needs);
    let offers = file.open(row["unlock"]["value"].as_str().map(str::as_bytes))?;
    assert_eq!(offers.refused, []);
    Ok(offers.offers)
}

fn offers(row: &Value) -> Vec<Offer> {
    open(row).unwrap_or_else(|why| panic!("{}: {why:?}", row["label"]))
}

fn assert_fields(offer: &Offer, expect: &Value) {
    let credential = &offer.credential;
    assert_eq!(*hex::encode(credential.secret.expose()), expect["secret_hex"].as_str().unwrap());
    assert_eq!(credential.counter, expect["counter"].as_u64().unwrap_or(0));
    assert!(!offer.warnings.contains(&Warning::ShortSecret));
    let (kind, algorithm, digits) = match &credential.spec {
        CodeSpec::Hotp { algorithm, digits } => ("hotp", *algorithm, digits.get()),
        CodeSpec::Totp { algorithm, digits, period, t0 } => {
            assert_eq!(u64::from(period.seconds()), expect["interval"].as_u64().unwrap());
            assert_eq!(*t0, 0);
            ("totp", *algorithm, digits.get())
        }
        CodeSpec::Ocra { suite } => {
            assert_eq!(suite.as_str(), expect["suite"].as_str().unwrap());
            ("ocra", suite.algorithm(), suite.digits())
        }
        _ => panic!("another kind"),
    };
    assert_eq!(kind, expect["type"].as_str().unwrap());
    assert_eq!(u64::from(digits), expect["digits"].as_u64().unwrap());
    if kind != "ocra" {
        assert_eq!(algorithm.name(), expect["alg"].as_str().unwrap());
    }
}

fn assert_code(offer: &Offer, check: &Value) {
    let (spec, secret) = (&offer.credential.spec, offer.credential.secret.expose());
    let code = match spec {
        CodeSpec::Hotp { .. } => otp::code_for_counter(spec, secret, check["counter"].as_u64().unwrap()),
        CodeSpec::Ocra { suite } => {
            let question = check["question"].as_str().unwrap();
            let inputs = ocra::Inputs { question, counter: None, pin: None, session: None, time: None };
            ocra::respond(suite, secret, &inputs)
        }
        _ => {
            let time = UnixTime(check["time"].as_u64().unwrap());
            otp::code_at(spec, secret, None, time).map(|timed| timed.code)
        }
    };
    let expected = check["code"].as_str().or(check["response"].as_str()).unwrap();
    assert_eq!(code.unwrap().as_str(), expected);
}

fn document(protection: &str, mac_key: &str, cipher: &[u8], mac: &[u8]) -> String {
    let aes = r#"<EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>"#;
    let value = |text: &str| format!("{aes}<CipherData><CipherValue>{text}</CipherValue></CipherData>");
    format!(
        r#"<KeyContainer xmlns="urn:ietf:params:xml:ns:keyprov:pskc" Version="1.0">{protection}
        <MACMethod Algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha1"><MACKey>{}</MACKey></MACMethod>
        <KeyPackage><Key Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:hotp"><Data><Secret>
        <EncryptedValue>{}</EncryptedValue><ValueMAC>{}</ValueMAC>
        </Secret></Data></Key></KeyPackage></KeyContainer>"#,
        value(mac_key),
        value(&to_base64(cipher)),
        to_base64(mac),
    )
}

fn vectors(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/");
    serde_json::from_str(&std::fs::read_to_string(format!("{folder}{name}")).unwrap()).unwrap()
}

fn base64(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

fn to_base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

const PLAIN_AFTER_MAC_METHOD: &str = r#"</pskc:MACMethod>
    <pskc:KeyPackage><pskc:Key Algorithm="hotp"><pskc:Data><pskc:Secret>
    <pskc:PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</pskc:PlainValue>
    </pskc:Secret></pskc:Data></pskc:Key></pskc:KeyPackage>"#;
const PRE_SHARED: &str = "<EncryptionKey><KeyName>Pre-shared-key</KeyName></EncryptionKey>";
const DERIVED: &str = r#"<EncryptionKey><DerivedKey>
    <KeyDerivationMethod Algorithm="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2">
    <PBKDF2-params><Salt><Specified>SALT</Specified></Salt><IterationCount>ROUNDS</IterationCount>
    <KeyLength>LENGTH</KeyLength><PRF/></PBKDF2-params>
    </KeyDerivationMethod></DerivedKey></EncryptionKey>"#;
