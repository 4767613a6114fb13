//! The secret half of an identity: what codes are made from.

use crate::otp::CodeSpec;
use crate::secret::SecretBytes;

/// Secret, moving factor and the rule that turns them into codes. No `Debug`, no `Clone`.
pub struct Credential {
    /// How codes are made.
    pub spec: CodeSpec,
    /// The shared secret (seed).
    pub secret: SecretBytes,
    /// The PIN that mOTP and Yandex mix into every code, as ASCII digits.
    pub otp_pin: Option<SecretBytes>,
    /// The next counter (HOTP, MobilePASS, OCRA suites with `C`); 0 otherwise.
    pub counter: u64,
}

impl Credential {
    /// A credential without OTP PIN and with counter 0.
    pub fn new(spec: CodeSpec, secret: SecretBytes) -> Self {
        Self { spec, secret, otp_pin: None, counter: 0 }
    }

    /// An explicit copy, for a secret that must be held twice for a moment.
    pub fn duplicate(&self) -> Self {
        Self {
            spec: self.spec.clone(),
            secret: self.secret.duplicate(),
            otp_pin: self.otp_pin.as_ref().map(SecretBytes::duplicate),
            counter: self.counter,
        }
    }
}
