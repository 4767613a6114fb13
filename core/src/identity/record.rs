//! The two halves of an identity as the vault keeps them.

use super::{Credential, IdentityName, Policy};
use crate::codec::hex;
use crate::error::StopReason;
use crate::secret::Key;
use crate::time::UnixTime;

/// A random id of our own; carries nothing about the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityId(pub [u8; 16]);

impl IdentityId {
    /// From 32 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        hex::decode(text).ok()?.expose().try_into().ok().map(Self)
    }

    /// 32 lower-case hexadecimal digits.
    pub fn to_hex(self) -> String {
        hex::encode(&self.0).as_str().to_owned()
    }
}

/// What may be read without the PIN (but with the device): enough to list, search and refuse a taken name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The unique name the user gave.
    pub name: IdentityName,
    /// The issuer as the user reads it; may be empty.
    pub issuer: String,
    /// The account at the issuer; may be empty.
    pub account: String,
    /// The issuer's canonical address, where there is an issuer of the activation profile.
    pub address: Option<String>,
    /// The issuer's serial number of this token: ten digits at issuers of the profile, any text elsewhere.
    pub serial: Option<String>,
}

/// What needs the PIN. No `Debug`, no `Clone`.
pub struct Record {
    /// Secret and code rule.
    pub credential: Credential,
    /// K_rec, from which the issuer makes unlock codes (ACTIVATION.md E); `None` without such an issuer.
    pub recovery_key: Option<Key<32>>,
    /// What the issuer demands.
    pub policy: Policy,
    /// How it came here.
    pub origin: Origin,
    /// Seconds that the issuer's clock is ahead of this device's, learned by resync.
    pub clock_offset: i64,
    /// When it was added.
    pub added_at: UnixTime,
    /// Why it shows no codes; `None` while its issuer takes them, as far as is known here.
    pub stopped: Option<Stopped>,
}

impl Record {
    /// The warning shown beside the name, if any.
    pub fn badge(&self) -> Option<Badge> {
        match self.origin {
            Origin::EntrustV1 => Some(Badge::Legacy),
            _ if self.credential.secret.len() < WEAK_SECRET_BELOW => Some(Badge::Weak),
            _ => None,
        }
    }
}

/// What an issuer has said of an identity of which it takes no codes (`core/PROTOCOL.md` 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// What it said.
    pub why: StopReason,
    /// When this device heard it first.
    pub since: UnixTime,
}

impl Stopped {
    /// No later contact changes it: the identity is activated again or removed.
    pub fn is_final(&self) -> bool {
        match self.why {
            StopReason::Disabled => false,
            StopReason::Deleted | StopReason::Replaced => true,
        }
    }
}

/// How an identity came into the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A complete account in a link, QR code, typed key or file.
    Account,
    /// The activation profile, without network.
    Offline,
    /// The activation profile, over the network.
    Online,
    /// Entrust v1, from a sealed QR code or typed values.
    EntrustV1,
    /// privacyIDEA two-step enrolment.
    TwoStep,
}

/// A warning beside the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Badge {
    /// A legacy activation: little entropy.
    Legacy,
    /// A secret under 128 bits (RFC 4226 R6).
    Weak,
}

/// RFC 4226 R6: a secret must have at least 128 bits.
pub const WEAK_SECRET_BELOW: usize = 16;
