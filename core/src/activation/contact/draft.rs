//! What survives the end of the process: the contact as a CBOR map, sealed by the caller.
//!
//! The handshake is not in it: a contact without agreement begins with another one. Nothing has to be stored: a contact may be
//! given up at any time, and before [`super::Step::Renewed`] its new seed with it. Whoever stores it spares a handshake.

use super::caller::Caller;
use super::device::{Contact, Stage};
use super::messages::{Answer, Ask, profile};
use crate::activation::exchange::draft::{AGREEMENT_ENTRIES, AGREEMENT_KEYS};
use crate::activation::exchange::messages::{OUTCOME, TRIES_LEFT, array, is_device_label};
use crate::activation::exchange::{Agreement, Refused};
use crate::activation::issuer_key::IssuerKey;
use crate::identity::encoding::{EncodingError, Fields, MapWriter};
use crate::secret::SecretBytes;

impl Contact {
    /// The plaintext that the vault seals: store it after every `request` and every `take`, before anything is sent or
    /// shown, or not at all.
    pub fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let mut map = MapWriter::new(5);
        map.bytes(CALLER, self.caller.encode()?.expose()).bytes(ISSUER_KEY, self.issuer_key.bytes());
        map.text(DEVICE, &self.device).number(WISH, self.wish.number());
        map.bytes(STAGE, self.stage.encode()?.expose());
        map.finish()
    }

    /// Reads what [`encode`](Self::encode) wrote. No answer is awaited: a request has to be sent (again).
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &[CALLER, ISSUER_KEY, DEVICE, WISH, STAGE])?;
        let device = fields.text(DEVICE)?;
        if !is_device_label(device) {
            return Err(EncodingError::BadValue(DEVICE));
        }
        let issuer_key = IssuerKey::new(array(&fields, ISSUER_KEY)?);
        let wish = Ask::from_number(fields.number(WISH)?).ok_or(EncodingError::BadValue(WISH))?;
        let stage = Stage::decode(fields.bytes(STAGE)?)?;
        if wish != Ask::Rekey && matches!(stage, Stage::Agreed { renewed: Some(_), .. }) {
            return Err(EncodingError::BadValue(PROFILE));
        }
        Ok(Self {
            caller: Caller::decode(fields.bytes(CALLER)?)?,
            issuer_key: issuer_key.map_err(|_| EncodingError::BadValue(ISSUER_KEY))?,
            device: device.to_owned(),
            wish,
            stage,
            handshake: None,
        })
    }
}

impl Stage {
    fn encode(&self) -> Result<SecretBytes, EncodingError> {
        match self {
            Self::Calling => {
                let mut map = MapWriter::new(1);
                map.number(KIND, CALLING);
                map.finish()
            }
            Self::Agreed { agreement, number, asked, renewed, report } => {
                let optional = [asked.is_some(), renewed.is_some(), report.is_some()];
                let optional = optional.into_iter().map(u64::from).sum::<u64>();
                let mut map = MapWriter::new(AGREEMENT_ENTRIES.saturating_add(2).saturating_add(optional));
                map.number(KIND, AGREED).number(NUMBER, (*number).into());
                if let Some(asked) = asked {
                    map.bytes(ASKED, asked);
                }
                if let Some(report) = report {
                    map.bytes(REPORT, Answer::Report(*report).encode()?.expose());
                }
                agreement.write(&mut map)?;
                if let Some(renewed) = renewed {
                    map.bytes(PROFILE, &renewed.to_bytes());
                }
                map.finish()
            }
            Self::Ended(refused) => {
                let mut map = MapWriter::new(refused.entries().saturating_add(2));
                refused.write(&mut map);
                map.number(KIND, ENDED);
                map.finish()
            }
        }
    }

    fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let own = [OUTCOME, TRIES_LEFT, KIND, NUMBER, ASKED, REPORT, PROFILE];
        let fields = Fields::read(bytes, &[&own[..], &AGREEMENT_KEYS].concat())?;
        match fields.number(KIND)? {
            CALLING => Ok(Self::Calling),
            AGREED => Ok(Self::Agreed {
                agreement: Box::new(Agreement::read(&fields)?),
                number: fields.small(NUMBER)?,
                asked: fields.optional_bytes(ASKED)?.map(<[u8]>::to_vec),
                renewed: fields.optional_bytes(PROFILE)?.map(|_| profile(&fields, PROFILE)).transpose()?,
                report: match fields.optional_bytes(REPORT)?.map(Answer::decode).transpose()? {
                    None => None,
                    Some(Answer::Report(report)) => Some(report),
                    Some(_) => return Err(EncodingError::BadValue(REPORT)),
                },
            }),
            ENDED => Refused::read(&fields)?.map(Self::Ended).ok_or(EncodingError::BadValue(OUTCOME)),
            _ => Err(EncodingError::BadValue(KIND)),
        }
    }
}

const CALLER: u32 = 1;
const ISSUER_KEY: u32 = 2;
const DEVICE: u32 = 3;
const WISH: u32 = 4;
const STAGE: u32 = 5;

// Keys 1 and 2 of a stage are those of a refusal, 8 to 17 those of an agreement.
const KIND: u32 = 3;
const NUMBER: u32 = 4;
const ASKED: u32 = 5;
const REPORT: u32 = 6;
const PROFILE: u32 = 18;
const CALLING: u64 = 1;
const AGREED: u64 = 2;
const ENDED: u64 = 3;
