//! Resynchronisation with two consecutive codes (RFC 4226 section 7.4; RFC 6238 section 6 for time).
//!
//! Pure searches: whoever verifies stores the result and throttles. Two codes that must follow one
//! another keep a wide window as hard to guess as a narrow one with a single code. A window is a
//! `u16`, so that no caller can ask for an endless search.

use super::timed::Clockwork;
use super::{CodeSpec, OtpError, code_for_counter};
use crate::time::UnixTime;

/// Looks for `codes[0]` at `counter .. counter + window`, with `codes[1]` right after it, never backwards.
///
/// Gives the counter to store: the one after `codes[1]`. `None` when the codes are not there (or end
/// at the last counter, after which there is nothing to store).
pub fn resync(
    spec: &CodeSpec,
    secret: &[u8],
    counter: u64,
    window: u16,
    codes: [&str; 2],
) -> Result<Option<u64>, OtpError> {
    for offset in 0..u64::from(window) {
        let Some(first) = counter.checked_add(offset) else { break };
        let Some((second, next)) = first.checked_add(1).zip(first.checked_add(2)) else { break };
        if code_for_counter(spec, secret, first)?.ct_eq(codes[0])
            && code_for_counter(spec, secret, second)?.ct_eq(codes[1])
        {
            return Ok(Some(next));
        }
    }
    Ok(None)
}

/// Looks for `codes[0]` within `window` steps before or after `time`, nearest first, with `codes[1]`
/// in the step right after it.
///
/// Gives the step of `codes[1]`; its distance to the step at `time` is the drift to remember, and no
/// code of that step or an earlier one may be accepted again.
pub fn find_step(
    spec: &CodeSpec,
    secret: &[u8],
    otp_pin: Option<&[u8]>,
    time: UnixTime,
    window: u16,
    codes: [&str; 2],
) -> Result<Option<u64>, OtpError> {
    let clockwork = Clockwork::of(spec)?;
    let now = clockwork.step(time);
    for distance in 0..=u64::from(window) {
        let around = [now.checked_add(distance), now.checked_sub(distance)];
        for first in around.into_iter().flatten() {
            let Some(second) = first.checked_add(1) else { continue };
            if clockwork.code(secret, otp_pin, first)?.ct_eq(codes[0])
                && clockwork.code(secret, otp_pin, second)?.ct_eq(codes[1])
            {
                return Ok(Some(second));
            }
        }
    }
    Ok(None)
}
