//! The code profile of an order: how the codes of the identity will be made, in four bytes.
//!
//! | Byte | Holds |
//! |---|---|
//! | 0 | algorithm: 1 SHA-1, 2 SHA-256, 3 SHA-512 |
//! | 1 | digits, 6 to 10 |
//! | 2, 3 | period in seconds, big-endian, 1 to 65535 |
//!
//! The same four bytes stand in a link and are hashed into the salt of an offline activation.

use std::num::NonZeroU16;

use super::state::FieldProblem;
use crate::error::{Part, Problem};
use crate::otp::{Algorithm, CodeSpec, Digits, Period};

/// A TOTP rule that fits into a link; step 0 begins at Unix time 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// HMAC hash.
    pub algorithm: Algorithm,
    /// Digits of a code.
    pub digits: Digits,
    /// Step length in seconds.
    pub period: NonZeroU16,
}

impl Profile {
    /// The profile of every activation by typed values: SHA-256, 8 digits, 30 seconds.
    pub const TYPED: Self =
        Self { algorithm: Algorithm::Sha256, digits: Digits::EIGHT, period: THIRTY_SECONDS };

    /// Reads the four bytes.
    pub fn from_bytes([algorithm, digits, period @ ..]: [u8; 4]) -> Result<Self, FieldProblem> {
        let algorithm = match algorithm {
            SHA1 => Algorithm::Sha1,
            SHA256 => Algorithm::Sha256,
            SHA512 => Algorithm::Sha512,
            _ => return Err(FieldProblem::whole(Part::Algorithm, Problem::Unknown)),
        };
        let digits = Digits::new(digits).ok_or(FieldProblem::whole(Part::Digits, Problem::OutOfRange))?;
        let period = NonZeroU16::new(u16::from_be_bytes(period))
            .ok_or(FieldProblem::whole(Part::Period, Problem::OutOfRange))?;
        Ok(Self { algorithm, digits, period })
    }

    /// The four bytes.
    pub fn to_bytes(self) -> [u8; 4] {
        let algorithm = match self.algorithm {
            Algorithm::Sha1 => SHA1,
            Algorithm::Sha256 => SHA256,
            Algorithm::Sha512 => SHA512,
        };
        let [high, low] = self.period.get().to_be_bytes();
        [algorithm, self.digits.get(), high, low]
    }

    /// The rule for making codes.
    pub fn spec(self) -> CodeSpec {
        let period = Period::new(u32::from(self.period.get())).unwrap_or(Period::THIRTY);
        CodeSpec::Totp { algorithm: self.algorithm, digits: self.digits, period, t0: 0 }
    }
}

const SHA1: u8 = 1;
const SHA256: u8 = 2;
const SHA512: u8 = 3;
const THIRTY_SECONDS: NonZeroU16 = match NonZeroU16::new(30) {
    Some(period) => period,
    None => NonZeroU16::MIN,
};
