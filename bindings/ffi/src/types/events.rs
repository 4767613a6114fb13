//! The event log. A twin of the core's event, because its fields have no names there.

use softtoken_core::token::EventView as CoreView;
use softtoken_core::vault::Event as Core;

use super::{IdentityId, UnixTime};

/// An event of the log.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct EventView {
    /// The device's clock then; `None` when it could not be read.
    pub at: Option<UnixTime>,
    /// What happened.
    pub event: Event,
    /// The present name of the identity that it was about; `None` when that is gone, or there was none.
    pub name: Option<String>,
}

/// What happened. Numbers and ids of our own: no name, no text, no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Event {
    /// The vault was made.
    Created,
    /// A right PIN.
    Unlocked,
    /// A right fingerprint or face.
    UnlockedByBiometrics,
    /// A wrong PIN; this many tries were left.
    WrongPin {
        /// Tries that were left.
        attempts_left: u32,
    },
    /// The user or the app locked it.
    Locked,
    /// The fifth wrong PIN.
    Blocked,
    /// The user gave up the PIN.
    PinForgotten,
    /// The file was older than the device says, or edited: the PIN was destroyed.
    OlderFile,
    /// The user changed the PIN.
    PinChanged,
    /// An unlock code or the recovery code opened something.
    CodeRedeemed,
    /// A code that opened nothing; this many were left.
    WrongCode {
        /// Tries that were left.
        tries_left: u32,
    },
    /// The user has read the recovery code.
    RecoveryCodeRead,
    /// An identity came in.
    IdentityAdded {
        /// Which.
        id: IdentityId,
    },
    /// An identity got another name.
    IdentityRenamed {
        /// Which.
        id: IdentityId,
    },
    /// An identity was deleted.
    IdentityRemoved {
        /// Which.
        id: IdentityId,
    },
    /// A backup with this many identities was handed out.
    BackupMade {
        /// How many.
        identities: u32,
    },
    /// Biometric unlock was switched on.
    BiometricsOn,
    /// Biometric unlock was switched off.
    BiometricsOff,
    /// The app locks after this many seconds from here on.
    AutoLockChanged {
        /// How many.
        seconds: u32,
    },
    /// An identity has another seed, by a contact with its issuer or a new activation.
    SeedReplaced {
        /// Which.
        id: IdentityId,
    },
    /// The issuer takes no codes of an identity any more: deleted there.
    DeletedByIssuer {
        /// Which.
        id: IdentityId,
    },
    /// The issuer takes no codes of an identity any more: another seed has replaced its own.
    ReplacedElsewhere {
        /// Which.
        id: IdentityId,
    },
    /// The issuer takes no codes of an identity until it enables it again.
    DisabledByIssuer {
        /// Which.
        id: IdentityId,
    },
    /// The issuer takes the codes of an identity again.
    EnabledByIssuer {
        /// Which.
        id: IdentityId,
    },
}

impl From<CoreView> for EventView {
    fn from(CoreView { at, event, name }: CoreView) -> Self {
        Self { at, event: event.into(), name }
    }
}

impl From<Core> for Event {
    fn from(event: Core) -> Self {
        match event {
            Core::Created => Self::Created,
            Core::Unlocked => Self::Unlocked,
            Core::UnlockedByBiometrics => Self::UnlockedByBiometrics,
            Core::WrongPin(attempts_left) => Self::WrongPin { attempts_left },
            Core::Locked => Self::Locked,
            Core::Blocked => Self::Blocked,
            Core::PinForgotten => Self::PinForgotten,
            Core::OlderFile => Self::OlderFile,
            Core::PinChanged => Self::PinChanged,
            Core::CodeRedeemed => Self::CodeRedeemed,
            Core::WrongCode(tries_left) => Self::WrongCode { tries_left },
            Core::RecoveryCodeRead => Self::RecoveryCodeRead,
            Core::IdentityAdded(id) => Self::IdentityAdded { id },
            Core::IdentityRenamed(id) => Self::IdentityRenamed { id },
            Core::IdentityRemoved(id) => Self::IdentityRemoved { id },
            Core::BackupMade(identities) => Self::BackupMade { identities },
            Core::BiometricsOn => Self::BiometricsOn,
            Core::BiometricsOff => Self::BiometricsOff,
            Core::AutoLockChanged(seconds) => Self::AutoLockChanged { seconds },
            Core::SeedReplaced(id) => Self::SeedReplaced { id },
            Core::DeletedByIssuer(id) => Self::DeletedByIssuer { id },
            Core::ReplacedElsewhere(id) => Self::ReplacedElsewhere { id },
            Core::DisabledByIssuer(id) => Self::DisabledByIssuer { id },
            Core::EnabledByIssuer(id) => Self::EnabledByIssuer { id },
        }
    }
}
