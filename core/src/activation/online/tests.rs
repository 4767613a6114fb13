//! The machine over the network against an issuer in memory and random mishaps.

use std::num::NonZeroU32;

use proptest::prelude::*;
use zeroize::Zeroizing;

use super::{HttpKind, HttpProblem, HttpRequest};
use crate::TokenError;
use crate::activation::address::Address;
use crate::activation::exchange::OnlineOrder;
use crate::activation::exchange::issuer::TestIssuer;
use crate::activation::exchange::sealed::Standing;
use crate::activation::fake_world::FakeWorld;
use crate::activation::link::{Flags, LinkPayload, Mode};
use crate::activation::machine::Machine;
use crate::activation::profile::Profile;
use crate::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, Retry, Ticket, TypedFields,
};
use crate::activation::world::{Phase, World};
use crate::codec::decimal::SerialNumber;
use crate::error::DeviceKeyProblem;
use crate::identity::{IdentityId, IdentityName, Origin, PinRules, Policy};
use crate::random::Random;
use crate::secret::Key;
use crate::time::UnixTime;

const PASSWORD: &[u8] = b"54998317";
const CODE: &str = "1745771269428698";
const SECRET: [u8; 16] = *b"S of the payload";

/// A machine, its world, and the issuer.
struct Play {
    door: u8,
    machine: Machine,
    world: FakeWorld,
    issuer: TestIssuer,
    heard: Vec<Vec<u8>>,
    consented: bool,
    arming_fails: bool,
}

impl Play {
    fn new(door: u8) -> Self {
        let address = Address::from_canonical("id.example.org").unwrap();
        let mut world = FakeWorld::open();
        let mut issuer = TestIssuer::new(address, world.now, Random::seeded(3)).unwrap();
        issuer.policy = Policy { pin: PinRules { min_digits: 6 }, forbid_backup: true, ..Policy::default() };
        let order = match door {
            0 => OnlineOrder::from_link(&payload(&issuer, door)).unwrap(),
            1 => OnlineOrder::from_qr_code(&payload(&issuer, door), PASSWORD).unwrap(),
            _ => {
                let details = fields().check().map_err(|_| ()).unwrap();
                let key = issuer.issuer_key().unwrap();
                OnlineOrder::from_typed(&details, key, world.stretch()).unwrap()
            }
        };
        issuer.add(&order, UnixTime(u64::MAX));
        let machine = start(door, &issuer, &mut world);
        let (heard, consented, arming_fails) = (Vec::new(), false, false);
        Self { door, machine, world, issuer, heard, consented, arming_fails }
    }

    fn state(&self) -> ActivationState {
        self.machine.step(self.world.now).state
    }

    fn ticket(&self) -> Ticket {
        self.machine.step(self.world.now).ticket
    }

    fn answer(&mut self, input: ActivationInput) -> Result<(), TokenError> {
        let ticket = self.ticket();
        self.machine.advance(ticket, input, &mut self.world).inspect_err(|_| {
            assert_eq!(self.machine.step(self.world.now).ticket, ticket, "an error moved the machine");
        })
    }

    /// What the issuer answers to the request that waits.
    fn reply(&mut self, request: &HttpRequest) -> ActivationInput {
        assert!(self.consented, "nothing leaves before consent");
        for secret in [&SECRET[..], PASSWORD, CODE.as_bytes()] {
            assert!(!request.body.windows(secret.len()).any(|window| window == secret), "a secret in clear");
        }
        let answer = match request.kind {
            HttpKind::Card => Ok(self.issuer.card().unwrap().encode().unwrap().expose().to_vec()),
            HttpKind::Open => self.issuer.open(&request.body),
            HttpKind::Sealed => {
                assert!(self.world.grouped && !self.world.drafts.is_empty(), "message 3 before the group");
                self.issuer.sealed(&request.body)
            }
        };
        match answer {
            Ok(body) => {
                self.heard.push(body.clone());
                ActivationInput::Http { status: 200, body }
            }
            Err(status) => ActivationInput::Http { status: status.0, body: Vec::new() },
        }
    }

    fn password(&mut self, password: &[u8]) {
        let ticket = self.ticket();
        let _ = self.machine.supply_password(ticket, password, &mut self.world);
    }

    /// The process ends, and the same text is opened again.
    fn restart(&mut self) {
        if self.world.identities.is_empty() {
            self.machine = start(self.door, &self.issuer, &mut self.world);
        }
    }

