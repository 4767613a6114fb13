//! The v2 link and QR text of the open profile: read, checked and made.
//!
//! `https://LINKHOST/a#2.PAYLOAD` or `softtoken://a#2.PAYLOAD`; PAYLOAD is base64url without padding
//! of the fields below, integers big-endian. LINKHOST is not contacted and not compared with anything.
//!
//! | Bytes | Field | Accepted |
//! |---|---|---|
//! | 1 | version | 2 |
//! | 1 | mode | 1 link, 2 QR code |
//! | 1 | flags | bit 0 offline allowed, bit 1 confirm in portal; no other |
//! | 16, 16 | activation id, secret S | any |
//! | 32 | issuer's X25519 key | no point of small order |
//! | 5 | serial number | ten digits with a fitting check digit |
//! | 4 | [`Profile`] | see there |
//! | 4 | expiry, Unix seconds | not 0 |
//! | 1 to 64 | issuer's address | canonical ([`Address`]) |
//!
//! Normative text: `core/PROTOCOL.md` section 3.

use std::num::NonZeroU32;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::address::Address;
use super::issuer_key::IssuerKey;
use super::profile::Profile;
use super::request::Refusal;
use super::state::FieldProblem;
use crate::codec::decimal::SerialNumber;
use crate::error::{Part, Problem, Unsupported};
use crate::secret::Key;
use crate::time::UnixTime;

/// Everything that a v2 link or QR code says. It holds the order's secret: no `Debug`, no `Clone`.
pub struct LinkPayload {
    /// Which door of the order this is.
    pub mode: Mode,
    /// What the issuer allows and demands.
    pub flags: Flags,
    /// Names this door of the order at the issuer.
    pub activation_id: [u8; 16],
    /// S, the secret of this door.
    pub secret: Key<16>,
    /// The issuer's key for the handshake.
    pub issuer_key: IssuerKey,
    /// The token at the issuer.
    pub serial: SerialNumber,
    /// How codes will be made.
    pub profile: Profile,
    /// When the order expires by the issuer's clock; the issuer decides.
    pub expiry: NonZeroU32,
    /// The issuer.
    pub address: Address,
}

/// The door of an order; each has a secret of its own that is good in its mode only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A link in a mail.
    Link,
    /// A QR code, used with a password of eight digits.
    QrCode,
}

/// The two flags of a v2 payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags {
    /// The activation may be continued without network; without effect in [`Mode::Link`].
    pub offline_allowed: bool,
    /// The holder confirms the activation in the portal with the registration code.
    pub confirm_in_portal: bool,
}

impl LinkPayload {
    /// The most bytes of a text that is looked at.
    pub const MAX_TEXT: usize = 2048;

    /// True when `text` has the shape of a v2 link of any version, so that its refusal is worth showing.
    pub fn looks_like(text: &str) -> bool {
        Shape::of(text).is_some()
    }

    /// Reads either form of the text; white space around it is the caller's to remove.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > Self::MAX_TEXT {
            return Err(Refusal::part(Part::Text, Problem::TooLong));
        }
        let shape = Shape::of(text).ok_or(Refusal::NotForThisApp)?;
        if shape.has_query {
            return Err(Refusal::part(Part::Parameters, Problem::Unknown));
        }
        if shape.version != "2" {
            return Err(Refusal::Unsupported(Unsupported::ActivationType));
        }
        Ok(Self::from_bytes(&decode(shape.payload)?)?)
    }

    /// Reads the payload's bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FieldProblem> {
        match bytes.split_first() {
            None => return Err(FieldProblem::whole(Part::Payload, Problem::Empty)),
            Some((&VERSION, _)) => {}
            Some(_) => return Err(FieldProblem::whole(Part::Version, Problem::Unknown)),
        }
        let (fixed, address) = bytes.split_at_checked(FIXED_BYTES).ok_or(TRUNCATED)?;
        let mut rest = Fields(fixed);
        let [_version, mode, flags] = rest.take()?;
        Ok(Self {
            mode: Mode::from_byte(mode)?,
            flags: Flags::from_byte(flags)?,
            activation_id: rest.take()?,
            secret: Key::new(rest.take()?),
            issuer_key: IssuerKey::new(rest.take()?)?,
            serial: serial_from_bytes(rest.take()?)?,
            profile: Profile::from_bytes(rest.take()?)?,
            expiry: NonZeroU32::new(u32::from_be_bytes(rest.take()?))
                .ok_or(FieldProblem::whole(Part::Expiry, Problem::OutOfRange))?,
            address: address_from_bytes(address)?,
        })
    }

    /// An explicit copy.
    pub(crate) fn duplicate(&self) -> Self {
        Self {
            mode: self.mode,
            flags: self.flags,
            activation_id: self.activation_id,
            secret: self.secret.duplicate(),
            issuer_key: self.issuer_key,
            serial: self.serial.clone(),
            profile: self.profile,
            expiry: self.expiry,
            address: self.address.clone(),
        }
    }

    /// The payload's bytes.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // Room for everything at once: a vector that grows leaves copies of S behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(FIXED_BYTES.saturating_add(Address::MAX_LEN)));
        bytes.extend([VERSION, self.mode.to_byte(), self.flags.to_byte()]);
        bytes.extend(self.activation_id);
        bytes.extend(self.secret.expose());
        bytes.extend(self.issuer_key.bytes());
        bytes.extend(serial_to_bytes(&self.serial));
        bytes.extend(self.profile.to_bytes());
        bytes.extend(self.expiry.get().to_be_bytes());
        bytes.extend(self.address.ascii().bytes());
        bytes
    }

    /// The https form, with the page of `link_host`.
    pub fn to_https(&self, link_host: &Address) -> Zeroizing<String> {
        self.text(&["https://", link_host.ascii(), "/a"])
    }

    /// The form with the app's own scheme.
    pub fn to_app(&self) -> Zeroizing<String> {
        self.text(&["softtoken://a"])
    }

    /// When the order expires, by the issuer's word.
    pub fn expires_at(&self) -> UnixTime {
        UnixTime(u64::from(self.expiry.get()))
    }

    fn text(&self, before: &[&str]) -> Zeroizing<String> {
        let payload = Zeroizing::new(URL_SAFE_NO_PAD.encode(self.to_bytes()));
        let mut text = Zeroizing::new(String::with_capacity(Self::MAX_TEXT));
        before.iter().chain(&["#2.", payload.as_str()]).for_each(|piece| text.push_str(piece));
        text
    }
}

