//! The front doors that take text.

use aes::Aes128;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::{hmac, pbkdf2};
use softtoken_core::activation::entrust_v1::sealed::{OpenedV1, SealedQr};
use softtoken_core::activation::link::LinkPayload;
use softtoken_core::activation::offline::OfflineInput;
use softtoken_core::activation::otpauth::Parsed;
use softtoken_core::activation::pages::PageCollector;
use softtoken_core::activation::request::{Offer, Offers};
use softtoken_core::activation::state::TypedFields;
use softtoken_core::activation::typed::{TypedKeyOptions, mobilepass_code, typed_key};
use softtoken_core::activation::{address, foreign, list as lists, migration as export, otpauth as accounts};
use softtoken_core::activation::{qr_password, registration_code};
use softtoken_core::codec::{base32, decimal, hex};
use softtoken_core::lock::{Pin, UnlockCode};
use softtoken_core::otp::mobilepass::{MobilePassCode, is_mobilepass_plus};
use softtoken_core::otp::ocra::{Inputs, OcraSuite, respond};
use softtoken_core::otp::{Algorithm, code_at, code_for_counter};
use softtoken_core::time::UnixTime;

/// A v2 link as text, and its payload as bytes: what is printed is read again.
pub fn link(data: &[u8]) {
    let _ = LinkPayload::from_bytes(data).map(|payload| check_link(&payload));
    let Ok(text) = std::str::from_utf8(data) else { return };
    let looks = LinkPayload::looks_like(text);
    if let Ok(payload) = LinkPayload::parse(text) {
        assert!(looks, "read, but it does not look like a link");
        check_link(&payload);
        let _ = OfflineInput::from_link(&payload, b"54998317");
    }
}

fn check_link(payload: &LinkPayload) {
    let bytes = payload.to_bytes();
    let again = LinkPayload::from_bytes(&bytes).expect("a written payload is read");
    assert!(*again.to_bytes() == *bytes, "a payload read twice differs");
    let app = LinkPayload::parse(&payload.to_app()).expect("a written link is read");
    let https = LinkPayload::parse(&payload.to_https(&payload.address)).expect("a written link is read");
    assert!(*app.to_bytes() == *bytes && *https.to_bytes() == *bytes, "two forms of a link differ");
}

/// A link with a complete account.
pub fn otpauth(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (ours, refusal) = (accounts::is_ours(text), foreign::refusal(text));
    let _ = (format!("{refusal:?} {refusal}"), export::is_ours(text));
    match accounts::parse(text) {
        Ok(parsed) => {
            assert!(ours && text.len() <= accounts::MAX_TEXT);
            check_parsed(&parsed);
        }
        Err(why) => drop(format!("{why:?} {why}")),
    }
}

fn check_parsed(parsed: &Parsed) {
    match parsed {
        Parsed::Account(offer) => check_offer(offer),
        Parsed::TwoStep(two_step) => {
            check_offer(two_step.offer());
            let part = vec![7; two_step.salt_len()];
            // A million rounds are allowed; they are slow, and say nothing more.
            if two_step.rounds() <= 1000 {
                let (offer, _) = two_step.finish(&part).expect("a part of the right length");
                assert_eq!(offer.credential.secret.len(), two_step.output_len());
            }
            assert!(two_step.finish(&part[1..]).is_err());
        }
    }
}

/// An offer is one that later rooms can use: it makes codes or says why not.
pub fn check_offer(offer: &Offer) {
    assert!(!offer.credential.secret.is_empty());
    assert!(!offer.issuer.chars().chain(offer.account.chars()).any(char::is_control));
    let (spec, secret) = (&offer.credential.spec, offer.credential.secret.expose());
    let pin = offer.credential.otp_pin.as_ref().map(|pin| pin.expose());
    for time in [0, 1_800_000_000, u64::MAX] {
        let _ = code_at(spec, secret, pin, UnixTime(time));
        let _ = code_for_counter(spec, secret, time);
    }
}

/// Offers of a source with several entries.
pub fn check_offers(offers: &Offers) {
    offers.offers.iter().for_each(check_offer);
    assert!(offers.offers.len() + offers.refused.len() > 0, "neither offers nor refusals");
    assert!(offers.refused.iter().all(|refused| refused.entry > 0));
    assert!(offers.page.is_none_or(|page| page.index < page.size));
}

/// Google's export: as links, one page a line, and as the bytes inside of one.
pub fn migration(data: &[u8]) {
    let wrapped = format!("otpauth-migration://offline?data={}", URL_SAFE_NO_PAD.encode(data));
    let _ = export::parse(&wrapped).map(|offers| check_offers(&offers));
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut collector: Option<PageCollector> = None;
    for offers in text.lines().filter_map(|line| export::parse(line).ok()) {
        check_offers(&offers);
        match &mut collector {
            Some(collector) => drop(collector.add(offers)),
            None => collector = PageCollector::start(offers).ok(),
        }
    }
    if let Some(collector) = collector {
        assert!(collector.missing().len() < collector.size() as usize);
        check_offers(&collector.into_offers());
    }
}

