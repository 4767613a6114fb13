//! A backup and what it leaves out.

use super::*;

/// A finished backup, which was restored into memory and compared before it was handed out.
#[uniffi::remote(Record)]
pub struct BackupFile {
    /// The file's content; the usual extension is `.softtoken`.
    pub bytes: SecretBytes,
    /// Identities that are not in it, in the order of the list.
    pub left_out: Vec<LeftOutView>,
    /// Number of identities in it.
    pub identities: u32,
}

/// An identity that a backup does not hold.
#[uniffi::remote(Record)]
pub struct LeftOutView {
    /// Which identity.
    pub id: IdentityId,
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: LeftOutReason,
}

/// Why an identity is not in the backup.
#[uniffi::remote(Enum)]
pub enum LeftOutReason {
    /// Its issuer forbids backups.
    Forbidden,
    /// Its issuer has not confirmed it yet. One activation belongs to one device: a copy could be
    /// completed a second time, with a registration code that only one of the two devices ever had.
    Pending,
    /// It waits for its unlock code, so its secret cannot be read.
    NeedsUnlockCode,
    /// A restore would refuse it.
    NotRestorable,
}