    fn confirm(&mut self) {
        if let ActivationState::ShowRegistrationCode { code, live_code: None, .. } = self.state() {
            self.issuer.confirm(0, &code);
        }
    }

    fn step(&mut self, action: u8) {
        let request = match self.state() {
            ActivationState::Exchange { request } => Some(request),
            _ => None,
        };
        let input = match (action, request) {
            (0..=5, Some(request)) => self.reply(&request),
            (6, Some(request)) => match self.reply(&request) {
                ActivationInput::Http { status, mut body } => {
                    body.iter_mut().last().into_iter().for_each(|byte| *byte ^= 1);
                    ActivationInput::Http { status, body }
                }
                other => other,
            },
            (7, Some(_)) => {
                let body = self.heard.first().cloned().unwrap_or_default();
                ActivationInput::Http { status: 200, body }
            }
            (0..=7, None) | (8, _) => ActivationInput::Retry,
            (9, _) => ActivationInput::HttpProblem { problem: HttpProblem::NoNetwork },
            (10, _) => ActivationInput::HttpProblem { problem: HttpProblem::Timeout },
            (11, _) => ActivationInput::Confirmed,
            (12, _) => {
                self.consented |= matches!(self.state(), ActivationState::NeedsConsent { .. });
                ActivationInput::Consent { name: None }
            }
            (13, _) => ActivationInput::PinReady,
            (14, _) => {
                self.world.pin_digits = 6;
                return;
            }
            (15, _) => return self.restart(),
            (16, _) => return self.confirm(),
            (17, _) => return self.password(PASSWORD),
            (18, _) => return self.password(b"00000000"),
            (19, _) => {
                self.world.fail_writes ^= true;
                return;
            }
            (20, _) => {
                self.arming_fails ^= true;
                return;
            }
            (21, _) => ActivationInput::ContinueOffline,
            _ => ActivationInput::Cancel,
        };
        let _ = self.answer(input);
        self.arm();
    }

    fn arm(&mut self) {
        if let Some(id) = self.machine.wants_arming() {
            let failed = Err(TokenError::DeviceKeyFailed { problem: DeviceKeyProblem::Transient });
            let came = if self.arming_fails { failed } else { Ok(()) };
            self.machine.armed(id, came, &mut self.world);
        }
    }

    fn check(&self) {
        assert!(self.consented || self.world.writes == 0, "a write before consent");
        assert!(self.world.identities.len() + self.world.drafts.len() <= 1, "two of one request");
        let Some((_, identity)) = self.world.identities.first() else { return };
        let record = &identity.record;
        if record.origin != Origin::Online {
            assert!(self.issuer.orders[0].claims() == 0, "offline after message 1");
            return;
        }
        let order = &self.issuer.orders[0];
        assert_eq!(order.standing, Some(Standing::Active));
        let [session] = order.sessions.as_slice() else { panic!("one session is left") };
        assert!(record.credential.secret.ct_eq(session.keys.seed.expose()), "another seed");
        let kept = record.recovery_key.as_ref().map(|key| *key.expose());
        assert_eq!(kept, Some(*session.keys.recovery.expose()));
        assert_eq!((record.policy, record.clock_offset), (self.issuer.policy, 0));
        assert_eq!(identity.label.serial.as_deref(), Some(order.header.serial.digits()));
    }

    /// Whatever has happened, a patient user gets to the end.
    fn finish(&mut self) {
        (self.world.fail_writes, self.arming_fails, self.world.pin_digits) = (false, false, 6);
        self.consented = true;
        for _ in 0..20 {
            self.confirm();
            match self.state() {
                ActivationState::Done { .. } | ActivationState::Failed { retry: Retry::Never, .. } => break,
                ActivationState::NeedsConsent { .. } => self.step(12),
                ActivationState::NeedsPin { .. } => self.step(13),
                ActivationState::NeedsPassword { .. } => self.step(17),
                ActivationState::ShowRegistrationCode { .. } => self.step(11),
                ActivationState::Exchange { .. } => self.step(0),
                _ => self.step(8),
            }
            self.check();
        }
        let ended = matches!(
            self.state(),
            ActivationState::Done { .. } | ActivationState::Failed { retry: Retry::Never, .. }
        );
        assert!(ended && self.world.drafts.is_empty(), "it never ends");
    }
}

