//! The facade from outside, on a real vault file with a fake platform.

mod token_support;

use softtoken_core::TokenError;
use softtoken_core::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, TypedFields,
};
use softtoken_core::error::{Needed, PinProblem, Unsupported};
use softtoken_core::identity::{IdentityId, IdentityState};
use softtoken_core::ports::LogEvent;
use softtoken_core::testing::Fakes;
use softtoken_core::time::UnixTime;
use softtoken_core::token::{SoftToken, TokenState};
use token_support::{Device, HOTP, NOW, PIN, TOTP, add, begin, consent};
use zeroize::Zeroizing;

fn names(token: &SoftToken) -> Vec<String> {
    token.identities().unwrap().into_iter().map(|view| view.name).collect()
}

#[test]
fn a_pin_a_link_and_a_code() {
    let device = Device::new();
    let token = device.start().unwrap();
    assert_eq!(token.state(), Ok(TokenState::Fresh));
    let activation = begin(&token, TOTP);
    let ActivationState::NeedsPin { exists: false, .. } = consent(&activation, None).unwrap() else {
        panic!("the first start asks for a PIN");
    };
    token.set_pin(PIN).unwrap();
    let ticket = activation.step().unwrap().ticket;
    let done = activation.advance(ticket, ActivationInput::PinReady).unwrap().state;
    assert!(matches!(done, ActivationState::Done { .. }));
    device.fakes.clock.set(59);
    let sheet = token.codes(None).unwrap();
    assert_eq!(sheet.codes[0].code.as_ref().unwrap().as_str(), "94287082", "RFC 6238 appendix B");
    assert_eq!((sheet.next_change, sheet.codes[0].valid_from), (UnixTime(60), Some(UnixTime(30))));
    let next = token.codes(Some(UnixTime(60))).unwrap();
    assert_eq!(sheet.codes[0].next.as_deref(), next.codes[0].code.as_deref(), "the next code comes next");
}

#[test]
fn the_pin_is_needed_again_after_a_lock_and_after_a_restart() {
    let device = Device::new();
    let token = device.ready();
    add(&token, TOTP, "Work");
    token.lock().unwrap();
    assert_eq!(token.codes(None).err(), Some(TokenError::VaultLocked));
    assert_eq!(token.unlock(b"0000").err(), Some(TokenError::WrongPin { attempts_left: 4 }));
    assert_eq!(token.state(), Ok(TokenState::Locked { attempts_left: 4, retry_after: 0 }));
    token.unlock(PIN).unwrap();
    drop(token);
    let token = device.start().unwrap();
    assert!(matches!(token.state(), Ok(TokenState::Locked { attempts_left: 5, .. })));
    token.unlock("７２９４".as_bytes()).unwrap();
    assert_eq!(names(&token), ["Work"]);
    assert!(device.fakes.log.take().iter().any(|(_, event)| *event == LogEvent::WrongPin));
}

#[test]
fn changing_the_pin_asks_the_old_one_and_refuses_a_weak_one() {
    let device = Device::new();
    let token = device.ready();
    assert_eq!(token.change_pin(b"0000", b"8305").err(), Some(TokenError::WrongPin { attempts_left: 4 }));
    assert_eq!(
        token.change_pin(PIN, b"1234").err(),
        Some(TokenError::PinRefused { problem: PinProblem::Run })
    );
    token.change_pin(PIN, b"83051").unwrap();
    token.lock().unwrap();
    assert!(matches!(token.unlock(PIN), Err(TokenError::WrongPin { .. })));
    token.unlock(b"83051").unwrap();
    assert_eq!(token.set_pin(PIN), Err(TokenError::VaultExists));
}

#[test]
fn names_are_unique_however_they_are_written() {
    let device = Device::new();
    let token = device.ready();
    let first = add(&token, TOTP, "Bank");
    let second = add(&token, HOTP, "Other");
    let taken = token.rename(second, " bаnk ");
    assert_eq!(taken.err(), Some(TokenError::NameTaken { suggestion: "bаnk (2)".to_owned() }));
    assert_eq!(token.rename(first, "BANK").unwrap().name, "BANK", "its own name is no clash");
    assert_eq!(token.find("bank").unwrap().id, first);
    assert_eq!(token.find(&second.to_hex()).unwrap().name, "Other");
    assert_eq!(token.find("nobody").err(), Some(TokenError::UnknownIdentity));
}

#[test]
fn an_hotp_counter_is_saved_before_the_code_is_shown() {
    let device = Device::new();
    let token = device.ready();
    let id = add(&token, HOTP, "Door");
    assert!(token.codes(None).unwrap().codes[0].code.is_none());
    let shown: Vec<_> = (0..2).map(|_| token.next_code(id).unwrap().code.unwrap().to_string()).collect();
    assert_eq!(shown, ["755224", "287082"], "RFC 4226 appendix D");
    drop(token);
    let token = device.start().unwrap();
    token.unlock(PIN).unwrap();
    let code = token.next_code(id).unwrap();
    assert_eq!((code.code.unwrap().as_str(), code.counter), ("359152", Some(2)));
    let pair = token.resync_codes(id).unwrap();
    assert_eq!((pair.current.number, pair.following.number), (3, 4));
    assert_eq!(pair.following.code.as_str(), "338314");
    assert_eq!(token.next_code(id).unwrap().counter, Some(5), "both were used up");
}

