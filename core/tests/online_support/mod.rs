//! A device with a real vault folder, and an issuer in memory that it speaks with.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::Arc;

use softtoken_core::TokenError;
use softtoken_core::activation::driver::{HttpKind, HttpRequest};
use softtoken_core::activation::exchange::OnlineOrder;
use softtoken_core::activation::exchange::issuer::TestIssuer;
use softtoken_core::activation::exchange::sealed::Standing;
use softtoken_core::activation::link::{LinkPayload, Mode};
use softtoken_core::activation::manual::TypedDetails;
use softtoken_core::activation::offline::argon2id;
use softtoken_core::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, TypedFields,
};
use softtoken_core::codec::decimal::SerialNumber;
use softtoken_core::identity::{IdentityState, IdentityView};
use softtoken_core::otp::code_at;
use softtoken_core::token::{Activation, SoftToken};
use zeroize::Zeroizing;

use super::exchange::{EXPIRY, NOW, PASSWORD, issuer, payload};
use super::token_support::{Device, PIN};

pub const ACTIVATION_CODE: &str = "1745-7712-6942-8698";

/// The door of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Link,
    QrCode,
    Typed,
}

/// One of the doors.
pub fn mode(number: u32) -> Door {
    match number % 3 {
        0 => Door::Typed,
        1 => Door::Link,
        _ => Door::QrCode,
    }
}

/// Both sides.
pub struct Pair {
    pub device: Device,
    pub token: Arc<SoftToken>,
    pub issuer: TestIssuer,
    /// The registration codes must be confirmed for links and QR codes too.
    pub confirm: bool,
}

impl Pair {
    pub fn new() -> Self {
        let device = Device::new();
        device.fakes.clock.set(NOW.0);
        let token = device.ready();
        Self { device, token, issuer: issuer(), confirm: false }
    }

    /// A new order at the issuer, and its activation up to the consent page.
    pub fn begin(&mut self, door: Door, number: u8) -> Activation {
        self.begin_with(door, number, PASSWORD)
    }

    /// The same with a password that may be wrong.
    pub fn begin_with(&mut self, door: Door, number: u8, password: &[u8]) -> Activation {
        let order = match door {
            Door::Link => OnlineOrder::from_link(&self.payload(door, number)).unwrap(),
            Door::QrCode => OnlineOrder::from_qr_code(&self.payload(door, number), PASSWORD).unwrap(),
            Door::Typed => {
                let key = self.issuer.issuer_key().unwrap();
                OnlineOrder::from_typed(&details(number), key, &argon2id).unwrap()
            }
        };
        self.issuer.add(&order, EXPIRY);
        self.begin_known(door, number, password).unwrap()
    }

    /// The activation of an order that the issuer has.
    pub fn begin_known(&self, door: Door, number: u8, password: &[u8]) -> Result<Activation, TokenError> {
        let options = ActivationOptions { device: Some("Test".into()), ..ActivationOptions::default() };
        let source = match door {
            Door::Typed => ActivationSource::Typed(fields(number)),
            _ => ActivationSource::Text(self.payload(door, number).to_app()),
        };
        let activation = self.token.begin_activation(source, options)?;
        let step = activation.step()?;
        if let ActivationState::NeedsPassword { wrong: false, .. } = step.state {
            activation.supply_password(step.ticket, password)?;
        }
        Ok(activation)
    }

    pub fn payload(&self, door: Door, number: u8) -> LinkPayload {
        let mode = if door == Door::QrCode { Mode::QrCode } else { Mode::Link };
        let mut payload = payload(&self.issuer, mode, self.confirm);
        payload.activation_id = [number; 16];
        payload.serial = serial(number);
        payload
    }

    pub fn consent(&self, activation: &Activation, name: Option<&str>) -> ActivationState {
        super::token_support::consent(activation, name).unwrap()
    }

    /// Carries requests until something else is needed.
    pub fn run(&mut self, activation: &Activation) -> ActivationState {
        loop {
            let step = activation.step().unwrap();
            let ActivationState::Exchange { request } = step.state else { return step.state };
            let reply = self.serve(&request);
            activation.advance(step.ticket, reply).unwrap();
        }
    }

    /// What the issuer answers.
    pub fn serve(&mut self, request: &HttpRequest) -> ActivationInput {
        let answer = match request.kind {
            HttpKind::Card => Ok(self.issuer.card().unwrap().encode().unwrap().expose().to_vec()),
            HttpKind::Open => self.issuer.open(&request.body),
            HttpKind::Sealed => self.issuer.sealed(&request.body),
        };
        match answer {
            Ok(body) => ActivationInput::Http { status: 200, body },
            Err(status) => ActivationInput::Http { status: status.0, body: Vec::new() },
        }
    }

    /// The process ends, and another one goes on with what is pending.
    pub fn die(&mut self, activation: Option<Activation>) -> Activation {
        self.restart(activation);
        let views = self.token.identities().unwrap();
        let pending = views.iter().find(|view| view.state == IdentityState::Pending).unwrap();
        self.token.resume_activation(pending.id).unwrap()
    }

    /// The process ends, and another one begins.
    pub fn restart(&mut self, activation: Option<Activation>) {
        drop(activation);
        let folder = tempfile::tempdir().unwrap();
        let config = softtoken_core::token::OpenConfig { folder: folder.path().to_owned() };
        // The folder is free for the next process only when the last handle is gone.
        let nothing = SoftToken::open(config, self.device.fakes.hooks()).unwrap();
        drop(std::mem::replace(&mut self.token, nothing));
        self.token = self.device.start().unwrap();
        self.token.unlock(PIN).unwrap();
    }

    pub fn pending(&self) -> bool {
        self.token.identities().unwrap().iter().any(|view| view.state == IdentityState::Pending)
    }

    pub fn only_view(&self) -> IdentityView {
        let views = self.token.identities().unwrap();
        let [view] = views.as_slice() else { panic!("{} identities", views.len()) };
        view.clone()
    }

    /// The issuer calls the order's token active, and both sides agree on seed, policy and serial number.
    pub fn assert_agreed(&self, order: usize) {
        let order = &self.issuer.orders[order];
        assert_eq!(order.standing, Some(Standing::Active));
        let [session] = order.sessions.as_slice() else { panic!("one session is left") };
        let views = self.token.identities().unwrap();
        let serial = order.header.serial.digits();
        let mut mine = views.iter().filter(|view| view.serial.as_deref() == Some(serial));
        let (Some(view), None) = (mine.next(), mine.next()) else { panic!("one identity") };
        assert_eq!(view.state, IdentityState::Active);
        let spec = order.header.profile.spec();
        let theirs = code_at(&spec, session.keys.seed.expose(), None, self.issuer.now).unwrap();
        let sheet = self.token.codes(None).unwrap();
        let code = sheet.codes.iter().find(|code| code.id == view.id).unwrap();
        assert_eq!(code.code.as_deref().map(String::as_str), Some(theirs.code.as_str()));
        let policy = &self.token.policy_view(Some(view.id)).unwrap()[0];
        assert_eq!(policy.policy, self.issuer.policy);
    }
}

pub fn fields(number: u8) -> TypedFields {
    TypedFields {
        address: "idp.example.test".into(),
        serial_number: serial(number).grouped(),
        activation_code: Zeroizing::new(ACTIVATION_CODE.into()),
    }
}

pub fn serial(number: u8) -> SerialNumber {
    SerialNumber::from_value(482_441_300 + u64::from(number)).unwrap()
}

fn details(number: u8) -> TypedDetails {
    fields(number).check().unwrap_or_else(|_| panic!("typed values"))
}
