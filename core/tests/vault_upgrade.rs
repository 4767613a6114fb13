//! Vaults of earlier schemas: opened, guarded and armed at the first unlock, never locked out before.

mod token_support;

use std::sync::Arc;

use softtoken_core::TokenError;
use softtoken_core::identity::IdentityState;
use softtoken_core::lock::KdfProfile;
use softtoken_core::random::Random;
use softtoken_core::testing::{Fakes, KeyCopy};
use softtoken_core::time::UnixTime;
use softtoken_core::token::{OpenConfig, SoftToken, TokenState};
use token_support::{NOW, PIN};

/// A vault of schema 1 with the device keys it was made with.
struct Old {
    folder: tempfile::TempDir,
    fakes: Fakes,
}

impl Old {
    fn new() -> Self {
        let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vaults/v1");
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(fixture.join("vault.db"), folder.path().join("vault.db")).unwrap();
        let text = std::fs::read_to_string(fixture.join("device_keys.json")).unwrap();
        let keys: std::collections::BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
        let fakes = Fakes::new(9);
        fakes.clock.set(NOW);
        fakes.device_key.restore(&KeyCopy::of(keys.into_iter().map(|(alias, hex)| {
            let key = softtoken_core::codec::hex::decode(&hex).unwrap();
            (alias, key.expose().try_into().unwrap())
        })));
        Self { folder, fakes }
    }

    fn start(&self) -> Arc<SoftToken> {
        let config = OpenConfig { folder: self.folder.path().to_owned() };
        SoftToken::open_for_tests(config, self.fakes.hooks(), KdfProfile::cheap(), Random::seeded(77))
            .unwrap()
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("vault.db")
    }
}

fn codes(token: &SoftToken) -> Vec<(String, Option<String>)> {
    let sheet = token.codes(Some(UnixTime(NOW))).unwrap();
    sheet.codes.into_iter().map(|row| (row.name, row.code.map(|code| code.to_string()))).collect()
}

fn expected() -> Vec<(String, Option<String>)> {
    [
        ("Work", Some("74768147")),
        ("Door", None),
        ("Issuer A", Some("25701507")),
        ("Issuer B", Some("31870129")),
        ("Pending C", Some("16126331")),
    ]
    .map(|(name, code)| (name.to_owned(), code.map(str::to_owned)))
    .into()
}

#[test]
fn a_vault_of_schema_1_opens_with_its_pin_and_shows_the_same_codes() {
    let old = Old::new();
    let token = old.start();
    assert_eq!(token.state(), Ok(TokenState::Locked { attempts_left: 4, retry_after: 0 }));
    token.unlock(PIN).unwrap();
    assert_eq!(codes(&token), expected());
    assert_eq!(token.find("Pending C").unwrap().state, IdentityState::Pending);
    drop(token);
    let token = old.start();
    token.unlock(PIN).unwrap();
    assert_eq!(codes(&token), expected());
}

#[test]
fn it_does_not_block_before_it_was_armed_and_blocks_after() {
    let old = Old::new();
    let token = old.start();
    for left in [3, 2, 1, 0, 0, 0] {
        assert_eq!(token.unlock(b"8064"), Err(TokenError::WrongPin { attempts_left: left }));
    }
    let no_way_back = softtoken_core::error::Unsupported::NoWayBack;
    assert_eq!(token.forget_pin(), Err(TokenError::Unsupported { what: no_way_back }));
    token.unlock(PIN).unwrap();
    let recovery = token.recovery_code().unwrap().expect("the first unlock shows the recovery code");
    token.acknowledge_recovery_code().unwrap();
    token.lock().unwrap();
    for left in [4, 3, 2, 1, 0] {
        assert_eq!(token.unlock(b"8064"), Err(TokenError::WrongPin { attempts_left: left }));
    }
    let Ok(TokenState::Blocked { ask }) = token.state() else { panic!("{:?}", token.state()) };
    let shown: Vec<_> = ask.iter().map(|one| one.serial.as_deref().unwrap()).collect();
    assert_eq!(shown, ["4824413456", "1002003000", "1002003000"], "the pending one too");
    token.redeem_unlock_code(&recovery, Some(b"806423")).unwrap();
    let open: Vec<_> = codes(&token).into_iter().map(|(name, _)| name).collect();
    assert_eq!(open, ["Work", "Door"]);
}

#[test]
fn an_adoption_that_is_cut_off_is_repeated_and_never_blocks() {
    for calls in 0..80 {
        let old = Old::new();
        let token = old.start();
        old.fakes.device_key.die_after(calls);
        let _ = token.unlock(PIN);
        let died = old.fakes.device_key.revive();
        drop(token);
        let token = old.start();
        assert!(matches!(token.state(), Ok(TokenState::Locked { .. })), "{calls}");
        token.unlock(PIN).unwrap();
        assert_eq!(codes(&token), expected());
        assert_eq!(token.forget_pin(), Ok(()), "{calls}");
        if !died {
            return;
        }
    }
    panic!("it never ended");
}

#[test]
fn the_file_of_before_is_an_older_file() {
    let old = Old::new();
    let before = std::fs::read(old.file()).unwrap();
    let token = old.start();
    token.unlock(PIN).unwrap();
    drop(token);
    std::fs::write(old.file(), before).unwrap();
    let token = old.start();
    assert_eq!(token.unlock(PIN), Err(TokenError::PinBlocked));
}

#[test]
fn a_damaged_file_of_schema_1_is_kept_as_it_was_found() {
    let old = Old::new();
    let mut bytes = std::fs::read(old.file()).unwrap();
    let page = bytes.len() - 4096;
    bytes[page] ^= 0x80;
    std::fs::write(old.file(), &bytes).unwrap();
    let token = old.start();
    let Ok(TokenState::Damaged { kept_at: Some(kept) }) = token.state() else {
        panic!("{:?}", token.state())
    };
    assert!(std::fs::read(kept).unwrap() == bytes);
}
