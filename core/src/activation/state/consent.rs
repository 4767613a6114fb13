//! What the *Activate Identity* page shows, entry by entry. No secret.

use crate::activation::request::{RefusedEntry, Warning};
use crate::error::TokenError;
use crate::identity::{Badge, CodeKind};
use crate::otp::Algorithm;
use crate::time::UnixTime;

/// What the consent page shows. No secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentSummary {
    /// The way it goes.
    pub door: Door,
    /// The issuer's address, where the activation has one.
    pub address: Option<String>,
    /// The issuer's serial number.
    pub serial: Option<String>,
    /// When the activation expires by the issuer's word.
    pub expires_at: Option<UnixTime>,
    /// True when nothing will be sent.
    pub offline: bool,
    /// What will be added: one entry, or many for a list.
    pub entries: Vec<EntrySummary>,
    /// Entries that cannot be added.
    pub refused: Vec<RefusedView>,
    /// Which page of how many, for a migration export over several QR codes (index from 0).
    pub page: Option<(u32, u32)>,
}

/// The door an activation came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A complete account in a link, key or file.
    Account,
    /// A v2 link.
    Link,
    /// A v2 QR code with password.
    QrCode,
    /// Typed address, serial number and activation code.
    Typed,
    /// Entrust v1.
    EntrustV1,
    /// privacyIDEA two-step.
    TwoStep,
    /// An encrypted backup of this app.
    Backup,
}

/// One identity-to-be on the consent page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntrySummary {
    /// The name it brings along (a backup); `None` where the user or the list decides.
    pub name: Option<String>,
    /// That name is taken: the free one it will get instead.
    pub taken: Option<String>,
    /// Issuer as written.
    pub issuer: String,
    /// Account as written.
    pub account: String,
    /// How codes are made.
    pub kind: CodeKind,
    /// The HMAC hash; `None` for mOTP, which has none.
    pub algorithm: Option<Algorithm>,
    /// Digits or characters of a code.
    pub digits: u8,
    /// Step in seconds, for time-based kinds.
    pub period: Option<u32>,
    /// Legacy or weak.
    pub badge: Option<Badge>,
    /// Oddities that were accepted.
    pub warnings: Vec<Warning>,
}

/// An entry of a list that cannot be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedView {
    /// Place in the source, counted from 1.
    pub entry: u32,
    /// Why.
    pub error: TokenError,
}

impl RefusedView {
    /// The refusals of a parser, as the app sees them.
    pub(crate) fn of(refused: &[RefusedEntry]) -> Vec<Self> {
        refused.iter().map(|one| Self { entry: one.entry, error: one.why.clone().into() }).collect()
    }
}
