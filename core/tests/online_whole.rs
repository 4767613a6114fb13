//! Whole activations over the network through the facade, with and without the end of the process.

mod exchange;
mod online_support;
mod token_support;

use exchange::PASSWORD;
use online_support::{Door, Pair, mode};
use softtoken_core::TokenError;
use softtoken_core::activation::exchange::sealed::Standing;
use softtoken_core::activation::state::{ActivationInput, ActivationState, Retry};
use softtoken_core::error::PinProblem;
use softtoken_core::identity::{IdentityState, PinRules, Policy};
use softtoken_core::time::UnixTime;
use token_support::PIN;

#[test]
fn a_link_activates_and_both_sides_make_the_same_codes() {
    let mut pair = Pair::new();
    pair.issuer.policy = Policy { forbid_backup: true, verify_user: true, ..Policy::default() };
    let activation = pair.begin(Door::Link, 1);
    assert!(pair.token.identities().unwrap().is_empty(), "nothing is stored before consent");
    let ActivationState::Exchange { request } = pair.consent(&activation, Some("Work")) else { panic!() };
    assert_eq!(request.url, "https://idp.example.test/softtoken/2/open");
    let view = pair.only_view();
    assert_eq!((view.name.as_str(), view.state), ("Work", IdentityState::Pending));
    assert!(pair.token.codes(None).unwrap().codes.is_empty(), "no code of it would be accepted");
    let ActivationState::Done { added, .. } = pair.run(&activation) else { panic!("done") };
    assert_eq!(added, [view.id]);
    pair.assert_agreed(0);
}

#[test]
fn a_wrong_password_is_asked_again_and_the_issuer_counts() {
    let mut pair = Pair::new();
    let activation = pair.begin_with(Door::QrCode, 1, b"00000000");
    pair.consent(&activation, None);
    let ActivationState::NeedsPassword { wrong: true, tries_left: Some(4), .. } = pair.run(&activation)
    else {
        panic!("asked again");
    };
    let ticket = activation.step().unwrap().ticket;
    assert!(matches!(activation.supply_password(ticket, b"1234567"), Err(TokenError::NotUnderstood { .. })));
    activation.supply_password(ticket, PASSWORD).unwrap();
    assert!(matches!(pair.run(&activation), ActivationState::Done { .. }));
    pair.assert_agreed(0);
}

#[test]
fn five_wrong_passwords_void_the_order_and_nothing_is_left_of_it() {
    let mut pair = Pair::new();
    let activation = pair.begin_with(Door::QrCode, 1, b"00000000");
    pair.consent(&activation, Some("Work"));
    for left in [4, 3, 2, 1] {
        let ActivationState::NeedsPassword { tries_left, .. } = pair.run(&activation) else { panic!() };
        assert_eq!(tries_left, Some(left));
        activation.supply_password(activation.step().unwrap().ticket, b"00000000").unwrap();
    }
    let state = pair.run(&activation);
    assert!(matches!(state, ActivationState::Failed { why: TokenError::Void, retry: Retry::Never }));
    assert!(pair.token.identities().unwrap().is_empty());
    let again = pair.begin(Door::Link, 2);
    pair.consent(&again, Some("Work"));
    assert!(matches!(pair.run(&again), ActivationState::Done { .. }), "the name is free again");
}

#[test]
fn typed_values_wait_for_the_registration_code_at_the_issuer() {
    let mut pair = Pair::new();
    let activation = pair.begin(Door::Typed, 1);
    let ActivationState::Exchange { request } = pair.consent(&activation, None) else { panic!() };
    assert_eq!(request.url, "https://idp.example.test/.well-known/softtoken");
    let ActivationState::ShowRegistrationCode { code, live_code: None, awaited: false, .. } =
        pair.run(&activation)
    else {
        panic!("the code is shown");
    };
    assert_eq!(pair.only_view().registration_code.as_deref(), Some(code.as_str()));
    let confirm = |pair: &mut Pair| {
        activation.advance(activation.step().unwrap().ticket, ActivationInput::Confirmed).unwrap();
        pair.run(&activation)
    };
    let state = confirm(&mut pair);
    assert!(matches!(state, ActivationState::ShowRegistrationCode { awaited: true, .. }), "still activating");
    assert_eq!(pair.only_view().state, IdentityState::Pending);
    assert_eq!(pair.issuer.confirm(0, &code), Some(Standing::Active));
    assert!(matches!(confirm(&mut pair), ActivationState::Done { .. }));
    pair.assert_agreed(0);
}

