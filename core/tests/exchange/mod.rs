//! An issuer with orders, and a device that speaks with it.
#![allow(dead_code, reason = "each test file uses its part")]

use std::num::NonZeroU32;

use softtoken_core::activation::address::Address;
use softtoken_core::activation::exchange::issuer::TestIssuer;
use softtoken_core::activation::exchange::{Exchange, ExchangeError, OnlineOrder, RequestKind, Step, Verify};
use softtoken_core::activation::issuer_key::IssuerKey;
use softtoken_core::activation::link::{Flags, LinkPayload, Mode};
use softtoken_core::activation::manual::TypedDetails;
use softtoken_core::activation::offline::StretchFailed;
use softtoken_core::activation::profile::Profile;
use softtoken_core::activation::state::TypedFields;
use softtoken_core::codec::decimal::SerialNumber;
use softtoken_core::random::Random;
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;

pub const NOW: UnixTime = UnixTime(1_893_456_000);
pub const EXPIRY: UnixTime = UnixTime(1_893_456_300);
pub const PASSWORD: &[u8] = b"54998317";

pub fn issuer() -> TestIssuer {
    let address = Address::from_canonical("idp.example.test").unwrap();
    TestIssuer::new(address, NOW, Random::seeded(1)).unwrap()
}

pub fn payload(issuer: &TestIssuer, mode: Mode, confirm_in_portal: bool) -> LinkPayload {
    LinkPayload {
        mode,
        flags: Flags { offline_allowed: mode == Mode::QrCode, confirm_in_portal },
        activation_id: [0x11; 16],
        secret: Key::new([0x22; 16]),
        issuer_key: issuer.issuer_key().unwrap(),
        serial: SerialNumber::parse("48244-13456").unwrap(),
        profile: Profile::TYPED,
        expiry: NonZeroU32::new(u32::try_from(EXPIRY.0).unwrap()).unwrap(),
        address: issuer.address.clone(),
    }
}

/// An order that the issuer knows, as the device reads it.
pub fn order(issuer: &mut TestIssuer, mode: Mode, confirm: bool) -> OnlineOrder {
    let order = || match mode {
        Mode::Link => OnlineOrder::from_link(&payload(issuer, mode, confirm)).unwrap(),
        Mode::QrCode => OnlineOrder::from_qr_code(&payload(issuer, mode, confirm), PASSWORD).unwrap(),
    };
    let (mine, theirs) = (order(), order());
    issuer.add(&theirs, EXPIRY);
    mine
}

pub fn typed(code: &str, key: IssuerKey) -> OnlineOrder {
    let details = details(code);
    OnlineOrder::from_typed(&details, key, &quick).unwrap()
}

pub fn details(code: &str) -> TypedDetails {
    let fields = TypedFields {
        address: "idp.example.test".into(),
        serial_number: "48244-13456".into(),
        activation_code: code.to_owned().into(),
    };
    fields.check().unwrap_or_else(|_| panic!("typed values"))
}

/// Fast, and different for every password and salt.
pub fn quick(password: &[u8], salt: &[u8; 32]) -> Result<Key<32>, StretchFailed> {
    let digest = ring::digest::digest(&ring::digest::SHA256, &[password, b"|", salt].concat());
    Key::from_slice(digest.as_ref()).ok_or(StretchFailed)
}

/// A device with random bytes of its own.
pub struct Device {
    pub exchange: Exchange,
    pub random: Random,
    /// Dies and comes back from its draft between any two steps.
    pub forgetful: bool,
}

impl Device {
    pub fn new(order: OnlineOrder, seed: u64) -> Self {
        let random = Random::seeded(seed);
        let exchange = Exchange::begin(order, "Test device", None, &random).unwrap();
        Self { exchange, random, forgetful: false }
    }

    /// Sends one request and takes the answer.
    pub fn turn(&mut self, issuer: &mut TestIssuer) -> Result<(), ExchangeError> {
        let reply = self.ask(issuer);
        self.take(&reply)
    }

    pub fn ask(&mut self, issuer: &mut TestIssuer) -> Vec<u8> {
        self.recall();
        let request = self.exchange.request(&self.random).unwrap();
        match request.kind {
            RequestKind::Open => issuer.open(&request.body),
            RequestKind::Sealed => issuer.sealed(&request.body),
        }
        .unwrap()
    }

    pub fn take(&mut self, reply: &[u8]) -> Result<(), ExchangeError> {
        self.exchange.take(reply)?;
        self.recall();
        Ok(())
    }

    fn recall(&mut self) {
        if self.forgetful {
            self.exchange = reborn(&self.exchange);
        }
    }
}

pub fn reborn(exchange: &Exchange) -> Exchange {
    Exchange::decode(exchange.encode().unwrap().expose()).unwrap()
}

/// The step as a word.
pub fn step(exchange: &Exchange) -> String {
    match exchange.step() {
        Step::Send => "send".into(),
        Step::Verify(Verify::Page { ticket, .. }) => format!("page {}", ticket.number),
        Step::Verify(Verify::Review { retry_after, .. }) => format!("review {retry_after}"),
        Step::Verify(Verify::Refused { reason, .. }) => format!("refused {reason:?}"),
        Step::Password { tries_left } => format!("password {tries_left}"),
        Step::ShowCode(code) => format!("code {}", *code),
        Step::Active => "active".into(),
        Step::Ended(refused) => format!("{refused:?}"),
    }
}
