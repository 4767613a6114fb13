//! What the front doors understand: each parser returns what it offers or a [`Refusal`], and stores nothing.

use std::collections::HashSet;

use crate::error::{Feature, Part, Problem, Unsupported};
use crate::identity::{Credential, Policy};

/// A complete account that a front door offers; it becomes an identity after consent. No `Debug`, no `Clone`.
pub struct Offer {
    /// The issuer as written; may be empty.
    pub issuer: String,
    /// The account as written; may be empty.
    pub account: String,
    /// Secret and code rule.
    pub credential: Credential,
    /// What the issuer demands.
    pub policy: Policy,
    /// Serial number at the issuer, if the text has one.
    pub serial: Option<String>,
    /// What the consent page should mention.
    pub warnings: Vec<Warning>,
}

impl Offer {
    /// An explicit copy: a plan is carried out again after a failed write.
    pub(crate) fn duplicate(&self) -> Self {
        Self {
            issuer: self.issuer.clone(),
            account: self.account.clone(),
            credential: self.credential.duplicate(),
            policy: self.policy,
            serial: self.serial.clone(),
            warnings: self.warnings.clone(),
        }
    }
}

/// Something odd that was accepted; the consent page mentions it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// The secret has fewer than 128 bits (RFC 4226 R6).
    ShortSecret,
    /// An HOTP link without counter: 0 was taken.
    CounterMissing,
    /// A Base32 text of an impossible length: leftover bits were ignored.
    LeftoverBits,
    /// Ten digits carry 31 bits only.
    TenDigits,
    /// A legacy activation with little entropy.
    Legacy,
    /// The issuer's server may refuse the registration code (Entrust v1, new activation).
    VendorMayRefuse,
    /// The issuer's time of expiry has passed by this device's clock; the issuer decides.
    LooksExpired,
    /// A signature in the file was not checked.
    SignatureNotChecked,
    /// The counter is as old as the backup: another device, or codes used since, may be ahead of it.
    CounterMayBeBehind,
}

/// Several offers at once: a migration page, a list of links, a PSKC file.
pub struct Offers {
    /// What can be added.
    pub offers: Vec<Offer>,
    /// What cannot, with the place in the input (counted from 1) and the reason.
    pub refused: Vec<RefusedEntry>,
    /// Which page of several this is.
    pub page: Option<Page>,
}

impl Offers {
    /// A list of one.
    pub(crate) fn one(offer: Offer) -> Self {
        Self { offers: vec![offer], refused: Vec::new(), page: None }
    }

    /// An explicit copy.
    pub(crate) fn duplicate(&self) -> Self {
        let offers = self.offers.iter().map(Offer::duplicate).collect();
        Self { offers, refused: self.refused.clone(), page: self.page }
    }

    /// The offers with their places in the source, which are those that no refusal has.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (u32, &Offer)> {
        let refused: HashSet<u32> = self.refused.iter().map(|one| one.entry).collect();
        (1..).filter(move |entry| !refused.contains(entry)).zip(&self.offers)
    }
}

/// An entry of a list that cannot be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedEntry {
    /// Place in the input, counted from 1.
    pub entry: u32,
    /// Why.
    pub why: Refusal,
}

/// One page of a migration export that was split over several QR codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Pages of one export share it; often negative.
    pub batch_id: i32,
    /// Counted from 0.
    pub index: u32,
    /// Number of pages.
    pub size: u32,
}

/// Why a front door refused a text. Holds nothing of the text itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another program's text.
    #[error("not for this app")]
    NotForThisApp,
    /// A part is malformed.
    #[error("not understood")]
    NotUnderstood {
        /// Which part.
        part: Part,
        /// What is wrong with it.
        problem: Problem,
        /// Where in the part, in characters from 0.
        position: Option<u32>,
    },
    /// A later version will do it.
    #[error("not yet")]
    NotYet(Feature),
    /// Understood, and not supported.
    #[error("not supported")]
    Unsupported(Unsupported),
    /// The password does not open it, or it was damaged.
    #[error("wrong password")]
    WrongPassword,
}

impl Refusal {
    /// A malformed part without a position.
    pub fn part(part: Part, problem: Problem) -> Self {
        Self::NotUnderstood { part, problem, position: None }
    }

    /// A malformed part and the place in it.
    pub fn at(part: Part, problem: Problem, position: u32) -> Self {
        Self::NotUnderstood { part, problem, position: Some(position) }
    }
}
