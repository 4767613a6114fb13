//! Backups restore what was written, and nothing that was changed is taken.

use sha2::{Digest, Sha256};

use super::file::{HEADER, wrap};
use super::*;
use crate::error::{Part, Problem, Unsupported};
use crate::identity::{Credential, IdentityName, Label, Origin, PinRules, Policy, Record};
use crate::otp::{Algorithm, CodeSpec, Digits, OcraSuite, Period};
use crate::secret::{Key, SecretBytes};
use crate::time::UnixTime;
use crate::vault::GroupChoice;

mod properties;

const PASSWORD: &[u8] = b"correct horse";

fn identity(name: &str) -> NewIdentity {
    let totp =
        CodeSpec::Totp { algorithm: Algorithm::Sha256, digits: Digits::EIGHT, period: Period::THIRTY, t0: 0 };
    NewIdentity {
        label: Label {
            name: IdentityName::new(name).unwrap(),
            issuer: "Bänk".to_owned(),
            account: "alice".to_owned(),
            address: Some("id.example".to_owned()),
            serial: Some("4824413456".to_owned()),
        },
        record: Record {
            credential: Credential {
                otp_pin: Some(SecretBytes::copy_of(b"1234")),
                counter: 7,
                ..Credential::new(totp, SecretBytes::copy_of(&[0x5e; 32]))
            },
            recovery_key: Some(Key::new([0x77; 32])),
            policy: Policy { verify_user: true, ..Policy::default() },
            origin: Origin::Offline,
            clock_offset: -90,
            added_at: UnixTime(1_800_000_000),
            stopped: None,
        },
        group: GroupChoice::Single { address: "id.example".to_owned(), claimed_key: Some([3; 32]) },
    }
}

fn file(identities: &[NewIdentity]) -> Zeroizing<Vec<u8>> {
    make(identities, PASSWORD, KdfProfile::cheap(), &Random::seeded(3)).unwrap()
}

fn open(bytes: &[u8]) -> Result<Vec<Result<NewIdentity, Refusal>>, Refusal> {
    SealedBackup::parse(Zeroizing::new(bytes.to_vec()))?.open(PASSWORD)
}

fn damaged(problem: Problem) -> Option<Refusal> {
    Some(Refusal::part(Part::Backup, problem))
}

/// As somebody would who changes a file on purpose.
fn with_new_digest(mut bytes: Vec<u8>) -> Vec<u8> {
    let checked = bytes.len() - 32;
    let digest = Sha256::digest(&bytes[..checked]);
    bytes[checked..].copy_from_slice(&digest);
    bytes
}

#[test]
fn a_restored_backup_that_differs_in_any_field_is_noticed() {
    let written = [identity("Bank")];
    assert!(is_restored(&written, &open(&file(&written)).unwrap()));
    let changes: [fn(&mut NewIdentity); 21] = [
        |one| one.label.name = IdentityName::new("bank").unwrap(),
        |one| one.label.issuer.clear(),
        |one| one.label.account.clear(),
        |one| one.label.address = None,
        |one| one.label.serial = None,
        |one| one.record.credential.spec = CodeSpec::Steam,
        |one| one.record.credential.secret = SecretBytes::copy_of(&[0x5e; 31]),
        |one| one.record.credential.otp_pin = None,
        |one| one.record.credential.otp_pin = Some(SecretBytes::copy_of(b"1235")),
        |one| one.record.credential.counter = 8,
        |one| one.record.recovery_key = None,
        |one| one.record.recovery_key = Some(Key::new([0x78; 32])),
        |one| one.record.policy.verify_user = false,
        |one| one.record.policy.forbid_biometric = true,
        |one| one.record.policy.pin = PinRules { min_digits: 6 },
        |one| one.record.origin = Origin::Online,
        |one| one.record.clock_offset = 90,
        |one| one.record.added_at = UnixTime(0),
        |one| one.group = GroupChoice::Local,
        |one| one.group = GroupChoice::Single { address: "id.example".to_owned(), claimed_key: None },
        |one| one.record.credential.secret = SecretBytes::copy_of(&[0x5f; 32]),
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut other = identity("Bank");
        change(&mut other);
        assert!(!is_restored(&written, &[Ok(other)]), "change {number}");
    }
    assert!(!is_restored(&written, &[]), "one is missing");
    assert!(!is_restored(&written, &[Err(Refusal::part(Part::Entry, Problem::BadEncoding))]));
    let two = [identity("A"), identity("B")];
    assert!(!is_restored(&two, &[Ok(identity("B")), Ok(identity("A"))]), "another order");
}

