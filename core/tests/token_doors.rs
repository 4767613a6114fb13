//! Every front door through the facade, and what its identities can do.

mod token_support;

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use softtoken_core::TokenError;
use softtoken_core::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, PasswordOf, TypedFields, TypedKey,
};
use softtoken_core::error::{DeviceKeyProblem, Feature, Needed, Part, Problem, Unsupported};
use softtoken_core::identity::{Badge, CodeKind, IdentityId};
use softtoken_core::ports::HookError;
use softtoken_core::time::UnixTime;
use softtoken_core::token::{Activation, SoftToken};
use token_support::{Device, PIN, TOTP, add, begin, consent};
use zeroize::Zeroizing;

fn start(token: &Arc<SoftToken>, source: ActivationSource) -> Result<Activation, TokenError> {
    token.begin_activation(source, ActivationOptions::default())
}

fn added(state: ActivationState) -> Vec<IdentityId> {
    match state {
        ActivationState::Done { added, .. } => added,
        _ => panic!("not done"),
    }
}

fn pskc(label: &str) -> Zeroizing<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/pskc.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let documents = file["documents"].as_array().unwrap();
    let found = documents.iter().find(|one| one["label"] == label).expect("a document of this label");
    Zeroizing::new(found["xml"].as_str().unwrap().as_bytes().to_vec())
}

#[test]
fn an_ocra_identity_answers_challenges_and_nothing_else() {
    let device = Device::new();
    let token = device.ready();
    let activation = start(&token, ActivationSource::File(pskc("plain OCRA"))).unwrap();
    let id = added(consent(&activation, Some("Sign")).unwrap())[0];
    let view = token.find("sign").unwrap();
    assert_eq!((view.kind, view.digits), (Some(CodeKind::Ocra), Some(8)));
    let answer = token.respond(id, "12345678", None, None).unwrap();
    assert_eq!(answer.code.unwrap().as_str(), "76831813");
    let refused = token.respond(id, "12a45678", None, None).err();
    assert_eq!(
        refused,
        Some(TokenError::NotUnderstood {
            part: Part::Challenge,
            problem: Problem::BadCharacter,
            position: Some(2)
        })
    );
    assert!(matches!(
        token.respond(id, "", None, None).err(),
        Some(TokenError::NotUnderstood { part: Part::Challenge, problem: Problem::Empty, .. })
    ));
    assert!(token.codes(None).unwrap().codes[0].code.is_none());
    assert_eq!(
        token.resync_codes(id).err(),
        Some(TokenError::Unsupported { what: Unsupported::ForThisKind })
    );
}

#[test]
fn an_encrypted_file_asks_for_its_password_and_a_key_file_for_its_key() {
    let device = Device::new();
    let token = device.ready();
    for (label, of, wrong, right) in [
        ("PBKDF2-HMAC-SHA256, AES-256-CBC", PasswordOf::File, "wrong horse", "correct horse"),
        (
            "AES-128-CBC + HMAC-SHA1, pre-shared key",
            PasswordOf::FileKey,
            "000102030405060708090a0b0c0d0e0e",
            "000102030405060708090a0b0c0d0e0f",
        ),
    ] {
        let activation = start(&token, ActivationSource::File(pskc(label))).unwrap();
        let step = activation.step().unwrap();
        assert!(
            matches!(step.state, ActivationState::NeedsPassword { of: asked, wrong: false, .. } if asked == of)
        );
        let step = activation.supply_password(step.ticket, wrong.as_bytes()).unwrap();
        assert!(matches!(
            step.state,
            ActivationState::NeedsPassword { wrong: true, tries_left: Some(4), .. }
        ));
        activation.supply_password(step.ticket, right.as_bytes()).unwrap();
        added(consent(&activation, Some(label)).unwrap());
    }
    let codes = token.codes(Some(UnixTime(1_741_011_292))).unwrap().codes;
    assert_eq!(codes[1].code.as_deref().map(String::as_str), Some("839825"));
}

#[test]
fn a_migration_page_adds_all_its_entries_and_says_which_page_it_is() {
    let device = Device::new();
    let token = device.ready();
    let text = "otpauth-migration://offline?data=CjUKBWYkQUSTEgdNWUxBQkVMGghNWUlTU1VFUiACKAIwAkITNjE5NGJjMTczNzcyNzc5ODc5MxACGAEgAA%3D%3D";
    let activation = begin(&token, text);
    let ActivationState::NeedsConsent { summary, .. } = activation.step().unwrap().state else { panic!() };
    assert_eq!((summary.page, summary.entries.len()), (Some((0, 1)), 1));
    assert_eq!(summary.entries[0].badge, Some(Badge::Weak), "five bytes are a weak secret");
    assert_eq!(added(consent(&activation, None).unwrap()).len(), 1);
}

#[test]
fn mobilepass_counts_and_keeps_its_counter() {
    let device = Device::new();
    let token = device.ready();
    let code = Zeroizing::new("QVKYC-FM6KO-SY6F7-TR22W".to_owned());
    let source = ActivationSource::MobilePass { code, policy: String::new() };
    let id = added(consent(&start(&token, source).unwrap(), Some("MP")).unwrap())[0];
    assert_eq!(token.next_code(id).unwrap().code.unwrap().as_str(), "374844");
    assert_eq!(token.next_code(id).unwrap().counter, Some(1));
}

