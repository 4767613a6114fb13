//! A fake device with a real vault folder, for the tests of the facade.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::cell::Cell;
use std::sync::Arc;

use softtoken_core::TokenError;
use softtoken_core::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState,
};
use softtoken_core::identity::IdentityId;
use softtoken_core::lock::KdfProfile;
use softtoken_core::random::Random;
use softtoken_core::testing::Fakes;
use softtoken_core::token::{Activation, OpenConfig, SoftToken};
use zeroize::Zeroizing;

pub const NOW: u64 = 1_800_000_000;
pub const PIN: &[u8] = b"7294";
pub const TOTP: &str =
    "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example&digits=8";
pub const HOTP: &str = "otpauth://hotp/Example:door?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=0";

/// A device: what stays when the program ends.
pub struct Device {
    pub folder: tempfile::TempDir,
    pub fakes: Fakes,
    pub starts: Cell<u64>,
}

impl Device {
    pub fn new() -> Self {
        let fakes = Fakes::new(5);
        fakes.clock.set(NOW);
        Self { folder: tempfile::tempdir().unwrap(), fakes, starts: Cell::new(10) }
    }

    pub fn start(&self) -> Result<Arc<SoftToken>, TokenError> {
        let config = OpenConfig { folder: self.folder.path().to_owned() };
        // Each run draws its own ids.
        self.starts.set(self.starts.get() + 1);
        let random = Random::seeded(self.starts.get());
        SoftToken::open_for_tests(config, self.fakes.hooks(), KdfProfile::cheap(), random)
    }

    pub fn ready(&self) -> Arc<SoftToken> {
        let token = self.start().unwrap();
        token.set_pin(PIN).unwrap();
        token
    }
}

pub fn begin(token: &Arc<SoftToken>, text: &str) -> Activation {
    let source = ActivationSource::Text(Zeroizing::new(text.to_owned()));
    token.begin_activation(source, ActivationOptions::default()).unwrap()
}

pub fn consent(activation: &Activation, name: Option<&str>) -> Result<ActivationState, TokenError> {
    let ticket = activation.step()?.ticket;
    let name = name.map(str::to_owned);
    Ok(activation.advance(ticket, ActivationInput::Consent { name })?.state)
}

pub fn add(token: &Arc<SoftToken>, text: &str, name: &str) -> IdentityId {
    match consent(&begin(token, text), Some(name)).unwrap() {
        ActivationState::Done { added, .. } => added[0],
        _ => panic!("{name} was not added"),
    }
}
