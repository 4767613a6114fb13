//! The encrypted backup: all identities of a vault in one file, under a password.
//!
//! ```text
//! file = header (magic, version, Argon2id parameters and salt) ‖ sealed ‖ SHA-256 of both
//! ```
//! | Module | Holds |
//! |---|---|
//! | `file` | header, sealing (that of the vault), digest |
//! | `entry` | one identity: label, record, group |
//! | `password` | what may be a password, and its stretching |
//!
//! The digest protects nothing: it tells a damaged file before a password is asked. The header is bound
//! into key and associated data. No file leaves this room that was not restored and compared.
//! The recovery key travels too: without it the issuer's unlock codes would open nothing on the new
//! device, and five wrong PINs there would cost the identity. Who has file and password has the seed
//! beside it. `core/FORMAT.md` describes the file byte for byte.

mod entry;
mod file;
mod password;
#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use crate::activation::request::Refusal;
use crate::lock::KdfProfile;
use crate::random::{NoRandom, Random};
use crate::vault::NewIdentity;

pub(crate) use entry::{check, duplicate};
pub(crate) use password::Password;

pub use file::{MAX_BYTES, MAX_ENTRIES, SealedBackup, VERSION, looks_like};
pub use password::{MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS};

/// Why no backup was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BackupError {
    /// The password cannot be one, or what was written would be refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What was restored is not what was written.
    #[error("the restored backup differs")]
    Differs,
    /// No random bytes.
    #[error(transparent)]
    NoRandom(#[from] NoRandom),
}

/// Makes the file, opens it again with the password and compares every field, then returns it.
pub(crate) fn make(
    identities: &[NewIdentity],
    password: &[u8],
    kdf: KdfProfile,
    random: &Random,
) -> Result<Zeroizing<Vec<u8>>, BackupError> {
    let sealed = SealedBackup::parse(file::write(identities, &Password::new(password)?, kdf, random)?)?;
    if !is_restored(identities, &sealed.open(password)?) {
        return Err(BackupError::Differs);
    }
    Ok(sealed.into_bytes())
}

fn is_restored(written: &[NewIdentity], found: &[Result<NewIdentity, Refusal>]) -> bool {
    written.len() == found.len()
        && written
            .iter()
            .zip(found)
            .all(|(written, found)| found.as_ref().is_ok_and(|found| entry::is_same(written, found)))
}
