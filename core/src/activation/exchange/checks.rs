//! The device's progress through the verifications of section 8, between message 2 and message 3.
//!
//! Stored are the wanted kinds and whether message 3 may come or was made; tickets are not, because the next request
//! gets the same ones again.

use super::device::{Exchange, Stage};
use super::verification::{Check, PageTicket, Verifications};
use crate::error::{VerificationKind, VerificationRefusal};

/// How far it is.
pub(super) struct Checks {
    /// The bits of message 2.
    pub(super) wanted: u64,
    pub(super) progress: Progress,
    /// What was answered last and not yet asked about again.
    pub(super) answer: Option<Vec<(VerificationKind, Check)>>,
    /// Bits of refused kinds for which the next request wants another ticket.
    pub(super) again: u64,
    /// Why the last request was made.
    pub(super) asked: Asked,
}

/// What may be made next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Questions about verifications.
    Asking,
    /// Message 3.
    Passed,
    /// Message 3 was made.
    Opened,
}

/// Why the issuer was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To learn what there is to do.
    First,
    /// To learn whether it has been done.
    Again,
    /// The user has closed the browser.
    Dismissed,
}

/// What the user has to do or to wait for. No `Debug`.
#[derive(Clone)]
pub enum Verify {
    /// Open a page.
    Page {
        /// Which verification.
        kind: VerificationKind,
        /// Where.
        ticket: PageTicket,
        /// Why the issuer was asked last.
        asked: Asked,
    },
    /// A person at the issuer decides.
    Review {
        /// Which verification.
        kind: VerificationKind,
        /// Seconds after which it makes sense to ask again.
        retry_after: u32,
    },
    /// Refused; [`Exchange::verify_again`] asks for another ticket.
    Refused {
        /// Which verification.
        kind: VerificationKind,
        /// Why.
        reason: VerificationRefusal,
    },
}

impl Exchange {
    /// Asks again about the verifications; of those that were refused another ticket.
    pub fn verify_again(&mut self, why: Asked) {
        if let Stage::Agreed { checks, .. } = &mut self.stage
            && let Some(answer) = checks.answer.take()
        {
            let refused = |(kind, check): &(VerificationKind, Check)| match check {
                Check::Refused { .. } => kind.bit(),
                Check::Open(_) | Check::Reviewed { .. } | Check::Passed => 0,
            };
            checks.again = answer.iter().map(refused).fold(0, |bits, bit| bits | bit);
            checks.asked = why;
        }
    }

    /// True from message 2 on, as long as the issuer has not said that all its verifications have passed.
    pub fn awaits_verification(&self) -> bool {
        matches!(&self.stage, Stage::Agreed { checks, .. } if checks.progress == Progress::Asking)
    }
}

impl Checks {
    /// Of an agreement that wants these.
    pub(super) fn new(wanted: u64) -> Self {
        let progress = if wanted == 0 { Progress::Passed } else { Progress::Asking };
        Self::at(wanted, progress)
    }

    /// As far as it was stored.
    pub(super) fn at(wanted: u64, progress: Progress) -> Self {
        Self { wanted, progress, answer: None, again: 0, asked: Asked::First }
    }

    /// Takes an answer that is no refusal of the whole activation.
    pub(super) fn take(&mut self, answer: Verifications) {
        self.again = 0;
        match answer {
            Verifications::Passed => self.progress = Progress::Passed,
            Verifications::Open(checks) => self.answer = Some(checks),
            Verifications::Refused(_) => {}
        }
    }

    /// What the user has to know first: a refusal, then a page, then that a person decides.
    pub(super) fn next(&self) -> Option<Verify> {
        let answer = self.answer.as_ref()?;
        let find = |pick: fn(&Check) -> bool| answer.iter().find(|(_, check)| pick(check));
        let first = find(|check| matches!(check, Check::Refused { .. }))
            .or_else(|| find(|check| matches!(check, Check::Open(_))))
            .or_else(|| find(|check| matches!(check, Check::Reviewed { .. })))?;
        let kind = first.0;
        Some(match &first.1 {
            Check::Refused { reason } => Verify::Refused { kind, reason: *reason },
            Check::Open(ticket) => Verify::Page { kind, ticket: ticket.clone(), asked: self.asked },
            Check::Reviewed { retry_after } => Verify::Review { kind, retry_after: *retry_after },
            Check::Passed => return None,
        })
    }
}

/// What this version can do, as message 1 says it.
pub const CAN_VERIFY: u64 = 3;
