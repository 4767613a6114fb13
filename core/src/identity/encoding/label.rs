//! A label: what may be read without the PIN.

use super::{EncodingError, Fields, MapWriter};
use crate::identity::{IdentityName, Label};
use crate::secret::SecretBytes;

/// The CBOR map of a label, not padded.
pub fn encode_label(label: &Label) -> Result<SecretBytes, EncodingError> {
    let mut map = MapWriter::new(3 + u64::from(label.address.is_some()) + u64::from(label.serial.is_some()));
    map.text(NAME, label.name.as_str()).text(ISSUER, &label.issuer).text(ACCOUNT, &label.account);
    if let Some(address) = &label.address {
        map.text(ADDRESS, address);
    }
    if let Some(serial) = &label.serial {
        map.text(SERIAL, serial);
    }
    map.finish()
}

/// Reads what [`encode_label`] wrote.
pub fn decode_label(bytes: &[u8]) -> Result<Label, EncodingError> {
    let fields = Fields::read(bytes, &[NAME, ISSUER, ACCOUNT, ADDRESS, SERIAL])?;
    Ok(Label {
        name: IdentityName::new(fields.text(NAME)?).map_err(|_| EncodingError::BadValue(NAME))?,
        issuer: fields.text(ISSUER)?.to_owned(),
        account: fields.text(ACCOUNT)?.to_owned(),
        address: fields.optional_text(ADDRESS)?.map(str::to_owned),
        serial: fields.optional_text(SERIAL)?.map(str::to_owned),
    })
}

const NAME: u32 = 1;
const ISSUER: u32 = 2;
const ACCOUNT: u32 = 3;
const ADDRESS: u32 = 4;
const SERIAL: u32 = 5;
