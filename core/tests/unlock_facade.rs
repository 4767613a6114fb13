//! Blocked and back through the facade, as an app does it.

mod token_support;

use std::sync::Arc;

use softtoken_core::TokenError;
use softtoken_core::activation::manual::TypedDetails;
use softtoken_core::activation::offline::{OfflineInput, argon2id};
use softtoken_core::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, TypedFields,
};
use softtoken_core::codec::decimal::RegistrationCode;
use softtoken_core::error::{Needed, Part, PinProblem, Problem, Unsupported};
use softtoken_core::identity::{IdentityId, IdentityState};
use softtoken_core::lock::issuer_unlock_code;
use softtoken_core::ports::LogEvent;
use softtoken_core::secret::Key;
use softtoken_core::token::{SoftToken, TokenState};
use token_support::{Device, HOTP, PIN, TOTP, add, consent};
use zeroize::Zeroizing;

const NEW_PIN: &[u8] = b"806423";

/// An offline activation, and the issuer's K_rec of it.
fn activate(token: &Arc<SoftToken>, address: &str, name: &str, complete: bool) -> (IdentityId, Key<32>) {
    let fields = || TypedFields {
        address: address.to_owned(),
        serial_number: "48244-13456".to_owned(),
        activation_code: Zeroizing::new("1745-7712-6942-8698".to_owned()),
    };
    let options = ActivationOptions { offline: true, ..ActivationOptions::default() };
    let activation = token.begin_activation(ActivationSource::Typed(fields()), options).unwrap();
    let ActivationState::ShowRegistrationCode { id, code, .. } = consent(&activation, Some(name)).unwrap()
    else {
        panic!("the registration code is shown");
    };
    if complete {
        let ticket = activation.step().unwrap().ticket;
        activation.advance(ticket, ActivationInput::Confirmed).unwrap();
    }
    let details: TypedDetails = fields().check().map_err(|_| ()).unwrap();
    let code = RegistrationCode::parse(&code).unwrap();
    let issuer = OfflineInput::from_typed(&details).derive(code, &argon2id).unwrap();
    (id, issuer.recovery_key)
}

fn block(token: &SoftToken) {
    for left in [4, 3, 2, 1, 0] {
        assert_eq!(token.unlock(b"8064"), Err(TokenError::WrongPin { attempts_left: left }));
    }
}

fn states(token: &SoftToken) -> Vec<(String, IdentityState)> {
    token.identities().unwrap().into_iter().map(|view| (view.name, view.state)).collect()
}

fn expect(rows: &[(&str, IdentityState)]) -> Vec<(String, IdentityState)> {
    rows.iter().map(|(name, state)| (name.to_string(), *state)).collect()
}

