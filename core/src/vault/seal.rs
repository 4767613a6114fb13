//! Sealing: the only module that uses an AEAD or HKDF.
//!
//! ```text
//! key 32 ‖ commitment 16 = HKDF-SHA256(salt 32 random, parent key, label ‖ row id)
//! sealed = salt ‖ commitment ‖ AES-256-GCM(key, nonce 0, associated data, frame)
//! frame  = length u32 ‖ content ‖ zeros up to a multiple of the block
//! ```
//! Every write draws a new salt, so a key seals once and the nonce can stay zero. The commitment is
//! compared (in constant time) before anything is decrypted: GCM alone would let one ciphertext open
//! under two keys. The associated data says where a value belongs ([`Place`]); a value moved to
//! another row, table, vault or version does not open.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::random::Random;
use crate::secret::{Key, SecretBytes};

/// Why a value could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealError {
    /// The parent key is another one: nothing was decrypted.
    #[error("another key")]
    OtherKey,
    /// The value was changed, or belongs elsewhere.
    #[error("does not authenticate")]
    Forged,
    /// No random bytes.
    #[error("no random bytes")]
    NoRandom,
    /// Longer than a frame can be.
    #[error("too long")]
    TooLong,
}

/// Which kind of value: a number for the associated data, a label for the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    Header,
    PinSlot,
    GroupInfo,
    GroupKey,
    Label,
    Record,
    DraftName,
    Draft,
    Listing,
    Arming,
    WrapInfo,
    Wrap,
    Recovery,
    DraftRecovery,
    BioSlot,
    Event,
    Root,
    /// No table: the content of a backup file (`transfer::backup`).
    Backup,
}

impl Table {
    fn number(self) -> u8 {
        match self {
            Self::Header => 1,
            Self::PinSlot => 2,
            Self::GroupInfo => 3,
            Self::GroupKey => 4,
            Self::Label => 5,
            Self::Record => 6,
            Self::DraftName => 7,
            Self::Draft => 8,
            Self::Listing => 9,
            Self::Arming => 10,
            Self::WrapInfo => 11,
            Self::Wrap => 12,
            Self::Recovery => 13,
            Self::DraftRecovery => 14,
            Self::BioSlot => 15,
            Self::Event => 16,
            Self::Root => 17,
            Self::Backup => 128,
        }
    }

    fn label(self) -> &'static [u8] {
        match self {
            Self::Header => b"header",
            Self::PinSlot => b"pin",
            Self::GroupInfo => b"group-info",
            Self::GroupKey => b"group-key",
            Self::Label => b"label",
            Self::Record => b"rec",
            Self::DraftName => b"draft-name",
            Self::Draft => b"draft",
            Self::Listing => b"listing",
            Self::Arming => b"arming",
            Self::WrapInfo => b"wrap-info",
            Self::Wrap => b"wrap",
            Self::Recovery => b"recovery",
            Self::DraftRecovery => b"draft-recovery",
            Self::BioSlot => b"bio",
            Self::Event => b"event",
            Self::Root => b"root",
            Self::Backup => b"backup",
        }
    }

    /// Frames are padded to a multiple of this, so that lengths tell little.
    fn block(self) -> usize {
        match self {
            Self::PinSlot | Self::BioSlot | Self::GroupKey | Self::Wrap => 1,
            Self::Recovery | Self::Root => 1,
            Self::Event => EVENT_BLOCK,
            Self::Label | Self::DraftName | Self::Header | Self::GroupInfo => LABEL_BLOCK,
            Self::Arming | Self::WrapInfo | Self::DraftRecovery => LABEL_BLOCK,
            Self::Record | Self::Draft | Self::Listing => RECORD_BLOCK,
            Self::Backup => BACKUP_BLOCK,
        }
    }
}

/// Where a sealed value belongs. For a backup the salt of its header stands for the vault, and a
/// digest of the header for the row.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) vault_id: &'a [u8; 16],
    pub(crate) table: Table,
    pub(crate) row: [u8; 16],
    pub(crate) version: u64,
    /// What else must be the same when it is opened; mostly nothing.
    pub(crate) context: &'a [u8],
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        let mut ad = Vec::with_capacity(50);
        ad.extend_from_slice(MAGIC);
        ad.extend_from_slice(self.vault_id);
        ad.push(SUITE);
        ad.push(self.table.number());
        ad.extend_from_slice(&self.row);
        ad.extend_from_slice(&self.version.to_be_bytes());
        ad.extend_from_slice(&ROW_SCHEMA.to_be_bytes());
        ad.extend_from_slice(self.context);
        ad
    }

    /// What the key is derived for: label ‖ row id; the PIN slot names suite, vault and epoch.
    fn info(&self) -> Vec<u8> {
        let mut info = self.table.label().to_vec();
        if self.table == Table::PinSlot {
            info.push(SUITE);
            info.extend_from_slice(self.vault_id);
        }
        info.extend_from_slice(&self.row);
        info
    }
}

