//! An order of the open profile, whichever door it came through (ACTIVATION.md, "Orders and doors").

use super::address::Address;
use super::link::{LinkPayload, Mode};
use super::manual::TypedDetails;
use super::offline::OfflineInput;
use super::profile::Profile;
use super::qr_password;
use super::request::Refusal;
use super::state::Door;
use crate::identity::{IdentityName, Label};
use crate::time::UnixTime;
use crate::vault::GroupChoice;

/// What the app knows of an order before it asks anybody. No `Debug`: it holds secrets.
pub(crate) struct Order {
    /// The door it came through.
    pub(crate) door: Door,
    /// The issuer.
    pub(crate) address: Address,
    /// Ten digits.
    pub(crate) serial: String,
    /// How codes will be made.
    pub(crate) profile: Profile,
    /// When it expires by the issuer's word; typed orders do not say.
    pub(crate) expires_at: Option<UnixTime>,
    /// What the activation without network needs; `None` where the issuer forbids it.
    pub(crate) offline: Option<OfflineInput>,
    claimed_key: Option<[u8; 32]>,
}

impl Order {
    /// From a link, which is for activations over the network only.
    pub(crate) fn from_link(payload: &LinkPayload) -> Self {
        Self::from_payload(payload, None)
    }

    /// From a QR code and its password, of which only the shape is known here.
    pub(crate) fn from_qr_code(payload: &LinkPayload, password: &[u8]) -> Result<Self, Refusal> {
        qr_password::read(password)?;
        let offline = match payload.check_offline() {
            Ok(()) => Some(OfflineInput::from_link(payload, password)?),
            Err(_) => None,
        };
        Ok(Self::from_payload(payload, offline))
    }

    /// From typed values.
    pub(crate) fn from_typed(details: &TypedDetails) -> Self {
        Self {
            door: Door::Typed,
            address: details.address.clone(),
            serial: details.serial.digits().to_owned(),
            profile: Profile::TYPED,
            expires_at: None,
            offline: Some(OfflineInput::from_typed(details)),
            claimed_key: None,
        }
    }

    /// The public half of the identity that it becomes.
    pub(crate) fn label(&self, name: IdentityName) -> Label {
        Label {
            name,
            issuer: self.address.unicode(),
            account: String::new(),
            address: Some(self.address.ascii().to_owned()),
            serial: Some(self.serial.clone()),
        }
    }

    /// A group of its own until its first online contact; the key in a QR code is a claim, not a proof.
    pub(crate) fn group(&self) -> GroupChoice {
        GroupChoice::Single { address: self.address.ascii().to_owned(), claimed_key: self.claimed_key }
    }

    fn from_payload(payload: &LinkPayload, offline: Option<OfflineInput>) -> Self {
        Self {
            door: match payload.mode {
                Mode::Link => Door::Link,
                Mode::QrCode => Door::QrCode,
            },
            address: payload.address.clone(),
            serial: payload.serial.digits().to_owned(),
            profile: payload.profile,
            expires_at: Some(payload.expires_at()),
            offline,
            claimed_key: Some(*payload.issuer_key.bytes()),
        }
    }
}
