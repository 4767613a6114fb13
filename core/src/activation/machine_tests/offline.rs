//! Going on without network: where it may be, and never silently.

use std::num::NonZeroU32;

use super::{Drive, typed};
use crate::TokenError;
use crate::activation::address::Address;
use crate::activation::fake_world::FakeWorld;
use crate::activation::issuer_key::IssuerKey;
use crate::activation::link::{Flags, LinkPayload, Mode};
use crate::activation::profile::Profile;
use crate::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, Retry,
};
use crate::codec::decimal::SerialNumber;
use crate::error::Unsupported;
use crate::secret::Key;

#[test]
fn going_offline_is_asked_and_never_silent() {
    let fields = typed("id.example.org", "48244-13456", "1745-7712-6942-8698");
    let mut drive = Drive::open(ActivationSource::Typed(fields));
    let ActivationState::Exchange { request } = drive.consent(Some("Work")).unwrap() else {
        panic!("the issuer is asked first");
    };
    assert_eq!(request.url, "https://id.example.org/.well-known/softtoken");
    let state = drive.no_network().unwrap();
    assert!(matches!(
        state,
        ActivationState::Failed { why: TokenError::NoNetwork, retry: Retry::NowOrOffline }
    ));
    assert_eq!(drive.world.drafts.len(), 1, "it is pending");
    let ActivationState::ShowRegistrationCode { live_code: Some(live), .. } =
        drive.answer(ActivationInput::ContinueOffline).unwrap()
    else {
        panic!("the code is shown");
    };
    assert_eq!((live.len(), drive.world.drafts.len()), (8, 1));
    let cancelled = drive.answer(ActivationInput::Cancel).unwrap();
    assert!(matches!(cancelled, ActivationState::Failed { why: TokenError::ConsentNeeded, .. }));
    assert!(drive.world.drafts.is_empty() && drive.world.names.is_empty(), "the name is free again");
}

#[test]
fn a_choice_made_in_advance_needs_no_second_question() {
    let fields = typed("id.example.org", "48244-13456", "1745-7712-6942-8698");
    let options = ActivationOptions { offline: true, ..ActivationOptions::default() };
    let mut drive = Drive::new(ActivationSource::Typed(fields), options, FakeWorld::open());
    let state = drive.consent(None).unwrap();
    assert!(matches!(state, ActivationState::ShowRegistrationCode { .. }));
}

fn link(mode: Mode, offline_allowed: bool) -> ActivationSource {
    let payload = LinkPayload {
        mode,
        flags: Flags { offline_allowed, confirm_in_portal: false },
        activation_id: [1; 16],
        secret: Key::new([2; 16]),
        issuer_key: IssuerKey::new([9; 32]).unwrap(),
        serial: SerialNumber::parse("48244-13456").unwrap(),
        profile: Profile::TYPED,
        expiry: NonZeroU32::new(1_800_000_100).unwrap(),
        address: Address::parse("id.example.org").unwrap(),
    };
    ActivationSource::Text(payload.to_app())
}

#[test]
fn a_qr_code_goes_offline_only_where_its_issuer_allows_it() {
    for allowed in [true, false] {
        let mut drive = Drive::open(link(Mode::QrCode, allowed));
        assert!(matches!(drive.password(b"1234567"), Err(TokenError::NotUnderstood { .. })));
        drive.password(b"00000042").unwrap();
        assert!(matches!(drive.consent(None).unwrap(), ActivationState::Exchange { .. }));
        let ActivationState::Failed { retry, .. } = drive.no_network().unwrap() else { panic!("asked") };
        assert_eq!(retry, if allowed { Retry::NowOrOffline } else { Retry::Now });
        let next = drive.answer(ActivationInput::ContinueOffline);
        if allowed {
            let ActivationState::ShowRegistrationCode { expires_at, .. } = next.unwrap() else { panic!() };
            assert_eq!(expires_at.map(|time| time.0), Some(1_800_000_100));
        } else {
            assert_eq!(next.err(), Some(TokenError::StaleInput));
        }
    }
}

#[test]
fn a_link_never_goes_offline_even_when_that_was_chosen_in_advance() {
    let options = ActivationOptions { offline: true, ..ActivationOptions::default() };
    let mut drive = Drive::new(link(Mode::Link, true), options, FakeWorld::open());
    let refused = drive.consent(None).err();
    assert_eq!(refused, Some(TokenError::Unsupported { what: Unsupported::Offline }));
    assert!(matches!(drive.state(), ActivationState::NeedsConsent { .. }) && drive.world.writes == 0);
}