#[test]
fn one_flipped_bit_in_any_byte_is_a_damaged_file() {
    let good = file(&[identity("Bank")]);
    let random = Random::seeded(44);
    eprintln!("seed 44, {} bytes", good.len());
    for at in 0..good.len() {
        let mut bytes = good.to_vec();
        bytes[at] ^= 1 << random.below(8).unwrap();
        let why = open(&bytes).err();
        let expected = match at {
            0..8 => damaged(Problem::BadEncoding),
            8 => Some(Refusal::Unsupported(Unsupported::NewerVersion)),
            9 if bytes[9] == 0 => damaged(Problem::OutOfRange),
            9 => Some(Refusal::Unsupported(Unsupported::NewerVersion)),
            _ => damaged(Problem::Mismatch),
        };
        assert_eq!(why, expected, "byte {at}");
    }
}

#[test]
fn a_change_on_purpose_with_a_fitting_digest_is_refused_too() {
    let good = file(&[identity("Bank")]);
    let random = Random::seeded(45);
    let checked = good.len() - 32;
    let all_of_the_header = (10 * 8)..(HEADER * 8);
    let any_bit = || usize::try_from(random.below(8).unwrap()).unwrap();
    let one_of_every_byte = (HEADER..checked).map(|at| at * 8 + any_bit());
    let mut wrong_password = 0;
    for bit in all_of_the_header.chain(one_of_every_byte) {
        let mut bytes = good.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        match open(&with_new_digest(bytes)).err() {
            Some(Refusal::WrongPassword) => wrong_password += 1,
            // Never a weaker key derivation, and never more memory than the cap.
            Some(Refusal::Unsupported(Unsupported::Encryption)) => assert!(bit < 22 * 8, "bit {bit}"),
            why => assert_eq!(why, damaged(Problem::Mismatch), "bit {bit}"),
        }
    }
    assert!(wrong_password > 16 * 8, "salts and commitment are bound into the key");
}

#[test]
fn a_cut_or_longer_file_is_refused() {
    let good = file(&[identity("Bank")]);
    for length in 0..good.len() {
        let why = open(&good[..length]).err();
        let expected = if length <= HEADER + 32 { Problem::Truncated } else { Problem::Mismatch };
        assert_eq!(why, damaged(expected), "{length}");
    }
    let longer = [&good[..], &[0]].concat();
    assert_eq!(open(&longer).err(), damaged(Problem::Mismatch));
    assert_eq!(open(&with_new_digest(longer)).err(), damaged(Problem::Mismatch));
    let too_long = Zeroizing::new(vec![0; MAX_BYTES + 1]);
    assert_eq!(SealedBackup::parse(too_long).err(), damaged(Problem::TooLong));
}

#[test]
fn a_file_that_went_through_a_text_channel_is_recognised_and_refused() {
    let good = file(&[identity("Bank")]);
    let mut text = good.to_vec();
    text.remove(4);
    assert!(looks_like(&text));
    assert_eq!(open(&text).err(), damaged(Problem::BadEncoding));
    assert!(!looks_like(b"otpauth://totp/x") && !looks_like(b"") && !looks_like(b"<KeyContainer"));
}

#[test]
fn a_newer_version_is_refused_whatever_it_holds() {
    let mut bytes = file(&[]).to_vec();
    bytes[9] = 2;
    for bytes in [&bytes[..10], &bytes[..], &with_new_digest(bytes.clone())[..]] {
        assert_eq!(open(bytes).err(), Some(Refusal::Unsupported(Unsupported::NewerVersion)));
    }
}

#[test]
fn a_file_cannot_demand_more_than_the_caps() {
    let good = file(&[]);
    for (at, value) in [(10, 256 * 1024 + 1), (10, u32::MAX), (10, 7), (14, 17), (14, 0), (18, 17), (18, 0)] {
        let mut bytes = good.to_vec();
        bytes[at..at + 4].copy_from_slice(&u32::to_be_bytes(value));
        let why = open(&with_new_digest(bytes)).err();
        assert_eq!(why, Some(Refusal::Unsupported(Unsupported::Encryption)), "{at} {value}");
    }
}

#[test]
fn another_password_opens_nothing() {
    let sealed = SealedBackup::parse(file(&[identity("Bank")])).unwrap();
    assert_eq!(sealed.open(b"correct horsf").err(), Some(Refusal::WrongPassword));
    let why = sealed.open(b"correct").err();
    assert_eq!(why, Some(Refusal::part(Part::Password, Problem::TooShort)), "cannot be one");
}

