//! What survives the end of the process: the exchange as a CBOR map, sealed by the caller as a draft.
//!
//! It holds everything that was scanned or typed as what became of it (header, pre-shared key, password until message 2),
//! r_d and n_d, and from message 2 on the agreement, the last number and the last request's bytes. The
//! handshake itself is not in it: a claim begins again with the same r_d and n_d, which the issuer allows.

use super::agreement::Agreement;
use super::checks::{CAN_VERIFY, Checks, Progress};
use super::device::{Exchange, Stage};
use super::keys::SessionKeys;
use super::messages::{
    OUTCOME, REFUSED_KIND, REFUSED_REASON, Refused, TRIES_LEFT, array, decode_policy, encode_policy,
    is_device_label, key,
};
use super::order::{Header, Way};
use super::sealed::Standing;
use crate::activation::qr_password;
use crate::identity::encoding::{EncodingError, Fields, MapWriter};
use crate::secret::{Key, SecretBytes};
use crate::time::UnixTime;

impl Exchange {
    /// The plaintext that the vault seals.
    pub fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let stage = self.stage.encode()?;
        let optional = u64::from(self.password.is_some()) + u64::from(self.known_issuer.is_some());
        let mut map = MapWriter::new(6 + optional);
        map.bytes(HEADER, &self.header.to_bytes()).bytes(PSK, self.psk.expose());
        if let Some(password) = &self.password {
            map.bytes(PASSWORD, password.expose());
        }
        map.text(DEVICE, &self.device);
        if let Some(known) = &self.known_issuer {
            map.bytes(KNOWN_ISSUER, known);
        }
        map.bytes(RANDOM, self.random.expose()).bytes(NONCE, self.nonce.expose());
        map.bytes(STAGE, stage.expose());
        map.finish()
    }

    /// Reads what [`encode`](Self::encode) wrote. No answer is awaited: a request has to be sent (again).
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &KEYS)?;
        let header =
            Header::from_bytes(fields.bytes(HEADER)?).map_err(|_| EncodingError::BadValue(HEADER))?;
        if header.way == Way::Contact {
            return Err(EncodingError::BadValue(HEADER));
        }
        let password = fields
            .optional_bytes(PASSWORD)?
            .map(|password| qr_password::exact(password).map_err(|_| EncodingError::BadValue(PASSWORD)));
        let known_issuer = fields.optional_bytes(KNOWN_ISSUER)?;
        let device = fields.text(DEVICE)?;
        let exchange = Self {
            psk: key(&fields, PSK)?,
            password: password.transpose()?,
            device: device.to_owned(),
            known_issuer: known_issuer.map(|_| array(&fields, KNOWN_ISSUER)).transpose()?,
            random: key(&fields, RANDOM)?,
            nonce: key(&fields, NONCE)?,
            stage: Stage::decode(fields.bytes(STAGE)?)?,
            header,
            handshake: None,
        };
        // A password is there exactly while it may be sent.
        let asks = matches!(exchange.stage, Stage::Claiming { tries_left: None, .. });
        let wanted = asks && exchange.header.way == Way::QrCode;
        if exchange.password.is_some() != wanted {
            return Err(EncodingError::BadValue(PASSWORD));
        }
        if is_device_label(device) { Ok(exchange) } else { Err(EncodingError::BadValue(DEVICE)) }
    }
}

impl Stage {
    fn encode(&self) -> Result<SecretBytes, EncodingError> {
        match self {
            Self::Claiming { sent, tries_left } => {
                let mut map = MapWriter::new(2 + u64::from(tries_left.is_some()));
                if let Some(tries_left) = tries_left {
                    map.number(TRIES_LEFT, (*tries_left).into());
                }
                map.number(KIND, CLAIMING).flag(SENT, *sent);
                map.finish()
            }
            Self::Agreed { agreement, number, asked, checks, standing } => {
                let verified = u64::from(checks.wanted != 0) * 2;
                let optional = u64::from(asked.is_some()) + u64::from(standing.is_some()) + verified;
                let mut map = MapWriter::new(AGREEMENT_ENTRIES + 2 + optional);
                map.number(KIND, AGREED).number(NUMBER, (*number).into());
                if let Some(asked) = asked {
                    map.bytes(ASKED, asked);
                }
                if let Some(standing) = standing {
                    map.bytes(STANDING, standing.encode()?.expose());
                }
                agreement.write(&mut map)?;
                if checks.wanted != 0 {
                    map.number(WANTED, checks.wanted).number(PROGRESS, checks.progress.number());
                }
                map.finish()
            }
            Self::Ended(refused) => {
                let mut map = MapWriter::new(2 + refused.entries());
                refused.write(&mut map);
                map.number(KIND, ENDED);
                map.finish()
            }
        }
    }

    fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &STAGE_KEYS)?;
        match fields.number(KIND)? {
            CLAIMING => {
                let tries_left = fields.optional_number(TRIES_LEFT)?;
                let tries_left = tries_left.map(|_| fields.small(TRIES_LEFT)).transpose()?;
                Ok(Self::Claiming { sent: fields.flag(SENT)?, tries_left })
            }
            AGREED => {
                let standing = match fields.optional_bytes(STANDING)?.map(Standing::decode).transpose()? {
                    Some(Standing::Refused(_)) => return Err(EncodingError::BadValue(STANDING)),
                    standing => standing,
                };
                let agreement = Box::new(Agreement::read(&fields)?);
                let asked = fields.optional_bytes(ASKED)?.map(<[u8]>::to_vec);
                let number = fields.small(NUMBER)?;
                let checks = Checks::read(&fields, number)?;
                if standing.is_some() && checks.progress != Progress::Opened {
                    return Err(EncodingError::BadValue(STANDING));
                }
                Ok(Self::Agreed { agreement, number, asked, checks, standing })
            }
            ENDED => Refused::read(&fields)?.map(Self::Ended).ok_or(EncodingError::BadValue(OUTCOME)),
            _ => Err(EncodingError::BadValue(KIND)),
        }
    }
}

impl Checks {
    /// Without verifications the first sealed request is message 3.
    fn read(fields: &Fields<'_>, number: u32) -> Result<Self, EncodingError> {
        let Some(wanted) = fields.optional_number(WANTED)? else {
            let progress = if number == 0 { Progress::Passed } else { Progress::Opened };
            return Ok(Self::at(0, progress));
        };
        if wanted == 0 || wanted & !CAN_VERIFY != 0 {
            return Err(EncodingError::BadValue(WANTED));
        }
        let progress = fields.number(PROGRESS)?;
        let all = [Progress::Asking, Progress::Passed, Progress::Opened];
        let progress = all.into_iter().find(|one| one.number() == progress);
        Ok(Self::at(wanted, progress.ok_or(EncodingError::BadValue(PROGRESS))?))
    }
}

impl Progress {
    fn number(self) -> u64 {
        match self {
            Self::Asking => 0,
            Self::Passed => 1,
            Self::Opened => 2,
        }
    }
}

impl Agreement {
    /// Its entries, [`AGREEMENT_ENTRIES`] of [`AGREEMENT_KEYS`].
    pub(in crate::activation) fn write(&self, map: &mut MapWriter) -> Result<(), EncodingError> {
        let keys = &self.keys;
        map.bytes(SESSION, &keys.session);
        for (key, value) in KEY_OF.into_iter().zip(keys.all()) {
            map.bytes(key, value.expose());
        }
        map.bytes(HOLDER, &self.holder).bytes(POLICY, encode_policy(&self.policy)?.expose());
        map.bytes(ISSUER, &self.issuer).number(TIME, self.time.0);
        Ok(())
    }

    /// Reads what [`write`](Self::write) wrote.
    pub(in crate::activation) fn read(fields: &Fields<'_>) -> Result<Self, EncodingError> {
        let [seed, recovery, sas, to_issuer, to_device] = KEY_OF;
        Ok(Self {
            keys: SessionKeys {
                session: array(fields, SESSION)?,
                seed: key(fields, seed)?,
                recovery: key(fields, recovery)?,
                sas: key(fields, sas)?,
                to_issuer: key(fields, to_issuer)?,
                to_device: key(fields, to_device)?,
            },
            holder: array(fields, HOLDER)?,
            policy: decode_policy(fields.bytes(POLICY)?)?,
            issuer: array(fields, ISSUER)?,
            time: UnixTime(fields.number(TIME)?),
        })
    }
}

impl SessionKeys {
    /// In the order of [`KEY_OF`].
    fn all(&self) -> [&Key<32>; 5] {
        [&self.seed, &self.recovery, &self.sas, &self.to_issuer, &self.to_device]
    }
}

const HEADER: u32 = 1;
const PSK: u32 = 2;
const PASSWORD: u32 = 3;
const DEVICE: u32 = 4;
const KNOWN_ISSUER: u32 = 5;
const RANDOM: u32 = 6;
const NONCE: u32 = 7;
const STAGE: u32 = 8;
const KEYS: [u32; 8] = [HEADER, PSK, PASSWORD, DEVICE, KNOWN_ISSUER, RANDOM, NONCE, STAGE];

// Keys 1 and 2 of a stage are those of a refusal.
const KIND: u32 = 3;
const SENT: u32 = 4;
const NUMBER: u32 = 5;
const ASKED: u32 = 6;
const STANDING: u32 = 7;
const SESSION: u32 = 8;
const KEY_OF: [u32; 5] = [9, 10, 11, 12, 13];
const HOLDER: u32 = 14;
const POLICY: u32 = 15;
const ISSUER: u32 = 16;
const TIME: u32 = 17;
const WANTED: u32 = 18;
const PROGRESS: u32 = 19;
pub(in crate::activation) const AGREEMENT_ENTRIES: u64 = 10;
pub(in crate::activation) const AGREEMENT_KEYS: [u32; 10] =
    [SESSION, 9, 10, 11, 12, 13, HOLDER, POLICY, ISSUER, TIME];
const STAGE_KEYS: [u32; 21] = [
    OUTCOME,
    TRIES_LEFT,
    KIND,
    SENT,
    NUMBER,
    ASKED,
    STANDING,
    SESSION,
    9,
    10,
    11,
    12,
    13,
    HOLDER,
    POLICY,
    ISSUER,
    TIME,
    WANTED,
    PROGRESS,
    REFUSED_KIND,
    REFUSED_REASON,
];
const CLAIMING: u64 = 1;
const AGREED: u64 = 2;
const ENDED: u64 = 3;
