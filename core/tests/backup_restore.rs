//! A backup from one device to another, through the facade.

mod token_support;

use std::sync::Arc;

use softtoken_core::TokenError;
use softtoken_core::activation::request::Warning;
use softtoken_core::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, ConsentSummary, Door, PasswordOf,
    TypedFields,
};
use softtoken_core::error::{Needed, Part, Problem, Unsupported};
use softtoken_core::identity::{CodeKind, IdentityId, IdentityState};
use softtoken_core::ports::LogEvent;
use softtoken_core::testing::Fakes;
use softtoken_core::time::UnixTime;
use softtoken_core::token::{Activation, LeftOutReason, SoftToken};
use token_support::{Device, HOTP, NOW, PIN, TOTP, add, consent};
use zeroize::Zeroizing;

const PASSWORD: &[u8] = b"correct horse";
const STEAM: &str = "steam://GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn other_device() -> Device {
    let device = Device { fakes: Fakes::new(77), ..Device::new() };
    device.fakes.clock.set(NOW);
    device
}

fn restore(token: &Arc<SoftToken>, bytes: &[u8]) -> Result<Activation, TokenError> {
    let source = ActivationSource::File(Zeroizing::new(bytes.to_vec()));
    token.begin_activation(source, ActivationOptions::default())
}

fn password(activation: &Activation, password: &[u8]) -> Result<ActivationState, TokenError> {
    let ticket = activation.step()?.ticket;
    Ok(activation.supply_password(ticket, password)?.state)
}

fn page(state: ActivationState) -> ConsentSummary {
    match state {
        ActivationState::NeedsConsent { summary, name, taken: None } if name.is_empty() => summary,
        _ => panic!("no consent page that names its entries"),
    }
}

fn added(state: ActivationState) -> Vec<IdentityId> {
    match state {
        ActivationState::Done { added, refused } if refused.is_empty() => added,
        _ => panic!("not done"),
    }
}

fn names(token: &SoftToken) -> Vec<String> {
    token.identities().unwrap().into_iter().map(|view| view.name).collect()
}

fn codes(token: &SoftToken) -> Vec<Option<String>> {
    let sheet = token.codes(Some(UnixTime(59))).unwrap();
    sheet.codes.iter().map(|row| row.code.as_ref().map(|code| code.to_string())).collect()
}

#[test]
fn a_backup_brings_all_identities_to_another_device_in_their_order() {
    let device = Device::new();
    let token = device.ready();
    add(&token, TOTP, "Work");
    let door = add(&token, HOTP, "Door");
    let steam = add(&token, STEAM, "Games");
    token.reorder(steam, 0).unwrap();
    (0..3).for_each(|_| drop(token.next_code(door).unwrap()));
    let file = token.export_backup(PASSWORD).unwrap();
    assert_eq!((file.identities, file.left_out.len()), (3, 0));
    assert!(
        device.fakes.log.take().iter().any(|(_, event)| *event == LogEvent::BackupMade { identities: 3 })
    );

    let other = other_device();
    let restored = other.start().unwrap();
    let activation = restore(&restored, &file.bytes).unwrap();
    let state = activation.step().unwrap().state;
    let ActivationState::NeedsPassword { of: PasswordOf::File, wrong: false, tries_left: Some(5) } = state
    else {
        panic!("the password comes first");
    };
    let summary = page(password(&activation, PASSWORD).unwrap());
    assert_eq!(summary.door, Door::Backup);
    let listed: Vec<_> = summary.entries.iter().map(|one| (one.name.as_deref().unwrap(), one.kind)).collect();
    assert_eq!(listed, [("Games", CodeKind::Steam), ("Work", CodeKind::Totp), ("Door", CodeKind::Hotp)]);
    let warned: Vec<_> = summary.entries.iter().map(|one| one.warnings.as_slice()).collect();
    assert_eq!(warned, [&[][..], &[], &[Warning::CounterMayBeBehind]]);
    assert!(summary.entries.iter().all(|one| one.taken.is_none()));

    let ActivationState::NeedsPin { exists: false, .. } = consent(&activation, None).unwrap() else {
        panic!("a new device asks for a PIN");
    };
    restored.set_pin(b"83051").unwrap();
    let ticket = activation.step().unwrap().ticket;
    let ids = added(activation.advance(ticket, ActivationInput::PinReady).unwrap().state);
    assert_eq!(names(&restored), ["Games", "Work", "Door"]);
    assert_eq!(codes(&restored), codes(&token));
    assert_eq!(restored.next_code(ids[2]).unwrap().counter, Some(3), "the counter came along");
    assert!(!ids.contains(&door), "an id of its own");
}

