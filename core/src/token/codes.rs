//! Codes from records: what a screen shows at one moment. Pure: no vault, no clock.

use zeroize::Zeroizing;

use super::view::{CodeSheet, CodeView, NumberedCode, ResyncView};
use crate::TokenError;
use crate::identity::{IdentityId, Record};
use crate::otp::{Code, OtpError, code_at, code_for_counter};
use crate::time::UnixTime;

/// At which time codes are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Moment {
    /// Now by the device's clock: an identity's learned offset applies.
    Now(UnixTime),
    /// A time the user named: taken as it is.
    At(UnixTime),
}

impl Moment {
    /// The time as the caller knows it.
    pub(super) fn shown(self) -> UnixTime {
        match self {
            Self::Now(time) | Self::At(time) => time,
        }
    }

    /// The issuer's time for this identity.
    pub(super) fn for_record(self, record: &Record) -> UnixTime {
        self.shown().shifted(self.offset(record))
    }

    fn offset(self, record: &Record) -> i64 {
        match self {
            Self::Now(_) => record.clock_offset,
            Self::At(_) => 0,
        }
    }
}

/// The row of one identity.
pub(super) fn code_view(
    id: IdentityId,
    name: &str,
    record: &Record,
    moment: Moment,
) -> Result<CodeView, TokenError> {
    let credential = &record.credential;
    let offset = moment.offset(record);
    let pin = credential.otp_pin.as_ref().map(|pin| pin.expose());
    let code_at = |time| code_at(&credential.spec, credential.secret.expose(), pin, time);
    let mut view = empty_row(id, name);
    match code_at(moment.for_record(record)) {
        Ok(timed) => {
            view.next = code_at(timed.valid_until).ok().map(|next| text(&next.code));
            view.code = Some(text(&timed.code));
            view.valid_from = Some(timed.valid_from.shifted(offset.saturating_neg()));
            view.valid_until = Some(timed.valid_until.shifted(offset.saturating_neg()));
        }
        Err(OtpError::NeedsCounter | OtpError::NeedsChallenge) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(view)
}

/// The sheet of `codes` at `moment`.
pub(super) fn sheet(moment: Moment, codes: Vec<CodeView>) -> CodeSheet {
    let at = moment.shown();
    let next_change = codes.iter().filter_map(|code| code.valid_until).min();
    CodeSheet { at, next_change: next_change.unwrap_or_else(|| at.plus(WITHOUT_CHANGE)), codes }
}

/// The code of an event-based identity for `counter`, which the caller has already used up.
pub(super) fn counted_view(
    id: IdentityId,
    name: &str,
    record: &Record,
    counter: u64,
) -> Result<CodeView, TokenError> {
    let credential = &record.credential;
    let code = code_for_counter(&credential.spec, credential.secret.expose(), counter)?;
    Ok(CodeView { code: Some(text(&code)), counter: Some(counter), ..empty_row(id, name) })
}

/// The current code and the one after it, with their step numbers.
pub(super) fn resync_by_time(record: &Record, now: UnixTime) -> Result<ResyncView, TokenError> {
    let credential = &record.credential;
    let pin = credential.otp_pin.as_ref().map(|pin| pin.expose());
    let at = |time| {
        let timed = code_at(&credential.spec, credential.secret.expose(), pin, time)?;
        let numbered = NumberedCode { number: timed.step, code: text(&timed.code) };
        Ok::<_, TokenError>((numbered, timed.valid_until))
    };
    let (current, until) = at(now.shifted(record.clock_offset))?;
    let (following, _) = at(until)?;
    Ok(ResyncView { current, following })
}

/// The codes of two counters that the caller has already used up.
pub(super) fn resync_by_counter(record: &Record, counter: u64) -> Result<ResyncView, TokenError> {
    let credential = &record.credential;
    let at = |number| {
        let code = code_for_counter(&credential.spec, credential.secret.expose(), number)?;
        Ok::<_, TokenError>(NumberedCode { number, code: text(&code) })
    };
    Ok(ResyncView { current: at(counter)?, following: at(counter.saturating_add(1))? })
}

/// A row without a code.
pub(super) fn empty_row(id: IdentityId, name: &str) -> CodeView {
    CodeView {
        id,
        name: name.to_owned(),
        code: None,
        valid_from: None,
        valid_until: None,
        next: None,
        counter: None,
    }
}

/// A code as a string for the screen, wiped on drop.
pub(super) fn text(code: &Code) -> Zeroizing<String> {
    Zeroizing::new(code.as_str().to_owned())
}

/// When no row ever changes by itself, a screen may rest so long (seconds).
const WITHOUT_CHANGE: u64 = 3600;