#[test]
fn a_process_that_ends_at_any_point_goes_on_and_ends_in_one_identity() {
    for door in [Door::Link, Door::QrCode, Door::Typed] {
        // Once at each step in each way, and again and again.
        let steps = if door == Door::Typed { 5 } else { 2 };
        let once = (0..steps).flat_map(|step| (0..3).map(move |way| Some((step, way))));
        for death in once.chain([None]) {
            let mut pair = Pair::new();
            let activation = pair.begin(door, 1);
            pair.consent(&activation, Some("Work"));
            let mut activation = Some(activation);
            for point in 0..40 {
                let dies = |way| match death {
                    Some(death) => death == (point, way),
                    None => point % 3 == way && point < 24,
                };
                let present = activation.as_ref().unwrap();
                let step = present.step().unwrap();
                let input = match step.state {
                    ActivationState::Exchange { .. } if dies(0) => {
                        // Before the request has left.
                        activation = Some(pair.die(activation.take()));
                        continue;
                    }
                    ActivationState::Exchange { request } => pair.serve(&request),
                    ActivationState::ShowRegistrationCode { code, .. } => {
                        pair.issuer.confirm(0, &code);
                        ActivationInput::Confirmed
                    }
                    ActivationState::Done { .. } => break,
                    _ => panic!("{door:?} {death:?} {point}"),
                };
                // Before the answer is taken, or after.
                if !dies(1) {
                    present.advance(step.ticket, input).unwrap();
                }
                if (dies(1) || dies(2)) && pair.pending() {
                    activation = Some(pair.die(activation.take()));
                }
            }
            let view = pair.only_view();
            assert_eq!(
                (view.state, view.name.as_str()),
                (IdentityState::Active, "Work"),
                "{door:?} {death:?}"
            );
            pair.assert_agreed(0);
        }
    }
}

#[test]
fn the_same_text_goes_on_where_it_stopped() {
    let mut pair = Pair::new();
    for door in [Door::Link, Door::Typed] {
        let activation = pair.begin(door, 1);
        pair.consent(&activation, Some("Work"));
        drop(activation);
        let again = pair.begin_known(door, 1, PASSWORD).unwrap();
        assert!(matches!(again.step().unwrap().state, ActivationState::Exchange { .. }), "no second consent");
        let ticket = again.step().unwrap().ticket;
        let ended = again.advance(ticket, ActivationInput::Cancel).unwrap().state;
        assert!(matches!(ended, ActivationState::Failed { why: TokenError::ConsentNeeded, .. }));
        assert!(pair.token.identities().unwrap().is_empty());
    }
}

#[test]
fn an_issuer_that_demands_a_longer_pin_gets_it_before_it_calls_the_token_active() {
    let mut pair = Pair::new();
    pair.issuer.policy = Policy { pin: PinRules { min_digits: 6 }, ..Policy::default() };
    let activation = pair.begin(Door::Link, 1);
    pair.consent(&activation, Some("Work"));
    let ActivationState::NeedsPin { rules, exists: true } = pair.run(&activation) else { panic!("a PIN") };
    assert_eq!((rules.min_digits, pair.issuer.orders[0].standing), (6, None));
    let ready = || {
        let ticket = activation.step().unwrap().ticket;
        activation.advance(ticket, ActivationInput::PinReady).map(|step| step.state)
    };
    let too_short = PinProblem::TooShort { min: 6 };
    assert_eq!(ready().err(), Some(TokenError::PinRefused { problem: too_short }));
    let short = pair.token.change_pin(PIN, b"5193");
    assert_eq!(short, Err(TokenError::PinRefused { problem: too_short }), "the pending one counts");
    pair.token.change_pin(PIN, b"519372").unwrap();
    assert!(matches!(ready().unwrap(), ActivationState::Exchange { .. }));
    assert!(matches!(pair.run(&activation), ActivationState::Done { .. }));
    pair.assert_agreed(0);
}

#[test]
fn the_issuers_time_corrects_codes_and_the_doctor_says_how_far() {
    for (ahead, learned) in [(90, 90), (-200, -200), (3, 0), (100_000, 86_400)] {
        let mut pair = Pair::new();
        pair.issuer.now = UnixTime(exchange::NOW.0.checked_add_signed(ahead).unwrap());
        pair.issuer.policy = Policy::default();
        let activation = pair.begin(Door::Link, 1);
        pair.issuer.orders[0].expires_at = UnixTime(u64::MAX);
        pair.consent(&activation, None);
        pair.run(&activation);
        let offsets = pair.token.diagnose_clock().unwrap().offsets;
        let view = pair.only_view();
        assert_eq!(offsets, if learned == 0 { vec![] } else { vec![(view.id, learned)] });
        if learned == ahead {
            pair.assert_agreed(0);
        }
    }
}

#[test]
fn a_pending_identity_can_be_renamed_and_keeps_the_name() {
    let mut pair = Pair::new();
    let activation = pair.begin(mode(1), 1);
    pair.consent(&activation, Some("Work"));
    let id = pair.only_view().id;
    pair.token.rename(id, "Office").unwrap();
    assert!(matches!(pair.run(&activation), ActivationState::Done { .. }));
    assert_eq!(pair.only_view().name, "Office");
    pair.assert_agreed(0);
}
