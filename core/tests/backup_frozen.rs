//! The frozen backup file: every later version opens it. Another program has written it
//! (`tests/readers/backup.py`), from `tests/vectors/backup.json`.

mod token_support;

use std::path::PathBuf;

use serde_json::{Map, Value, json};
use softtoken_core::TokenError;
use softtoken_core::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState,
};
use softtoken_core::codec::hex;
use softtoken_core::error::PinProblem;
use softtoken_core::identity::{Credential, Label, Origin, Record};
use softtoken_core::otp::CodeSpec;
use softtoken_core::time::UnixTime;
use softtoken_core::transfer::backup::SealedBackup;
use softtoken_core::vault::{GroupChoice, NewIdentity};
use token_support::{Device, PIN, consent};
use zeroize::Zeroizing;

fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors")
}

fn frozen() -> (Value, Zeroizing<Vec<u8>>) {
    let file: Value =
        serde_json::from_str(&std::fs::read_to_string(vectors().join("backup.json")).unwrap()).unwrap();
    let bytes = std::fs::read(vectors().join(file["file"].as_str().unwrap())).unwrap();
    (file, Zeroizing::new(bytes))
}

/// The row of the vector file that this identity stands for.
fn row(identity: &NewIdentity) -> Value {
    let NewIdentity { label, record, group } = identity;
    let Label { name, issuer, account, address, serial } = label;
    let Record { credential, recovery_key, policy, origin, clock_offset, added_at, stopped } = record;
    assert_eq!(*stopped, None);
    let Credential { spec, secret, otp_pin, counter } = credential;
    let hex = |bytes: &[u8]| hex::encode(bytes).as_str().to_owned();
    let mut row = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            row.insert(name.to_owned(), value);
        }
    };
    put("name", json!(name.as_str()));
    put("issuer", json!(issuer));
    put("account", json!(account));
    put("address", json!(address));
    put("serial", json!(serial));
    let kind = match spec {
        CodeSpec::Totp { algorithm, digits, period, t0 } => {
            put("algorithm", json!(algorithm.name()));
            put("digits", json!(digits.get()));
            put("period", json!(period.seconds()));
            put("t0", json!(t0));
            "totp"
        }
        CodeSpec::Hotp { algorithm, digits } => {
            put("algorithm", json!(algorithm.name()));
            put("digits", json!(digits.get()));
            "hotp"
        }
        CodeSpec::Ocra { suite } => {
            put("suite", json!(suite.as_str()));
            "ocra"
        }
        CodeSpec::Steam => "steam",
        CodeSpec::Motp => "motp",
        CodeSpec::Yandex => "yandex",
        CodeSpec::MobilePass => "mobilepass",
    };
    put("kind", json!(kind));
    put("secret_hex", json!(hex(secret.expose())));
    put("otp_pin", json!(otp_pin.as_ref().map(|pin| std::str::from_utf8(pin.expose()).unwrap())));
    put("counter", json!(counter));
    put("recovery_key_hex", json!(recovery_key.as_ref().map(|key| hex(key.expose()))));
    put("pin_min_digits", json!(policy.pin.min_digits));
    put("forbid_biometric", json!(policy.forbid_biometric));
    put("forbid_backup", json!(policy.forbid_backup));
    put("verify_user", json!(policy.verify_user));
    put(
        "origin",
        json!(match origin {
            Origin::Account => "account",
            Origin::Offline => "offline",
            Origin::Online => "online",
            Origin::EntrustV1 => "entrust-v1",
            Origin::TwoStep => "two-step",
        }),
    );
    put("clock_offset", json!(clock_offset));
    put("added_at", json!(added_at.0));
    if let GroupChoice::Single { address, claimed_key } = group {
        put("group_address", json!(address));
        put("group_claimed_key_hex", json!(claimed_key.map(|key| hex(&key))));
    }
    Value::Object(row)
}

#[test]
fn the_frozen_backup_opens_with_every_field() {
    let (file, bytes) = frozen();
    let password = file["password"].as_str().unwrap().as_bytes();
    let found = SealedBackup::parse(bytes).unwrap().open(password).unwrap();
    let found: Vec<_> = found.into_iter().map(|one| row(&one.unwrap())).collect();
    let rows = file["identities"].as_array().unwrap();
    for (found, expected) in found.iter().zip(rows) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), rows.len());
    eprintln!("vectors: backup.json {} rows", rows.len());
}

#[test]
fn the_frozen_backup_is_restored_through_the_door() {
    let (file, bytes) = frozen();
    let device = Device::new();
    let token = device.ready();
    let activation =
        token.begin_activation(ActivationSource::File(bytes), ActivationOptions::default()).unwrap();
    let ticket = activation.step().unwrap().ticket;
    activation.supply_password(ticket, file["password"].as_str().unwrap().as_bytes()).unwrap();
    // One of its issuers demands a longer PIN than this vault has.
    let ActivationState::NeedsPin { rules, exists: true } = consent(&activation, None).unwrap() else {
        panic!("restored under a PIN that is too short");
    };
    let ready = || activation.advance(activation.step().unwrap().ticket, ActivationInput::PinReady);
    let (min, too_short) = (rules.min_digits, |min| PinProblem::TooShort { min });
    assert_eq!(ready().err(), Some(TokenError::PinRefused { problem: too_short(min) }));
    token.change_pin(PIN, b"80642357").unwrap();
    let ActivationState::Done { added, refused } = ready().unwrap().state else {
        panic!("not restored");
    };
    let rows = file["identities"].as_array().unwrap();
    assert_eq!((added.len(), refused), (rows.len(), vec![]));
    let views = token.identities().unwrap();
    for (view, row) in views.iter().zip(rows) {
        assert_eq!((view.name.as_str(), view.kind.unwrap().name()), named(row));
    }
    let sheet = token.codes(Some(UnixTime(59))).unwrap();
    assert_eq!(sheet.codes[0].code.as_deref().map(String::as_str), Some("287082"), "RFC 6238 appendix B");
}

fn named(row: &Value) -> (&str, &str) {
    (row["name"].as_str().unwrap(), row["kind"].as_str().unwrap())
}
