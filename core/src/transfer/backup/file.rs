//! The file around the identities: header, sealed content, digest.
//!
//! A file comes from anywhere. In this order: its length, magic, version, digest and the cost of its
//! key derivation are checked before a password is asked; nothing of the content is read before the
//! commitment and the tag of its sealing fit. Every fault is a [`Refusal`].

use minicbor::{Decoder, Encoder};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::BackupError;
use super::entry;
use super::password::Password;
use crate::activation::request::Refusal;
use crate::error::{Part, Problem, Unsupported};
use crate::identity::encoding::EncodingError;
use crate::lock::KdfProfile;
use crate::random::Random;
use crate::secret::SecretBytes;
use crate::vault::NewIdentity;
use crate::vault::seal::{self, Place, SealError, Table};

/// A backup file whose outside was checked; the password opens it.
pub struct SealedBackup {
    bytes: Zeroizing<Vec<u8>>,
    kdf: KdfProfile,
    salt: [u8; SALT],
}

/// Whether these bytes begin like a backup file, complete or not.
pub fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC.get(..MARK).unwrap_or(MAGIC))
}

impl SealedBackup {
    /// Checks everything that can be checked without the password.
    ///
    /// # Errors
    /// `NotUnderstood{Backup}` for what is no backup file, is incomplete or was changed;
    /// `Unsupported(NewerVersion)`; `Unsupported(Encryption)` for a key derivation above the caps.
    pub fn parse(bytes: Zeroizing<Vec<u8>>) -> Result<Self, Refusal> {
        if bytes.len() > MAX_BYTES {
            return Err(damaged(Problem::TooLong));
        }
        let truncated = damaged(Problem::Truncated);
        let (magic, rest) = bytes.split_first_chunk::<8>().ok_or(truncated.clone())?;
        if magic != MAGIC {
            return Err(damaged(Problem::BadEncoding));
        }
        let (version, rest) = rest.split_first_chunk::<2>().ok_or(truncated.clone())?;
        match u16::from_be_bytes(*version) {
            0 => return Err(damaged(Problem::OutOfRange)),
            VERSION => {}
            _ => return Err(Refusal::Unsupported(Unsupported::NewerVersion)),
        }
        let (checked, digest) = bytes.split_last_chunk::<DIGEST>().ok_or(truncated.clone())?;
        if checked.len() <= HEADER {
            return Err(truncated);
        }
        if Sha256::digest(checked).as_slice() != digest {
            return Err(damaged(Problem::Mismatch));
        }
        let (memory, rest) = number(rest)?;
        let (passes, rest) = number(rest)?;
        let (lanes, rest) = number(rest)?;
        let salt = *rest.first_chunk::<SALT>().ok_or(truncated)?;
        let kdf = (memory <= MAX_MEMORY_KIB).then(|| KdfProfile::from_stored(memory, passes, lanes));
        let kdf = kdf.flatten().ok_or(Refusal::Unsupported(Unsupported::Encryption))?;
        Ok(Self { bytes, kdf, salt })
    }

    /// The identities in the user's order; an entry that this version cannot read is refused alone.
    ///
    /// # Errors
    /// `WrongPassword`; `NotUnderstood{Password}` for what cannot be one; `NotUnderstood{Backup}` for a
    /// content that does not authenticate or is none.
    pub fn open(&self, password: &[u8]) -> Result<Vec<Result<NewIdentity, Refusal>>, Refusal> {
        let key = Password::new(password)?.stretch(self.kdf, &self.salt)?;
        let end = self.bytes.len().saturating_sub(DIGEST);
        let (header, sealed) = self
            .bytes
            .get(..end)
            .and_then(|checked| checked.split_at_checked(HEADER))
            .ok_or(damaged(Problem::Truncated))?;
        let content =
            seal::open(key.expose(), &place(header, &self.salt), sealed).map_err(|error| match error {
                SealError::OtherKey => Refusal::WrongPassword,
                SealError::Forged | SealError::NoRandom | SealError::TooLong => damaged(Problem::Mismatch),
            })?;
        read_entries(content.expose())
    }

    /// The file as it was.
    pub(super) fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.bytes
    }
}

/// A new file.
pub(super) fn write(
    identities: &[NewIdentity],
    password: &Password,
    kdf: KdfProfile,
    random: &Random,
) -> Result<Zeroizing<Vec<u8>>, BackupError> {
    wrap(write_entries(identities)?.expose(), password, kdf, random)
}