#[test]
fn a_typed_key_with_a_bad_character_says_where() {
    let device = Device::new();
    let token = device.ready();
    let key = TypedKey { key: Zeroizing::new("JBSW Y3DP 8HPK 3PXP".to_owned()), ..TypedKey::default() };
    assert_eq!(
        start(&token, ActivationSource::Key(key)).err(),
        Some(TokenError::NotUnderstood {
            part: Part::Secret,
            problem: Problem::BadCharacter,
            position: Some(10)
        })
    );
}

#[test]
fn what_comes_later_or_belongs_to_others_is_named() {
    let device = Device::new();
    let token = device.ready();
    for (text, error) in [
        ("otpauth://pipush/P?url=https%3A//x.test&serial=P1", TokenError::NotYet { feature: Feature::Push }),
        ("pia://container/SMPH0001?url=https%3A//x.test", TokenError::NotYet { feature: Feature::Container }),
        (
            "tiqrenroll://https://tiqr.example.test/metadata?key=abc",
            TokenError::NotYet { feature: Feature::Tiqr },
        ),
        ("https://example.org/a", TokenError::NotForThisApp),
    ] {
        let source = ActivationSource::Text(Zeroizing::new(text.to_owned()));
        assert_eq!(start(&token, source).err(), Some(error), "{text}");
    }
}

#[test]
fn a_cancelled_pending_identity_is_gone_and_its_name_is_free() {
    let device = Device::new();
    let token = device.ready();
    let fields = TypedFields {
        serial_number: "48244-13456".to_owned(),
        activation_code: Zeroizing::new("1745-7712-6942-8698".to_owned()),
        ..TypedFields::default()
    };
    let activation = start(&token, ActivationSource::TypedV1(fields)).unwrap();
    let ActivationState::ShowRegistrationCode { .. } = consent(&activation, Some("Old")).unwrap() else {
        panic!("pending");
    };
    assert_eq!(token.identities().unwrap()[0].badge, Some(Badge::Legacy));
    let ticket = activation.step().unwrap().ticket;
    activation.advance(ticket, ActivationInput::Cancel).unwrap();
    assert!(token.identities().unwrap().is_empty());
    add(&token, TOTP, "Old");
}

#[test]
fn a_pending_identity_can_be_renamed_and_removed_like_any_other() {
    let device = Device::new();
    let token = device.ready();
    let text = "otpauth://totp/T?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&2step_salt=8&2step_output=20&2step_difficulty=1000";
    let ActivationState::ShowRegistrationCode { id, .. } =
        consent(&begin(&token, text), Some("Two")).unwrap()
    else {
        panic!("pending");
    };
    assert_eq!(token.next_code(id).err(), Some(TokenError::Unsupported { what: Unsupported::ForThisKind }));
    assert_eq!(token.reorder(id, 0).err(), Some(TokenError::Unsupported { what: Unsupported::ForThisKind }));
    add(&token, TOTP, "Taken");
    let taken = TokenError::NameTaken { suggestion: "taken (2)".to_owned() };
    assert_eq!(token.rename(id, "taken").err(), Some(taken));
    let before = token.find("two").unwrap();
    let after = token.rename(id, "Three").unwrap();
    assert_eq!((after.id, after.registration_code), (before.id, before.registration_code));
    token.remove(id).unwrap();
    assert_eq!(token.remove(id), Err(TokenError::UnknownIdentity));
}

#[test]
fn demands_of_an_issuer_are_shown() {
    let device = Device::new();
    let token = device.ready();
    let id = add(&token, &format!("{TOTP}&pin=True"), "Strict");
    add(&token, TOTP, "Free");
    let all = token.policy_view(None).unwrap();
    assert_eq!(all.iter().map(|view| view.policy.verify_user).collect::<Vec<_>>(), [true, false]);
    assert_eq!(token.policy_view(Some(id)).unwrap().len(), 1);
    assert_eq!(token.policy_view(Some(IdentityId([0; 16]))).err(), Some(TokenError::UnknownIdentity));
}

#[test]
fn a_failing_device_key_is_a_typed_error_and_costs_nothing_but_the_try() {
    let device = Device::new();
    let token = device.ready();
    token.lock().unwrap();
    for (fault, error) in [
        (HookError::Transient, TokenError::DeviceKeyFailed { problem: DeviceKeyProblem::Transient }),
        (HookError::UserCancelled, TokenError::DeviceKeyFailed { problem: DeviceKeyProblem::Cancelled }),
        (HookError::Unsupported, TokenError::DeviceKeyFailed { problem: DeviceKeyProblem::Unsupported }),
        (HookError::Lost, TokenError::DeviceKeyLost),
    ] {
        device.fakes.device_key.fail_next(fault);
        assert_eq!(token.unlock(PIN), Err(error));
    }
    token.unlock(PIN).unwrap();
}

#[test]
fn a_short_pin_and_a_missing_vault_are_named() {
    let device = Device::new();
    let token = device.start().unwrap();
    assert_eq!(
        token.set_pin(b"12"),
        Err(TokenError::PinRefused { problem: softtoken_core::error::PinProblem::TooShort { min: 4 } })
    );
    assert_eq!(token.change_pin(PIN, b"83051"), Err(TokenError::InputNeeded { what: Needed::Vault }));
    token.lock().unwrap();
}
