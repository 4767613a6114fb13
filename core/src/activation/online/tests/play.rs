//! A machine over the network, its world and an issuer in memory, moved by numbered actions: an answer, a
//! changed or repeated one, a mishap, something that the user does, the end of the process.

use std::num::NonZeroU32;

use zeroize::Zeroizing;

use crate::TokenError;
use crate::activation::address::Address;
use crate::activation::driver::{HttpKind, HttpProblem, HttpRequest};
use crate::activation::exchange::OnlineOrder;
use crate::activation::exchange::issuer::TestIssuer;
use crate::activation::exchange::sealed::Standing;
use crate::activation::exchange::verification::Check;
use crate::activation::fake_world::FakeWorld;
use crate::activation::link::{Flags, LinkPayload, Mode};
use crate::activation::machine::Machine;
use crate::activation::profile::Profile;
use crate::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, Retry, Ticket, TypedFields,
};
use crate::activation::world::World;
use crate::codec::decimal::SerialNumber;
use crate::error::{DeviceKeyProblem, VerificationKind, VerificationRefusal};
use crate::identity::{Origin, PinRules, Policy};
use crate::random::Random;
use crate::secret::Key;
use crate::time::UnixTime;

pub(in crate::activation::online) const PASSWORD: &[u8] = b"54998317";
const CODE: &str = "1745771269428698";
const SECRET: [u8; 16] = *b"S of the payload";

/// A machine, its world, and the issuer.
pub(in crate::activation::online) struct Play {
    door: u8,
    pub(in crate::activation::online) machine: Machine,
    pub(in crate::activation::online) world: FakeWorld,
    pub(in crate::activation::online) issuer: TestIssuer,
    heard: Vec<Vec<u8>>,
    consented: bool,
    arming_fails: bool,
}

impl Play {
    pub(in crate::activation::online) fn new(door: u8) -> Self {
        Self::verifying(door, 0)
    }

    /// The issuer wants these verifications.
    pub(in crate::activation::online) fn verifying(door: u8, verifications: u64) -> Self {
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
        issuer.verifications = verifications;
        issuer.add(&order, UnixTime(u64::MAX));
        let machine = start(door, &issuer, &mut world);
        let (heard, consented, arming_fails) = (Vec::new(), false, false);
        Self { door, machine, world, issuer, heard, consented, arming_fails }
    }

    pub(in crate::activation::online) fn state(&self) -> ActivationState {
        self.machine.step(self.world.now).state
    }

    pub(in crate::activation::online) fn ticket(&self) -> Ticket {
        self.machine.step(self.world.now).ticket
    }

    pub(in crate::activation::online) fn answer(&mut self, input: ActivationInput) -> Result<(), TokenError> {
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
                assert!(!self.world.drafts.is_empty(), "a sealed request without a draft");
                let answer = self.issuer.sealed(&request.body);
                let opened = self.issuer.orders[0].standing.is_some();
                assert!(self.world.grouped || !opened, "message 3 before the group");
                answer
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

    pub(in crate::activation::online) fn password(&mut self, password: &[u8]) {
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

    pub(in crate::activation::online) fn step(&mut self, action: u8) {
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
            (23, _) => ActivationInput::Poll,
            (24, _) => ActivationInput::BrowserReturned,
            (25, _) => ActivationInput::BrowserDismissed,
            (26..=29, _) => return self.verdict(action),
            _ => ActivationInput::Cancel,
        };
        let _ = self.answer(input);
        self.arm();
    }

    /// What the issuer thinks of a verification from now on.
    fn verdict(&mut self, action: u8) {
        let (kind, check) = match action {
            26 => (VerificationKind::Certificate, Check::Passed),
            27 => (VerificationKind::Face, Check::Reviewed { retry_after: 30 }),
            28 => (VerificationKind::Face, Check::Passed),
            _ => (VerificationKind::Face, Check::Refused { reason: VerificationRefusal::ByPerson }),
        };
        self.issuer.orders[0].set_check(kind, check);
    }

    fn arm(&mut self) {
        if let Some(id) = self.machine.wants_arming() {
            let failed = Err(TokenError::DeviceKeyFailed { problem: DeviceKeyProblem::Transient });
            let came = if self.arming_fails { failed } else { Ok(()) };
            self.machine.armed(id, came, &mut self.world);
        }
    }

    pub(in crate::activation::online) fn check(&self) {
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
    pub(in crate::activation::online) fn finish(&mut self) {
        (self.world.fail_writes, self.arming_fails, self.world.pin_digits) = (false, false, 6);
        self.consented = true;
        for _ in 0..30 {
            self.confirm();
            self.verdict(26);
            self.verdict(28);
            match self.state() {
                ActivationState::Done { .. } | ActivationState::Failed { retry: Retry::Never, .. } => break,
                ActivationState::NeedsConsent { .. } => self.step(12),
                ActivationState::NeedsPin { .. } => self.step(13),
                ActivationState::NeedsPassword { .. } => self.step(17),
                ActivationState::ShowRegistrationCode { .. } => self.step(11),
                ActivationState::Exchange { .. } => self.step(0),
                ActivationState::Verify { .. } | ActivationState::Waiting { .. } => self.step(23),
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

pub(in crate::activation::online) fn word(state: &ActivationState) -> &'static str {
    match state {
        ActivationState::NeedsPin { .. } => "pin",
        ActivationState::NeedsPassword { .. } => "password",
        ActivationState::NeedsDetails { .. } => "details",
        ActivationState::NeedsConsent { .. } => "consent",
        ActivationState::Exchange { .. } => "exchange",
        ActivationState::Verify { .. } => "verify",
        ActivationState::Waiting { .. } => "waiting",
        ActivationState::ShowRegistrationCode { .. } => "code",
        ActivationState::Done { .. } => "done",
        ActivationState::Failed { .. } => "failed",
    }
}
