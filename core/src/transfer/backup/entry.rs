//! One identity of a backup: label, record and group, as a CBOR map of [`encoding`](crate::identity::encoding).
//!
//! A group is restored as a claim only: an issuer group is proven in a handshake, never by a file, so
//! its identities come back as groups of their own until their first online contact.

use crate::activation::account::printable;
use crate::activation::request::Refusal;
use crate::codec::base32;
use crate::error::{Part, Problem};
use crate::identity::encoding::{
    EncodingError, Fields, MapWriter, decode_label, decode_record, encode_label, encode_record,
};
use crate::identity::{Credential, Record};
use crate::otp::{OtpError, code_at};
use crate::secret::{Key, SecretBytes};
use crate::vault::{GroupChoice, NewIdentity};

pub(super) fn encode(identity: &NewIdentity) -> Result<SecretBytes, EncodingError> {
    let (label, record) = (encode_label(&identity.label)?, encode_record(&identity.record)?);
    let (address, claimed_key) = match &identity.group {
        GroupChoice::Local => (None, None),
        GroupChoice::Single { address, claimed_key } => (Some(address), *claimed_key),
        // Membership is proven in a handshake, never by a file.
        GroupChoice::Issuer { address, .. } => (Some(address), None),
    };
    let optional = u64::from(address.is_some()).saturating_add(u64::from(claimed_key.is_some()));
    let mut map = MapWriter::new(optional.saturating_add(2));
    map.bytes(LABEL, label.expose()).bytes(RECORD, record.expose());
    if let Some(address) = address {
        map.text(GROUP_ADDRESS, address);
    }
    if let Some(key) = claimed_key {
        map.bytes(GROUP_CLAIMED_KEY, &key);
    }
    map.finish()
}

pub(super) fn decode(bytes: &[u8]) -> Result<NewIdentity, EncodingError> {
    let fields = Fields::read(bytes, &[LABEL, RECORD, GROUP_ADDRESS, GROUP_CLAIMED_KEY])?;
    let claimed_key = fields
        .optional_bytes(GROUP_CLAIMED_KEY)?
        .map(|key| key.try_into().map_err(|_| EncodingError::BadValue(GROUP_CLAIMED_KEY)))
        .transpose()?;
    let group = match (fields.optional_text(GROUP_ADDRESS)?, claimed_key) {
        (None, None) => GroupChoice::Local,
        (None, Some(_)) => return Err(EncodingError::Missing(GROUP_ADDRESS)),
        (Some(address), claimed_key) => GroupChoice::Single { address: address.to_owned(), claimed_key },
    };
    Ok(NewIdentity {
        label: decode_label(fields.bytes(LABEL)?)?,
        record: decode_record(fields.bytes(RECORD)?)?,
        group,
    })
}

/// Whether an entry can live in a vault. A file is not trusted, whoever knew its password: a label
/// must not steer a terminal, and an identity that cannot make codes would spoil the sheet of all.
pub(crate) fn check(identity: &NewIdentity) -> Result<(), Refusal> {
    let NewIdentity { label, record, group } = identity;
    printable(&label.issuer, Part::Issuer)?;
    printable(&label.account, Part::Account)?;
    printable(label.serial.as_deref().unwrap_or_default(), Part::SerialNumber)?;
    printable(label.address.as_deref().unwrap_or_default(), Part::Address)?;
    if let GroupChoice::Single { address, .. } = group {
        printable(address, Part::Address)?;
    }
    let Credential { spec, secret, otp_pin, .. } = &record.credential;
    match secret.len() {
        0 => return Err(Refusal::part(Part::Secret, Problem::Empty)),
        1..=base32::MAX_BYTES => {}
        _ => return Err(Refusal::part(Part::Secret, Problem::TooLong)),
    }
    let otp_pin = otp_pin.as_ref().map(SecretBytes::expose);
    match code_at(spec, secret.expose(), otp_pin, record.added_at) {
        Ok(_) | Err(OtpError::NeedsCounter | OtpError::NeedsChallenge) => Ok(()),
        Err(OtpError::NeedsPin) => Err(Refusal::part(Part::OtpPin, Problem::Missing)),
        Err(_) => Err(Refusal::part(Part::Secret, Problem::OutOfRange)),
    }
}

/// Compares every field; secrets in constant time. A new field does not compile until it is placed here.
pub(super) fn is_same(one: &NewIdentity, other: &NewIdentity) -> bool {
    let NewIdentity { label, record, group } = one;
    let Record { credential, recovery_key, policy, origin, clock_offset, added_at, stopped } = record;
    let Credential { spec, secret, otp_pin, counter } = credential;
    let also = &other.record;
    label == &other.label
        && group == &other.group
        && policy == &also.policy
        && origin == &also.origin
        && clock_offset == &also.clock_offset
        && added_at == &also.added_at
        && stopped == &also.stopped
        && spec == &also.credential.spec
        && counter == &also.credential.counter
        && secret.ct_eq(also.credential.secret.expose())
        && same_bytes(
            otp_pin.as_ref().map(SecretBytes::expose),
            also.credential.otp_pin.as_ref().map(SecretBytes::expose),
        )
        && same_bytes(
            recovery_key.as_ref().map(|key| key.expose().as_slice()),
            also.recovery_key.as_ref().map(|key| key.expose().as_slice()),
        )
}

/// An explicit copy: a restore is carried out again after a failed write.
pub(crate) fn duplicate(identity: &NewIdentity) -> NewIdentity {
    let NewIdentity { label, record, group } = identity;
    let recovery_key = record.recovery_key.as_ref().and_then(|key| Key::from_slice(key.expose()));
    let credential = record.credential.duplicate();
    NewIdentity {
        label: label.clone(),
        record: Record { credential, recovery_key, ..*record },
        group: group.clone(),
    }
}

fn same_bytes(one: Option<&[u8]>, other: Option<&[u8]>) -> bool {
    use subtle::ConstantTimeEq;
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => one.ct_eq(other).into(),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

const LABEL: u32 = 1;
const RECORD: u32 = 2;
const GROUP_ADDRESS: u32 = 3;
const GROUP_CLAIMED_KEY: u32 = 4;
