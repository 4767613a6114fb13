//! Parts of an identity to test with.

use softtoken_core::identity::{Credential, IdentityName, Label, Origin, Policy, Record};
use softtoken_core::otp::{Algorithm, CodeSpec, Digits, Period};
use softtoken_core::secret::{Key, SecretBytes};
use softtoken_core::time::UnixTime;

pub fn name(text: &str) -> IdentityName {
    IdentityName::new(text).unwrap()
}

pub fn label(text: &str) -> Label {
    Label {
        name: name(text),
        issuer: "Issuer".to_owned(),
        account: "account".to_owned(),
        address: None,
        serial: None,
    }
}

pub fn record(secret: &[u8]) -> Record {
    let spec =
        CodeSpec::Totp { algorithm: Algorithm::Sha1, digits: Digits::SIX, period: Period::THIRTY, t0: 0 };
    Record {
        credential: Credential::new(spec, SecretBytes::copy_of(secret)),
        recovery_key: Some(Key::new([0x77; 32])),
        policy: Policy::default(),
        origin: Origin::Account,
        clock_offset: 0,
        added_at: UnixTime(1_893_456_000),
        stopped: None,
    }
}
