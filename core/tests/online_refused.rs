//! What ends an activation over the network and what does not, through the facade.

mod exchange;
mod online_support;
mod token_support;

use exchange::{EXPIRY, PASSWORD};
use online_support::{Door, Pair};
use softtoken_core::TokenError;
use softtoken_core::activation::driver::HttpProblem;
use softtoken_core::activation::exchange::Refused;
use softtoken_core::activation::state::{ActivationInput, ActivationState, Retry};
use softtoken_core::error::{Unsupported, Untrusted};
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;
use softtoken_core::token::Activation;
use token_support::{TOTP, add, begin};

fn answer(activation: &Activation, input: ActivationInput) -> ActivationState {
    activation.advance(activation.step().unwrap().ticket, input).unwrap().state
}

fn problem(activation: &Activation, problem: HttpProblem) -> (TokenError, Retry) {
    failed(answer(activation, ActivationInput::HttpProblem { problem }))
}

fn failed(state: ActivationState) -> (TokenError, Retry) {
    let ActivationState::Failed { why, retry } = state else { panic!("it goes on") };
    (why, retry)
}

const REPLY: TokenError = TokenError::Untrusted { what: Untrusted::Reply };
const ISSUER: TokenError = TokenError::Untrusted { what: Untrusted::Issuer };

#[test]
fn every_refusal_under_the_handshake_ends_it_and_cleans_it_up() {
    for (closed, why) in [
        (Refused::AlreadyUsed, TokenError::AlreadyUsed),
        (Refused::Expired, TokenError::Expired),
        (Refused::Superseded, TokenError::Superseded),
        (Refused::Void, TokenError::Void),
        (Refused::Declined, TokenError::Declined),
        (Refused::Unsupported, TokenError::Unsupported { what: Unsupported::ActivationType }),
        (Refused::Other(42), TokenError::ServerRefused { status: 42 }),
    ] {
        let mut pair = Pair::new();
        let activation = pair.begin(Door::QrCode, 1);
        pair.issuer.orders[0].closed = Some(closed);
        pair.consent(&activation, Some("Work"));
        assert_eq!(failed(pair.run(&activation)), (why, Retry::Never));
        assert!(pair.token.identities().unwrap().is_empty());
        let stale = activation.advance(activation.step().unwrap().ticket, ActivationInput::Retry);
        assert_eq!(stale.err(), Some(TokenError::StaleInput));
        let other = pair.begin(Door::Link, 2);
        pair.consent(&other, Some("Work"));
        assert!(matches!(pair.run(&other), ActivationState::Done { .. }), "the name is free");
    }
}

#[test]
fn an_expired_order_and_a_refusal_after_message_2_end_it_too() {
    let mut pair = Pair::new();
    let activation = pair.begin(Door::Link, 1);
    pair.issuer.now = UnixTime(EXPIRY.0 + 1);
    pair.consent(&activation, None);
    assert_eq!(failed(pair.run(&activation)).0, TokenError::Expired);
    pair.issuer.now = exchange::NOW;
    let activation = pair.begin(Door::Typed, 2);
    pair.consent(&activation, None);
    let ActivationState::ShowRegistrationCode { .. } = pair.run(&activation) else { panic!() };
    for _ in 0..3 {
        pair.issuer.confirm(1, "00000-00000");
    }
    answer(&activation, ActivationInput::Confirmed);
    assert_eq!(failed(pair.run(&activation)), (TokenError::Void, Retry::Never));
    assert!(pair.token.identities().unwrap().is_empty());
    assert!(pair.token.unlock_requests().unwrap().is_empty());
}

#[test]
fn a_demanded_verification_ends_it_as_not_supported() {
    let mut pair = Pair::new();
    pair.issuer.verifications = 4;
    let activation = pair.begin(Door::Link, 1);
    pair.consent(&activation, None);
    let why = TokenError::Unsupported { what: Unsupported::ActivationType };
    assert_eq!(failed(pair.run(&activation)), (why, Retry::Never));
    assert!(pair.token.identities().unwrap().is_empty());
}