fn payload(issuer: &TestIssuer, door: u8) -> LinkPayload {
    LinkPayload {
        mode: if door == 0 { Mode::Link } else { Mode::QrCode },
        flags: Flags { offline_allowed: true, confirm_in_portal: door == 0 },
        activation_id: [1; 16],
        secret: Key::new(SECRET),
        issuer_key: issuer.issuer_key().unwrap(),
        serial: SerialNumber::parse("48244-13456").unwrap(),
        profile: Profile::TYPED,
        expiry: NonZeroU32::MAX,
        address: issuer.address.clone(),
    }
}

fn fields() -> TypedFields {
    TypedFields {
        address: "id.example.org".into(),
        serial_number: "4824413456".into(),
        activation_code: Zeroizing::new(CODE.into()),
    }
}

fn start(door: u8, issuer: &TestIssuer, world: &mut FakeWorld) -> Machine {
    let source = match door {
        0 | 1 => ActivationSource::Text(payload(issuer, door).to_app()),
        _ => ActivationSource::Typed(fields()),
    };
    Machine::start(source, ActivationOptions::default(), world).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mishap_makes_two_of_one_order_or_one_that_the_issuer_does_not_know(
        door in 0_u8..3,
        actions in proptest::collection::vec(0_u8..22, 1..40),
    ) {
        let mut play = Play::new(door);
        for action in actions {
            play.step(action);
            play.check();
        }
        play.finish();
    }
}

/// The table of `state`: what each state over the network takes, and where it goes.
#[test]
fn each_state_takes_its_inputs_and_no_others() {
    type Case = (&'static [u8], &'static str, &'static [u8]);
    // The way there, the state, and the actions that move it.
    let cases: [Case; 6] = [
        (&[12], "exchange", &[0, 6, 7, 9, 10, 22]),
        (&[12, 10], "failed", &[8, 22]),
        (&[12, 9], "failed", &[8, 22]),
        (&[12, 0], "pin", &[22]),
        (&[14, 12, 0, 0], "code", &[11, 22]),
        (&[14, 12, 0, 0, 16, 11, 0], "done", &[]),
    ];
    for (way, name, takes) in cases {
        for action in [6, 7, 8, 9, 10, 11, 12, 13, 21, 22] {
            let mut play = Play::new(0);
            way.iter().for_each(|action| play.step(*action));
            assert_eq!(word(&play.state()), name, "{way:?}");
            let before = play.ticket();
            play.step(action);
            // Without a request to answer, 6 and 7 stand for `Retry`.
            let action = if name != "exchange" && matches!(action, 6 | 7) { 8 } else { action };
            assert_eq!(play.ticket() != before, takes.contains(&action), "{name} {action}");
        }
    }
}

#[test]
fn a_wrong_password_is_a_state_and_a_stale_one_is_refused() {
    let mut play = Play::new(1);
    play.password(b"00000000");
    play.step(12);
    play.step(0);
    assert_eq!(word(&play.state()), "password");
    let ticket = play.ticket();
    assert_eq!(
        play.machine.supply_password(Ticket(0), PASSWORD, &mut play.world),
        Err(TokenError::StaleInput)
    );
    assert!(play.answer(ActivationInput::Retry).is_err() && play.ticket() == ticket);
    play.finish();
    assert_eq!(word(&play.state()), "done");
}

fn word(state: &ActivationState) -> &'static str {
    match state {
        ActivationState::NeedsPin { .. } => "pin",
        ActivationState::NeedsPassword { .. } => "password",
        ActivationState::NeedsDetails { .. } => "details",
        ActivationState::NeedsConsent { .. } => "consent",
        ActivationState::Exchange { .. } => "exchange",
        ActivationState::ShowRegistrationCode { .. } => "code",
        ActivationState::Done { .. } => "done",
        ActivationState::Failed { .. } => "failed",
    }
}

#[test]
fn a_name_that_was_taken_while_the_pin_was_chosen_is_asked_again() {
    let mut play = Play::new(0);
    play.world.phase = Phase::Fresh;
    play.step(12);
    assert_eq!(word(&play.state()), "pin");
    play.world.phase = Phase::Open;
    let ActivationState::NeedsConsent { name, .. } = Play::new(0).state() else { panic!("a default name") };
    let name = IdentityName::new(&name).unwrap();
    play.world.names.insert(name.skeleton(), IdentityId([9; 16]));
    play.step(13);
    let ActivationState::NeedsConsent { taken: Some(free), .. } = play.state() else { panic!("taken") };
    assert_eq!(play.world.writes, 0, "and nothing was sent");
    play.answer(ActivationInput::Consent { name: Some(free) }).unwrap();
    assert_eq!(word(&play.state()), "exchange");
}
