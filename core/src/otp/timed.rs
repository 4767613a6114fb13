//! Codes by time, with the window in which each one holds.
//!
//! Every time-based kind is a step length, a start and a function of the step number; the one
//! [`Clockwork`] below knows all three, so that windows and resynchronisation are written once.

use super::{Code, CodeSpec, OtpError, Period, hotp, motp, steam, totp_step, yandex};
use crate::time::UnixTime;

/// A code and when it holds.
pub struct TimedCode {
    /// The code.
    pub code: Code,
    /// Number of the time step it belongs to.
    pub step: u64,
    /// First second of the step (0 for step 0, which also stands for all time before it).
    pub valid_from: UnixTime,
    /// First second of the next step.
    pub valid_until: UnixTime,
}

/// The code of a time-based identity at `time`; `otp_pin` is the PIN of an mOTP or Yandex secret.
///
/// Event-based kinds answer [`OtpError::NeedsCounter`], OCRA answers [`OtpError::NeedsChallenge`].
pub fn code_at(
    spec: &CodeSpec,
    secret: &[u8],
    otp_pin: Option<&[u8]>,
    time: UnixTime,
) -> Result<TimedCode, OtpError> {
    let clockwork = Clockwork::of(spec)?;
    let step = clockwork.step(time);
    Ok(TimedCode {
        code: clockwork.code(secret, otp_pin, step)?,
        step,
        valid_from: if step == 0 { UnixTime(0) } else { clockwork.start_of(step) },
        valid_until: clockwork.start_of(step.saturating_add(1)),
    })
}

/// A time-based kind: where its steps begin, how long they are, and what a step gives.
pub(super) struct Clockwork<'a> {
    spec: &'a CodeSpec,
    t0: u64,
    period: Period,
}

impl<'a> Clockwork<'a> {
    /// The clockwork of a time-based kind.
    pub(super) fn of(spec: &'a CodeSpec) -> Result<Self, OtpError> {
        let (t0, period) = match spec {
            CodeSpec::Totp { t0, period, .. } => (*t0, *period),
            CodeSpec::Steam | CodeSpec::Yandex => (0, Period::THIRTY),
            CodeSpec::Motp => (0, Period::TEN),
            CodeSpec::Hotp { .. } | CodeSpec::MobilePass => return Err(OtpError::NeedsCounter),
            CodeSpec::Ocra { .. } => return Err(OtpError::NeedsChallenge),
        };
        Ok(Self { spec, t0, period })
    }

    /// The step at `time`.
    pub(super) fn step(&self, time: UnixTime) -> u64 {
        totp_step(time, self.t0, self.period)
    }

    /// The code of one step.
    pub(super) fn code(&self, secret: &[u8], pin: Option<&[u8]>, step: u64) -> Result<Code, OtpError> {
        match self.spec {
            CodeSpec::Totp { algorithm, digits, .. } => Ok(hotp(secret, step, *algorithm, *digits)),
            CodeSpec::Steam => Ok(steam::code(secret, step)),
            CodeSpec::Motp => Ok(motp::code(secret, pin.ok_or(OtpError::NeedsPin)?, step)),
            CodeSpec::Yandex => Ok(yandex::code(secret, pin.ok_or(OtpError::NeedsPin)?, step)?),
            CodeSpec::Hotp { .. } | CodeSpec::MobilePass => Err(OtpError::NeedsCounter),
            CodeSpec::Ocra { .. } => Err(OtpError::NeedsChallenge),
        }
    }

    fn start_of(&self, step: u64) -> UnixTime {
        UnixTime(step.saturating_mul(u64::from(self.period.seconds())).saturating_add(self.t0))
    }
}