#[test]
fn a_bare_http_error_never_ends_it() {
    let mut pair = Pair::new();
    let activation = pair.begin(Door::Typed, 1);
    pair.consent(&activation, None);
    // The card, message 1, message 3.
    for _ in 0..3 {
        for status in [0, 204, 302, 400, 404, 409, 500, 503] {
            let state = answer(&activation, ActivationInput::Http { status, body: b"gone".to_vec() });
            assert_eq!(failed(state), (TokenError::ServerRefused { status }, Retry::Now));
            assert!(pair.pending());
            answer(&activation, ActivationInput::Retry);
        }
        let ActivationState::Exchange { request } = activation.step().unwrap().state else { panic!() };
        let reply = pair.serve(&request);
        answer(&activation, reply);
    }
    let ActivationState::ShowRegistrationCode { code, .. } = pair.run(&activation) else { panic!("code") };
    pair.issuer.confirm(0, &code);
    answer(&activation, ActivationInput::Confirmed);
    let state = answer(&activation, ActivationInput::Http { status: 500, body: Vec::new() });
    assert_eq!(failed(state).1, Retry::Now);
    let state = answer(&activation, ActivationInput::Retry);
    assert!(matches!(state, ActivationState::Exchange { .. }), "the question is asked again at once");
    assert!(matches!(pair.run(&activation), ActivationState::Done { .. }));
    pair.assert_agreed(0);
}

#[test]
fn forged_late_and_damaged_replies_change_nothing() {
    let mut pair = Pair::new();
    let activation = pair.begin(Door::Typed, 1);
    pair.consent(&activation, None);
    let mut late: Vec<Vec<u8>> = vec![Vec::new(), vec![0; 48], vec![0xff; 9000]];
    for _ in 0..3 {
        let ActivationState::Exchange { request } = activation.step().unwrap().state else { panic!() };
        let ActivationInput::Http { body, .. } = pair.serve(&request) else { panic!() };
        let mut damaged = body.clone();
        *damaged.last_mut().unwrap() ^= 1;
        late.push(damaged);
        for reply in &late {
            let state = answer(&activation, ActivationInput::Http { status: 200, body: reply.clone() });
            let (why, retry) = failed(state);
            assert!((why == REPLY || why == ISSUER) && retry == Retry::Now);
            assert!(pair.pending());
            answer(&activation, ActivationInput::Retry);
        }
        late.push(body);
        let ActivationState::Exchange { request } = activation.step().unwrap().state else { panic!() };
        let reply = pair.serve(&request);
        answer(&activation, reply);
    }
    assert!(matches!(activation.step().unwrap().state, ActivationState::ShowRegistrationCode { .. }));
}

#[test]
fn without_network_the_user_may_choose_and_only_before_message_1() {
    let mut pair = Pair::new();
    let activation = pair.begin(Door::QrCode, 1);
    pair.consent(&activation, Some("Work"));
    let offered = (TokenError::NoNetwork, Retry::NowOrOffline);
    assert_eq!(problem(&activation, HttpProblem::NoNetwork), offered);
    let id = pair.only_view().id;
    // Also after the end of the process, from what is stored.
    let activation = pair.die(Some(activation));
    assert_eq!(problem(&activation, HttpProblem::NoNetwork), offered);
    let ActivationState::ShowRegistrationCode { id: same, live_code: Some(_), .. } =
        answer(&activation, ActivationInput::ContinueOffline)
    else {
        panic!("offline")
    };
    assert_eq!((same, pair.only_view().name.as_str()), (id, "Work"));
    assert!(matches!(answer(&activation, ActivationInput::Confirmed), ActivationState::Done { .. }));
    assert!(pair.issuer.orders[0].sessions.is_empty(), "the issuer has heard nothing");

    let activation = pair.begin(Door::QrCode, 2);
    pair.consent(&activation, None);
    assert_eq!(problem(&activation, HttpProblem::Timeout), (TokenError::NoNetwork, Retry::Now));
    let refused = activation.advance(activation.step().unwrap().ticket, ActivationInput::ContinueOffline);
    assert_eq!(refused.err(), Some(TokenError::StaleInput));
    answer(&activation, ActivationInput::Retry);
    let late = problem(&activation, HttpProblem::NoNetwork);
    assert_eq!(late, (TokenError::NoNetwork, Retry::Now), "message 1 may have left before");
    answer(&activation, ActivationInput::Retry);
    assert!(matches!(pair.run(&activation), ActivationState::Done { .. }));
    pair.assert_agreed(1);
}

#[test]
fn a_typed_address_without_network_or_without_certificate_leaves_both_ways_open() {
    let mut pair = Pair::new();
    let activation = pair.begin(Door::Typed, 1);
    pair.consent(&activation, None);
    let untrusted = TokenError::Untrusted { what: Untrusted::Connection };
    assert_eq!(problem(&activation, HttpProblem::Tls), (untrusted, Retry::Now));
    answer(&activation, ActivationInput::Retry);
    assert_eq!(problem(&activation, HttpProblem::TooLarge), (REPLY, Retry::Now));
    answer(&activation, ActivationInput::Retry);
    assert_eq!(problem(&activation, HttpProblem::Timeout), (TokenError::NoNetwork, Retry::NowOrOffline));
    answer(&activation, ActivationInput::Retry);
    assert!(matches!(pair.run(&activation), ActivationState::ShowRegistrationCode { .. }));
}