#[test]
fn five_wrong_pins_a_code_and_a_new_pin() {
    use IdentityState::{Active, NeedsUnlockCode, Pending};
    let device = Device::new();
    let token = device.ready();
    let (a, key) = activate(&token, "a.example.org", "A", true);
    let hotp = add(&token, HOTP, "Door");
    let (pending, _) = activate(&token, "b.example.org", "B", false);
    let recovery = token.recovery_code().unwrap().unwrap();
    assert_eq!(token.recovery_code().unwrap().as_deref(), Some(&*recovery), "until it is acknowledged");
    token.acknowledge_recovery_code().unwrap();
    assert!(token.recovery_code().unwrap().is_none());
    token.lock().unwrap();
    block(&token);
    assert_eq!(token.unlock(PIN), Err(TokenError::PinBlocked));
    assert_eq!(token.unlock(b"12"), Err(TokenError::PinBlocked));
    drop(token);
    let token = device.start().unwrap();
    let Ok(TokenState::Blocked { ask }) = token.state() else { panic!("{:?}", token.state()) };
    assert_eq!((&*ask[0].issuer, ask[0].serial.as_deref()), ("a.example.org", Some("4824413456")));
    assert_eq!((ask.len(), token.status().unwrap().identities), (2, 2));
    let code = issuer_unlock_code(&key, &ask[0].reset_code, "a.example.org", "4824413456").unwrap();
    assert_eq!(token.redeem_unlock_code(&code, None), Err(TokenError::InputNeeded { what: Needed::NewPin }));
    token.redeem_unlock_code(&code.to_lowercase(), Some(NEW_PIN)).unwrap();
    assert_eq!(token.state(), Ok(TokenState::Ready));
    let waiting = expect(&[("A", Active), ("Door", NeedsUnlockCode), ("B", NeedsUnlockCode)]);
    assert_eq!(states(&token), waiting);
    assert_eq!(token.codes(None).unwrap().codes.len(), 1);
    let needed = Some(TokenError::InputNeeded { what: Needed::UnlockCode });
    assert_eq!(token.next_code(hotp).err(), needed);
    assert_eq!(token.respond(hotp, "1", None, None).err(), needed);
    assert_eq!(token.rename(pending, "C").err(), needed);
    assert_eq!(token.rename(hotp, "Gate").unwrap().state, NeedsUnlockCode, "a name needs no record");
    assert_eq!(token.unlock_requests().unwrap().len(), 1);
    assert!(token.takes_recovery_code().unwrap());
    token.redeem_unlock_code(&recovery, None).unwrap();
    assert_eq!(token.next_code(hotp).unwrap().counter, Some(0));
    token.remove(pending).unwrap();
    assert_eq!(states(&token), expect(&[("A", Active), ("Gate", Active)]));
    assert!(token.unlock_requests().unwrap().is_empty());
    assert_eq!(token.redeem_unlock_code(&recovery, None), Err(TokenError::StaleInput));
    drop(token);
    let token = device.start().unwrap();
    assert!(matches!(token.unlock(PIN), Err(TokenError::WrongPin { attempts_left: 4 })));
    token.unlock(NEW_PIN).unwrap();
    let (_, _) = activate(&token, "b.example.org", "B", false);
    assert_eq!(states(&token)[2].1, Pending);
    assert!(token.codes(None).unwrap().codes.iter().any(|row| row.id == a));
    let events: Vec<_> = device.fakes.log.take().into_iter().map(|(_, event)| event).collect();
    assert!(events.contains(&LogEvent::PinBlocked) && events.contains(&LogEvent::UnlockCodeUsed));
    assert!(!events.contains(&LogEvent::NotArmed));
}

#[test]
fn a_pending_activation_is_opened_by_its_own_issuer() {
    let device = Device::new();
    let token = device.ready();
    let (id, key) = activate(&token, "b.example.org", "B", false);
    token.forget_pin().unwrap();
    let Ok(TokenState::Blocked { ask }) = token.state() else { panic!("{:?}", token.state()) };
    let code = issuer_unlock_code(&key, &ask[0].reset_code, "b.example.org", "4824413456").unwrap();
    let redeemed = token.redeem_unlock_code(&code, Some(NEW_PIN)).unwrap();
    assert!(redeemed.lost.is_empty());
    assert_eq!(states(&token), expect(&[("B", IdentityState::Pending)]));
    let resumed = token.resume_activation(id).unwrap();
    resumed.advance(resumed.step().unwrap().ticket, ActivationInput::Confirmed).unwrap();
    assert_eq!(states(&token), expect(&[("B", IdentityState::Active)]));
}

#[test]
fn the_wait_before_the_next_try_is_reported_and_not_enforced() {
    let device = Device::new();
    let token = device.ready();
    token.lock().unwrap();
    let wait = |token: &SoftToken| match token.state().unwrap() {
        TokenState::Locked { attempts_left, retry_after } => (attempts_left, retry_after),
        other => panic!("{other:?}"),
    };
    let mut shown = vec![wait(&token)];
    for _ in 0..4 {
        token.unlock(b"8064").unwrap_err();
        shown.push(wait(&token));
    }
    assert_eq!(shown, [(5, 0), (4, 0), (3, 0), (2, 5), (1, 30)]);
    device.fakes.clock.set(0);
    device.fakes.clock.advance(10);
    drop(token);
    let token = device.start().unwrap();
    assert_eq!(wait(&token), (1, 20), "by the monotonic clock, over a restart");
    device.fakes.clock.reboot();
    assert_eq!(wait(&token), (1, 30));
    token.unlock(PIN).unwrap();
    token.lock().unwrap();
    assert_eq!(wait(&token), (5, 0));
}

