//! Entrust v1: compatibility only. What follows from serial number, activation and registration code.
//!
//! | Step | As published for `igmobileotp` activations |
//! |---|---|
//! | input | activation code's value in 7 bytes ‖ low 16 bits of the registration code's value [‖ policy text] |
//! | seed | PBKDF2-HMAC-SHA256(input, salt = ten serial digits, 8 rounds), 16 bytes |
//! | codes | TOTP, HMAC-SHA256, 30 s, 6 digits unless the issuer says otherwise |
//!
//! The seed rests on 16 random bits of the device, so every identity made here is *legacy*. What the
//! upper bits of a registration code must be is not public: [`V1Details::activate`] draws them, and
//! the vendor's server may refuse the code. [`sealed`] reads the QR code that carries the details.

pub mod sealed;
#[cfg(test)]
mod vectors;

use std::num::NonZeroU32;

use ring::pbkdf2::{PBKDF2_HMAC_SHA256, derive};
use zeroize::Zeroizing;

use super::address::Address;
use super::manual::TypedDetailsV1;
use super::registration_code;
use super::request::{Offer, Warning};
use crate::codec::decimal::{ActivationCode, RegistrationCode, SerialNumber};
use crate::identity::{Credential, Policy};
use crate::otp::{Algorithm, CodeSpec, Digits, Period};
use crate::random::{NoRandom, Random};
use crate::secret::{Key, SecretBytes};

/// What every v1 activation starts from, sealed or typed. No `Debug`, no `Clone`.
pub struct V1Details {
    /// The token at the issuer.
    pub serial: SerialNumber,
    /// The secret of the activation.
    pub activation_code: ActivationCode,
    /// The issuer's host, or empty.
    pub issuer: String,
}

impl V1Details {
    /// From typed values.
    pub fn from_typed(details: TypedDetailsV1) -> Self {
        let issuer = details.address.as_ref().map_or_else(String::new, |address| address.host().to_owned());
        Self { serial: details.serial, activation_code: details.activation_code, issuer }
    }

    /// Brings over a token that was completed elsewhere with this registration code. `digits`: 6 when not told.
    pub fn bring_over(&self, code: &RegistrationCode, digits: Option<Digits>) -> Offer {
        self.offer(code, digits, vec![Warning::Legacy])
    }

    /// A new activation: the registration code that the user types at the issuer, which may refuse it.
    pub fn activate(
        &self,
        random: &Random,
        digits: Option<Digits>,
    ) -> Result<(Offer, RegistrationCode), NoRandom> {
        let code = registration_code::draw_v1(random)?;
        let offer = self.offer(&code, digits, vec![Warning::Legacy, Warning::VendorMayRefuse]);
        Ok((offer, code))
    }

    fn offer(&self, code: &RegistrationCode, digits: Option<Digits>, warnings: Vec<Warning>) -> Offer {
        let spec = CodeSpec::Totp {
            algorithm: Algorithm::Sha256,
            digits: digits.unwrap_or(Digits::SIX),
            period: Period::THIRTY,
            t0: 0,
        };
        // The servers whose tokens are known leave the policy out of the seed.
        let seed = seed(&self.serial, &self.activation_code, code, None);
        Offer {
            issuer: self.issuer.clone(),
            account: String::new(),
            credential: Credential::new(spec, SecretBytes::copy_of(seed.expose())),
            policy: Policy::default(),
            serial: Some(self.serial.digits().to_owned()),
            warnings,
        }
    }
}

/// The seed of a v1 token. `policy` is the policy text where an issuer mixes it in; no known one does.
pub fn seed(
    serial: &SerialNumber,
    activation_code: &ActivationCode,
    registration_code: &RegistrationCode,
    policy: Option<&str>,
) -> Key<16> {
    let policy = policy.unwrap_or_default().as_bytes();
    let mut input = Zeroizing::new(Vec::with_capacity(POLICY_AT.saturating_add(policy.len())));
    let [_, activation @ ..] = activation_code.value().to_be_bytes();
    input.extend(activation);
    let [.., high, low] = registration_code.value().to_be_bytes();
    input.extend([high, low]);
    input.extend(policy);
    let mut seed = Zeroizing::new([0; 16]);
    derive(PBKDF2_HMAC_SHA256, SEED_ROUNDS, serial.digits().as_bytes(), &input, seed.as_mut_slice());
    Key::new(*seed)
}

/// The host in a v1 registration URL, which may lack a scheme and has a path; empty when there is none.
fn host_of(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let known =
        scheme.is_empty() || scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    Address::parse(authority)
        .ok()
        .filter(|_| known)
        .map_or_else(String::new, |address| address.host().to_owned())
}

const SEED_ROUNDS: NonZeroU32 = match NonZeroU32::new(8) {
    Some(rounds) => rounds,
    None => NonZeroU32::MIN,
};
/// Bytes of activation code and device's random part.
const POLICY_AT: usize = 9;
