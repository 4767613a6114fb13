//! A deletion that the issuer has not acknowledged yet: who calls, and since when.

use super::caller::Caller;
use crate::identity::encoding::{EncodingError, Fields, MapWriter};
use crate::secret::SecretBytes;
use crate::time::UnixTime;

/// What stays of a deleted identity. No `Debug`, no `Clone`. No code can be made from it.
pub struct QueuedDeletion {
    /// Who tells it.
    pub caller: Caller,
    /// When the user deleted it; 0 when the clock could not be read.
    pub at: UnixTime,
}

impl QueuedDeletion {
    /// The plaintext that the vault seals.
    pub fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let mut map = MapWriter::new(2);
        map.bytes(CALLER, self.caller.encode()?.expose()).number(AT, self.at.0);
        map.finish()
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &[CALLER, AT])?;
        Ok(Self { caller: Caller::decode(fields.bytes(CALLER)?)?, at: UnixTime(fields.number(AT)?) })
    }

    /// True for bytes that [`decode`](Self::decode) is for, and not for those of an activation.
    pub fn is_one(bytes: &[u8]) -> bool {
        Fields::read(bytes, &[CALLER]).is_ok_and(|fields| fields.bytes(CALLER).is_ok())
    }

    /// True when nobody has to be told any more.
    pub fn is_too_old(&self, now: UnixTime) -> bool {
        self.at.0 > 0 && now.0.saturating_sub(self.at.0) > QUEUED_SECONDS
    }
}

/// How long a deletion is queued.
pub const QUEUED_SECONDS: u64 = 30 * 24 * 3600;

// Keys 1 to 15 are those of activations, 16 that of an old pair.
const AT: u32 = 17;
const CALLER: u32 = 18;