#[test]
fn kinds_refuse_what_they_cannot_do() {
    let device = Device::new();
    let token = device.ready();
    let totp = add(&token, TOTP, "Work");
    let unsupported = Some(TokenError::Unsupported { what: Unsupported::ForThisKind });
    assert_eq!(token.next_code(totp).err(), unsupported);
    assert_eq!(token.respond(totp, "12345678", None, None).err(), unsupported);
    let pair = token.resync_codes(totp).unwrap();
    assert_eq!(pair.current.number, NOW / 30);
    assert_eq!(pair.following.number, NOW / 30 + 1);
    assert_eq!(token.next_code(IdentityId([0; 16])).err(), Some(TokenError::UnknownIdentity));
}

#[test]
fn a_pending_identity_survives_a_restart_and_keeps_its_id_and_name() {
    let device = Device::new();
    let token = device.ready();
    let fields = TypedFields {
        address: "id.example.org".to_owned(),
        serial_number: "48244-13456".to_owned(),
        activation_code: Zeroizing::new("1745-7712-6942-8698".to_owned()),
    };
    let options = ActivationOptions { offline: true, ..ActivationOptions::default() };
    let activation = token.begin_activation(ActivationSource::Typed(fields), options).unwrap();
    let ActivationState::ShowRegistrationCode { id, code, live_code, .. } =
        consent(&activation, Some("Work")).unwrap()
    else {
        panic!("the registration code is shown");
    };
    drop((activation, token));
    let token = device.start().unwrap();
    token.unlock(PIN).unwrap();
    let view = token.find("work").unwrap();
    assert_eq!((view.id, view.state), (id, IdentityState::Pending));
    assert_eq!(view.registration_code.as_deref(), Some(code.as_str()));
    assert_eq!(token.codes(None).unwrap().codes[0].code.as_deref(), live_code.as_deref());
    let taken = consent(&begin(&token, TOTP), Some("WORK")).unwrap();
    let ActivationState::NeedsConsent { taken: Some(free), .. } = taken else { panic!("reserved") };
    assert_eq!(free, "WORK (2)");
    let resumed = token.resume_activation(id).unwrap();
    let ticket = resumed.step().unwrap().ticket;
    resumed.advance(ticket, ActivationInput::Confirmed).unwrap();
    let view = token.find("work").unwrap();
    assert_eq!((view.id, view.state, view.registration_code), (id, IdentityState::Active, None));
    assert_eq!(token.codes(None).unwrap().codes[0].code.as_deref(), live_code.as_deref());
    assert!(matches!(token.resume_activation(id), Err(TokenError::UnknownIdentity)));
}

#[test]
fn order_and_removal_stay() {
    let device = Device::new();
    let token = device.ready();
    let ids: Vec<_> = ["A", "B", "C"].map(|name| add(&token, TOTP, name)).into();
    token.reorder(ids[2], 0).unwrap();
    token.remove(ids[0]).unwrap();
    assert_eq!(names(&token), ["C", "B"]);
    drop(token);
    let token = device.start().unwrap();
    token.unlock(PIN).unwrap();
    assert_eq!(names(&token), ["C", "B"]);
    add(&token, TOTP, "A");
    token.reorder(ids[1], 99).unwrap();
    assert_eq!(names(&token), ["C", "A", "B"]);
}

#[test]
fn two_tokens_cannot_hold_one_vault() {
    let device = Device::new();
    let token = device.ready();
    assert_eq!(device.start().err(), Some(TokenError::VaultBusy));
    drop(token);
    assert!(device.start().is_ok());
}

#[test]
fn a_damaged_vault_is_kept_and_a_new_pin_starts_anew() {
    let device = Device::new();
    add(&device.ready(), TOTP, "Work");
    let file = device.folder.path().join("vault.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[..100].fill(0xff);
    bytes.truncate(middle);
    std::fs::write(&file, &bytes).unwrap();
    let token = device.start().unwrap();
    let Ok(TokenState::Damaged { kept_at: Some(kept) }) = token.state() else {
        panic!("{:?}", token.state())
    };
    assert_eq!(std::fs::read(kept).unwrap(), bytes, "kept as it was");
    assert_eq!(token.codes(None).err(), Some(TokenError::VaultDamaged));
    token.set_pin(PIN).unwrap();
    assert_eq!((token.state(), names(&token)), (Ok(TokenState::Ready), vec![]));
}

#[test]
fn a_copied_vault_without_its_device_keys_says_so() {
    let device = Device::new();
    add(&device.ready(), TOTP, "Work");
    let thief = Device { fakes: Fakes::new(6), ..device };
    let token = thief.start().unwrap();
    assert_eq!(token.state(), Ok(TokenState::DeviceKeyLost));
    assert_eq!(token.unlock(PIN).err(), Some(TokenError::DeviceKeyLost));
    assert_eq!(token.status().unwrap().identities, 0);
}

#[test]
fn without_a_vault_verbs_say_what_is_needed() {
    let token = Device::new().start().unwrap();
    let vault = Some(TokenError::InputNeeded { what: Needed::Vault });
    assert_eq!(token.codes(None).err(), vault);
    assert_eq!(token.unlock(PIN).err(), vault);
    assert_eq!(token.identities().err(), vault);
}

#[test]
fn status_needs_no_pin_and_counts() {
    let device = Device::new();
    add(&device.ready(), TOTP, "Work");
    let token = device.start().unwrap();
    assert_eq!(token.status().unwrap().identities, 1);
}

#[test]
fn the_clock_doctor_sees_a_jump() {
    let device = Device::new();
    let token = device.ready();
    let healthy = token.diagnose_clock().unwrap();
    assert_eq!((healthy.jumped, healthy.implausible), (0, false));
    device.fakes.clock.advance(600);
    device.fakes.clock.set(NOW + 600 + 7200);
    assert_eq!(token.diagnose_clock().unwrap().jumped, 7200);
    device.fakes.clock.set(0);
    assert!(token.diagnose_clock().unwrap().implausible);
}
