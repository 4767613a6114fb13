//! What is inside messages 1 and 2: CBOR maps with small numbers as keys, read as strictly as everything
//! that is stored (`identity::encoding`): key 0 is the version, unknown keys are skipped, a known key twice, a
//! missing one, a value out of range or bytes after the map are an error.
//!
//! Normative text with the table of keys: `core/PROTOCOL.md` section 7.

use super::issuer_proof::{IssuerProof, handover};
pub use super::refused::Refused;
pub(in crate::activation) use super::refused::{DONE, OUTCOME, REFUSED_KIND, REFUSED_REASON, TRIES_LEFT};
use crate::activation::qr_password;
use crate::codec::decimal::SerialNumber;
use crate::identity::encoding::{EncodingError, Fields, MapWriter};
use crate::identity::{MAX_PIN_DIGITS, MIN_PIN_DIGITS, PinRules, Policy};
use crate::secret::{Key, SecretBytes};
use crate::time::UnixTime;

/// The payload of message 1. No `Debug`, no `Clone`.
pub struct Hello {
    /// r_d.
    pub random: Key<32>,
    /// SHA-256 over n_d ([`super::commitment`]).
    pub commitment: [u8; 32],
    /// Of a QR code; absent for the other doors.
    pub password: Option<Key<8>>,
    /// How the portal and the mails name this device.
    pub device: String,
    /// The verifications that the device can do, a bit each ([`super::CAN_VERIFY`]); 0 in a contact.
    pub capabilities: u64,
}

/// The payload of message 2. No `Debug`, no `Clone`.
pub enum Answer {
    /// The order is this device's.
    Accepted(Box<Accepted>),
    /// It is not.
    Refused(Refused),
}

/// What both sides agree on. No `Debug`, no `Clone`.
pub struct Accepted {
    /// Must equal the header's.
    pub serial: SerialNumber,
    /// Equal for all tokens of one user; says nothing else.
    pub holder: [u8; 16],
    /// The bytes of a policy ([`encode_policy`]) as they are hashed.
    pub policy: Vec<u8>,
    /// r_i.
    pub random: Key<32>,
    /// The issuer's clock.
    pub time: UnixTime,
    /// Verifications that must come before message 3, a bit each (`VerificationKind::bit`).
    pub verifications: u64,
    /// Who says so.
    pub proof: IssuerProof,
}

impl Hello {
    /// The CBOR map.
    pub fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let mut map = MapWriter::new(4 + u64::from(self.password.is_some()));
        map.bytes(RANDOM, self.random.expose()).bytes(COMMITMENT, &self.commitment);
        if let Some(password) = &self.password {
            map.text(PASSWORD, std::str::from_utf8(password.expose()).unwrap_or_default());
        }
        map.text(DEVICE, &self.device).number(CAPABILITIES, self.capabilities);
        map.finish()
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &[RANDOM, COMMITMENT, PASSWORD, DEVICE, CAPABILITIES])?;
        let password = fields.optional_text(PASSWORD)?;
        let password = password
            .map(|text| qr_password::exact(text.as_bytes()).map_err(|_| EncodingError::BadValue(PASSWORD)));
        let device = fields.text(DEVICE)?;
        if !is_device_label(device) {
            return Err(EncodingError::BadValue(DEVICE));
        }
        Ok(Self {
            random: key(&fields, RANDOM)?,
            commitment: array(&fields, COMMITMENT)?,
            password: password.transpose()?,
            device: device.to_owned(),
            capabilities: fields.number(CAPABILITIES)?,
        })
    }
}

