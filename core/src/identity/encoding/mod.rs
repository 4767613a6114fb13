//! The bytes of labels, credentials and records: CBOR maps with small numbers as keys.
//!
//! | Rule | Why |
//! |---|---|
//! | key 0 is the version of the map, 1 here; another version is an error | a newer layout is refused, never guessed |
//! | an unknown key is skipped | a later version may add what this one can do without |
//! | a known key twice, a missing one, a value out of range, bytes after the map: an error | nothing is read in two ways |
//! | secrets go from the wiped input straight into wiped memory | no copy to forget |
//!
//! Decoding is total: any bytes give a value or an [`EncodingError`]. `core/FORMAT.md` lists the keys.

mod credential;
mod label;
mod map;
mod record;

pub use credential::{decode_credential, encode_credential};
pub use label::{decode_label, encode_label};
pub use record::{decode_record, encode_record};

pub(crate) use map::{Fields, MapWriter};

/// Why bytes are no label, credential or record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodingError {
    /// Not CBOR, or not the shape that belongs there.
    #[error("malformed")]
    Malformed,
    /// Written by a newer version.
    #[error("version {0} is not known")]
    Version(u64),
    /// A key is missing.
    #[error("key {0} is missing")]
    Missing(u32),
    /// A key comes twice.
    #[error("key {0} comes twice")]
    Duplicate(u32),
    /// A value that cannot be.
    #[error("the value of key {0} cannot be")]
    BadValue(u32),
    /// Longer than [`MAX_ENCODED`].
    #[error("too long")]
    TooLong,
}

/// Longest label, credential or record in bytes.
pub const MAX_ENCODED: usize = 64 * 1024;
