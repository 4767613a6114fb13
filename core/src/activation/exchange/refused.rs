//! Why an issuer refuses, and the entries of an answer that say so: the same in message 2 and in sealed answers
//! (`core/PROTOCOL.md` section 7, table of outcomes).

use crate::error::{VerificationKind, VerificationRefusal};
use crate::identity::encoding::{EncodingError, Fields, MapWriter};

/// Why an issuer refuses; said under the handshake or the session only, so it ends what it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The password of the QR code is wrong; the order lives on.
    WrongPassword {
        /// How many more may be tried.
        tries_left: u8,
    },
    /// Another device, or this one before its data were lost, has claimed the order.
    AlreadyUsed,
    /// The order has expired.
    Expired,
    /// A newer order has replaced it.
    Superseded,
    /// Too many wrong passwords or registration codes.
    Void,
    /// The issuer demands something that this device cannot do.
    Unsupported,
    /// A person or a policy has refused.
    Declined,
    /// A verification was refused, and there is no other ticket for it.
    Verification {
        /// Which.
        kind: VerificationKind,
        /// Why.
        reason: VerificationRefusal,
    },
    /// A reason that a later version has added.
    Other(u8),
}

impl Refused {
    /// Entries beside the outcome.
    pub(in crate::activation) fn entries(self) -> u64 {
        match self {
            Self::WrongPassword { .. } => 1,
            Self::Verification { .. } => 2,
            _ => 0,
        }
    }

    pub(in crate::activation) fn write(self, map: &mut MapWriter) {
        let number = match self {
            Self::WrongPassword { .. } => WRONG_PASSWORD,
            Self::AlreadyUsed => 2,
            Self::Expired => 3,
            Self::Superseded => 4,
            Self::Void => 5,
            Self::Unsupported => 6,
            Self::Declined => 7,
            Self::Verification { .. } => VERIFICATION_REFUSED,
            Self::Other(number) => number.into(),
        };
        map.number(OUTCOME, number);
        if let Self::WrongPassword { tries_left } = self {
            map.number(TRIES_LEFT, tries_left.into());
        }
        if let Self::Verification { kind, reason } = self {
            map.number(REFUSED_KIND, kind.bit()).number(REFUSED_REASON, reason.number());
        }
    }

    /// `None` for outcomes that are no refusals.
    pub(in crate::activation) fn read(fields: &Fields<'_>) -> Result<Option<Self>, EncodingError> {
        Ok(Some(match fields.number(OUTCOME)? {
            DONE => return Ok(None),
            WRONG_PASSWORD => match fields.small(TRIES_LEFT)? {
                tries_left @ 1..=MAX_TRIES_LEFT => Self::WrongPassword { tries_left },
                _ => return Err(EncodingError::BadValue(TRIES_LEFT)),
            },
            2 => Self::AlreadyUsed,
            3 => Self::Expired,
            4 => Self::Superseded,
            5 => Self::Void,
            6 => Self::Unsupported,
            7 => Self::Declined,
            VERIFICATION_REFUSED => match fields.optional_number(REFUSED_KIND)? {
                Some(bit) => match VerificationKind::ALL.into_iter().find(|kind| kind.bit() == bit) {
                    Some(kind) => {
                        let reason = VerificationRefusal::of(fields.number(REFUSED_REASON)?);
                        Self::Verification { kind, reason }
                    }
                    None => Self::Other(9),
                },
                None => Self::Other(9),
            },
            other => match u8::try_from(other) {
                Ok(number) if number <= LAST_REFUSAL => Self::Other(number),
                _ => return Ok(None),
            },
        }))
    }
}

/// After the first of five wrong passwords.
const MAX_TRIES_LEFT: u8 = 4;
/// Outcomes above are no refusals.
pub(super) const LAST_REFUSAL: u8 = 99;
pub(in crate::activation) const OUTCOME: u32 = 1;
pub(in crate::activation) const TRIES_LEFT: u32 = 2;
pub(in crate::activation) const REFUSED_KIND: u32 = 20;
pub(in crate::activation) const REFUSED_REASON: u32 = 21;
pub(in crate::activation) const DONE: u64 = 0;
const WRONG_PASSWORD: u64 = 1;
const VERIFICATION_REFUSED: u64 = 9;
