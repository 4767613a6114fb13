//! Biometric unlock through the facade: the platform's prompt is a call of the device key.

mod token_support;

use std::sync::Arc;

use softtoken_core::TokenError;
use softtoken_core::activation::state::{ActivationOptions, ActivationSource, ActivationState};
use softtoken_core::error::{DeviceKeyProblem, Needed, Unsupported};
use softtoken_core::ports::DeviceKey;
use softtoken_core::token::{SoftToken, TokenState};
use softtoken_core::vault::{BiometricAsk, Event};
use token_support::{Device, PIN, TOTP, add, consent};

const PIN_DUE: TokenError = TokenError::InputNeeded { what: Needed::Pin };
const OFF: TokenError = TokenError::Unsupported { what: Unsupported::Biometrics };

/// The finger on the sensor.
fn touch(device: &Device, ask: &BiometricAsk) -> [u8; 32] {
    *device.fakes.device_key.eval(&ask.alias, &ask.input).unwrap().expose()
}

fn enabled() -> (Device, Arc<SoftToken>) {
    let device = Device::new();
    let token = device.ready();
    add(&token, TOTP, "Work");
    let ask = token.begin_biometrics().unwrap();
    token.enable_biometrics(&touch(&device, &ask)).unwrap();
    token.lock().unwrap();
    (device, token)
}

fn open_by_touch(device: &Device, token: &SoftToken) -> Result<(), TokenError> {
    let ask = token.biometric_request()?;
    token.unlock_with_biometric(&touch(device, &ask))
}

#[test]
fn a_finger_opens_the_vault_and_leaves_the_count_of_pins_alone() {
    let (device, token) = enabled();
    assert_eq!(token.has_biometrics(), Ok(true));
    assert_eq!(token.unlock(b"8064"), Err(TokenError::WrongPin { attempts_left: 4 }));
    open_by_touch(&device, &token).unwrap();
    assert_eq!(token.codes(None).unwrap().codes.len(), 1);
    token.lock().unwrap();
    assert_eq!(token.state(), Ok(TokenState::Locked { attempts_left: 4, retry_after: 0 }));
    drop(token);
    let token = device.start().unwrap();
    open_by_touch(&device, &token).unwrap();
    let events: Vec<_> = token.event_log().unwrap().into_iter().map(|one| one.event).collect();
    assert_eq!(events.iter().filter(|event| **event == Event::UnlockedByBiometrics).count(), 2);
}

#[test]
fn the_pin_is_due_after_three_days_and_after_a_restart() {
    let (device, token) = enabled();
    device.fakes.clock.advance(72 * 3600 - 1);
    open_by_touch(&device, &token).unwrap();
    token.lock().unwrap();
    device.fakes.clock.advance(1);
    assert_eq!(open_by_touch(&device, &token), Err(PIN_DUE));
    token.unlock(PIN).unwrap();
    token.lock().unwrap();
    open_by_touch(&device, &token).unwrap();
    token.lock().unwrap();
    device.fakes.clock.reboot();
    assert_eq!(open_by_touch(&device, &token), Err(PIN_DUE));
    token.unlock(PIN).unwrap();
    token.lock().unwrap();
    open_by_touch(&device, &token).unwrap();
}

#[test]
fn five_answers_that_open_nothing_ask_for_the_pin() {
    let (device, token) = enabled();
    for _ in 0..5 {
        assert_eq!(token.unlock_with_biometric(&[7; 32]), Err(PIN_DUE));
    }
    assert_eq!(open_by_touch(&device, &token), Err(PIN_DUE));
    assert_eq!(token.state(), Ok(TokenState::Locked { attempts_left: 5, retry_after: 0 }));
    token.unlock(PIN).unwrap();
    token.lock().unwrap();
    open_by_touch(&device, &token).unwrap();
    for no_answer in [&[0; 32][..], &[], &[1; 31]] {
        let faulty = DeviceKeyProblem::Faulty;
        assert_eq!(token.enable_biometrics(no_answer), Err(TokenError::DeviceKeyFailed { problem: faulty }));
    }
}

#[test]
fn a_lockout_takes_the_finger_too() {
    let (device, token) = enabled();
    let answer = touch(&device, &token.biometric_request().unwrap());
    let recovery = {
        open_by_touch(&device, &token).unwrap();
        let code = token.recovery_code().unwrap().unwrap();
        token.lock().unwrap();
        code
    };
    for left in [4, 3, 2, 1, 0] {
        assert_eq!(token.unlock(b"8064"), Err(TokenError::WrongPin { attempts_left: left }));
    }
    assert_eq!(token.unlock_with_biometric(&answer), Err(TokenError::PinBlocked));
    assert_eq!(token.biometric_request(), Err(TokenError::PinBlocked));
    token.redeem_unlock_code(&recovery, Some(b"806423")).unwrap();
    token.lock().unwrap();
    assert_eq!(token.unlock_with_biometric(&answer), Err(OFF));
    assert_eq!(token.has_biometrics(), Ok(false));
}

#[test]
fn it_can_be_switched_off_and_is_off_by_default() {
    let (device, token) = enabled();
    token.disable_biometrics().unwrap();
    token.disable_biometrics().unwrap();
    assert_eq!(token.biometric_request(), Err(OFF));
    assert_eq!(token.begin_biometrics(), Err(TokenError::VaultLocked));
    token.unlock(PIN).unwrap();
    assert_eq!(token.enable_biometrics(&[7; 32]), Err(TokenError::StaleInput), "nothing was begun");
    let ask = token.begin_biometrics().unwrap();
    token.enable_biometrics(&touch(&device, &ask)).unwrap();
    token.change_pin(PIN, b"806423").unwrap();
    token.lock().unwrap();
    open_by_touch(&device, &token).unwrap();
}

#[test]
fn the_time_until_an_app_locks_is_kept_with_the_vault() {
    let device = Device::new();
    let token = device.start().unwrap();
    assert_eq!(token.auto_lock_after(), Ok(30));
    token.set_pin(PIN).unwrap();
    assert!(token.set_auto_lock_after(4).is_err() && token.set_auto_lock_after(601).is_err());
    token.set_auto_lock_after(120).unwrap();
    token.change_pin(PIN, b"806423").unwrap();
    drop(token);
    let token = device.start().unwrap();
    assert_eq!(token.auto_lock_after(), Ok(120));
    assert_eq!(token.set_auto_lock_after(60), Err(TokenError::VaultLocked));
}

/// The frozen backup holds an identity whose issuer forbids biometrics.
#[test]
fn an_issuer_that_forbids_it_switches_it_off() {
    let (device, token) = enabled();
    open_by_touch(&device, &token).unwrap();
    token.change_pin(PIN, b"80642357").unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let bytes = zeroize::Zeroizing::new(std::fs::read(folder.join("backup_v1.softtoken")).unwrap());
    let text = std::fs::read_to_string(folder.join("backup.json")).unwrap();
    let password = serde_json::from_str::<serde_json::Value>(&text).unwrap()["password"].clone();
    let restore =
        token.begin_activation(ActivationSource::File(bytes), ActivationOptions::default()).unwrap();
    let ticket = restore.step().unwrap().ticket;
    restore.supply_password(ticket, password.as_str().unwrap().as_bytes()).unwrap();
    assert!(matches!(consent(&restore, None).unwrap(), ActivationState::Done { .. }));
    assert_eq!(token.has_biometrics(), Ok(false));
    assert_eq!(token.begin_biometrics(), Err(OFF));
    assert_eq!(token.event_log().unwrap().last().map(|one| one.event), Some(Event::BiometricsOff));
}