/// An Entrust v1 QR code: as text, and as a plaintext that was sealed the right way.
pub fn sealed(data: &[u8]) {
    let opened = SealedQr::parse(&seal(data)).and_then(|sealed| sealed.open(PASSWORD));
    let _ = opened.map(|opened| check_v1(&opened));
    let Ok(text) = std::str::from_utf8(data) else { return };
    let looks = SealedQr::looks_like(text);
    if let Ok(code) = SealedQr::parse(text) {
        assert!(looks, "read, but it does not look like a sealed code");
        let _ = code.open(PASSWORD).map(|opened| check_v1(&opened));
    }
}

fn check_v1(opened: &OpenedV1) {
    let _ = opened.policy();
    let code = registration_code::read("1221149352").expect("a good code");
    check_offer(&opened.details.bring_over(&code, None));
}

/// The text of a sealed code, as its issuer makes it.
pub fn seal(plaintext: &[u8]) -> String {
    let (salt, mut keys) = ([7; 8], [0; 64]);
    let rounds = std::num::NonZeroU32::new(1000).expect("not zero");
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, PASSWORD, &mut keys);
    let cipher = cbc::Encryptor::<Aes128>::new_from_slices(&keys[..16], &keys[48..]).expect("lengths");
    let enc = STANDARD.encode([&salt[..], &cipher.encrypt_padded_vec::<Pkcs7>(plaintext)].concat());
    let query = format!("action=secactivate&enc={}&v=1", escape(&enc));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &keys[16..48]), query.as_bytes());
    format!("igmobileotp://?{query}&mac={}", escape(&STANDARD.encode(&tag.as_ref()[..12])))
}

fn escape(base64: &str) -> String {
    base64.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

const PASSWORD: &[u8] = b"54998317";

/// A list of links, as the bytes of a file.
pub fn list(data: &[u8]) {
    let _ = lists::parse_bytes(data).map(|offers| check_offers(&offers));
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = lists::is_list(text);
    }
}

/// Typed values, one a line: key, issuer, account, numbers.
pub fn typed(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.split('\n');
    let mut next = || lines.next().unwrap_or_default();
    let (one, two, three, numbers) = (next(), next(), next(), next());
    let mut numbers = numbers.split(' ');
    let options = TypedKeyOptions {
        digits: numbers.next().and_then(|number| number.parse().ok()),
        period: numbers.next().and_then(|number| number.parse().ok()),
        counter: numbers.next().and_then(|number| number.parse().ok()),
        algorithm: numbers.next(),
    };
    let _ = typed_key(one, two, three, options).map(|offer| check_offer(&offer));
    let _ = mobilepass_code(one, two).map(|offer| check_offer(&offer));
    let fields = TypedFields {
        address: one.to_owned(),
        serial_number: two.to_owned(),
        activation_code: three.to_owned().into(),
    };
    if let Ok(details) = fields.check() {
        assert!(!details.address.ascii().is_empty());
    }
    let _ = fields.check_v1();
}

/// Every code that people type, and the small codecs under them: what is printed is read again.
pub fn codes(data: &[u8]) {
    let encoded = (base32::encode(data), hex::encode(data));
    let back = (base32::decode(&encoded.0).ok(), hex::decode(&encoded.1).ok());
    if !data.is_empty() {
        assert!(back.0.is_some_and(|back| back.expose() == data));
        assert!(back.1.is_some_and(|back| back.expose() == data));
    }
    let _ = (Pin::new(data), qr_password::read(data));
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = (base32::decode(text), base32::decode_typed(text), hex::decode(text), Algorithm::parse(text));
    let _ = (is_mobilepass_plus(text), MobilePassCode::parse(text));
    if let Ok(code) = UnlockCode::parse(text) {
        let again = UnlockCode::parse(&code.shown()).expect("a shown code is read");
        assert!(*again.characters() == *code.characters());
    }
    if let Ok(code) = registration_code::read(text) {
        assert!(registration_code::read(&code.grouped()).is_ok_and(|again| again.digits() == code.digits()));
    }
    if let Ok(serial) = decimal::SerialNumber::parse(text) {
        assert_eq!(decimal::SerialNumber::parse(&serial.grouped()).ok(), Some(serial));
    }
    if let Ok(code) = decimal::ResetCode::parse(text) {
        assert_eq!(decimal::ResetCode::from_value(code.value()), Some(code));
    }
    let _ = decimal::ActivationCode::parse(text);
    if let Ok(address) = address::Address::parse(text) {
        let again = address::Address::from_canonical(address.ascii());
        assert!(again.is_ok_and(|again| again.ascii() == address.ascii()), "a canonical address changed");
        let _ = (address.unicode(), address.host().len(), address.port(), address.is_loopback());
    }
    let (suite, question) = text.split_once('\n').unwrap_or((text, "00000000"));
    if let Ok(suite) = OcraSuite::parse(suite) {
        assert!(OcraSuite::parse(suite.as_str()).is_ok(), "a suite is not read again");
        let session = vec![7; usize::from(suite.session_length().unwrap_or(0))];
        let inputs = Inputs {
            counter: Some(7),
            question,
            pin: Some(b"1234"),
            session: Some(&session),
            time: Some(UnixTime(1_800_000_000)),
        };
        let _ = respond(&suite, &[7; 20], &inputs);
    }
}
