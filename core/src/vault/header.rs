//! The header: what must be known, and be true, before a PIN can be tried.

use super::keys::GroupId;
use super::{EncodingError, Event, Vault, VaultError};
use crate::codec::decimal::ResetCode;
use crate::identity::encoding::{Fields, MapWriter};
use crate::lock::KdfProfile;
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
}

impl Header {
    pub(super) fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let (memory, passes, lanes) = self.kdf.parameters();
        let more = [self.reset_code.is_some(), self.auto_lock.is_some()];
        let mut map = MapWriter::new(6 + more.into_iter().map(u64::from).sum::<u64>());
        map.number(MEMORY, memory.into()).number(PASSES, passes.into()).number(LANES, lanes.into());
        map.bytes(SALT, &self.salt).number(E, self.e.into()).bytes(LOCAL_GROUP, &self.local_group);
        if let Some(code) = &self.reset_code {
            map.text(RESET_CODE, code.digits());
        }
        if let Some(seconds) = self.auto_lock {
            map.number(AUTO_LOCK, seconds.into());
        }
        map.finish()
    }

    /// Parameters above the caps are damage: only our own key can have sealed them.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, VaultError> {
        let fields =
            Fields::read(bytes, &[MEMORY, PASSES, LANES, SALT, E, LOCAL_GROUP, RESET_CODE, AUTO_LOCK])?;
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
        })
    }
}

impl Vault {
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
        };
        let read = Header::decode(written.encode().unwrap().expose()).unwrap();
        assert_eq!(
            (read.kdf, read.salt, read.e, read.local_group, read.reset_code, read.auto_lock),
            (KdfProfile::standard(), [1; 16], 7, [2; 16], written.reset_code, Some(60))
        );
    }

    #[test]
    fn an_excessive_cost_is_damage() {
        assert!(Header::decode(header(65_536, 3).expose()).is_ok());
        for (memory, passes) in [((1 << 20) + 1, 3), (65_536, 17), (1 << 40, 3), (65_536, 0)] {
            assert_eq!(Header::decode(header(memory, passes).expose()).err(), Some(VaultError::DAMAGED));
        }
    }
}