#[test]
fn nothing_is_overwritten_and_taken_names_get_free_ones() {
    let device = Device::new();
    let token = device.ready();
    add(&token, TOTP, "Bank");
    add(&token, TOTP, "Bank (2)");
    add(&token, TOTP, "Shop");
    let file = token.export_backup(PASSWORD).unwrap();

    let other = other_device();
    let restored = other.ready();
    let kept = add(&restored, HOTP, "bank");
    let activation = restore(&restored, &file.bytes).unwrap();
    let summary = page(password(&activation, PASSWORD).unwrap());
    let listed: Vec<_> =
        summary.entries.iter().map(|one| (one.name.as_deref().unwrap(), one.taken.as_deref())).collect();
    assert_eq!(listed, [("Bank", Some("Bank (3)")), ("Bank (2)", None), ("Shop", None)]);
    assert_eq!(added(consent(&activation, None).unwrap()).len(), 3);
    assert_eq!(names(&restored), ["bank", "Bank (3)", "Bank (2)", "Shop"]);
    assert_eq!(restored.find("BANK").unwrap().id, kept);

    let again = restore(&restored, &file.bytes).unwrap();
    password(&again, PASSWORD).unwrap();
    added(consent(&again, None).unwrap());
    assert_eq!(names(&restored)[4..], ["Bank (4)", "Bank (5)", "Shop (2)"]);
}

#[test]
fn a_pending_identity_is_left_out_and_listed() {
    let device = Device::new();
    let token = device.ready();
    add(&token, TOTP, "Work");
    let fields = TypedFields {
        address: "id.example.org".to_owned(),
        serial_number: "48244-13456".to_owned(),
        activation_code: Zeroizing::new("1745-7712-6942-8698".to_owned()),
    };
    let options = ActivationOptions { offline: true, ..ActivationOptions::default() };
    let activation = token.begin_activation(ActivationSource::Typed(fields), options).unwrap();
    let ActivationState::ShowRegistrationCode { .. } = consent(&activation, Some("Soon")).unwrap() else {
        panic!("an offline activation shows its code");
    };
    let file = token.export_backup(PASSWORD).unwrap();
    let left_out: Vec<_> = file.left_out.iter().map(|one| (one.name.as_str(), one.reason)).collect();
    assert_eq!((file.identities, left_out), (1, vec![("Soon", LeftOutReason::Pending)]));

    let ticket = activation.step().unwrap().ticket;
    added(activation.advance(ticket, ActivationInput::Confirmed).unwrap().state);
    let file = token.export_backup(PASSWORD).unwrap();
    assert_eq!((file.identities, file.left_out.len()), (2, 0), "once it is active, it is in");
    let other = other_device();
    let restored = other.ready();
    let activation = restore(&restored, &file.bytes).unwrap();
    password(&activation, PASSWORD).unwrap();
    added(consent(&activation, None).unwrap());
    let (old, new) = (token.find("Soon").unwrap(), restored.find("Soon").unwrap());
    assert_eq!((new.state, &new.serial, new.badge), (IdentityState::Active, &old.serial, old.badge));
    assert_eq!(codes(&restored), codes(&token));
}

