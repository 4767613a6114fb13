//! Who calls: what a contact needs of an identity, and all that a queued deletion keeps of it.

use subtle::ConstantTimeEq;

use crate::activation::address::Address;
use crate::activation::exchange::keys::hkdf;
use crate::activation::exchange::messages::{array, key, serial};
use crate::activation::exchange::order::contact_id;
use crate::codec::decimal::SerialNumber;
use crate::identity::encoding::{EncodingError, Fields, MapWriter};
use crate::secret::{Key, SecretBytes};

/// A token that calls its issuer. No `Debug`, no `Clone`: it holds a secret. No code can be made from it.
pub struct Caller {
    pub(super) address: Address,
    pub(super) serial: SerialNumber,
    pub(super) psk: Key<32>,
    pub(super) known: Option<Known>,
}

/// What the device knows of the issuer. A key from a QR code is a claim and does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The Ed25519 key that was proven at this address.
    pub issuer: [u8; 32],
    /// The holder id of the identity's group; `None` as long as it was never in contact.
    pub holder: Option<[u8; 16]>,
}

impl Caller {
    /// Of the identity with this seed: the one whose codes are shown.
    pub fn new(address: Address, serial: SerialNumber, seed: &[u8], known: Option<Known>) -> Self {
        let psk = contact_psk(seed, &serial);
        Self { address, serial, psk, known }
    }

    /// The issuer's address.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The token's serial number.
    pub fn serial(&self) -> &SerialNumber {
        &self.serial
    }

    /// What the device knows of the issuer.
    pub fn known(&self) -> Option<&Known> {
        self.known.as_ref()
    }

    /// True when it calls with this key.
    pub fn is_keyed(&self, psk: &Key<32>) -> bool {
        self.psk.expose().ct_eq(psk.expose()).into()
    }

    /// An explicit copy, to call again later.
    pub fn duplicate(&self) -> Self {
        let (address, serial, known) = (self.address.clone(), self.serial.clone(), self.known);
        Self { address, serial, psk: self.psk.duplicate(), known }
    }

    /// The plaintext that the vault seals.
    pub fn encode(&self) -> Result<SecretBytes, EncodingError> {
        let holder = self.known.and_then(|known| known.holder);
        let mut map = MapWriter::new(3 + u64::from(self.known.is_some()) + u64::from(holder.is_some()));
        map.text(ADDRESS, self.address.ascii()).text(SERIAL, self.serial.digits());
        map.bytes(PSK, self.psk.expose());
        if let Some(known) = &self.known {
            map.bytes(ISSUER, &known.issuer);
        }
        if let Some(holder) = &holder {
            map.bytes(HOLDER, holder);
        }
        map.finish()
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &[ADDRESS, SERIAL, PSK, ISSUER, HOLDER])?;
        let address =
            Address::from_canonical(fields.text(ADDRESS)?).map_err(|_| EncodingError::BadValue(ADDRESS))?;
        let holder = fields.optional_bytes(HOLDER)?.map(|_| array(&fields, HOLDER)).transpose()?;
        let known = match fields.optional_bytes(ISSUER)? {
            Some(_) => Some(Known { issuer: array(&fields, ISSUER)?, holder }),
            None if holder.is_some() => return Err(EncodingError::Missing(ISSUER)),
            None => None,
        };
        Ok(Self { address, serial: serial(&fields, SERIAL)?, psk: key(&fields, PSK)?, known })
    }
}

/// The pre-shared key of a contact. The issuer derives it from each seed of the token, and keeps it when a seed dies.
pub fn contact_psk(seed: &[u8], serial: &SerialNumber) -> Key<32> {
    hkdf(&[], seed, &[CONTACT_PSK_LABEL, &contact_id(serial)])
}

/// Begins the HKDF info of a contact's pre-shared key.
pub const CONTACT_PSK_LABEL: &[u8] = b"softtoken/2 contact";
const ADDRESS: u32 = 1;
const SERIAL: u32 = 2;
const PSK: u32 = 3;
const ISSUER: u32 = 4;
const HOLDER: u32 = 5;
