//! What is inside message 1 and the sealed requests of a contact; message 2 is that of an activation
//! ([`crate::activation::exchange::messages::Answer`]).
//!
//! CBOR maps, as strict as those. Normative text with the table of keys: `core/PROTOCOL.md` section 9.

use crate::activation::exchange::Refused;
use crate::activation::exchange::messages::{
    DONE, OUTCOME, TRIES_LEFT, array, decode_policy, encode_policy, is_device_label, key,
};
use crate::activation::profile::Profile;
use crate::identity::Policy;
use crate::identity::encoding::{EncodingError, Fields, MapWriter};
use crate::secret::{Key, SecretBytes};
use crate::time::UnixTime;

/// The payload of message 1. No `Debug`, no `Clone`.
pub struct Call {
    /// r_d, fresh for every handshake.
    pub random: Key<32>,
    /// How the portal and the mails name this device.
    pub device: String,
    /// What the device can do beyond this text; a bit for each, none defined yet.
    pub capabilities: u64,
}

/// What the device asks under a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// What is new?
    Refresh,
    /// The seed and K_rec of this session shall replace those of the token.
    Rekey,
    /// The identity is gone from the device.
    Delete,
}

/// What the issuer answers under a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// What is new.
    Report(Report),
    /// The answer to a rekey that was done.
    Renewed(Profile, Report),
    /// [`DELETED`], or it will not be.
    Refused(Refused),
}

/// How the token stands at the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Does the issuer take its codes?
    pub state: TokenState,
    /// What the issuer demands of the app from now on.
    pub policy: Policy,
    /// The issuer's clock when it answered.
    pub time: UnixTime,
    /// The issuer wishes another seed.
    pub rekey_wanted: bool,
    /// There is no other living seed than that of this session: what a device kept beside it is dead.
    pub alone: bool,
}

/// Does the issuer take the codes of a token?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// It does.
    Active,
    /// Not until it is enabled again.
    Disabled,
}

impl Call {
    /// The CBOR map.
    pub fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let mut map = MapWriter::new(3);
        map.bytes(RANDOM, self.random.expose()).text(DEVICE, &self.device);
        map.number(CAPABILITIES, self.capabilities);
        map.finish()
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &[RANDOM, DEVICE, CAPABILITIES])?;
        let device = fields.text(DEVICE)?;
        if !is_device_label(device) {
            return Err(EncodingError::BadValue(DEVICE));
        }
        let (random, capabilities) = (key(&fields, RANDOM)?, fields.number(CAPABILITIES)?);
        Ok(Self { random, device: device.to_owned(), capabilities })
    }
}

impl Ask {
    /// The CBOR map.
    pub fn encode(self) -> Result<SecretBytes, EncodingError> {
        let mut map = MapWriter::new(1);
        map.number(KIND, self.number());
        map.finish()
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        Self::from_number(Fields::read(bytes, &[KIND])?.number(KIND)?).ok_or(EncodingError::BadValue(KIND))
    }

    pub(super) fn number(self) -> u64 {
        match self {
            Self::Refresh => 3,
            Self::Rekey => 4,
            Self::Delete => 5,
        }
    }

    pub(super) fn from_number(number: u64) -> Option<Self> {
        [Self::Refresh, Self::Rekey, Self::Delete].into_iter().find(|ask| ask.number() == number)
    }
}

impl Answer {
    /// The CBOR map.
    pub fn encode(self) -> Result<SecretBytes, EncodingError> {
        match self {
            Self::Refused(refused) => {
                let mut map = MapWriter::new(refused.entries().saturating_add(1));
                refused.write(&mut map);
                map.finish()
            }
            Self::Report(report) => report.encode(None),
            Self::Renewed(profile, report) => report.encode(Some(profile)),
        }
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &ANSWER_KEYS)?;
        if let Some(refused) = Refused::read(&fields)? {
            return Ok(Self::Refused(refused));
        }
        if fields.number(OUTCOME)? != DONE {
            return Err(EncodingError::BadValue(OUTCOME));
        }
        let report = Report {
            state: match fields.number(STATE)? {
                ACTIVE => TokenState::Active,
                DISABLED => TokenState::Disabled,
                _ => return Err(EncodingError::BadValue(STATE)),
            },
            policy: decode_policy(fields.bytes(POLICY)?)?,
            time: UnixTime(fields.number(TIME)?),
            rekey_wanted: fields.flag(REKEY_WANTED)?,
            alone: fields.flag(ALONE)?,
        };
        Ok(match fields.optional_bytes(PROFILE)? {
            None => Self::Report(report),
            Some(_) => Self::Renewed(profile(&fields, PROFILE)?, report),
        })
    }
}

impl Report {
    fn encode(&self, profile: Option<Profile>) -> Result<SecretBytes, EncodingError> {
        let mut map = MapWriter::new(6 + u64::from(profile.is_some()));
        let state = match self.state {
            TokenState::Active => ACTIVE,
            TokenState::Disabled => DISABLED,
        };
        map.number(OUTCOME, DONE).number(STATE, state);
        map.bytes(POLICY, encode_policy(&self.policy)?.expose()).number(TIME, self.time.0);
        map.flag(REKEY_WANTED, self.rekey_wanted).flag(ALONE, self.alone);
        if let Some(profile) = profile {
            map.bytes(PROFILE, &profile.to_bytes());
        }
        map.finish()
    }
}

pub(super) fn profile(fields: &Fields<'_>, key: u32) -> Result<Profile, EncodingError> {
    Profile::from_bytes(array(fields, key)?).map_err(|_| EncodingError::BadValue(key))
}

/// The outcome that says: the token, or the seed that asks, is deleted at the issuer. It acknowledges a deletion wherever
/// it comes, in message 2 too.
pub const DELETED: Refused = Refused::Other(8);
const RANDOM: u32 = 1;
const DEVICE: u32 = 4;
const CAPABILITIES: u32 = 5;
const KIND: u32 = 1;
const STATE: u32 = 3;
const POLICY: u32 = 4;
const TIME: u32 = 5;
const REKEY_WANTED: u32 = 6;
const ALONE: u32 = 7;
const PROFILE: u32 = 8;
const ANSWER_KEYS: [u32; 8] = [OUTCOME, TRIES_LEFT, STATE, POLICY, TIME, REKEY_WANTED, ALONE, PROFILE];
const ACTIVE: u64 = 1;
const DISABLED: u64 = 2;
