//! Labels, credentials and records as bytes.

#[path = "vault_common/parts.rs"]
mod parts;

use parts::{label, name, record};
use proptest::prelude::*;
use softtoken_core::error::StopReason;
use softtoken_core::identity::encoding::{
    EncodingError, MAX_ENCODED, decode_credential, decode_label, decode_record, encode_credential,
    encode_label, encode_record,
};
use softtoken_core::identity::{
    Badge, CodeKind, Credential, IdentityId, IdentityState, IdentityView, Origin, PinRules, Policy, Stopped,
};
use softtoken_core::otp::{Algorithm, CodeSpec, Digits, OcraSuite, Period};
use softtoken_core::secret::SecretBytes;
use softtoken_core::time::UnixTime;

fn specs() -> Vec<CodeSpec> {
    vec![
        CodeSpec::Totp { algorithm: Algorithm::Sha512, digits: Digits::EIGHT, period: Period::DAY, t0: 59 },
        CodeSpec::Hotp { algorithm: Algorithm::Sha256, digits: Digits::new(10).unwrap() },
        CodeSpec::Ocra { suite: OcraSuite::parse("OCRA-1:HOTP-SHA1-6:QN08").unwrap() },
        CodeSpec::Steam,
        CodeSpec::Motp,
        CodeSpec::Yandex,
        CodeSpec::MobilePass,
    ]
}

#[test]
fn every_kind_of_credential_reads_back() {
    for spec in specs() {
        for otp_pin in [None, Some(b"1234".as_slice())] {
            let written = Credential {
                spec: spec.clone(),
                secret: SecretBytes::copy_of(b"\x00\xffsecret"),
                otp_pin: otp_pin.map(SecretBytes::copy_of),
                counter: u64::MAX,
            };
            let read = decode_credential(encode_credential(&written).unwrap().expose()).unwrap();
            assert_eq!(read.spec, spec);
            assert!(read.secret.ct_eq(b"\x00\xffsecret"));
            assert_eq!(read.otp_pin.map(|pin| pin.expose().to_vec()), otp_pin.map(<[u8]>::to_vec));
            assert_eq!(read.counter, u64::MAX);
        }
    }
}

#[test]
fn every_field_of_a_record_reads_back() {
    for origin in [Origin::Account, Origin::Offline, Origin::Online, Origin::EntrustV1, Origin::TwoStep] {
        for (flag, offset) in [(true, i64::MIN), (false, i64::MAX), (true, 0), (false, -1)] {
            let mut written = record(b"seed");
            written.origin = origin;
            written.clock_offset = offset;
            let why = if offset < 0 { StopReason::Disabled } else { StopReason::Replaced };
            written.stopped = flag.then_some(Stopped { why, since: UnixTime(u64::MAX) });
            written.policy = Policy {
                pin: PinRules { min_digits: 12 },
                forbid_biometric: flag,
                forbid_backup: !flag,
                verify_user: flag,
            };
            if flag {
                written.recovery_key = None;
            }
            let read = decode_record(encode_record(&written).unwrap().expose()).unwrap();
            assert_eq!(read.policy, written.policy);
            assert_eq!((read.origin, read.clock_offset, read.added_at), (origin, offset, written.added_at));
            assert_eq!(read.stopped, written.stopped);
            assert!(read.credential.secret.ct_eq(b"seed"));
            assert_eq!(read.recovery_key.map(|key| *key.expose()), (!flag).then_some([0x77; 32]));
        }
    }
}

#[test]
fn every_field_of_a_label_reads_back() {
    let mut written = label("Bänk 日本");
    assert_eq!(decode_label(encode_label(&written).unwrap().expose()), Ok(written.clone()));
    written.address = Some("id.example:8443".to_owned());
    written.serial = Some("1234567897".to_owned());
    assert_eq!(decode_label(encode_label(&written).unwrap().expose()), Ok(written));
}

#[test]
fn each_broken_map_has_its_error() {
    for (hex, error) in [
        ("", EncodingError::Malformed),
        ("80", EncodingError::Malformed),
        ("bfff", EncodingError::Malformed),
        ("a0", EncodingError::Missing(0)),
        ("a10002", EncodingError::Version(2)),
        ("a100 1bffffffffffffffff", EncodingError::Version(u64::MAX)),
        ("a10001", EncodingError::Missing(1)),
        ("a1000100", EncodingError::Malformed),
        ("a200010001", EncodingError::Duplicate(0)),
        ("a300010161410161 42", EncodingError::Duplicate(1)),
        ("a200010105", EncodingError::BadValue(1)),
        ("a2000101f6", EncodingError::BadValue(1)),
        ("a20001016141", EncodingError::Missing(2)),
        ("a400010160 0260 0360", EncodingError::BadValue(1)),
        ("a500010161410260 0360 0401", EncodingError::BadValue(4)),
        ("bbffffffffffffffff", EncodingError::Malformed),
        ("a1617801", EncodingError::Malformed),
    ] {
        assert_eq!(decode_label(&unhex(hex)), Err(error), "{hex}");
    }
    assert_eq!(decode_label(&vec![0; MAX_ENCODED + 1]), Err(EncodingError::TooLong));
    let mut long = label("x");
    long.account = "a".repeat(MAX_ENCODED);
    assert_eq!(encode_label(&long).err(), Some(EncodingError::TooLong));
}

