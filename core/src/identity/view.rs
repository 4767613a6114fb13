//! What a list shows of an identity. No secret, so `Debug` is allowed.

use super::{Badge, IdentityId, Label, Record, Stopped};
use crate::otp::{Algorithm, CodeSpec};

/// One line of the list.
///
/// What only the record knows (kind, algorithm, digits, period, badge) is `None` where the record is
/// not open: the vault is locked, or the identity waits for its unlock code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityView {
    /// Which identity.
    pub id: IdentityId,
    /// Its unique name.
    pub name: String,
    /// The issuer; may be empty.
    pub issuer: String,
    /// The account; may be empty.
    pub account: String,
    /// The serial number at the issuer, if there is one.
    pub serial: Option<String>,
    /// How codes are made.
    pub kind: Option<CodeKind>,
    /// The HMAC hash; `None` for mOTP too, which has no HMAC.
    pub algorithm: Option<Algorithm>,
    /// Characters of a code; 0 for an OCRA suite that shows the whole HMAC.
    pub digits: Option<u8>,
    /// Seconds of a time step; `None` for kinds without time.
    pub period: Option<u32>,
    /// Whether it can be used.
    pub state: IdentityState,
    /// Why it shows no codes although it is active: what its issuer has said.
    pub stopped: Option<Stopped>,
    /// A warning beside the name.
    pub badge: Option<Badge>,
    /// What the user must type at the issuer, while it is pending.
    pub registration_code: Option<String>,
}

impl IdentityView {
    /// An identity whose record is open.
    pub fn active(id: IdentityId, label: &Label, record: &Record) -> Self {
        let mut view = Self::closed(id, label, IdentityState::Active);
        let facts = Facts::of(&record.credential.spec);
        view.kind = Some(facts.kind);
        view.algorithm = facts.algorithm;
        view.digits = Some(facts.digits);
        view.period = facts.period;
        view.stopped = record.stopped;
        view.badge = record.badge();
        view
    }

    /// An activation past consent; `registration_code` when the user has to type one.
    pub fn pending(
        id: IdentityId,
        label: &Label,
        record: &Record,
        registration_code: Option<String>,
    ) -> Self {
        Self { state: IdentityState::Pending, registration_code, ..Self::active(id, label, record) }
    }

    /// An activation over the network that is under way: its secret is not agreed on, or not active yet.
    pub fn under_way(
        id: IdentityId,
        label: &Label,
        spec: &CodeSpec,
        registration_code: Option<String>,
    ) -> Self {
        let Facts { kind, algorithm, digits, period } = Facts::of(spec);
        Self {
            kind: Some(kind),
            algorithm,
            digits: Some(digits),
            period,
            registration_code,
            ..Self::closed(id, label, IdentityState::Pending)
        }
    }

    /// An identity of which only the label can be read.
    pub fn closed(id: IdentityId, label: &Label, state: IdentityState) -> Self {
        Self {
            id,
            name: label.name.as_str().to_owned(),
            issuer: label.issuer.clone(),
            account: label.account.clone(),
            serial: label.serial.clone(),
            kind: None,
            algorithm: None,
            digits: None,
            period: None,
            state,
            stopped: None,
            badge: None,
            registration_code: None,
        }
    }
}

/// Whether an identity can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityState {
    /// It is activated, and makes codes unless it is [stopped](IdentityView::stopped).
    Active,
    /// The issuer has not confirmed it yet.
    Pending,
    /// Another group of the vault was unlocked; this one waits for its own unlock code.
    NeedsUnlockCode,
}

impl IdentityState {
    /// The stable name in machine-readable output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::NeedsUnlockCode => "needs_unlock_code",
        }
    }
}

/// How an identity makes its codes. The day password is TOTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeKind {
    /// RFC 6238.
    Totp,
    /// RFC 4226.
    Hotp,
    /// RFC 6287.
    Ocra,
    /// Steam Guard.
    Steam,
    /// mOTP.
    Motp,
    /// Yandex Key.
    Yandex,
    /// Legacy MobilePASS.
    MobilePass,
}

impl CodeKind {
    /// The stable name in machine-readable output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Hotp => "hotp",
            Self::Ocra => "ocra",
            Self::Steam => "steam",
            Self::Motp => "motp",
            Self::Yandex => "yandex",
            Self::MobilePass => "mobilepass",
        }
    }
}

impl Badge {
    /// The stable name in machine-readable output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Weak => "weak",
        }
    }
}

/// What a rule for codes says to a person.
pub(crate) struct Facts {
    pub(crate) kind: CodeKind,
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) digits: u8,
    pub(crate) period: Option<u32>,
}

impl Facts {
    pub(crate) fn of(spec: &CodeSpec) -> Self {
        let fixed = |kind, algorithm, digits, period| Self { kind, algorithm, digits, period };
        match spec {
            CodeSpec::Totp { algorithm, digits, period, .. } => {
                fixed(CodeKind::Totp, Some(*algorithm), digits.get(), Some(period.seconds()))
            }
            CodeSpec::Hotp { algorithm, digits } => {
                fixed(CodeKind::Hotp, Some(*algorithm), digits.get(), None)
            }
            CodeSpec::Ocra { suite } => fixed(
                CodeKind::Ocra,
                Some(suite.algorithm()),
                suite.digits(),
                suite.time_step().map(|step| step.seconds()),
            ),
            CodeSpec::Steam => fixed(CodeKind::Steam, Some(Algorithm::Sha1), 5, Some(30)),
            CodeSpec::Motp => fixed(CodeKind::Motp, None, 6, Some(10)),
            CodeSpec::Yandex => fixed(CodeKind::Yandex, Some(Algorithm::Sha256), 8, Some(30)),
            CodeSpec::MobilePass => fixed(CodeKind::MobilePass, Some(Algorithm::Sha256), 6, None),
        }
    }
}
