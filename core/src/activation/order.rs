//! An order of the open profile, whichever door it came through (ACTIVATION.md, "Orders and doors").

use super::address::Address;
use super::exchange::{IssuerCard, OnlineOrder};
use super::link::{LinkPayload, Mode};
use super::manual::TypedDetails;
use super::offline::{OfflineInput, Stretch};
use super::profile::Profile;
use super::qr_password;
use super::request::Refusal;
use super::state::Door;
use crate::TokenError;
use crate::codec::decimal::SerialNumber;
use crate::identity::{IdentityName, Label};
use crate::secret::Key;
use crate::time::UnixTime;
use crate::vault::GroupChoice;

/// What the app knows of an order before it asks anybody. No `Debug`: it holds secrets.
pub(crate) struct Order {
    /// The issuer.
    pub(crate) address: Address,
    /// The token at the issuer.
    pub(crate) serial: SerialNumber,
    /// How codes will be made.
    pub(crate) profile: Profile,
    /// When it expires by the issuer's word; typed orders do not say.
    pub(crate) expires_at: Option<UnixTime>,
    /// What the activation without network needs; `None` where the issuer forbids it.
    pub(crate) offline: Option<OfflineInput>,
    /// Everything that was scanned or typed.
    pub(crate) basis: Basis,
}

/// What was scanned or typed, by the door it came through.
pub(crate) enum Basis {
    /// A link, which is for activations over the network only.
    Link(LinkPayload),
    /// A QR code and its password, of which only the shape is known here.
    QrCode(LinkPayload, Key<8>),
    /// Typed values.
    Typed(TypedDetails),
}

impl Order {
    /// From the payload of a link or QR code; the latter with its password.
    pub(crate) fn from_payload(payload: LinkPayload, password: &[u8]) -> Result<Self, Refusal> {
        let (basis, offline) = match payload.mode {
            Mode::Link => (Basis::Link(payload), None),
            Mode::QrCode => {
                let key = qr_password::read(password)?;
                let offline = match payload.check_offline() {
                    Ok(()) => Some(OfflineInput::from_link(&payload, password)?),
                    Err(_) => None,
                };
                (Basis::QrCode(payload, key), offline)
            }
        };
        Ok(Self::new(basis, offline))
    }

    /// From typed values.
    pub(crate) fn from_typed(details: TypedDetails) -> Self {
        let offline = Some(OfflineInput::from_typed(&details));
        Self::new(Basis::Typed(details), offline)
    }

    fn new(basis: Basis, offline: Option<OfflineInput>) -> Self {
        let (address, serial, profile, expires_at) = match &basis {
            Basis::Link(payload) | Basis::QrCode(payload, _) => {
                (&payload.address, &payload.serial, payload.profile, Some(payload.expires_at()))
            }
            Basis::Typed(details) => (&details.address, &details.serial, Profile::TYPED, None),
        };
        let (address, serial) = (address.clone(), serial.clone());
        Self { address, serial, profile, expires_at, offline, basis }
    }

    /// The door it came through.
    pub(crate) fn door(&self) -> Door {
        match &self.basis {
            Basis::Link(_) => Door::Link,
            Basis::QrCode(..) => Door::QrCode,
            Basis::Typed(_) => Door::Typed,
        }
    }

    /// The same as an exchange begins from; `None` while a typed address has not said its key. Typed
    /// values take one run of the slow function.
    pub(crate) fn online(
        &self,
        card: Option<&IssuerCard>,
        stretch: &Stretch,
    ) -> Result<Option<OnlineOrder>, TokenError> {
        Ok(Some(match (&self.basis, card) {
            (Basis::Link(payload), _) => OnlineOrder::from_link(payload)?,
            (Basis::QrCode(payload, password), _) => OnlineOrder::from_qr_code(payload, password.expose())?,
            (Basis::Typed(details), Some(card)) => {
                let order = OnlineOrder::from_typed(details, card.handshake_key, stretch);
                order.map_err(|_| TokenError::Internal)?
            }
            (Basis::Typed(_), None) => return Ok(None),
        }))
    }

    /// The public half of the identity that it becomes.
    pub(crate) fn label(&self, name: IdentityName) -> Label {
        label(name, &self.address, &self.serial)
    }

    /// A group of its own until its first online contact; the key in a QR code is a claim, not a proof.
    pub(crate) fn group(&self) -> GroupChoice {
        let claimed_key = match &self.basis {
            Basis::Link(payload) | Basis::QrCode(payload, _) => Some(*payload.issuer_key.bytes()),
            Basis::Typed(_) => None,
        };
        GroupChoice::Single { address: self.address.ascii().to_owned(), claimed_key }
    }
}

/// What can be read without the PIN of an identity of the profile.
pub(super) fn label(name: IdentityName, address: &Address, serial: &SerialNumber) -> Label {
    Label {
        name,
        issuer: address.unicode(),
        account: String::new(),
        address: Some(address.ascii().to_owned()),
        serial: Some(serial.digits().to_owned()),
    }
}
