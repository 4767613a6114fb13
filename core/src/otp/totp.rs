//! TOTP (RFC 6238): HOTP of the number of periods since `t0`.

use super::{Algorithm, Code, Digits, Period, hotp};
use crate::time::UnixTime;

/// The number of whole periods from `t0` to `time` (RFC 6238 section 4.2); 0 before `t0`.
pub fn totp_step(time: UnixTime, t0: u64, period: Period) -> u64 {
    // A period is never 0.
    time.0.saturating_sub(t0).checked_div(u64::from(period.seconds())).unwrap_or(0)
}

/// The TOTP code at `time`.
pub fn totp(
    secret: &[u8],
    time: UnixTime,
    t0: u64,
    period: Period,
    algorithm: Algorithm,
    digits: Digits,
) -> Code {
    hotp(secret, totp_step(time, t0, period), algorithm, digits)
}
