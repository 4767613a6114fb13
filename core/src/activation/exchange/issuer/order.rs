//! One order of the issuer in memory: who may claim it, and how far its verifications are.

use super::TestSession;
use crate::activation::address::Address;
use crate::activation::exchange::messages::{Hello, Refused};
use crate::activation::exchange::order::Header;
use crate::activation::exchange::sealed::Standing;
use crate::activation::exchange::verification::{Check, PageTicket, Verifications};
use crate::error::VerificationKind;
use crate::secret::Key;
use crate::time::UnixTime;

/// One order with one door.
pub struct TestOrder {
    /// What the device must say in clear.
    pub header: Header,
    /// Of its door.
    pub psk: Key<32>,
    /// Of a QR code.
    pub password: Option<Key<8>>,
    /// The order's end.
    pub expires_at: UnixTime,
    /// Why nothing more will be accepted.
    pub closed: Option<Refused>,
    /// The serial number that message 2 names; wrong where a test wants it.
    pub serial_said: crate::codec::decimal::SerialNumber,
    /// The holder's 16 bytes.
    pub holder: [u8; 16],
    /// How far it is.
    pub standing: Option<Standing>,
    /// Sessions that message 2 has opened and message 3 has not yet chosen among.
    pub sessions: Vec<TestSession>,
    /// How far its verifications are; one that is not here is open.
    pub checks: Vec<(VerificationKind, Check)>,
    pub(super) wrong_passwords: u8,
    pub(super) wrong_codes: u8,
    pub(super) claim: Option<([u8; 32], [u8; 32])>,
    pub(super) claims: u8,
}

impl TestOrder {
    /// How often it was claimed.
    pub fn claims(&self) -> u8 {
        self.claims
    }

    /// Says how far a verification is from now on.
    pub fn set_check(&mut self, kind: VerificationKind, check: Check) {
        self.checks.retain(|(one, _)| *one != kind);
        self.checks.push((kind, check));
    }

    pub(super) fn has_passed(&self, wanted: u64) -> bool {
        VerificationKind::of(wanted).all(|kind| self.checks.contains(&(kind, Check::Passed)))
    }

    /// A ticket for each that is open; refused ones become open again if the device asks for that.
    pub(super) fn verifications(&mut self, wanted: u64, again: u64, address: &Address) -> Verifications {
        if self.has_passed(wanted) {
            return Verifications::Passed;
        }
        let again = |kind: VerificationKind, check: &Check| {
            matches!(check, Check::Refused { .. }) && kind.bit() & again != 0
        };
        self.checks.retain(|(kind, check)| !again(*kind, check));
        let check = |kind: VerificationKind| match self.checks.iter().find(|(one, _)| *one == kind) {
            Some((_, check)) => check.clone(),
            None => Check::Open(PageTicket {
                url: format!("https://{}/verify/{}", address.ascii(), kind.bit()),
                number: format!("{}7", kind.bit()),
                retry_after: 2,
            }),
        };
        Verifications::Open(VerificationKind::of(wanted).map(|kind| (kind, check(kind))).collect())
    }

    /// Claims the order for this pair, or says why not.
    pub(super) fn judge(&mut self, hello: &Hello, now: UnixTime) -> Option<Refused> {
        if let Some(closed) = self.closed {
            return Some(closed);
        }
        if self.claim.is_none() && now > self.expires_at {
            return Some(Refused::Expired);
        }
        let pair = (*hello.random.expose(), hello.commitment);
        if self.claim.is_some_and(|claim| claim != pair) || self.claims >= MAX_CLAIMS {
            return Some(Refused::AlreadyUsed);
        }
        let right = match (&self.password, &hello.password) {
            (None, None) => true,
            (Some(right), Some(said)) => {
                subtle::ConstantTimeEq::ct_eq(&right.expose()[..], &said.expose()[..]).into()
            }
            _ => false,
        };
        if !right {
            self.wrong_passwords = self.wrong_passwords.saturating_add(1);
            let tries_left = MAX_WRONG_PASSWORDS.saturating_sub(self.wrong_passwords);
            if tries_left == 0 {
                self.closed = Some(Refused::Void);
                return self.closed;
            }
            return Some(Refused::WrongPassword { tries_left });
        }
        self.claim = Some(pair);
        self.claims = self.claims.saturating_add(1);
        None
    }
}

const MAX_WRONG_PASSWORDS: u8 = 5;
/// The first claim and five more of the same pair.
const MAX_CLAIMS: u8 = 6;