impl Mode {
    fn from_byte(byte: u8) -> Result<Self, FieldProblem> {
        match byte {
            MODE_LINK => Ok(Self::Link),
            MODE_QR => Ok(Self::QrCode),
            _ => Err(FieldProblem::whole(Part::Mode, Problem::Unknown)),
        }
    }

    fn to_byte(self) -> u8 {
        match self {
            Self::Link => MODE_LINK,
            Self::QrCode => MODE_QR,
        }
    }
}

impl Flags {
    pub(super) fn from_byte(byte: u8) -> Result<Self, FieldProblem> {
        let flags = Self {
            offline_allowed: byte & OFFLINE_ALLOWED != 0,
            confirm_in_portal: byte & CONFIRM_IN_PORTAL != 0,
        };
        if flags.to_byte() == byte {
            Ok(flags)
        } else {
            Err(FieldProblem::whole(Part::Flags, Problem::Unknown))
        }
    }

    pub(super) fn to_byte(self) -> u8 {
        (u8::from(self.offline_allowed) * OFFLINE_ALLOWED)
            | (u8::from(self.confirm_in_portal) * CONFIRM_IN_PORTAL)
    }
}

/// The pieces of a text that may be a v2 link.
struct Shape<'a> {
    has_query: bool,
    version: &'a str,
    payload: &'a str,
}

impl<'a> Shape<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (page, fragment) = text.split_once('#')?;
        let (page, has_query) = page.split_once('?').map_or((page, false), |(page, _)| (page, true));
        let (scheme, rest) = page.split_once("://")?;
        let ours = if scheme.eq_ignore_ascii_case("https") {
            rest.split_once('/').is_some_and(|(host, path)| plausible_host(host) && path == "a")
        } else {
            scheme.eq_ignore_ascii_case("softtoken") && rest.eq_ignore_ascii_case("a")
        };
        let (version, payload) = fragment.split_once('.')?;
        let numbered = (1..=3).contains(&version.len()) && version.bytes().all(|b| b.is_ascii_digit());
        (ours && numbered).then_some(Self { has_query, version, payload })
    }
}

/// Any host is good; user names and other tricks are not.
fn plausible_host(host: &str) -> bool {
    !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c.is_control() || "@\\%".contains(c))
}

fn decode(payload: &str) -> Result<Zeroizing<Vec<u8>>, FieldProblem> {
    let foreign = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if let Some(at) = payload.chars().position(foreign) {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        return Err(FieldProblem::at(Part::Payload, Problem::BadCharacter, at));
    }
    let bytes = URL_SAFE_NO_PAD.decode(payload).map(Zeroizing::new);
    bytes.map_err(|_| FieldProblem::whole(Part::Payload, Problem::BadEncoding))
}

/// The fixed part of a payload, field by field.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], FieldProblem> {
        let (field, rest) = self.0.split_first_chunk::<N>().ok_or(TRUNCATED)?;
        self.0 = rest;
        Ok(*field)
    }
}

pub(super) fn serial_from_bytes([a, b, c, d, e]: [u8; 5]) -> Result<SerialNumber, FieldProblem> {
    let number = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
    if number > LARGEST_SERIAL {
        return Err(FieldProblem::whole(Part::SerialNumber, Problem::OutOfRange));
    }
    SerialNumber::parse(&format!("{number:010}"))
        .map_err(|error| FieldProblem::of_code(Part::SerialNumber, error))
}

/// The ten digits as a number of five bytes: the check digit is part of it.
pub(super) fn serial_to_bytes(serial: &SerialNumber) -> [u8; 5] {
    let number: u64 = serial.digits().parse().unwrap_or_default();
    let [_, _, _, bytes @ ..] = number.to_be_bytes();
    bytes
}

pub(super) fn address_from_bytes(bytes: &[u8]) -> Result<Address, FieldProblem> {
    if bytes.len() > Address::MAX_LEN {
        return Err(FieldProblem::whole(Part::Address, Problem::TooLong));
    }
    // A byte above 127 becomes a character that no address has, at the same position.
    let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    Address::from_canonical(&text)
}

const VERSION: u8 = 2;
const MODE_LINK: u8 = 1;
const MODE_QR: u8 = 2;
const OFFLINE_ALLOWED: u8 = 1;
const CONFIRM_IN_PORTAL: u8 = 2;
const FIXED_BYTES: usize = 80;
const LARGEST_SERIAL: u64 = 9_999_999_999;
const TRUNCATED: FieldProblem =
    FieldProblem { part: Part::Payload, problem: Problem::Truncated, position: None };