/// Seals `content` under `parent` for one place.
pub(crate) fn seal(
    random: &Random,
    parent: &[u8],
    place: &Place<'_>,
    content: &[u8],
) -> Result<Vec<u8>, SealError> {
    let length = u32::try_from(content.len()).map_err(|_| SealError::TooLong)?;
    let frame = content
        .len()
        .checked_add(4)
        .and_then(|n| n.checked_next_multiple_of(place.table.block()))
        .ok_or(SealError::TooLong)?;
    let salt: [u8; SALT] = random.array().map_err(|_| SealError::NoRandom)?;
    let (key, commitment) = derive_key(parent, &salt, &place.info())?;

    // One buffer of the final size: the plaintext is never moved, only overwritten.
    let mut sealed = Vec::with_capacity(HEAD.saturating_add(frame).saturating_add(TAG));
    sealed.extend_from_slice(&salt);
    sealed.extend_from_slice(&commitment);
    sealed.extend_from_slice(&length.to_be_bytes());
    sealed.extend_from_slice(content);
    sealed.resize(HEAD.saturating_add(frame), 0);
    let sealing = match sealed.split_at_mut_checked(HEAD) {
        Some((_, frame)) => {
            key.seal_in_place_separate_tag(nonce(), Aad::from(place.associated_data()), frame)
        }
        None => return Err(SealError::TooLong),
    };
    match sealing {
        Ok(tag) => {
            sealed.extend_from_slice(tag.as_ref());
            Ok(sealed)
        }
        Err(_) => {
            sealed.zeroize();
            Err(SealError::TooLong)
        }
    }
}

/// Opens what [`seal`] made for the same parent and place.
pub(crate) fn open(parent: &[u8], place: &Place<'_>, sealed: &[u8]) -> Result<SecretBytes, SealError> {
    let (salt, rest) = sealed.split_first_chunk::<SALT>().ok_or(SealError::Forged)?;
    let (stored, ciphertext) = rest.split_first_chunk::<COMMITMENT>().ok_or(SealError::Forged)?;
    let (key, commitment) = derive_key(parent, salt, &place.info())?;
    if !bool::from(commitment.ct_eq(stored)) {
        return Err(SealError::OtherKey);
    }
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let length = {
        let frame = key
            .open_in_place(nonce(), Aad::from(place.associated_data()), &mut buffer)
            .map_err(|_| SealError::Forged)?;
        let (length, padded) = frame.split_first_chunk::<4>().ok_or(SealError::Forged)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| SealError::Forged)?;
        padded.get(..length).ok_or(SealError::Forged)?;
        length
    };
    // The tail stays behind the end of the vector and is wiped with it.
    buffer.drain(..4);
    buffer.truncate(length);
    Ok(SecretBytes::new(std::mem::take(&mut *buffer)))
}

/// A key derived from another for one purpose: HKDF-SHA256(no salt, parent, label).
pub(crate) fn derive(parent: &[u8], label: &[u8]) -> Result<Key<32>, SealError> {
    Key::fill_with(|out| {
        let prk = Salt::new(HKDF_SHA256, &[]).extract(parent);
        // 32 bytes are one block of HKDF, which cannot be too long.
        prk.expand(&[label], Length(32)).and_then(|okm| okm.fill(out)).map_err(|_| SealError::TooLong)
    })
}

fn derive_key(
    parent: &[u8],
    salt: &[u8; SALT],
    info: &[u8],
) -> Result<(LessSafeKey, [u8; COMMITMENT]), SealError> {
    let mut okm = Zeroizing::new([0_u8; KEY + COMMITMENT]);
    Salt::new(HKDF_SHA256, salt)
        .extract(parent)
        .expand(&[info], Length(KEY + COMMITMENT))
        .and_then(|output| output.fill(okm.as_mut()))
        .map_err(|_| SealError::TooLong)?;
    let (key, rest) = okm.split_first_chunk::<KEY>().ok_or(SealError::TooLong)?;
    let commitment = *rest.first_chunk::<COMMITMENT>().ok_or(SealError::TooLong)?;
    let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| SealError::TooLong)?;
    Ok((LessSafeKey::new(key), commitment))
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

/// First bytes of every associated data.
const MAGIC: &[u8; 4] = b"STv2";
/// AES-256-GCM, HKDF-SHA256, Argon2id.
pub(crate) const SUITE: u8 = 2;
/// Layout of the sealed contents.
const ROW_SCHEMA: u32 = 1;
const KEY: usize = 32;
const SALT: usize = 32;
const COMMITMENT: usize = 16;
const TAG: usize = 16;
const HEAD: usize = SALT + COMMITMENT;
const EVENT_BLOCK: usize = 48;
const LABEL_BLOCK: usize = 128;
const RECORD_BLOCK: usize = 512;
const BACKUP_BLOCK: usize = 4096;

#[cfg(test)]
mod tests;
