//! An identity past consent that its issuer has not confirmed yet.
//!
//! It is complete: secret, name, registration code. It is sealed in the vault from the moment the
//! registration code is shown, reserves its name, survives the end of the process, and becomes an
//! identity of the same id when the user says that the portal accepted the code.

use zeroize::Zeroizing;

use crate::identity::IdentityId;
use crate::identity::encoding::{
    EncodingError, Fields, MapWriter, decode_label, decode_record, encode_label, encode_record,
};
use crate::otp::code_at;
use crate::secret::SecretBytes;
use crate::time::UnixTime;
use crate::vault::{GroupChoice, NewIdentity};

/// A pending identity. No `Debug`, no `Clone`.
pub(crate) struct Draft {
    /// Becomes the identity's id.
    pub(crate) id: IdentityId,
    /// Name, secret, recovery key, policy, and the group it will join or found.
    pub(crate) identity: NewIdentity,
    /// What the user types at the issuer, as it is shown.
    pub(crate) registration_code: Zeroizing<String>,
    /// When the activation expires by the issuer's word.
    pub(crate) expires_at: Option<UnixTime>,
    /// SHA-256 of what it began from, to recognise the same text when it comes again.
    pub(crate) source: [u8; 32],
}

impl Draft {
    /// The identity's code at `now`, for the page that shows it below the registration code.
    pub(crate) fn live_code(&self, now: UnixTime) -> Option<Zeroizing<String>> {
        let credential = &self.identity.record.credential;
        let pin = credential.otp_pin.as_ref().map(|pin| pin.expose());
        let timed = code_at(&credential.spec, credential.secret.expose(), pin, now).ok()?;
        Some(Zeroizing::new(timed.code.as_str().to_owned()))
    }

    /// The plaintext that the vault seals: a CBOR map (`core/FORMAT.md`, drafts).
    pub(crate) fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let (label, record) = (encode_label(&self.identity.label)?, encode_record(&self.identity.record)?);
        let (address, claimed_key) = match &self.identity.group {
            GroupChoice::Local => (None, None),
            GroupChoice::Single { address, claimed_key } => (Some(address), *claimed_key),
            // Only an exchange proves it, and its draft has a form of its own.
            GroupChoice::Issuer { .. } => return Err(EncodingError::BadValue(GROUP_ADDRESS)),
        };
        let optional = [address.is_some(), claimed_key.is_some(), self.expires_at.is_some()];
        let present: u64 = optional.into_iter().map(u64::from).sum();
        let mut map = MapWriter::new(present.saturating_add(4));
        map.bytes(LABEL, label.expose()).bytes(RECORD, record.expose());
        map.text(REGISTRATION_CODE, &self.registration_code).bytes(SOURCE, &self.source);
        if let Some(address) = address {
            map.text(GROUP_ADDRESS, address);
        }
        if let Some(key) = claimed_key {
            map.bytes(GROUP_CLAIMED_KEY, &key);
        }
        if let Some(expires_at) = self.expires_at {
            map.number(EXPIRES_AT, expires_at.0);
        }
        map.finish()
    }

    /// Reads what [`encode`](Self::encode) wrote for the draft `id`.
    pub(crate) fn decode(id: IdentityId, bytes: &[u8]) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &KEYS)?;
        let array = |key, bytes: &[u8]| <[u8; 32]>::try_from(bytes).map_err(|_| EncodingError::BadValue(key));
        let claimed_key = fields.optional_bytes(GROUP_CLAIMED_KEY)?;
        let group = match fields.optional_text(GROUP_ADDRESS)? {
            None => GroupChoice::Local,
            Some(address) => GroupChoice::Single {
                address: address.to_owned(),
                claimed_key: claimed_key.map(|key| array(GROUP_CLAIMED_KEY, key)).transpose()?,
            },
        };
        Ok(Self {
            id,
            identity: NewIdentity {
                label: decode_label(fields.bytes(LABEL)?)?,
                record: decode_record(fields.bytes(RECORD)?)?,
                group,
            },
            registration_code: Zeroizing::new(fields.text(REGISTRATION_CODE)?.to_owned()),
            expires_at: fields.optional_number(EXPIRES_AT)?.map(UnixTime),
            source: array(SOURCE, fields.bytes(SOURCE)?)?,
        })
    }
}

const LABEL: u32 = 1;
const RECORD: u32 = 2;
const REGISTRATION_CODE: u32 = 3;
pub(super) const SOURCE: u32 = 4;
const GROUP_ADDRESS: u32 = 5;
const GROUP_CLAIMED_KEY: u32 = 6;
const EXPIRES_AT: u32 = 7;
const KEYS: [u32; 7] =
    [LABEL, RECORD, REGISTRATION_CODE, SOURCE, GROUP_ADDRESS, GROUP_CLAIMED_KEY, EXPIRES_AT];
