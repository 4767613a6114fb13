//! The header: what must be known, and be true, before a PIN can be tried.

use super::keys::GroupId;
use super::{EncodingError, VaultError};
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
}

impl Header {
    pub(super) fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let (memory, passes, lanes) = self.kdf.parameters();
        let mut map = MapWriter::new(6 + u64::from(self.reset_code.is_some()));
        map.number(MEMORY, memory.into()).number(PASSES, passes.into()).number(LANES, lanes.into());
        map.bytes(SALT, &self.salt).number(E, self.e.into()).bytes(LOCAL_GROUP, &self.local_group);
        if let Some(code) = &self.reset_code {
            map.text(RESET_CODE, code.digits());
        }
        map.finish()
    }

    /// Parameters above the caps are damage: only our own key can have sealed them.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, VaultError> {
        let fields = Fields::read(bytes, &[MEMORY, PASSES, LANES, SALT, E, LOCAL_GROUP, RESET_CODE])?;
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
        })
    }
}

const MEMORY: u32 = 1;
const PASSES: u32 = 2;
const LANES: u32 = 3;
const SALT: u32 = 4;
const E: u32 = 5;
const LOCAL_GROUP: u32 = 6;
const RESET_CODE: u32 = 7;

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
        };
        let read = Header::decode(written.encode().unwrap().expose()).unwrap();
        assert_eq!(
            (read.kdf, read.salt, read.e, read.local_group, read.reset_code),
            (KdfProfile::standard(), [1; 16], 7, [2; 16], written.reset_code)
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