/// A new file around any content.
pub(super) fn wrap(
    content: &[u8],
    password: &Password,
    kdf: KdfProfile,
    random: &Random,
) -> Result<Zeroizing<Vec<u8>>, BackupError> {
    let salt: [u8; SALT] = random.array()?;
    let (memory, passes, lanes) = kdf.parameters();
    let mut header = Vec::with_capacity(HEADER);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&VERSION.to_be_bytes());
    [memory, passes, lanes].iter().for_each(|number| header.extend_from_slice(&number.to_be_bytes()));
    header.extend_from_slice(&salt);
    let key = password.stretch(kdf, &salt)?;
    let sealed = seal::seal(random, key.expose(), &place(&header, &salt), content)
        .map_err(|_| damaged(Problem::TooLong))?;
    let mut file = Zeroizing::new(header);
    file.extend_from_slice(&sealed);
    let digest = Sha256::digest(file.as_slice());
    file.extend_from_slice(&digest);
    Ok(file)
}

/// Where the content belongs: to this header, of which no bit can be changed.
fn place<'s>(header: &[u8], salt: &'s [u8; SALT]) -> Place<'s> {
    let digest: [u8; DIGEST] = Sha256::digest(header).into();
    let mut row = [0; 16];
    row.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    Place { vault_id: salt, table: Table::Backup, row, version: VERSION.into(), context: &[] }
}

fn write_entries(identities: &[NewIdentity]) -> Result<SecretBytes, Refusal> {
    let entries: Result<Vec<_>, _> = identities.iter().map(entry::encode).collect();
    let entries = entries.map_err(refused)?;
    let needed = entries
        .iter()
        .fold(CBOR_HEAD, |sum, entry| sum.saturating_add(CBOR_HEAD).saturating_add(entry.len()));
    if entries.len() > MAX_ENTRIES || needed > MAX_BYTES {
        return Err(damaged(Problem::TooLong));
    }
    // One buffer of the final size: it never moves, so it leaves no copy behind.
    let mut content = Zeroizing::new(Vec::with_capacity(needed));
    let mut encoder = Encoder::new(&mut *content);
    let mut written = encoder.array(entries.len() as u64).map(drop);
    for entry in &entries {
        written = written.and_then(|()| encoder.bytes(entry.expose()).map(drop));
    }
    written.map_err(|_| damaged(Problem::TooLong))?;
    Ok(SecretBytes::new(std::mem::take(&mut *content)))
}

fn read_entries(content: &[u8]) -> Result<Vec<Result<NewIdentity, Refusal>>, Refusal> {
    let broken = |_| damaged(Problem::BadEncoding);
    let mut decoder = Decoder::new(content);
    let count = decoder.array().map_err(broken)?.ok_or(damaged(Problem::BadEncoding))?;
    if count > MAX_ENTRIES as u64 {
        return Err(damaged(Problem::TooLong));
    }
    let mut entries = Vec::new();
    for _ in 0..count {
        let bytes = decoder.bytes().map_err(broken)?;
        entries.push(entry::decode(bytes).map_err(refused));
    }
    if decoder.position() != content.len() {
        return Err(damaged(Problem::BadEncoding));
    }
    Ok(entries)
}

fn refused(error: EncodingError) -> Refusal {
    match error {
        EncodingError::Version(_) => Refusal::Unsupported(Unsupported::NewerVersion),
        EncodingError::TooLong => Refusal::part(Part::Entry, Problem::TooLong),
        EncodingError::Malformed
        | EncodingError::Missing(_)
        | EncodingError::Duplicate(_)
        | EncodingError::BadValue(_) => Refusal::part(Part::Entry, Problem::BadEncoding),
    }
}

fn number(bytes: &[u8]) -> Result<(u32, &[u8]), Refusal> {
    let (number, rest) = bytes.split_first_chunk::<4>().ok_or(damaged(Problem::Truncated))?;
    Ok((u32::from_be_bytes(*number), rest))
}

fn damaged(problem: Problem) -> Refusal {
    Refusal::part(Part::Backup, problem)
}

/// Longest file that is read or written, in bytes.
pub const MAX_BYTES: usize = 64 << 20;
/// Most identities of one file.
pub const MAX_ENTRIES: usize = 100_000;
/// Of the file format; a greater one is refused.
pub const VERSION: u16 = 1;

/// Not ASCII, and with both line ends, so that a transfer as text is noticed.
const MAGIC: &[u8; 8] = b"\x89STB\r\n\x1a\n";
/// How much of the magic claims the file.
const MARK: usize = 4;
/// A file cannot make the app take more: 256 MiB. Passes and lanes have the caps of the vault.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const SALT: usize = 16;
const DIGEST: usize = 32;
/// Magic, version, memory, passes, lanes, salt.
pub(super) const HEADER: usize = 8 + 2 + 4 + 4 + 4 + SALT;
/// The longest head of a CBOR item.
const CBOR_HEAD: usize = 9;
