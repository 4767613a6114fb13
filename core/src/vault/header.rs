//! The header: what must be known, and be true, before a PIN can be tried.

use super::keys::GroupId;
use super::{EncodingError, Event, Vault, VaultError};
use crate::codec::decimal::ResetCode;
use crate::identity::encoding::{Fields, MapWriter};
use crate::lock::KdfProfile;
use crate::ports::KeyStore;
use crate::secret::SecretBytes;

/// The sealed body of the header row.
#[derive(Clone)]
pub(super) struct Header {
    pub(super) kdf: KdfProfile,
    pub(super) salt: [u8; 16],
    pub(super) e: u32,
    pub(super) local_group: GroupId,
    /// The PIN reset code of the present; `None` until something was armed.
    pub(super) reset_code: Option<ResetCode>,
    /// Seconds without a touch after which the app locks; `None`: nobody chose.
    pub(super) auto_lock: Option<u32>,
    /// Where the device keys were put; `None` before schema 3.
    pub(super) key_store: Option<KeyStore>,
}

impl Header {
    pub(super) fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let (memory, passes, lanes) = self.kdf.parameters();
        let more = [self.reset_code.is_some(), self.auto_lock.is_some(), self.key_store.is_some()];
        let mut map = MapWriter::new(6 + more.into_iter().map(u64::from).sum::<u64>());
        map.number(MEMORY, memory.into()).number(PASSES, passes.into()).number(LANES, lanes.into());
        map.bytes(SALT, &self.salt).number(E, self.e.into()).bytes(LOCAL_GROUP, &self.local_group);
        if let Some(code) = &self.reset_code {
            map.text(RESET_CODE, code.digits());
        }
        if let Some(seconds) = self.auto_lock {
            map.number(AUTO_LOCK, seconds.into());
        }
        if let Some(store) = self.key_store {
            map.number(KEY_STORE, number_of(store));
        }
        map.finish()
    }

    /// Parameters above the caps are damage: only our own key can have sealed them.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, VaultError> {
        let known = [MEMORY, PASSES, LANES, SALT, E, LOCAL_GROUP, RESET_CODE, AUTO_LOCK, KEY_STORE];
        let fields = Fields::read(bytes, &known)?;
        let kdf = KdfProfile::from_stored(fields.small(MEMORY)?, fields.small(PASSES)?, fields.small(LANES)?);
        Ok(Self {
            kdf: kdf.ok_or(VaultError::DAMAGED)?,
            salt: fields.bytes(SALT)?.try_into().map_err(|_| VaultError::DAMAGED)?,
            e: fields.small(E)?,
            local_group: fields.bytes(LOCAL_GROUP)?.try_into().map_err(|_| VaultError::DAMAGED)?,
            reset_code: fields
                .optional_text(RESET_CODE)?
                .map(|code| ResetCode::parse(code).map_err(|_| VaultError::DAMAGED))
                .transpose()?,
            auto_lock: fields
                .optional_number(AUTO_LOCK)?
                .map(|seconds| u32::try_from(seconds).map_err(|_| VaultError::DAMAGED))
                .transpose()?,
            key_store: fields.optional_number(KEY_STORE)?.map(store_of).transpose()?,
        })
    }
}

impl Vault {
    /// Where the device keys of this vault were put; `None` when an earlier version made it. Needs no PIN.
    pub fn key_store(&self) -> Result<Option<KeyStore>, VaultError> {
        Ok(self.store()?.header.key_store)
    }

    /// Seconds without a touch after which the app locks, as the user chose. Needs no PIN.
    pub fn auto_lock(&self) -> Result<Option<u32>, VaultError> {
        Ok(self.store()?.header.auto_lock)
    }

    /// Writes down what the user chose. Needs the open vault.
    pub fn set_auto_lock(&mut self, seconds: u32) -> Result<(), VaultError> {
        self.keys()?;
        let (store, sealer) = (self.store()?, self.sealer()?);
        let header = Header { auto_lock: Some(seconds), ..store.header.clone() };
        let version = self.write(|db| {
            sealer.note(db, Event::AutoLockChanged(seconds))?;
            store.write_header(&self.random, db, &header)
        })?;
        self.keep_header(header, version)
    }
}

const MEMORY: u32 = 1;
const PASSES: u32 = 2;
const LANES: u32 = 3;
const SALT: u32 = 4;
const E: u32 = 5;
const LOCAL_GROUP: u32 = 6;
const RESET_CODE: u32 = 7;
const AUTO_LOCK: u32 = 8;
const KEY_STORE: u32 = 9;

fn number_of(store: KeyStore) -> u64 {
    match store {
        KeyStore::Files => 1,
        KeyStore::Desktop => 2,
        KeyStore::Hardware => 3,
    }
}

fn store_of(number: u64) -> Result<KeyStore, VaultError> {
    let stores = [KeyStore::Files, KeyStore::Desktop, KeyStore::Hardware];
    stores.into_iter().find(|store| number_of(*store) == number).ok_or(VaultError::DAMAGED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(memory: u64, passes: u64) -> SecretBytes {
        let mut map = MapWriter::new(6);
        map.number(MEMORY, memory).number(PASSES, passes).number(LANES, 1);
        map.bytes(SALT, &[1; 16]).number(E, 1).bytes(LOCAL_GROUP, &[2; 16]);
        map.finish().unwrap()
    }

    #[test]
    fn a_header_reads_back() {
        let written = Header {
            kdf: KdfProfile::standard(),
            salt: [1; 16],
            e: 7,
            local_group: [2; 16],
            reset_code: ResetCode::from_value(48_244_134),
            auto_lock: Some(60),
            key_store: Some(KeyStore::Desktop),
        };
        let read = Header::decode(written.encode().unwrap().expose()).unwrap();
        assert_eq!(
            (read.kdf, read.salt, read.e, read.local_group, read.reset_code),
            (KdfProfile::standard(), [1; 16], 7, [2; 16], written.reset_code)
        );
        assert_eq!((read.auto_lock, read.key_store), (Some(60), Some(KeyStore::Desktop)));
    }

    #[test]
    fn an_excessive_cost_is_damage() {
        assert!(Header::decode(header(65_536, 3).expose()).is_ok());
        for (memory, passes) in [((1 << 20) + 1, 3), (65_536, 17), (1 << 40, 3), (65_536, 0)] {
            assert_eq!(Header::decode(header(memory, passes).expose()).err(), Some(VaultError::DAMAGED));
        }
    }
}
