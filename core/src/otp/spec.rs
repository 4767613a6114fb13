//! How an identity makes its codes: everything but the secret.

use super::OcraSuite;

/// The HMAC hash. An unknown name is an error everywhere, never SHA-1 in silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// HMAC-SHA-1, the default of RFC 4226.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

/// Number of digits of a HOTP or TOTP code: 6 to 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digits(u8);

impl Digits {
    /// Six digits, the default.
    pub const SIX: Self = Self(6);
    /// Eight digits.
    pub const EIGHT: Self = Self(8);

    /// `None` outside 6..=10 (10 digits carry 31 bits; the first is 0, 1 or 2).
    pub fn new(digits: u8) -> Option<Self> {
        (6..=10).contains(&digits).then_some(Self(digits))
    }

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

/// Length of a TOTP step in seconds: 1 to 2^31-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period(u32);

impl Period {
    /// Thirty seconds, the default.
    pub const THIRTY: Self = Self(30);
    /// One day: privacyIDEA's day password.
    pub const DAY: Self = Self(86_400);

    /// `None` outside 1..=2^31-1.
    pub fn new(seconds: u32) -> Option<Self> {
        (1..=0x7fff_ffff).contains(&seconds).then_some(Self(seconds))
    }

    /// Seconds.
    pub fn seconds(self) -> u32 {
        self.0
    }
}

/// How codes are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeSpec {
    /// RFC 6238. The day password is TOTP with [`Period::DAY`].
    Totp {
        /// HMAC hash.
        algorithm: Algorithm,
        /// Digits of the code.
        digits: Digits,
        /// Step length.
        period: Period,
        /// Unix time of step 0; 0 everywhere but in rare PSKC files.
        t0: u64,
    },
    /// RFC 4226; the counter is kept beside the secret.
    Hotp {
        /// HMAC hash (the RFC has SHA-1 only; others are in use).
        algorithm: Algorithm,
        /// Digits of the code.
        digits: Digits,
    },
    /// RFC 6287.
    Ocra {
        /// The suite, kept as it was written: its text is part of the HMAC input.
        suite: OcraSuite,
    },
    /// Steam Guard: five characters of an alphabet of 26, 30 s.
    Steam,
    /// mOTP: MD5 of time/10, secret and a PIN; six hex digits.
    Motp,
    /// Yandex Key: HMAC-SHA-256 under a key made of PIN and secret; eight letters, 30 s.
    Yandex,
    /// Legacy MobilePASS, event-based: HOTP with HMAC-SHA-256, six digits.
    MobilePass,
}
