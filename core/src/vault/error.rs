//! What can go wrong with the vault.

use std::path::PathBuf;

use rusqlite::ErrorCode;

use super::keys::MakeKeyError;
use super::seal::SealError;
use crate::error::{DeviceKeyProblem, FileProblem, PinProblem};
use crate::identity::encoding::EncodingError;
use crate::lock::KdfError;
use crate::ports::HookError;
use crate::random::NoRandom;

/// Why the vault did not do it. Holds no name and no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The PIN is gone: an unlock code is needed.
    #[error("the vault is blocked")]
    Blocked,
    /// Another process, or another handle of this one, has the vault open.
    #[error("the vault is in use")]
    Busy,
    /// The file, or one row of it, is damaged.
    #[error("the vault is damaged")]
    Damaged {
        /// Where the file was moved to; `None` when it stays in its place.
        kept_at: Option<PathBuf>,
    },
    /// The device's key store failed.
    #[error("the device key store failed")]
    DeviceKey(DeviceKeyProblem),
    /// A device key of this vault is not on this device.
    #[error("a device key is lost")]
    DeviceKeyLost,
    /// There is a vault already.
    #[error("the vault exists already")]
    Exists,
    /// The file cannot be read or written.
    #[error("the vault file cannot be read or written")]
    File(FileProblem),
    /// A fault of ours, or no memory, or no random bytes.
    #[error("internal error")]
    Internal,
    /// The PIN is needed first.
    #[error("the vault is locked")]
    Locked,
    /// The database refuses the name: an identity or a draft has it.
    #[error("the name is taken")]
    NameTaken,
    /// This identity waits for its own unlock code.
    #[error("an unlock code is needed")]
    NeedsUnlockCode,
    /// The PIN is due: biometrics do not open the vault now.
    #[error("the PIN is needed")]
    NeedsPin,
    /// A blocked vault opens with a new PIN only.
    #[error("a new PIN is needed")]
    NeedsNewPin,
    /// Biometric unlock is not enabled, or an issuer forbids it.
    #[error("no biometric unlock")]
    NoBiometrics,
    /// Nobody could open the vault afterwards.
    #[error("there would be no way back")]
    NoWayBack,
    /// There is no vault yet.
    #[error("there is no vault")]
    NoVault,
    /// The new PIN is not good enough for the issuers of the identities that the code opened.
    #[error("the PIN is refused")]
    PinRefused(PinProblem),
    /// Begun before something else changed the vault: begin again.
    #[error("stale")]
    Stale,
    /// Longer than a row may be.
    #[error("too large")]
    TooLarge,
    /// Written by a newer version; the file was not touched.
    #[error("the vault is from a newer version")]
    TooNew {
        /// Schema of the file.
        found: u32,
        /// Newest schema of this version.
        known: u32,
    },
    /// No draft has this id.
    #[error("unknown draft")]
    UnknownDraft,
    /// No identity has this id.
    #[error("unknown identity")]
    UnknownIdentity,
    /// The PIN is wrong.
    #[error("wrong PIN")]
    WrongPin {
        /// Tries left; with 0 the vault is blocked now.
        attempts_left: u32,
    },
    /// The unlock code opens nothing.
    #[error("wrong unlock code")]
    WrongUnlockCode {
        /// Tries left; with 0 no unlock code opens what is sealed now.
        tries_left: u32,
    },
}

impl VaultError {
    /// Damage found in a file that stays where it is.
    pub(super) const DAMAGED: Self = Self::Damaged { kept_at: None };
}

impl From<rusqlite::Error> for VaultError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::DAMAGED,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly | ErrorCode::CannotOpen) => {
                Self::File(FileProblem::NoAccess)
            }
            Some(ErrorCode::DiskFull) => Self::File(FileProblem::Full),
            Some(ErrorCode::SystemIoFailure | ErrorCode::FileLockingProtocolFailed) => {
                Self::File(FileProblem::Other)
            }
            Some(_) => Self::Internal,
            // No error of SQLite: a row is missing, or a column is not of the type that STRICT promises.
            None => Self::DAMAGED,
        }
    }
}

impl From<std::io::Error> for VaultError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        Self::File(match error.kind() {
            Kind::NotFound | Kind::PermissionDenied | Kind::ReadOnlyFilesystem | Kind::NotADirectory => {
                FileProblem::NoAccess
            }
            Kind::StorageFull | Kind::QuotaExceeded => FileProblem::Full,
            _ => FileProblem::Other,
        })
    }
}

impl From<HookError> for VaultError {
    fn from(error: HookError) -> Self {
        match error {
            HookError::Lost | HookError::Invalidated => Self::DeviceKeyLost,
            HookError::Transient => Self::DeviceKey(DeviceKeyProblem::Transient),
            HookError::UserCancelled => Self::DeviceKey(DeviceKeyProblem::Cancelled),
            HookError::Unsupported => Self::DeviceKey(DeviceKeyProblem::Unsupported),
            HookError::Faulty => Self::DeviceKey(DeviceKeyProblem::Faulty),
        }
    }
}

impl From<MakeKeyError> for VaultError {
    fn from(error: MakeKeyError) -> Self {
        match error {
            MakeKeyError::Hook(hook) => hook.into(),
            MakeKeyError::Faulty => Self::DeviceKey(DeviceKeyProblem::Faulty),
        }
    }
}

impl From<SealError> for VaultError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::OtherKey | SealError::Forged => Self::DAMAGED,
            SealError::NoRandom => Self::Internal,
            SealError::TooLong => Self::TooLarge,
        }
    }
}

impl From<EncodingError> for VaultError {
    fn from(error: EncodingError) -> Self {
        match error {
            EncodingError::TooLong => Self::TooLarge,
            EncodingError::Malformed
            | EncodingError::Version(_)
            | EncodingError::Missing(_)
            | EncodingError::Duplicate(_)
            | EncodingError::BadValue(_) => Self::DAMAGED,
        }
    }
}

impl From<KdfError> for VaultError {
    fn from(_: KdfError) -> Self {
        Self::Internal
    }
}

impl From<NoRandom> for VaultError {
    fn from(_: NoRandom) -> Self {
        Self::Internal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    fn from(code: i32) -> VaultError {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None).into()
    }

    #[test]
    fn only_damage_is_called_damage() {
        for code in [ffi::SQLITE_CORRUPT, ffi::SQLITE_NOTADB, ffi::SQLITE_CORRUPT | (1 << 8)] {
            assert_eq!(from(code), VaultError::DAMAGED);
        }
        for code in
            [ffi::SQLITE_IOERR, ffi::SQLITE_IOERR_READ, ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_SHORT_READ]
        {
            assert_eq!(from(code), VaultError::File(FileProblem::Other));
        }
        for code in [ffi::SQLITE_PERM, ffi::SQLITE_READONLY, ffi::SQLITE_CANTOPEN] {
            assert_eq!(from(code), VaultError::File(FileProblem::NoAccess));
        }
        assert_eq!(from(ffi::SQLITE_FULL), VaultError::File(FileProblem::Full));
        assert_eq!(from(ffi::SQLITE_BUSY), VaultError::Busy);
        assert_eq!(from(ffi::SQLITE_NOMEM), VaultError::Internal);
    }
}
