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

/// Why a text names no [`Algorithm`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AlgorithmError {
    /// MD5: known, and too weak to be offered.
    #[error("MD5 is not supported")]
    Md5,
    /// No hash of this name is used for codes.
    #[error("unknown hash algorithm")]
    Unknown,
}

impl Algorithm {
    /// Reads a name as links and files have it: `SHA1`, `sha-256`, `HmacSHA512`, `HMAC-SHA1`.
    pub fn parse(text: &str) -> Result<Self, AlgorithmError> {
        let hash = strip_ignoring_case(text, "hmac").unwrap_or(text);
        let hash = hash.strip_prefix('-').unwrap_or(hash);
        if hash.eq_ignore_ascii_case("md5") {
            return Err(AlgorithmError::Md5);
        }
        let size = strip_ignoring_case(hash, "sha").ok_or(AlgorithmError::Unknown)?;
        match size.strip_prefix('-').unwrap_or(size) {
            "1" => Ok(Self::Sha1),
            "256" => Ok(Self::Sha256),
            "512" => Ok(Self::Sha512),
            _ => Err(AlgorithmError::Unknown),
        }
    }

    /// The name as otpauth links and OCRA suites write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }
}

/// `text` without `prefix`, whatever the case of its ASCII letters.
pub(super) fn strip_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
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
    /// Ten seconds: mOTP.
    pub const TEN: Self = Self(10);
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
