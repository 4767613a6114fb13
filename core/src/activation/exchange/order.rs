//! What an exchange starts from, and the header that both sides bind into the handshake.
//!
//! The header has one layout for every door: a link's payload without S ([`LinkPayload`]). It goes in
//! clear beside message 1, so that the issuer finds the door's pre-shared key by the activation id.
//!
//! | Bytes | Field | Link, QR code (modes 1, 2) | Typed (mode 3) |
//! |---|---|---|---|
//! | 1, 1 | version, mode | 2, as in the payload | 2, 3 |
//! | 1 | flags | as in the payload | 3: both |
//! | 16 | activation id | as in the payload | SHA-256("typed" ‖ serial number)\[..16\] |
//! | 32 | issuer's X25519 key | as in the payload | as the issuer's address told it |
//! | 5, 4 | serial number, profile | as in the payload | as typed, [`Profile::TYPED`] |
//! | 4 | expiry | as in the payload | 0 |
//! | 1 to 64 | address | as in the payload | as typed |
//!
//! A later contact (mode 4) has a header like that of typed values; its id is SHA-256("contact" ‖ serial number)\[..16\].
//!
//! Normative text: `core/PROTOCOL.md` sections 7 and 9.

use super::keys::hkdf;
use crate::activation::address::Address;
use crate::activation::issuer_key::IssuerKey;
use crate::activation::link::{
    Flags, LinkPayload, Mode, address_from_bytes, serial_from_bytes, serial_to_bytes,
};
use crate::activation::manual::TypedDetails;
use crate::activation::offline::{Stretch, StretchFailed, length, without_check_digit};
use crate::activation::profile::Profile;
use crate::activation::qr_password;
use crate::activation::request::Refusal;
use crate::activation::state::FieldProblem;
use crate::codec::decimal::SerialNumber;
use crate::error::{Part, Problem};
use crate::secret::{Key, sha256};

/// The door of an order over the network; each has an id and a secret of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A link in a mail.
    Link,
    /// A QR code with its password.
    QrCode,
    /// Typed address, serial number and activation code.
    Typed,
    /// No door: a device that has the token already.
    Contact,
}

/// What is agreed on in clear before anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Which door of the order it is.
    pub way: Way,
    /// What the issuer allows and demands.
    pub flags: Flags,
    /// Names the door at the issuer.
    pub activation_id: [u8; 16],
    /// The issuer's key for the handshake.
    pub issuer_key: IssuerKey,
    /// The token at the issuer.
    pub serial: SerialNumber,
    /// How codes will be made.
    pub profile: Profile,
    /// Unix seconds by the issuer's clock; 0 for typed values, which do not say.
    pub expiry: u32,
    /// The issuer.
    pub address: Address,
}

/// An order with the secrets of its door. No `Debug`, no `Clone`.
pub struct OnlineOrder {
    pub(super) header: Header,
    pub(super) psk: Key<32>,
    pub(super) password: Option<Key<8>>,
}

impl OnlineOrder {
    /// From a link; refused as a mode problem for a QR code, whose password is missing.
    pub fn from_link(payload: &LinkPayload) -> Result<Self, Refusal> {
        match payload.mode {
            Mode::Link => Ok(Self::from_payload(payload, Way::Link, None)),
            Mode::QrCode => Err(Refusal::part(Part::Password, Problem::Missing)),
        }
    }

    /// From a QR code and its password, of which only the shape is known here.
    pub fn from_qr_code(payload: &LinkPayload, password: &[u8]) -> Result<Self, Refusal> {
        match payload.mode {
            Mode::QrCode => Ok(Self::from_payload(payload, Way::QrCode, Some(qr_password::read(password)?))),
            Mode::Link => Err(Refusal::part(Part::Mode, Problem::Mismatch)),
        }
    }

    /// From typed values and the key that the typed address answered with. Takes one run of the slow function.
    pub fn from_typed(
        details: &TypedDetails,
        issuer_key: IssuerKey,
        stretch: &Stretch,
    ) -> Result<Self, StretchFailed> {
        let header = Header::typed(details.address.clone(), details.serial.clone(), issuer_key);
        let psk = header.typed_psk(details, stretch)?;
        Ok(Self { header, psk, password: None })
    }

    /// The part of it that is no secret.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The pre-shared key of the door. The issuer derives the same.
    pub fn psk(&self) -> &Key<32> {
        &self.psk
    }

    fn from_payload(payload: &LinkPayload, way: Way, password: Option<Key<8>>) -> Self {
        let header = Header {
            way,
            flags: payload.flags,
            activation_id: payload.activation_id,
            issuer_key: payload.issuer_key,
            serial: payload.serial.clone(),
            profile: payload.profile,
            expiry: payload.expiry.get(),
            address: payload.address.clone(),
        };
        let psk = psk(payload.secret.expose(), &payload.activation_id);
        Self { header, psk, password }
    }
}

impl Header {
    /// The header of typed values.
    pub fn typed(address: Address, serial: SerialNumber, issuer_key: IssuerKey) -> Self {
        Self::without_payload(Way::Typed, TYPED_LABEL, address, serial, issuer_key)
    }

    /// The header of a later contact.
    pub fn contact(address: Address, serial: SerialNumber, issuer_key: IssuerKey) -> Self {
        Self::without_payload(Way::Contact, CONTACT_LABEL, address, serial, issuer_key)
    }

