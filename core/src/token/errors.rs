//! The one map from the rooms' errors to [`TokenError`]. Every `match` is exhaustive: a new variant
//! below does not compile until it is placed here.

use crate::TokenError;
use crate::activation::offline::OfflineError;
use crate::activation::request::Refusal;
use crate::activation::state::FieldProblem;
use crate::error::{DeviceKeyProblem, Needed, Part, PinProblem, Problem, Unsupported};
use crate::identity::{NameError, Stopped};
use crate::lock::{KdfError, UnlockCodeError};
use crate::otp::OtpError;
use crate::otp::yandex::YandexSecretError;
use crate::ports::HookError;
use crate::qr::QrError;
use crate::random::NoRandom;
use crate::transfer::backup::BackupError;
use crate::vault::VaultError;

impl From<Refusal> for TokenError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotForThisApp => Self::NotForThisApp,
            Refusal::NotUnderstood { part, problem, position } => {
                Self::NotUnderstood { part, problem, position }
            }
            Refusal::NotYet(feature) => Self::NotYet { feature },
            Refusal::Unsupported(what) => Self::Unsupported { what },
            Refusal::WrongPassword => Self::WrongPassword { tries_left: None },
        }
    }
}

impl From<FieldProblem> for TokenError {
    fn from(FieldProblem { part, problem, position }: FieldProblem) -> Self {
        Self::NotUnderstood { part, problem, position }
    }
}

impl From<NameError> for TokenError {
    fn from(error: NameError) -> Self {
        match error {
            NameError::Empty => whole(Part::Name, Problem::Empty),
            NameError::TooLong => whole(Part::Name, Problem::TooLong),
        }
    }
}

impl From<OtpError> for TokenError {
    fn from(error: OtpError) -> Self {
        match error {
            OtpError::NeedsChallenge | OtpError::NeedsCounter | OtpError::NeedsTime => {
                Self::Unsupported { what: Unsupported::ForThisKind }
            }
            OtpError::NeedsPin => Self::InputNeeded { what: Needed::OtpPin },
            OtpError::NeedsSession => whole(Part::Session, Problem::Missing),
            OtpError::QuestionEmpty => whole(Part::Challenge, Problem::Empty),
            OtpError::QuestionTooLong => whole(Part::Challenge, Problem::TooLong),
            OtpError::QuestionCharacter { position } => Self::NotUnderstood {
                part: Part::Challenge,
                problem: Problem::BadCharacter,
                position: Some(position),
            },
            OtpError::SessionTooLong => whole(Part::Session, Problem::TooLong),
            OtpError::Yandex(YandexSecretError::Length) => whole(Part::Secret, Problem::OutOfRange),
            OtpError::Yandex(YandexSecretError::Checksum) => whole(Part::Secret, Problem::CheckDigit),
        }
    }
}

impl From<UnlockCodeError> for TokenError {
    fn from(error: UnlockCodeError) -> Self {
        let (problem, position) = match error {
            UnlockCodeError::Empty => (Problem::Empty, None),
            UnlockCodeError::BadCharacter { position } => (Problem::BadCharacter, Some(position)),
            UnlockCodeError::TooShort => (Problem::TooShort, None),
            UnlockCodeError::TooLong => (Problem::TooLong, None),
            UnlockCodeError::CheckCharacter => (Problem::CheckDigit, None),
        };
        Self::NotUnderstood { part: Part::UnlockCode, problem, position }
    }
}

impl From<NoRandom> for TokenError {
    fn from(_: NoRandom) -> Self {
        Self::Internal
    }
}

impl From<OfflineError> for TokenError {
    fn from(error: OfflineError) -> Self {
        match error {
            OfflineError::NoRandom(_) | OfflineError::Stretch(_) => Self::Internal,
        }
    }
}

impl From<PinProblem> for TokenError {
    fn from(problem: PinProblem) -> Self {
        Self::PinRefused { problem }
    }
}

impl From<HookError> for TokenError {
    fn from(error: HookError) -> Self {
        let problem = match error {
            HookError::Invalidated | HookError::Lost => return Self::DeviceKeyLost,
            HookError::Transient => DeviceKeyProblem::Transient,
            HookError::UserCancelled => DeviceKeyProblem::Cancelled,
            HookError::Unsupported => DeviceKeyProblem::Unsupported,
            HookError::Faulty => DeviceKeyProblem::Faulty,
        };
        Self::DeviceKeyFailed { problem }
    }
}

impl From<KdfError> for TokenError {
    fn from(error: KdfError) -> Self {
        match error {
            KdfError::NoMemory | KdfError::Profile => Self::Internal,
        }
    }
}

impl From<BackupError> for TokenError {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Refused(refusal) => refusal.into(),
            BackupError::Differs | BackupError::NoRandom(_) => Self::Internal,
        }
    }
}

impl From<VaultError> for TokenError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Blocked => Self::PinBlocked,
            VaultError::Busy => Self::VaultBusy,
            VaultError::Damaged { .. } => Self::VaultDamaged,
            VaultError::DeviceKey(problem) => Self::DeviceKeyFailed { problem },
            VaultError::DeviceKeyLost => Self::DeviceKeyLost,
            VaultError::Exists => Self::VaultExists,
            VaultError::File(problem) => Self::VaultFile { problem },
            VaultError::Locked => Self::VaultLocked,
            // The verbs ask first and suggest a free name; this is the database's last word.
            VaultError::NameTaken => Self::NameTaken { suggestion: String::new() },
            VaultError::NeedsPin => Self::InputNeeded { what: Needed::Pin },
            VaultError::NeedsNewPin => Self::InputNeeded { what: Needed::NewPin },
            VaultError::NeedsUnlockCode => Self::InputNeeded { what: Needed::UnlockCode },
            VaultError::NoBiometrics => Self::Unsupported { what: Unsupported::Biometrics },
            VaultError::NoWayBack => Self::Unsupported { what: Unsupported::NoWayBack },
            VaultError::PinRefused(problem) => Self::PinRefused { problem },
            VaultError::NoVault => Self::InputNeeded { what: Needed::Vault },
            VaultError::Stale => Self::StaleInput,
            VaultError::TooLarge => whole(Part::Text, Problem::TooLong),
            VaultError::TooNew { found, known } => Self::VaultTooNew { found, known },
            VaultError::UnknownDraft | VaultError::UnknownIdentity => Self::UnknownIdentity,
            VaultError::WrongPin { attempts_left } => Self::WrongPin { attempts_left },
            VaultError::WrongUnlockCode { tries_left } => Self::WrongUnlockCode { tries_left },
            VaultError::Internal => Self::Internal,
        }
    }
}

impl From<Stopped> for TokenError {
    fn from(Stopped { why, since }: Stopped) -> Self {
        Self::Stopped { why, since }
    }
}

impl From<QrError> for TokenError {
    fn from(error: QrError) -> Self {
        match error {
            QrError::Empty => whole(Part::Picture, Problem::Empty),
            QrError::TooLarge => whole(Part::Picture, Problem::TooLong),
            QrError::BadStride => whole(Part::Picture, Problem::Mismatch),
            QrError::Truncated => whole(Part::Picture, Problem::Truncated),
            QrError::DecoderPanicked => whole(Part::Picture, Problem::Missing),
        }
    }
}

fn whole(part: Part, problem: Problem) -> TokenError {
    TokenError::NotUnderstood { part, problem, position: None }
}
