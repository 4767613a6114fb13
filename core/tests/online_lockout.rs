//! The ways back of activations over the network: which draft a lockout destroys, and which code opens what.

mod exchange;
mod online_support;
mod token_support;

use online_support::{Door, Pair, serial};
use softtoken_core::TokenError;
use softtoken_core::activation::state::{ActivationInput, ActivationState};
use softtoken_core::identity::IdentityState;
use softtoken_core::lock::issuer_unlock_code;
use softtoken_core::token::TokenState;

const NEW_PIN: &[u8] = b"806423";

impl Pair {
    fn activate(&mut self, number: u8, name: &str, holder: [u8; 16]) {
        let activation = self.begin(Door::Link, number);
        self.issuer.orders.last_mut().unwrap().holder = holder;
        self.consent(&activation, Some(name));
        assert!(matches!(self.run(&activation), ActivationState::Done { .. }));
    }

    fn block(&self) -> Vec<(String, String)> {
        self.token.lock().unwrap();
        for _ in 0..5 {
            let _ = self.token.unlock(b"8064");
        }
        let Ok(TokenState::Blocked { ask }) = self.token.state() else { panic!("blocked") };
        ask.into_iter().map(|one| (one.serial.unwrap(), one.reset_code)).collect()
    }

    /// The issuer's answer for the order.
    fn unlock_code(&self, order: usize, reset_code: &str) -> String {
        let order = &self.issuer.orders[order];
        let key = &order.sessions[0].keys.recovery;
        let code = issuer_unlock_code(key, reset_code, "idp.example.test", order.header.serial.digits());
        code.unwrap().to_string()
    }

    fn states(&self) -> Vec<(String, IdentityState)> {
        let views = self.token.identities().unwrap();
        views.into_iter().map(|view| (view.name, view.state)).collect()
    }
}

#[test]
fn tokens_of_one_user_share_a_group_and_another_user_has_another() {
    let mut pair = Pair::new();
    pair.activate(1, "Mine", [7; 16]);
    pair.activate(2, "Mine too", [7; 16]);
    pair.activate(3, "Theirs", [8; 16]);
    let ask = pair.block();
    assert_eq!(ask.len(), 3);
    pair.token.redeem_unlock_code(&pair.unlock_code(1, &ask[1].1), Some(NEW_PIN)).unwrap();
    let expected = [
        ("Mine".to_owned(), IdentityState::Active),
        ("Mine too".to_owned(), IdentityState::Active),
        ("Theirs".to_owned(), IdentityState::NeedsUnlockCode),
    ];
    assert_eq!(pair.states(), expected);
    // A third token of the other user is activated while that group waits: it gets one of its own.
    pair.activate(4, "Theirs too", [8; 16]);
    pair.token.redeem_unlock_code(&pair.unlock_code(2, &ask[2].1), None).unwrap();
    assert!(pair.states().iter().all(|(_, state)| *state == IdentityState::Active));
}

#[test]
fn a_successor_of_the_issuers_key_keeps_the_group_together() {
    let mut pair = Pair::new();
    pair.activate(1, "Old key", [7; 16]);
    let old = std::mem::replace(&mut pair.issuer.signing, softtoken_core::secret::Key::new([0x77; 32]));
    pair.issuer.predecessor = Some(old);
    pair.activate(2, "New key", [7; 16]);
    let ask = pair.block();
    pair.token.redeem_unlock_code(&pair.unlock_code(1, &ask[1].1), Some(NEW_PIN)).unwrap();
    assert!(pair.states().iter().all(|(_, state)| *state == IdentityState::Active));
}

#[test]
fn a_lockout_destroys_a_draft_before_message_3_and_says_which() {
    let mut pair = Pair::new();
    pair.activate(1, "Active", [7; 16]);
    let activation = pair.begin(Door::QrCode, 2);
    pair.consent(&activation, Some("Early"));
    let ask = pair.block();
    assert_eq!(ask.len(), 1, "nobody could answer for it yet");
    let code = pair.unlock_code(0, &ask[0].1);
    let redeemed = pair.token.redeem_unlock_code(&code, Some(NEW_PIN)).unwrap();
    assert_eq!(redeemed.lost, ["Early"]);
    assert_eq!(pair.states(), [("Active".to_owned(), IdentityState::Active)]);
    let ticket = activation.step().unwrap().ticket;
    let retried = activation
        .advance(ticket, ActivationInput::Http { status: 500, body: Vec::new() })
        .and_then(|step| activation.advance(step.ticket, ActivationInput::Retry));
    let ActivationState::Failed { why, .. } = retried.unwrap().state else { panic!("it is gone") };
    assert_eq!(why, TokenError::UnknownIdentity);
    let again = pair.begin(Door::Link, 3);
    pair.consent(&again, Some("Early"));
    assert!(matches!(pair.run(&again), ActivationState::Done { .. }), "its name is free");
}

#[test]
fn a_draft_after_message_3_stays_and_its_own_issuer_opens_it() {
    let mut pair = Pair::new();
    let activation = pair.begin(Door::Typed, 1);
    pair.consent(&activation, Some("Late"));
    let ActivationState::ShowRegistrationCode { id, .. } = pair.run(&activation) else { panic!() };
    let ask = pair.block();
    assert_eq!(ask[0].0, serial(1).digits());
    let code = pair.unlock_code(0, &ask[0].1);
    assert!(pair.token.redeem_unlock_code(&code, Some(NEW_PIN)).unwrap().lost.is_empty());
    let activation = pair.token.resume_activation(id).unwrap();
    let step = activation.step().unwrap();
    let ActivationState::ShowRegistrationCode { code, .. } = step.state else { panic!("it goes on") };
    pair.issuer.confirm(0, &code);
    activation.advance(step.ticket, ActivationInput::Confirmed).unwrap();
    assert!(matches!(pair.run(&activation), ActivationState::Done { .. }));
    pair.assert_agreed(0);
}

#[test]
fn message_3_does_not_leave_before_its_way_back_is_armed() {
    let mut pair = Pair::new();
    let activation = pair.begin(Door::Link, 1);
    let ActivationState::Exchange { request } = pair.consent(&activation, None) else { panic!() };
    let reply = pair.serve(&request);
    pair.device.fakes.device_key.fail_next(softtoken_core::ports::HookError::Transient);
    let state = activation.advance(activation.step().unwrap().ticket, reply).unwrap().state;
    let ActivationState::Failed { why, .. } = state else { panic!("not armed, not sent") };
    assert!(matches!(why, TokenError::DeviceKeyFailed { .. }));
    assert_eq!(pair.issuer.orders[0].standing, None);
    activation.advance(activation.step().unwrap().ticket, ActivationInput::Retry).unwrap();
    assert!(matches!(pair.run(&activation), ActivationState::Done { .. }));
    let ask = pair.block();
    let code = pair.unlock_code(0, &ask[0].1);
    pair.token.redeem_unlock_code(&code, Some(NEW_PIN)).unwrap();
    assert_eq!(pair.states()[0].1, IdentityState::Active);
}
