//! The *Activate Identity* page: what is about to be activated, without its secrets.

use super::*;

/// What the consent page shows. No secret.
#[uniffi::remote(Record)]
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
    pub page: Option<PageNumber>,
}

/// The door an activation came through.
#[uniffi::remote(Enum)]
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
#[uniffi::remote(Record)]
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
#[uniffi::remote(Record)]
pub struct RefusedView {
    /// Place in the source, counted from 1.
    pub entry: u32,
    /// Why.
    pub error: TokenError,
}

/// Something odd that was accepted; the consent page mentions it.
#[uniffi::remote(Enum)]
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