    /// Reads a header: the whole of `bytes`, every field as a link's reader judges it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FieldProblem> {
        let mut rest = bytes;
        let [version, mode, flags] = take(&mut rest)?;
        if version != VERSION {
            return Err(FieldProblem::whole(Part::Version, Problem::Unknown));
        }
        let way = match mode {
            MODE_LINK => Way::Link,
            MODE_QR => Way::QrCode,
            MODE_TYPED => Way::Typed,
            MODE_CONTACT => Way::Contact,
            _ => return Err(FieldProblem::whole(Part::Mode, Problem::Unknown)),
        };
        let header = Self {
            way,
            flags: Flags::from_byte(flags)?,
            activation_id: take(&mut rest)?,
            issuer_key: IssuerKey::new(take(&mut rest)?)?,
            serial: serial_from_bytes(take(&mut rest)?)?,
            profile: Profile::from_bytes(take(&mut rest)?)?,
            expiry: u32::from_be_bytes(take(&mut rest)?),
            address: address_from_bytes(rest)?,
        };
        let (address, serial) = (header.address.clone(), header.serial.clone());
        let fixed = match header.way {
            Way::Link | Way::QrCode => None,
            Way::Typed => Some(Self::typed(address, serial, header.issuer_key)),
            Way::Contact => Some(Self::contact(address, serial, header.issuer_key)),
        };
        match (header.way, fixed) {
            (_, Some(fixed)) if header != fixed => Err(FieldProblem::whole(Part::Mode, Problem::Mismatch)),
            (Way::Link | Way::QrCode, _) if header.expiry == 0 => {
                Err(FieldProblem::whole(Part::Expiry, Problem::OutOfRange))
            }
            _ => Ok(header),
        }
    }

    /// The bytes, 65 to 128.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mode = match self.way {
            Way::Link => MODE_LINK,
            Way::QrCode => MODE_QR,
            Way::Typed => MODE_TYPED,
            Way::Contact => MODE_CONTACT,
        };
        let mut bytes = vec![VERSION, mode, self.flags.to_byte()];
        bytes.extend(self.activation_id);
        bytes.extend(self.issuer_key.bytes());
        bytes.extend(serial_to_bytes(&self.serial));
        bytes.extend(self.profile.to_bytes());
        bytes.extend(self.expiry.to_be_bytes());
        bytes.extend(self.address.ascii().bytes());
        bytes
    }

    /// What the handshake hashes first.
    pub fn prologue(&self) -> Vec<u8> {
        [PROLOGUE_LABEL, &self.to_bytes()].concat()
    }

    fn without_payload(
        way: Way,
        label: &[u8],
        address: Address,
        serial: SerialNumber,
        issuer_key: IssuerKey,
    ) -> Self {
        let activation_id = id(label, &serial);
        let (flags, profile, expiry) = (TYPED_FLAGS, Profile::TYPED, 0);
        Self { way, flags, activation_id, issuer_key, serial, profile, expiry, address }
    }

    fn typed_psk(&self, details: &TypedDetails, stretch: &Stretch) -> Result<Key<32>, StretchFailed> {
        let address = self.address.ascii().as_bytes();
        let salt = sha256(&[TYPED_SALT_LABEL, &length(address), address, &serial_to_bytes(&self.serial)]);
        let digits = details.activation_code.digits().as_bytes();
        let root = stretch(without_check_digit(digits), salt.expose())?;
        Ok(psk(root.expose(), &self.activation_id))
    }
}

/// The body of the first request: the header, then message 1.
pub fn open_body(header: &Header, message: &[u8]) -> Vec<u8> {
    let header = header.to_bytes();
    [&length(&header)[..], &header, message].concat()
}

/// Reads what [`open_body`] wrote: the header and message 1.
pub fn split_open_body(body: &[u8]) -> Result<(Header, &[u8]), FieldProblem> {
    let (&length, rest) = body.split_first().ok_or(FieldProblem::whole(Part::Payload, Problem::Empty))?;
    let (header, message) = rest.split_at_checked(usize::from(length)).ok_or(TRUNCATED)?;
    Ok((Header::from_bytes(header)?, message))
}

/// The activation id of a later contact.
pub fn contact_id(serial: &SerialNumber) -> [u8; 16] {
    id(CONTACT_LABEL, serial)
}

fn id(label: &[u8], serial: &SerialNumber) -> [u8; 16] {
    let digest = sha256(&[label, &serial_to_bytes(serial)]);
    let mut id = [0; 16];
    id.iter_mut().zip(digest.expose()).for_each(|(to, from)| *to = *from);
    id
}

/// The pre-shared key of a door from its secret.
fn psk(secret: &[u8], activation_id: &[u8; 16]) -> Key<32> {
    hkdf(&[], secret, &[PSK_LABEL, activation_id])
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], FieldProblem> {
    let (field, behind) = rest.split_first_chunk::<N>().ok_or(TRUNCATED)?;
    *rest = behind;
    Ok(*field)
}

/// Begins the prologue.
pub const PROLOGUE_LABEL: &[u8] = b"softtoken/2";
/// Begins the HKDF info of the pre-shared key.
pub const PSK_LABEL: &[u8] = b"softtoken/2 psk";
/// Begins the hash that names a typed door.
pub const TYPED_LABEL: &[u8] = b"typed";
/// Begins the hash that names a token in a later contact.
pub const CONTACT_LABEL: &[u8] = b"contact";
/// Begins the salt's input for the activation code.
pub const TYPED_SALT_LABEL: &[u8] = b"softtoken/2 typed";
const VERSION: u8 = 2;
const MODE_LINK: u8 = 1;
const MODE_QR: u8 = 2;
const MODE_TYPED: u8 = 3;
const MODE_CONTACT: u8 = 4;
const TYPED_FLAGS: Flags = Flags { offline_allowed: true, confirm_in_portal: true };
const TRUNCATED: FieldProblem =
    FieldProblem { part: Part::Payload, problem: Problem::Truncated, position: None };
