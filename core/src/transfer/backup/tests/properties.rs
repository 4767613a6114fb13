//! What holds for any identities and any bytes.

use proptest::prelude::*;

use super::*;

fn specs() -> impl Strategy<Value = CodeSpec> {
    let algorithm = || prop_oneof![Just(Algorithm::Sha1), Just(Algorithm::Sha256), Just(Algorithm::Sha512)];
    let digits = || (6_u8..=10).prop_map(|digits| Digits::new(digits).unwrap());
    prop_oneof![
        (algorithm(), digits(), 1_u32..=0x7fff_ffff, any::<u64>()).prop_map(
            |(algorithm, digits, period, t0)| {
                CodeSpec::Totp { algorithm, digits, period: Period::new(period).unwrap(), t0 }
            }
        ),
        (algorithm(), digits()).prop_map(|(algorithm, digits)| CodeSpec::Hotp { algorithm, digits }),
        Just(CodeSpec::Ocra { suite: OcraSuite::parse("OCRA-1:HOTP-SHA512-8:C-QN08").unwrap() }),
        Just(CodeSpec::Steam),
        Just(CodeSpec::Motp),
        Just(CodeSpec::MobilePass),
    ]
}

prop_compose! {
    fn identities()(
        name in "[A-Za-z0-9日本ä]{1,40}",
        texts in ("\\PC{0,80}", "\\PC{0,80}", proptest::option::of("\\PC{0,20}")),
        spec in specs(),
        secret in proptest::collection::vec(any::<u8>(), 1..=1024),
        pin in proptest::option::of("[0-9]{1,16}"),
        numbers in (any::<u64>(), any::<i64>(), any::<u64>(), 4_u8..=12),
        recovery: Option<[u8; 32]>,
        claimed: Option<Option<[u8; 32]>>,
        flags in any::<(bool, bool)>(),
    ) -> Hidden {
        let mut one = identity(&name);
        (one.label.issuer, one.label.account, one.label.serial) = texts;
        one.label.address = claimed.map(|_| "id.example:8443".to_owned());
        one.record.credential = Credential {
            spec,
            secret: SecretBytes::new(secret),
            otp_pin: pin.map(|pin| SecretBytes::copy_of(pin.as_bytes())),
            counter: numbers.0,
        };
        one.record.clock_offset = numbers.1;
        one.record.added_at = UnixTime(numbers.2);
        one.record.recovery_key = recovery.map(Key::new);
        one.record.policy = Policy {
            pin: PinRules { min_digits: numbers.3 },
            forbid_biometric: flags.0,
            forbid_backup: false,
            verify_user: flags.1,
        };
        one.group = claimed.map_or(GroupChoice::Local, |claimed_key| {
            GroupChoice::Single { address: "id.example:8443".to_owned(), claimed_key }
        });
        Hidden(one)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_identities_come_back_as_they_were(
        written in proptest::collection::vec(identities(), 0..4),
        password in "\\PC{8,20}",
        seed: u64,
    ) {
        prop_assume!(Password::new(password.as_bytes()).is_ok());
        let written: Vec<_> = written.into_iter().map(|hidden| hidden.0).collect();
        let random = Random::seeded(seed);
        let bytes = make(&written, password.as_bytes(), KdfProfile::cheap(), &random).unwrap();
        let found = SealedBackup::parse(bytes).unwrap().open(password.as_bytes()).unwrap();
        prop_assert!(is_restored(&written, &found));
        for (written, found) in written.iter().zip(&found) {
            let copy = duplicate(found.as_ref().unwrap());
            prop_assert!(entry::is_same(written, &copy));
        }
    }

    #[test]
    fn any_bytes_give_a_backup_or_a_refusal(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
        for magic in [&b""[..], b"\x89STB", b"\x89STB\r\n\x1a\n", b"\x89STB\r\n\x1a\n\x00\x01"] {
            let bytes = [magic, &tail].concat();
            prop_assert!(open(&bytes).is_err());
            if bytes.len() > 32 {
                prop_assert!(open(&with_new_digest(bytes)).is_err());
            }
        }
    }

    #[test]
    fn any_content_gives_entries_or_a_refusal(content in proptest::collection::vec(any::<u8>(), 0..300)) {
        let password = Password::new(PASSWORD).unwrap();
        let bytes = wrap(&content, &password, KdfProfile::cheap(), &Random::seeded(1)).unwrap();
        if let Ok(entries) = open(&bytes) {
            let broken: Vec<_> = entries.iter().flatten().map(check).collect();
            prop_assert!(broken.len() <= entries.len());
        }
    }

    #[test]
    fn a_changed_entry_never_panics(at in 0_usize..600, value: u8) {
        let mut bytes = entry::encode(&identity("Bank")).unwrap().expose().to_vec();
        let at = at % bytes.len();
        bytes[at] = value;
        if let Ok(changed) = entry::decode(&bytes) {
            let _ = check(&changed);
        }
        prop_assert!(entry::decode(&bytes[..at]).is_err());
    }
}

/// proptest shows what failed; an identity shows nothing.
struct Hidden(NewIdentity);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.label.name.as_str())
    }
}
