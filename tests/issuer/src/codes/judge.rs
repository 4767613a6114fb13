//! The decision about a code: pure, from the token as it is and the time. Whoever calls it stores the token.

use softtoken_core::time::UnixTime;

use super::search::{self, Found, Window};
use super::token::{Half, Kind, Token, stored};
use crate::audit::seconds;
use crate::error::{Error, Result};
use crate::settings::TokenPolicy;

/// What becomes of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Accepted, of the present seed.
    Accepted,
    /// Accepted, of the seed before.
    AcceptedFormer,
    /// The right code of a step or counter that was used: refused, but no guess, so it is not counted.
    Used,
    /// Wrong.
    Wrong,
    /// Wrong, and the last one before the lock.
    WrongAndLocked,
    /// Refused whatever it is.
    Locked,
}

/// Judges a code that a user signs in with, and changes `token` to what is to be stored.
pub(super) fn judge(token: &mut Token, typed: &str, now: UnixTime, policy: &TokenPolicy) -> Result<Verdict> {
    let current = match token.kind {
        Kind::Totp => near(&token.current, typed, now, policy)?,
        Kind::Hotp => {
            let used = token.counter.checked_sub(1);
            let window = Window::ahead(token.counter, policy.hotp_look_ahead).and_before(used.is_some());
            search::one(window, used, typed, |counter| token.current.code(counter))?
        }
        Kind::Ocra(_) => return Err(Error::WrongState),
    };
    // Both are always searched: the time must not tell which seed a code is of.
    let former = token.former.as_ref().map(|former| near(former, typed, now, policy)).transpose()?;
    if token.locked_at.is_some() {
        return Ok(Verdict::Locked);
    }
    match (current, former) {
        (Found::At(at), _) => {
            match token.kind {
                Kind::Hotp => token.counter = at.saturating_add(1),
                _ => {
                    let drift = learned(&token.current, at, now);
                    let most = stored(policy.max_time_steps);
                    let (least, most) =
                        (token.reset_drift.saturating_sub(most), token.reset_drift.saturating_add(most));
                    token.current.drift = drift.clamp(least, most);
                    token.current.last = Some(at);
                }
            }
            token.failures = 0;
            Ok(Verdict::Accepted)
        }
        (_, Some(Found::At(at))) => {
            if let Some(former) = &mut token.former {
                former.drift = learned(former, at, now);
                former.last = Some(at);
            }
            token.failures = 0;
            Ok(Verdict::AcceptedFormer)
        }
        (Found::Used, _) | (_, Some(Found::Used)) => Ok(Verdict::Used),
        (Found::Nothing, _) => Ok(fail(token, now, policy)),
    }
}

/// Counts a wrong code, and locks the token at the last one that it may have.
pub(super) fn fail(token: &mut Token, now: UnixTime, policy: &TokenPolicy) -> Verdict {
    token.failures = token.failures.saturating_add(1);
    if token.failures < policy.max_failures {
        return Verdict::Wrong;
    }
    token.locked_at = Some(seconds(now));
    Verdict::WrongAndLocked
}

fn near(half: &Half, typed: &str, now: UnixTime, policy: &TokenPolicy) -> Result<Found> {
    let window = Window::around(half.expected(now), policy.otp_window);
    search::one(window, half.last, typed, |step| half.code(step))
}

/// The drift after a code of step `at`: a little nearer to it.
fn learned(half: &Half, at: u64, now: UnixTime) -> i64 {
    let moved = half.ahead(at, now).saturating_sub(half.drift);
    half.drift.saturating_add(moved.clamp(-LEARNED_AT_ONCE, LEARNED_AT_ONCE))
}

/// Steps that one sign-in may move the drift.
const LEARNED_AT_ONCE: i64 = 2;