impl Answer {
    /// The CBOR map.
    pub fn encode(&self) -> Result<SecretBytes, EncodingError> {
        match self {
            Self::Refused(refused) => {
                let mut map = MapWriter::new(1 + refused.entries());
                refused.write(&mut map);
                map.finish()
            }
            Self::Accepted(accepted) => {
                let proof = &accepted.proof;
                let mut map = MapWriter::new(9 + 2 * u64::from(proof.predecessor.is_some()));
                map.number(OUTCOME, DONE)
                    .text(SERIAL, accepted.serial.digits())
                    .bytes(HOLDER, &accepted.holder)
                    .bytes(POLICY, &accepted.policy)
                    .bytes(ISSUER_RANDOM, accepted.random.expose())
                    .number(TIME, accepted.time.0)
                    .number(VERIFICATIONS, accepted.verifications)
                    .bytes(ISSUER, &proof.key)
                    .bytes(SIGNATURE, &proof.signature);
                if let Some((key, signature)) = &proof.predecessor {
                    map.bytes(PREDECESSOR, key).bytes(HANDOVER, signature);
                }
                map.finish()
            }
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
        Ok(Self::Accepted(Box::new(Accepted {
            serial: serial(&fields, SERIAL)?,
            holder: array(&fields, HOLDER)?,
            policy: fields.bytes(POLICY)?.to_vec(),
            random: key(&fields, ISSUER_RANDOM)?,
            time: UnixTime(fields.number(TIME)?),
            verifications: fields.number(VERIFICATIONS)?,
            proof: IssuerProof {
                key: array(&fields, ISSUER)?,
                signature: array(&fields, SIGNATURE)?,
                predecessor: handover(&fields, PREDECESSOR, HANDOVER)?,
            },
        })))
    }
}

/// The CBOR map of a policy.
pub fn encode_policy(policy: &Policy) -> Result<SecretBytes, EncodingError> {
    let Policy { pin, forbid_biometric, forbid_backup, verify_user } = *policy;
    let mut map = MapWriter::new(4);
    map.number(PIN_MIN_DIGITS, pin.min_digits.into());
    map.flag(FORBID_BIOMETRIC, forbid_biometric).flag(FORBID_BACKUP, forbid_backup);
    map.flag(VERIFY_USER, verify_user);
    map.finish()
}

/// Reads what [`encode_policy`] wrote.
pub fn decode_policy(bytes: &[u8]) -> Result<Policy, EncodingError> {
    let fields = Fields::read(bytes, &[PIN_MIN_DIGITS, FORBID_BIOMETRIC, FORBID_BACKUP, VERIFY_USER])?;
    let min_digits = fields.small(PIN_MIN_DIGITS)?;
    if !(MIN_PIN_DIGITS..=MAX_PIN_DIGITS).contains(&min_digits) {
        return Err(EncodingError::BadValue(PIN_MIN_DIGITS));
    }
    Ok(Policy {
        pin: PinRules { min_digits },
        forbid_biometric: fields.flag(FORBID_BIOMETRIC)?,
        forbid_backup: fields.flag(FORBID_BACKUP)?,
        verify_user: fields.flag(VERIFY_USER)?,
    })
}

/// What people read as the name of a device: at most [`MAX_DEVICE_LABEL`] bytes, no control characters.
pub fn is_device_label(text: &str) -> bool {
    text.len() <= MAX_DEVICE_LABEL && !text.contains(char::is_control)
}

pub(in crate::activation) fn array<const N: usize>(
    fields: &Fields<'_>,
    key: u32,
) -> Result<[u8; N], EncodingError> {
    fields.bytes(key)?.try_into().map_err(|_| EncodingError::BadValue(key))
}

pub(in crate::activation) fn key<const N: usize>(
    fields: &Fields<'_>,
    key: u32,
) -> Result<Key<N>, EncodingError> {
    Key::from_slice(fields.bytes(key)?).ok_or(EncodingError::BadValue(key))
}

/// Exactly ten digits: what a machine writes has one spelling.
pub(in crate::activation) fn serial(fields: &Fields<'_>, key: u32) -> Result<SerialNumber, EncodingError> {
    let text = fields.text(key)?;
    let serial = SerialNumber::parse(text).map_err(|_| EncodingError::BadValue(key))?;
    if serial.digits() == text { Ok(serial) } else { Err(EncodingError::BadValue(key)) }
}

/// Longest device label in bytes.
pub const MAX_DEVICE_LABEL: usize = 64;
const RANDOM: u32 = 1;
const COMMITMENT: u32 = 2;
const PASSWORD: u32 = 3;
const DEVICE: u32 = 4;
const CAPABILITIES: u32 = 5;
const SERIAL: u32 = 3;
const HOLDER: u32 = 4;
const POLICY: u32 = 5;
const ISSUER_RANDOM: u32 = 6;
const TIME: u32 = 7;
const VERIFICATIONS: u32 = 8;
const ISSUER: u32 = 9;
const SIGNATURE: u32 = 10;
const PREDECESSOR: u32 = 11;
const HANDOVER: u32 = 12;
const ANSWER_KEYS: [u32; 14] = [
    OUTCOME,
    TRIES_LEFT,
    REFUSED_KIND,
    REFUSED_REASON,
    SERIAL,
    HOLDER,
    POLICY,
    ISSUER_RANDOM,
    TIME,
    VERIFICATIONS,
    ISSUER,
    SIGNATURE,
    PREDECESSOR,
    HANDOVER,
];
const PIN_MIN_DIGITS: u32 = 1;
const FORBID_BIOMETRIC: u32 = 2;
const FORBID_BACKUP: u32 = 3;
const VERIFY_USER: u32 = 4;
