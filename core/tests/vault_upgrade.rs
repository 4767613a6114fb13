//! Frozen vaults of every schema (`tests/vaults`): opened, guarded and armed at the first unlock, never locked
//! out before, and complete afterwards.

mod token_support;

use std::sync::Arc;

use serde_json::Value;
use softtoken_core::TokenError;
use softtoken_core::identity::IdentityState;
use softtoken_core::lock::{KdfProfile, issuer_unlock_code};
use softtoken_core::random::Random;
use softtoken_core::testing::{Fakes, KeyCopy};
use softtoken_core::time::UnixTime;
use softtoken_core::token::{OpenConfig, SoftToken, TokenState};
use softtoken_core::vault::Event;
use token_support::{NOW, PIN};

/// A frozen vault with the device keys it was made with, and what is in it.
struct Old {
    folder: tempfile::TempDir,
    fakes: Fakes,
    expected: Value,
}

impl Old {
    fn new() -> Self {
        Self::of("v1")
    }

    fn of(name: &str) -> Self {
        let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vaults").join(name);
        let expected = std::fs::read_to_string(fixture.join("expected.json")).unwrap();
        let expected = serde_json::from_str(&expected).unwrap();
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
        Self { folder, fakes, expected }
    }

    fn start(&self) -> Arc<SoftToken> {
        let config = OpenConfig { folder: self.folder.path().to_owned() };
        SoftToken::open_for_tests(config, self.fakes.hooks(), KdfProfile::cheap(), Random::seeded(77))
            .unwrap()
    }

    /// Names and codes as the frozen file has them.
    fn codes(&self) -> Vec<(String, Option<String>)> {
        serde_json::from_value(self.expected["codes"].clone()).unwrap()
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("vault.db")
    }
}

fn codes(token: &SoftToken) -> Vec<(String, Option<String>)> {
    let sheet = token.codes(Some(UnixTime(NOW))).unwrap();
    sheet.codes.into_iter().map(|row| (row.name, row.code.map(|code| code.to_string()))).collect()
}

/// Blocks an opened vault, and the names that each code opens are those of the frozen file.
fn every_code_opens_its_group(old: &Old, token: &SoftToken, recovery: &str) {
    let before = codes(token);
    let names =
        |opened: Vec<(String, Option<String>)>| opened.into_iter().map(|row| row.0).collect::<Vec<_>>();
    token.lock().unwrap();
    for left in [4, 3, 2, 1, 0] {
        assert_eq!(token.unlock(b"8064"), Err(TokenError::WrongPin { attempts_left: left }));
    }
    assert_eq!(token.unlock(PIN), Err(TokenError::PinBlocked));
    let Ok(TokenState::Blocked { ask }) = token.state() else { panic!("{:?}", token.state()) };
    let keys = old.expected["recovery_keys"].as_object().unwrap();
    assert!(!keys.is_empty(), "an issuer to ask");
    let mut pin = Some(&b"806423"[..]);
    for (address, key) in keys {
        let asked = ask.iter().find(|asked| asked.issuer == *address).unwrap();
        let key = softtoken_core::codec::hex::decode(key.as_str().unwrap()).unwrap();
        let key = softtoken_core::secret::Key::from_slice(key.expose()).unwrap();
        let serial = asked.serial.as_deref().unwrap();
        let code = issuer_unlock_code(&key, &asked.reset_code, address, serial).unwrap();
        token.redeem_unlock_code(&code, pin.take()).unwrap();
    }
    let local: Vec<_> =
        names(codes(token)).into_iter().filter(|name| name == "Work" || name == "Door").collect();
    assert!(local.is_empty(), "no issuer opens what is another's");
    token.redeem_unlock_code(recovery, None).unwrap();
    let after = codes(token);
    assert!(before.iter().all(|row| after.contains(row)), "{after:?}");
}

#[test]
fn every_frozen_vault_opens_with_its_pin_and_with_its_codes() {
    for name in FROZEN {
        let old = Old::of(name);
        let token = old.start();
        assert!(matches!(token.state(), Ok(TokenState::Locked { attempts_left: 4, .. })), "{name}");
        token.unlock(PIN).unwrap();
        assert_eq!(codes(&token), old.codes(), "{name}");
        let mut next = token.event_log().unwrap();
        assert_eq!(next.pop().map(|last| last.event), Some(Event::Unlocked), "{name}");
        drop(token);
        let db = rusqlite::Connection::open(old.file()).unwrap();
        let root_mac = "SELECT length(root_mac), length(root) > 33 FROM whole";
        assert_eq!(
            db.query_row(root_mac, [], |row| Ok((row.get(0)?, row.get(1)?))),
            Ok((32, true)),
            "{name}"
        );
        drop(db);
        let token = old.start();
        assert_eq!(token.unlock(b"8064"), Err(TokenError::WrongPin { attempts_left: 4 }), "{name}");
        token.unlock(PIN).unwrap();
        assert_eq!(codes(&token), old.codes(), "{name}");
        let recovery = token.recovery_code().unwrap().expect("not yet acknowledged");
        if let Some(known) = old.expected["recovery_code"].as_str() {
            assert_eq!(*recovery, known, "{name}");
        }
        token.acknowledge_recovery_code().unwrap();
        every_code_opens_its_group(&old, &token, &recovery);
    }
}

#[test]
fn a_first_unlock_that_is_cut_off_is_repeated_for_every_frozen_vault() {
    for name in FROZEN {
        let ended = (0..80).any(|calls| {
            let old = Old::of(name);
            let token = old.start();
            old.fakes.device_key.die_after(calls);
            let _ = token.unlock(PIN);
            let died = old.fakes.device_key.revive();
            drop(token);
            let token = old.start();
            assert!(matches!(token.state(), Ok(TokenState::Locked { .. })), "{name} {calls}");
            token.unlock(PIN).unwrap();
            assert_eq!(codes(&token), old.codes(), "{name} {calls}");
            !died
        });
        assert!(ended, "{name}: it never ended");
    }
}

#[test]
fn every_frozen_file_is_an_older_file_after_an_unlock() {
    for name in FROZEN {
        let old = Old::of(name);
        let before = std::fs::read(old.file()).unwrap();
        let token = old.start();
        token.unlock(PIN).unwrap();
        drop(token);
        std::fs::write(old.file(), before).unwrap();
        assert_eq!(old.start().unlock(PIN), Err(TokenError::PinBlocked), "{name}");
    }
}

#[test]
fn no_frozen_vault_is_forgotten() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vaults");
    let folders = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = folders.filter(|path| path.is_dir()).collect();
    found.sort();
    let found: Vec<_> = found.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(found, FROZEN);
    assert_eq!(u32::try_from(FROZEN.len()), Ok(softtoken_core::vault::SCHEMA), "one for each schema");
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
fn a_damaged_frozen_file_is_kept_as_it_was_found() {
    for name in FROZEN {
        let old = Old::of(name);
        let mut bytes = std::fs::read(old.file()).unwrap();
        let page = bytes.len() - 4096;
        bytes[page] ^= 0x80;
        std::fs::write(old.file(), &bytes).unwrap();
        let token = old.start();
        let Ok(TokenState::Damaged { kept_at: Some(kept) }) = token.state() else {
            panic!("{name} {:?}", token.state())
        };
        assert!(std::fs::read(kept).unwrap() == bytes, "{name}");
    }
}

const FROZEN: [&str; 3] = ["v1", "v2", "v3"];
