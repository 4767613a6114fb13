//! What each door asks for, and how it ends.

use zeroize::Zeroizing;

use super::{Drive, TOTP, TWO_STEP, V1, V1_PASSWORD, text, typed};
use crate::TokenError;
use crate::activation::fake_world::FakeWorld;
use crate::activation::machine::Machine;
use crate::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, PasswordOf, TypedKey,
};
use crate::error::{Needed, Part, Problem};

#[test]
fn five_wrong_passwords_end_a_sealed_code_and_a_wrong_shape_costs_none() {
    let mut drive = Drive::open(text(V1));
    assert!(matches!(drive.password(b"5499"), Err(TokenError::NotUnderstood { part: Part::Password, .. })));
    for left in (1..=4).rev() {
        let ActivationState::NeedsPassword { wrong: true, tries_left, .. } =
            drive.password(b"00000000").unwrap()
        else {
            panic!("asked again");
        };
        assert_eq!(tries_left, Some(left));
    }
    assert!(matches!(
        drive.password(b"00000000").unwrap(),
        ActivationState::Failed { why: TokenError::WrongPassword { tries_left: Some(0) }, .. }
    ));
    assert!(matches!(drive.password(V1_PASSWORD), Err(TokenError::StaleInput)));
}

#[test]
fn a_new_v1_activation_is_pending_until_confirmed_and_the_same_text_finds_it_again() {
    let mut drive = Drive::open(text(V1));
    drive.password(V1_PASSWORD).unwrap();
    let ActivationState::ShowRegistrationCode { id, code, live_code, .. } = drive.consent(Some("V")).unwrap()
    else {
        panic!("the code is shown");
    };
    assert_eq!((code.len(), live_code.map(|code| code.len())), (11, Some(6)));
    let mut again = Drive::new(text(&format!(" {V1}\n")), ActivationOptions::default(), drive.world);
    let ActivationState::ShowRegistrationCode { id: same, code: shown, .. } = again.state() else {
        panic!("no second identity from the same text");
    };
    assert!(same == id && *shown == *code && again.world.writes == 1);
    let ActivationState::Done { added, .. } = again.answer(ActivationInput::Confirmed).unwrap() else {
        panic!("done");
    };
    assert_eq!((added, again.world.identities.len(), again.world.drafts.len()), (vec![id], 1, 0));
}

#[test]
fn a_completed_v1_token_is_brought_over_at_once() {
    let options = ActivationOptions {
        registration_code: Some(Zeroizing::new("12211-49352".to_owned())),
        ..ActivationOptions::default()
    };
    let mut drive = Drive::new(text(V1), options, FakeWorld::open());
    drive.password(V1_PASSWORD).unwrap();
    assert!(matches!(drive.consent(None).unwrap(), ActivationState::Done { .. }));
}

#[test]
fn a_wrong_registration_code_is_refused_before_the_password_is_asked() {
    let options = ActivationOptions {
        registration_code: Some(Zeroizing::new("12211-49353".to_owned())),
        ..ActivationOptions::default()
    };
    let refused = Machine::start(text(V1), options, &mut FakeWorld::open()).err();
    assert!(matches!(refused, Some(TokenError::NotUnderstood { part: Part::RegistrationCode, .. })));
}

#[test]
fn typed_values_are_asked_until_they_fit_and_nothing_typed_is_lost() {
    let mut drive = Drive::open(ActivationSource::Typed(typed("", "48244-31456", "")));
    let ActivationState::NeedsDetails { fields, problems } = drive.state() else { panic!("asked") };
    assert_eq!((problems.len(), fields.serial_number.as_str()), (3, "48244-31456"));
    let better = typed("id.example.org", "48244-31456", "1745-7712-6942-8698");
    let ActivationState::NeedsDetails { fields, problems } =
        drive.answer(ActivationInput::Details(better)).unwrap()
    else {
        panic!("asked again");
    };
    assert_eq!((problems.len(), fields.address.as_str()), (1, "id.example.org"));
    assert_eq!((problems[0].part, problems[0].problem), (Part::SerialNumber, Problem::CheckDigit));
    assert!(problems[0].position.is_some(), "did you swap two digits?");
    let right = typed("id.example.org", "48244-13456", "1745-7712-6942-8698");
    let state = drive.answer(ActivationInput::Details(right)).unwrap();
    assert!(matches!(state, ActivationState::NeedsConsent { .. }));
}

#[test]
fn two_step_shows_the_device_part_for_the_server() {
    let mut drive = Drive::open(text(TWO_STEP));
    let ActivationState::ShowRegistrationCode { code, .. } = drive.consent(None).unwrap() else {
        panic!("the device's part is shown");
    };
    assert_eq!(code.len(), 20, "base32check of eight bytes");
}

#[test]
fn an_account_that_mixes_in_a_pin_asks_for_it() {
    let mut drive = Drive::open(text("motp://Example:bob?secret=e3152afee62599c8"));
    let ActivationState::NeedsPassword { of, .. } = drive.state() else { panic!("asked") };
    assert_eq!(of, PasswordOf::OtpPin);
    assert!(matches!(drive.password(b"12a4"), Err(TokenError::NotUnderstood { part: Part::OtpPin, .. })));
    drive.password(b"1234").unwrap();
    assert!(matches!(drive.consent(None).unwrap(), ActivationState::Done { .. }));
}

#[test]
fn a_list_names_itself_and_reports_what_it_cannot_add() {
    let list = format!("{TOTP}\n{TOTP}\nnonsense\nmotp://Example:bob?secret=e3152afee62599c8\n");
    let mut drive = Drive::open(text(&list));
    let ActivationState::Done { added, refused } = drive.consent(None).unwrap() else { panic!("done") };
    assert_eq!(added.len(), 2);
    let names: Vec<_> = drive.world.identities.iter().map(|(_, one)| one.label.name.as_str()).collect();
    assert_eq!(names, ["Example: alice", "Example: alice (2)"]);
    let pin = TokenError::InputNeeded { what: Needed::OtpPin };
    assert_eq!(refused.iter().map(|one| one.entry).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(refused[1].error, pin);
}

#[test]
fn a_key_without_issuer_and_account_needs_a_name() {
    let key = TypedKey { key: Zeroizing::new("JBSWY3DPEHPK3PXP".to_owned()), ..TypedKey::default() };
    let mut drive = Drive::open(ActivationSource::Key(key));
    assert_eq!(drive.consent(None).err(), Some(TokenError::InputNeeded { what: Needed::Name }));
    assert!(matches!(drive.consent(Some("Mine")).unwrap(), ActivationState::Done { .. }));
}
