//! What foreign code can do to the exported objects: failing, panicking, lying and re-entrant hooks, threads.
//! Each time a typed error, the process lives, and the token works again when the hook does.

mod platform;
mod threads;

use platform::{Mood, Platform};
use softtoken::token::SoftToken;
use softtoken::types::{
    ActivationOptions, ActivationSource, DeviceKeyProblem, OpenConfig, SecretText, TokenError, TokenState,
};
use std::sync::Arc;

const PIN: &[u8] = b"729461";
const FAULTY: TokenError = TokenError::DeviceKeyFailed { problem: DeviceKeyProblem::Faulty };
const TRANSIENT: TokenError = TokenError::DeviceKeyFailed { problem: DeviceKeyProblem::Transient };

fn open(folder: &tempfile::TempDir, platform: &Arc<Platform>) -> Arc<SoftToken> {
    let config = OpenConfig { folder: folder.path().to_owned() };
    SoftToken::open(config, platform.hooks()).unwrap()
}

#[test]
fn a_clock_that_fails_or_panics_is_a_typed_error_and_the_next_call_works() {
    let (folder, platform) = (tempfile::tempdir().unwrap(), Platform::new());
    let token = open(&folder, &platform);
    token.set_pin(PIN).unwrap();
    platform.clock_is(Mood::Fails);
    assert_eq!(token.codes(None).err(), Some(TRANSIENT));
    platform.clock_is(Mood::Panics);
    assert_eq!(token.codes(None).err(), Some(FAULTY));
    platform.clock_is(Mood::Works);
    assert!(token.codes(None).is_ok());
}

#[test]
fn a_device_key_that_panics_or_answers_with_a_wrong_length_makes_no_vault() {
    let (folder, platform) = (tempfile::tempdir().unwrap(), Platform::new());
    let token = open(&folder, &platform);
    for mood in [Mood::Panics, Mood::Lies] {
        platform.key_is(mood);
        assert_eq!(token.set_pin(PIN).err(), Some(FAULTY), "{mood:?}");
        platform.key_is(Mood::Works);
        assert_eq!(token.state().unwrap(), TokenState::Fresh);
    }
    token.set_pin(PIN).unwrap();
    assert_eq!(token.state().unwrap(), TokenState::Ready);
}

#[test]
fn a_hook_that_calls_the_token_is_refused_and_nothing_hangs() {
    let (folder, platform) = (tempfile::tempdir().unwrap(), Platform::new());
    let token = open(&folder, &platform);
    token.set_pin(PIN).unwrap();
    platform.calls_back(&token);
    assert!(token.codes(None).is_ok());
    token.lock().unwrap();
    token.unlock(PIN).unwrap();
    let answers = platform.answers();
    assert!(answers.len() >= 3, "{answers:?}");
    assert!(answers.iter().all(|answer| *answer == Some(TokenError::StaleInput)), "{answers:?}");
}

#[test]
fn a_log_that_panics_stops_nothing() {
    let (folder, platform) = (tempfile::tempdir().unwrap(), Platform::new());
    let token = open(&folder, &platform);
    platform.log_is(Mood::Panics);
    token.set_pin(PIN).unwrap();
    token.lock().unwrap();
    token.unlock(PIN).unwrap();
}

#[test]
fn what_is_no_unlock_code_and_no_picture_is_not_understood() {
    let (folder, platform) = (tempfile::tempdir().unwrap(), Platform::new());
    let token = open(&folder, &platform);
    let codes =
        [token.redeem_unlock_code(&[0xff, 0xfe], &[]).err(), token.redeem_unlock_code(b"", &[]).err()];
    assert!(codes.iter().all(|error| matches!(error, Some(TokenError::NotUnderstood { .. }))), "{codes:?}");
    let frame = token.scan_frame(640, 480, 640, &[0; 100], None, ActivationOptions::default());
    assert!(matches!(frame.err(), Some(TokenError::NotUnderstood { .. })));
}

#[test]
fn no_error_shows_what_was_typed() {
    let (folder, platform) = (tempfile::tempdir().unwrap(), Platform::new());
    let token = open(&folder, &platform);
    let canary = "CANARYSEEDMFRGGZDFMZTWQ2LK";
    for text in [format!("otpauth://totp/A?secret={canary}&digits=99"), format!("nonsense {canary}")] {
        let source = ActivationSource::Text(SecretText::new(text));
        let error = token.begin_activation(source, ActivationOptions::default()).err().unwrap();
        assert!(!format!("{error} {error:?}").contains("CANARY"));
    }
}
