//! A record: what needs the PIN.

use super::{EncodingError, Fields, MapWriter, decode_credential, encode_credential};
use crate::error::StopReason;
use crate::identity::{MAX_PIN_DIGITS, MIN_PIN_DIGITS, Origin, PinRules, Policy, Record, Stopped};
use crate::secret::{Key, SecretBytes};
use crate::time::UnixTime;

/// The CBOR map of a record, not padded.
pub fn encode_record(record: &Record) -> Result<SecretBytes, EncodingError> {
    let credential = encode_credential(&record.credential)?;
    let mut map = MapWriter::new(
        8 + u64::from(record.recovery_key.is_some()) + 2 * u64::from(record.stopped.is_some()),
    );
    map.bytes(CREDENTIAL, credential.expose());
    if let Some(key) = &record.recovery_key {
        map.bytes(RECOVERY_KEY, key.expose());
    }
    let Policy { pin, forbid_biometric, forbid_backup, verify_user } = record.policy;
    map.number(PIN_MIN_DIGITS, pin.min_digits.into())
        .flag(FORBID_BIOMETRIC, forbid_biometric)
        .flag(FORBID_BACKUP, forbid_backup)
        .flag(VERIFY_USER, verify_user)
        .number(ORIGIN, number_of(record.origin))
        .signed(CLOCK_OFFSET, record.clock_offset)
        .number(ADDED_AT, record.added_at.0);
    if let Some(Stopped { why, since }) = record.stopped {
        map.number(STOPPED, number_of_reason(why)).number(STOPPED_SINCE, since.0);
    }
    map.finish()
}

/// Reads what [`encode_record`] wrote.
pub fn decode_record(bytes: &[u8]) -> Result<Record, EncodingError> {
    let fields = Fields::read(bytes, &KEYS)?;
    let recovery_key = fields
        .optional_bytes(RECOVERY_KEY)?
        .map(|key| Key::from_slice(key).ok_or(EncodingError::BadValue(RECOVERY_KEY)))
        .transpose()?;
    let min_digits = fields.small(PIN_MIN_DIGITS)?;
    if !(MIN_PIN_DIGITS..=MAX_PIN_DIGITS).contains(&min_digits) {
        return Err(EncodingError::BadValue(PIN_MIN_DIGITS));
    }
    Ok(Record {
        credential: decode_credential(fields.bytes(CREDENTIAL)?)?,
        recovery_key,
        policy: Policy {
            pin: PinRules { min_digits },
            forbid_biometric: fields.flag(FORBID_BIOMETRIC)?,
            forbid_backup: fields.flag(FORBID_BACKUP)?,
            verify_user: fields.flag(VERIFY_USER)?,
        },
        origin: origin(fields.number(ORIGIN)?)?,
        clock_offset: fields.signed(CLOCK_OFFSET)?,
        added_at: UnixTime(fields.number(ADDED_AT)?),
        stopped: stopped(&fields)?,
    })
}

/// Both keys or neither.
fn stopped(fields: &Fields<'_>) -> Result<Option<Stopped>, EncodingError> {
    let since = fields.optional_number(STOPPED_SINCE)?;
    let why = match fields.optional_number(STOPPED)? {
        None if since.is_some() => return Err(EncodingError::Missing(STOPPED)),
        None => return Ok(None),
        Some(1) => StopReason::Disabled,
        Some(2) => StopReason::Deleted,
        Some(3) => StopReason::Replaced,
        Some(_) => return Err(EncodingError::BadValue(STOPPED)),
    };
    let since = since.map(UnixTime).ok_or(EncodingError::Missing(STOPPED_SINCE))?;
    Ok(Some(Stopped { why, since }))
}

fn number_of_reason(why: StopReason) -> u64 {
    match why {
        StopReason::Disabled => 1,
        StopReason::Deleted => 2,
        StopReason::Replaced => 3,
    }
}

fn number_of(origin: Origin) -> u64 {
    match origin {
        Origin::Account => 1,
        Origin::Offline => 2,
        Origin::Online => 3,
        Origin::EntrustV1 => 4,
        Origin::TwoStep => 5,
    }
}

fn origin(number: u64) -> Result<Origin, EncodingError> {
    match number {
        1 => Ok(Origin::Account),
        2 => Ok(Origin::Offline),
        3 => Ok(Origin::Online),
        4 => Ok(Origin::EntrustV1),
        5 => Ok(Origin::TwoStep),
        _ => Err(EncodingError::BadValue(ORIGIN)),
    }
}

const CREDENTIAL: u32 = 1;
const RECOVERY_KEY: u32 = 2;
const PIN_MIN_DIGITS: u32 = 3;
const FORBID_BIOMETRIC: u32 = 4;
const FORBID_BACKUP: u32 = 5;
const VERIFY_USER: u32 = 6;
const ORIGIN: u32 = 7;
const CLOCK_OFFSET: u32 = 8;
const ADDED_AT: u32 = 9;
const STOPPED: u32 = 10;
const STOPPED_SINCE: u32 = 11;
const KEYS: [u32; 11] = [
    CREDENTIAL,
    RECOVERY_KEY,
    PIN_MIN_DIGITS,
    FORBID_BIOMETRIC,
    FORBID_BACKUP,
    VERIFY_USER,
    ORIGIN,
    CLOCK_OFFSET,
    ADDED_AT,
    STOPPED,
    STOPPED_SINCE,
];