#[test]
fn the_same_identities_never_look_the_same() {
    let random = Random::seeded(3);
    let once = make(&[identity("Bank")], PASSWORD, KdfProfile::cheap(), &random).unwrap();
    let twice = make(&[identity("Bank")], PASSWORD, KdfProfile::cheap(), &random).unwrap();
    assert_eq!(once.len(), twice.len());
    assert_ne!(once[HEADER..], twice[HEADER..]);
    assert_eq!(once.len(), file(&[]).len(), "the length tells how many only roughly");
}

#[test]
fn a_broken_content_is_refused_and_a_broken_entry_alone() {
    let of = |content: &[u8]| {
        let password = Password::new(PASSWORD).unwrap();
        let bytes = wrap(content, &password, KdfProfile::cheap(), &Random::seeded(9)).unwrap();
        open(&bytes)
    };
    for (content, problem) in [
        (&b""[..], Problem::BadEncoding),
        (b"\xa0", Problem::BadEncoding),
        (b"\x9f\xff", Problem::BadEncoding),
        (b"\x80\x00", Problem::BadEncoding),
        (b"\x82\x40", Problem::BadEncoding),
        (b"\x81\x60", Problem::BadEncoding),
        (b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", Problem::TooLong),
        (b"\x9a\x00\x01\x86\xa1", Problem::TooLong),
    ] {
        assert_eq!(of(content).err(), damaged(problem), "{content:x?}");
    }
    let good = entry::encode(&identity("Bank")).unwrap();
    let mut content = b"\x83\x40\x43\xa1\x00\x02\x59".to_vec();
    content.extend_from_slice(&u16::try_from(good.len()).unwrap().to_be_bytes());
    content.extend_from_slice(good.expose());
    let found = of(&content).unwrap();
    let why = found.iter().map(|one| one.as_ref().err().cloned()).collect::<Vec<_>>();
    let newer = Refusal::Unsupported(Unsupported::NewerVersion);
    assert_eq!(why, [Some(Refusal::part(Part::Entry, Problem::BadEncoding)), Some(newer), None]);
}

#[test]
fn what_would_spoil_a_vault_is_no_identity() {
    let refused = |change: fn(&mut NewIdentity)| {
        let mut one = identity("Bank");
        change(&mut one);
        check(&one).err()
    };
    assert_eq!(refused(|_| {}), None);
    let bad = |part, at| Some(Refusal::at(part, Problem::BadCharacter, at));
    assert_eq!(refused(|one| one.label.issuer = "a\u{1b}[2J".into()), bad(Part::Issuer, 1));
    assert_eq!(refused(|one| one.label.account = "\n".into()), bad(Part::Account, 0));
    assert_eq!(refused(|one| one.label.serial = Some("1\t".into())), bad(Part::SerialNumber, 1));
    assert_eq!(refused(|one| one.label.address = Some("\u{85}".into())), bad(Part::Address, 0));
    assert_eq!(
        refused(|one| one.group = GroupChoice::Single { address: "x\r".into(), claimed_key: None }),
        bad(Part::Address, 1)
    );
    let secret = |problem| Some(Refusal::part(Part::Secret, problem));
    assert_eq!(
        refused(|one| one.record.credential.secret = SecretBytes::new(vec![])),
        secret(Problem::Empty)
    );
    assert_eq!(
        refused(|one| one.record.credential.secret = SecretBytes::new(vec![1; 1025])),
        secret(Problem::TooLong)
    );
    assert_eq!(refused(|one| one.record.credential.spec = CodeSpec::Yandex), secret(Problem::OutOfRange));
    assert_eq!(
        refused(|one| {
            one.record.credential.spec = CodeSpec::Motp;
            one.record.credential.otp_pin = None;
        }),
        Some(Refusal::part(Part::OtpPin, Problem::Missing))
    );
    let suite = OcraSuite::parse("OCRA-1:HOTP-SHA1-6:C-QN08-PSHA1").unwrap();
    for spec in [CodeSpec::MobilePass, CodeSpec::Ocra { suite }] {
        let mut one = identity("Bank");
        one.record.credential.spec = spec;
        assert_eq!(check(&one).err(), None);
    }
}

#[test]
fn another_programs_file_is_ours_byte_for_byte() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let text = std::fs::read_to_string(folder.join("backup.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    let bytes = std::fs::read(folder.join(vectors["file"].as_str().unwrap())).unwrap();
    let password = vectors["password"].as_str().unwrap().as_bytes();
    let sealed = SealedBackup::parse(Zeroizing::new(bytes.clone())).unwrap();
    let identities: Vec<_> = sealed.open(password).unwrap().into_iter().map(Result::unwrap).collect();
    let random = Random::seeded(vectors["seed"].as_u64().unwrap());
    let again = make(&identities, password, KdfProfile::standard(), &random).unwrap();
    assert!(*again == bytes);
}