#[test]
fn a_later_version_may_add_keys() {
    let mut bytes = encode_label(&label("Bank")).unwrap().expose().to_vec();
    assert_eq!(bytes[0], 0xa4);
    bytes[0] = 0xa6;
    bytes.extend_from_slice(&unhex("1863 9f01a10102ff"));
    bytes.extend_from_slice(&unhex("1bffffffffffffffff 40"));
    assert_eq!(decode_label(&bytes), Ok(label("Bank")));
}

#[test]
fn values_out_of_range_are_refused() {
    let good = "a8 0001 0101 0201 0306 04181e 0500 0741aa 0900";
    assert!(decode_credential(&unhex(good)).is_ok());
    for (from, to, key) in [
        (" 0101", " 0108", 1),
        ("0201", "0204", 2),
        ("0306", "0305", 3),
        ("0306", "031901ff", 3),
        ("04181e", "0400", 4),
        ("04181e", "041a80000000", 4),
        ("0741aa", "076141", 7),
    ] {
        let bad = good.replacen(from, to, 1);
        let error = decode_credential(&unhex(&bad)).err();
        assert!(
            error == Some(EncodingError::BadValue(key))
                || (key == 7 && error == Some(EncodingError::Malformed)),
            "{bad} {error:?}"
        );
    }
}

#[test]
fn a_view_shows_what_the_list_needs() {
    let id = IdentityId([5; 16]);
    let kinds = specs().into_iter().map(|spec| {
        let mut record = record(&[0; 20]);
        record.credential.spec = spec;
        let view = IdentityView::active(id, &label("Bank"), &record);
        (view.kind.unwrap().name(), view.digits.unwrap(), view.period)
    });
    let expected = [
        ("totp", 8, Some(86_400)),
        ("hotp", 10, None),
        ("ocra", 6, None),
        ("steam", 5, Some(30)),
        ("motp", 6, Some(10)),
        ("yandex", 8, Some(30)),
        ("mobilepass", 6, None),
    ];
    assert_eq!(kinds.collect::<Vec<_>>(), expected);

    let mut weak = record(b"short");
    let view = IdentityView::pending(id, &label("Bank"), &weak, Some("12211-49352".to_owned()));
    assert_eq!((view.state.name(), view.badge.map(Badge::name)), ("pending", Some("weak")));
    assert_eq!(view.registration_code.as_deref(), Some("12211-49352"));
    assert_eq!((view.name.as_str(), view.kind), ("Bank", Some(CodeKind::Totp)));
    assert!(!format!("{view:?}").contains("115, 104, 111, 114, 116"), "no secret in Debug");
    weak.origin = Origin::EntrustV1;
    let view = IdentityView::active(id, &label("Bank"), &weak);
    assert_eq!((view.state.name(), view.badge.map(Badge::name)), ("active", Some("legacy")));

    let closed = IdentityView::closed(id, &label("Bank"), IdentityState::NeedsUnlockCode);
    assert_eq!((closed.state.name(), closed.kind, closed.badge), ("needs_unlock_code", None, None));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_a_value_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode_label(&bytes);
        let _ = decode_credential(&bytes);
        let _ = decode_record(&bytes);
    }

    #[test]
    fn a_changed_record_never_panics(at in 0_usize..200, value: u8) {
        let mut bytes = encode_record(&record(b"seed")).unwrap().expose().to_vec();
        let at = at % bytes.len();
        bytes[at] = value;
        let _ = decode_record(&bytes);
        let _ = decode_record(&bytes[..at]);
    }

    #[test]
    fn any_label_reads_back(text in "\\PC{1,64}", issuer in ".{0,80}", account in ".{0,80}", serial in proptest::option::of(".{0,20}")) {
        if let Ok(valid) = softtoken_core::identity::IdentityName::new(&text) {
            let mut written = label("x");
            written.name = valid;
            written.issuer = issuer;
            written.account = account;
            written.serial = serial;
            prop_assert_eq!(decode_label(encode_label(&written).unwrap().expose()), Ok(written));
        }
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn a_name_is_cleaned_when_it_is_read() {
    let bytes = unhex("a4 0001 0165 2042616e6b 0260 0360");
    assert_eq!(decode_label(&bytes).unwrap().name, name("Bank"));
}
