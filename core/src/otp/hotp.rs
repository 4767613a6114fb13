//! Codes by counter: HOTP (RFC 4226) and legacy MobilePASS, which is HOTP with other numbers.

use super::mac::hmac;
use super::truncate::truncate;
use super::{Algorithm, Code, CodeSpec, Digits, OtpError};

/// The HOTP code for `counter` (RFC 4226 section 5.3; the hash is SHA-1 there).
pub fn hotp(secret: &[u8], counter: u64, algorithm: Algorithm, digits: Digits) -> Code {
    Code::decimal(hotp_number(secret, counter, algorithm), digits.get())
}

/// The code of an event-based identity for `counter`.
///
/// [`CodeSpec::Hotp`] takes the shared secret, [`CodeSpec::MobilePass`] the key of
/// [`mobilepass::MobilePassCode::key`](super::mobilepass::MobilePassCode::key). Other kinds answer
/// what they need instead.
pub fn code_for_counter(spec: &CodeSpec, secret: &[u8], counter: u64) -> Result<Code, OtpError> {
    match spec {
        CodeSpec::Hotp { algorithm, digits } => Ok(hotp(secret, counter, *algorithm, *digits)),
        CodeSpec::MobilePass => Ok(hotp(secret, counter, Algorithm::Sha256, Digits::SIX)),
        CodeSpec::Ocra { .. } => Err(OtpError::NeedsChallenge),
        CodeSpec::Totp { .. } | CodeSpec::Steam | CodeSpec::Motp | CodeSpec::Yandex => {
            Err(OtpError::NeedsTime)
        }
    }
}

/// The 31-bit number behind a HOTP code.
pub(super) fn hotp_number(secret: &[u8], counter: u64, algorithm: Algorithm) -> u32 {
    hmac(algorithm, secret, &[&counter.to_be_bytes()], truncate)
}