#[test]
fn wrong_passwords_are_counted_and_impossible_ones_are_not() {
    let device = Device::new();
    let token = device.ready();
    add(&token, TOTP, "Work");
    let file = token.export_backup(PASSWORD).unwrap();
    let activation = restore(&token, &file.bytes).unwrap();
    let short = password(&activation, b"correct").err();
    let (part, problem) = (Part::Password, Problem::TooShort);
    assert_eq!(short, Some(TokenError::NotUnderstood { part, problem, position: None }));
    for left in (1..5).rev() {
        let state = password(&activation, b"wrong horse").unwrap();
        let ActivationState::NeedsPassword { wrong: true, tries_left: Some(found), .. } = state else {
            panic!("wrong, and not the last");
        };
        assert_eq!(found, left);
    }
    let ActivationState::Failed { why, .. } = password(&activation, b"wrong horse").unwrap() else {
        panic!("the last");
    };
    assert_eq!(why, TokenError::WrongPassword { tries_left: Some(0) });
    assert_eq!(names(&token), ["Work"]);
}

#[test]
fn a_damaged_or_newer_file_is_refused_before_a_password_is_asked() {
    let device = Device::new();
    let token = device.ready();
    add(&token, TOTP, "Work");
    let good = token.export_backup(PASSWORD).unwrap().bytes;
    let why = |bytes: &[u8]| restore(&token, bytes).err();
    let damaged = |problem| Some(TokenError::NotUnderstood { part: Part::Backup, problem, position: None });
    let mut changed = good.to_vec();
    changed[1000] ^= 4;
    assert_eq!(why(&changed), damaged(Problem::Mismatch));
    assert_eq!(why(&good[..good.len() - 1]), damaged(Problem::Mismatch));
    assert_eq!(why(&good[..40]), damaged(Problem::Truncated));
    let mut newer = good.to_vec();
    newer[9] = 2;
    assert_eq!(why(&newer), Some(TokenError::Unsupported { what: Unsupported::NewerVersion }));
    let mut other = good.to_vec();
    other[0] = b'x';
    assert!(matches!(why(&other), Some(TokenError::NotUnderstood { part: Part::Text, .. })));
}

#[test]
fn a_vault_without_identities_makes_a_file_that_says_so() {
    let device = Device::new();
    let fresh = device.start().unwrap();
    let no_vault = Some(TokenError::InputNeeded { what: Needed::Vault });
    assert_eq!(fresh.export_backup(PASSWORD).err(), no_vault);
    drop(fresh);
    let token = device.ready();
    let file = token.export_backup(PASSWORD).unwrap();
    assert_eq!(file.identities, 0);
    let activation = restore(&token, &file.bytes).unwrap();
    let (part, problem) = (Part::Entry, Problem::Missing);
    let nothing = Some(TokenError::NotUnderstood { part, problem, position: None });
    assert_eq!(password(&activation, PASSWORD).err(), nothing);
}

#[test]
fn a_locked_token_asks_for_its_pin_before_the_password() {
    let device = Device::new();
    let token = device.ready();
    add(&token, TOTP, "Work");
    let file = token.export_backup(PASSWORD).unwrap();
    token.lock().unwrap();
    let activation = restore(&token, &file.bytes).unwrap();
    let step = activation.step().unwrap();
    assert!(matches!(step.state, ActivationState::NeedsPin { exists: true, .. }));
    token.unlock(PIN).unwrap();
    let next = activation.advance(step.ticket, ActivationInput::PinReady).unwrap().state;
    assert!(matches!(next, ActivationState::NeedsPassword { of: PasswordOf::File, .. }));
}

#[test]
fn a_backup_holds_no_name_and_no_secret_in_the_clear() {
    let device = Device::new();
    let token = device.ready();
    add(&token, TOTP, "Distinctive");
    let bytes = token.export_backup(PASSWORD).unwrap().bytes;
    for needle in [&b"12345678901234567890"[..], b"Distinctive", b"alice", PASSWORD] {
        assert!(!bytes.windows(needle.len()).any(|window| window == needle));
    }
}