#[test]
fn a_known_address_keeps_its_issuer_or_a_successor_that_it_has_named() {
    let mut pair = Pair::new();
    let first = pair.begin(Door::Link, 1);
    pair.consent(&first, Some("First"));
    pair.run(&first);
    let old = std::mem::replace(&mut pair.issuer.signing, Key::new([0x77; 32]));
    for door in [Door::QrCode, Door::Typed] {
        let number = if door == Door::Typed { 3 } else { 2 };
        let activation = pair.begin(door, number);
        pair.consent(&activation, Some("Forged"));
        assert_eq!(failed(pair.run(&activation)), (ISSUER, Retry::Now));
        let order = pair.issuer.orders.last().unwrap();
        assert_eq!(order.standing, None, "message 3 has not left");
        answer(&activation, ActivationInput::Cancel);
    }
    assert_eq!(pair.only_view().name, "First");
    pair.issuer.predecessor = Some(old.duplicate());
    let second = pair.begin(Door::QrCode, 4);
    pair.consent(&second, Some("Second"));
    assert!(matches!(pair.run(&second), ActivationState::Done { .. }), "the successor");
    pair.issuer.signing = old;
    pair.issuer.predecessor = None;
    let third = pair.begin(Door::QrCode, 5);
    pair.consent(&third, Some("Third"));
    assert_eq!(failed(pair.run(&third)).0, ISSUER, "the old key is the issuer's no longer");
}

#[test]
fn a_second_link_is_refused_while_one_is_under_way_and_other_doors_work() {
    let mut pair = Pair::new();
    let first = pair.begin(Door::Typed, 1);
    let second = pair.begin(Door::Link, 2);
    pair.consent(&first, Some("First"));
    let id = pair.only_view().id;
    let pending = TokenError::ActivationPending { id: id.0 };
    for (door, number) in [(Door::Link, 3), (Door::QrCode, 3)] {
        assert_eq!(pair.begin_known(door, number, PASSWORD).err(), Some(pending.clone()));
    }
    let ticket = second.step().unwrap().ticket;
    let consented = second.advance(ticket, ActivationInput::Consent { name: None });
    assert_eq!(consented.err(), Some(pending), "also one that was open already");
    add(&pair.token, TOTP, "Account");
    assert!(pair.begin_known(Door::Typed, 9, PASSWORD).is_ok());
    assert!(matches!(begin(&pair.token, TOTP).step().unwrap().state, ActivationState::NeedsConsent { .. }));
    assert!(matches!(pair.run(&first), ActivationState::ShowRegistrationCode { .. }));
    // Only the portal is waited for: the way is free.
    pair.consent(&second, Some("Second"));
    assert!(matches!(pair.run(&second), ActivationState::Done { .. }));
}

#[test]
fn two_handles_of_one_activation_cannot_make_two_of_it() {
    let mut pair = Pair::new();
    let first = pair.begin(Door::Link, 1);
    pair.consent(&first, Some("Work"));
    let id = pair.only_view().id;
    let second = pair.token.resume_activation(id).unwrap();
    let ActivationState::Exchange { request } = first.step().unwrap().state else { panic!() };
    let reply = pair.serve(&request);
    assert!(matches!(pair.run(&second), ActivationState::Done { .. }));
    assert_eq!(failed(answer(&first, reply)).0, TokenError::StaleInput);
    let ActivationState::Done { added, .. } = answer(&first, ActivationInput::Retry) else {
        panic!("it is there")
    };
    assert_eq!((added, pair.only_view().id), (vec![id], id));
    pair.assert_agreed(0);
}

#[test]
fn a_locked_vault_keeps_the_answer_for_later() {
    let mut pair = Pair::new();
    let activation = pair.begin(Door::Link, 1);
    let ActivationState::Exchange { request } = pair.consent(&activation, None) else { panic!() };
    let ActivationInput::Http { status, body } = pair.serve(&request) else { panic!() };
    pair.token.lock().unwrap();
    let ticket = activation.step().unwrap().ticket;
    let reply = || ActivationInput::Http { status, body: body.clone() };
    assert_eq!(activation.advance(ticket, reply()).err(), Some(TokenError::VaultLocked));
    pair.token.unlock(token_support::PIN).unwrap();
    activation.advance(ticket, reply()).unwrap();
    assert!(matches!(pair.run(&activation), ActivationState::Done { .. }));
    pair.assert_agreed(0);
}