#[test]
fn what_is_no_code_or_no_pin_is_refused_before_anything_is_counted() {
    let device = Device::new();
    let token = device.ready();
    assert_eq!(
        token.forget_pin(),
        Err(TokenError::Unsupported { what: Unsupported::NoWayBack }),
        "nothing is in it"
    );
    add(&token, TOTP, "Work");
    let recovery = token.recovery_code().unwrap().unwrap();
    token.acknowledge_recovery_code().unwrap();
    token.lock().unwrap();
    assert_eq!(token.redeem_unlock_code(&recovery, Some(NEW_PIN)), Err(TokenError::VaultLocked));
    token.forget_pin().unwrap();
    let wrong = "0000-0000-0000-0";
    for _ in 0..12 {
        let refused = token.redeem_unlock_code("0000-0000-0000-1", Some(NEW_PIN));
        let (part, problem) = (Part::UnlockCode, Problem::CheckDigit);
        assert_eq!(refused, Err(TokenError::NotUnderstood { part, problem, position: None }));
        let weak = token.redeem_unlock_code(wrong, Some(b"1234"));
        assert_eq!(weak, Err(TokenError::PinRefused { problem: PinProblem::Run }));
    }
    for left in [9, 8] {
        let result = token.redeem_unlock_code(wrong, Some(NEW_PIN));
        assert_eq!(result, Err(TokenError::WrongUnlockCode { tries_left: left }));
    }
    token.redeem_unlock_code(&recovery, Some(NEW_PIN)).unwrap();
    assert_eq!(states(&token), expect(&[("Work", IdentityState::Active)]));
    assert_ne!(token.recovery_code().unwrap().as_deref(), Some(&*recovery), "a new one is shown");
    assert!(token.recovery_code().unwrap().is_some());
}

#[test]
fn a_blocked_vault_is_replaced_when_no_code_can_open_it_and_not_before() {
    let device = Device::new();
    let token = device.ready();
    block(&token);
    token.set_pin(PIN).unwrap();
    assert_eq!(token.state(), Ok(TokenState::Ready), "it was empty");
    add(&token, TOTP, "Work");
    token.lock().unwrap();
    block(&token);
    for left in (0..10).rev() {
        assert_eq!(token.set_pin(PIN), Err(TokenError::VaultExists));
        let result = token.redeem_unlock_code("0000-0000-0000-0", Some(NEW_PIN));
        assert_eq!(result, Err(TokenError::WrongUnlockCode { tries_left: left }));
    }
    token.set_pin(PIN).unwrap();
    assert!(token.identities().unwrap().is_empty());
    for kept in ["vault.db.damaged-1", "vault.db.damaged-2"] {
        assert!(device.folder.path().join(kept).exists(), "{kept}");
    }
}

#[test]
fn a_wrong_old_pin_counts_when_the_pin_is_changed() {
    let device = Device::new();
    let token = device.ready();
    add(&token, TOTP, "Work");
    for left in [4, 3, 2, 1, 0] {
        let result = token.change_pin(b"8064", NEW_PIN);
        assert_eq!(result, Err(TokenError::WrongPin { attempts_left: left }));
    }
    assert!(matches!(token.state(), Ok(TokenState::Blocked { .. })));
    assert_eq!(token.codes(None).err(), Some(TokenError::VaultLocked), "the fifth closed it");
}

#[test]
fn threads_that_unlock_at_once_are_served_one_after_the_other() {
    let device = Device::new();
    let token = device.ready();
    add(&token, TOTP, "Work");
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let token = &token;
            scope.spawn(move || {
                for round in 0..4 {
                    token.unlock(PIN).unwrap();
                    if (thread + round) % 3 == 0 {
                        token.lock().unwrap();
                    }
                    let _ = token.codes(None);
                }
            });
        }
    });
    drop(token);
    let token = device.start().unwrap();
    assert_eq!(token.state(), Ok(TokenState::Locked { attempts_left: 5, retry_after: 0 }));
    token.unlock(PIN).unwrap();
}

#[test]
fn a_recovery_code_that_nobody_has_read_is_no_way_back() {
    let device = Device::new();
    let token = device.ready();
    add(&token, TOTP, "Work");
    drop(token);
    // The program ended before it could show the code.
    let token = device.start().unwrap();
    let no_way_back = TokenError::Unsupported { what: Unsupported::NoWayBack };
    assert_eq!(token.forget_pin(), Err(no_way_back));
    token.unlock(PIN).unwrap();
    token.recovery_code().unwrap().unwrap();
    token.acknowledge_recovery_code().unwrap();
    token.lock().unwrap();
    token.forget_pin().unwrap();
}
