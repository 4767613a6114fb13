//! An activation over the network that is under way, as the vault keeps it.
//!
//! | Form | From | To | Sealed under |
//! |---|---|---|---|
//! | order | consent | message 1 | the PIN |
//! | exchange | before message 1 leaves | its end | the PIN; before message 3 leaves it moves under the key of its group |
//!
//! The name is not in the body: the draft reserves it. `core/FORMAT.md` has the bytes.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::address::Address;
use super::draft::SOURCE;
use super::exchange::{Exchange, Step};
use super::link::LinkPayload;
use super::order::{Basis, Order, label};
use super::profile::Profile;
use super::state::TypedFields;
use crate::TokenError;
use crate::codec::decimal::SerialNumber;
use crate::identity::encoding::{EncodingError, Fields, MapWriter};
use crate::identity::{Credential, IdentityId, IdentityName, Label, Origin, Policy, Record};
use crate::secret::{SecretBytes, sha256};
use crate::time::UnixTime;
use crate::vault::{GroupChoice, NewIdentity};

/// An activation over the network. No `Debug`, no `Clone`.
pub(crate) struct OnlineDraft {
    /// Becomes the identity's id.
    pub(crate) id: IdentityId,
    /// The name it reserves.
    pub(crate) name: IdentityName,
    /// SHA-256 of what it began from, to recognise the same text when it comes again.
    pub(crate) source: [u8; 32],
    /// How far it is.
    pub(crate) form: Form,
    /// SHA-256 of the body as it was stored last; `None` for a new one.
    pub(crate) stored: Option<[u8; 32]>,
}

/// How far an activation over the network is.
pub(crate) enum Form {
    /// Nothing was sent to the issuer but, perhaps, the question for its keys.
    Order {
        /// Everything that was scanned or typed.
        order: Arc<Order>,
        /// What the issuer will call this device.
        device: String,
    },
    /// Message 1 may have left.
    Exchange {
        /// The exchange.
        exchange: Box<Exchange>,
        /// Seconds that the issuer's clock is ahead of the device's, learned from message 2.
        clock_offset: i64,
    },
}

impl OnlineDraft {
    /// What can be read of the identity-to-be without its secrets.
    pub(crate) fn label(&self) -> Label {
        let (address, serial, _) = self.facts();
        label(self.name.clone(), address, serial)
    }

    /// How codes will be made.
    pub(crate) fn profile(&self) -> Profile {
        self.facts().2
    }

    /// The registration code, while the issuer waits for it.
    pub(crate) fn registration_code(&self) -> Option<Zeroizing<String>> {
        match self.exchange()?.step() {
            Step::ShowCode(code) => Some(code),
            _ => None,
        }
    }

    /// What the issuer calls this device.
    pub(crate) fn device(&self) -> &str {
        match &self.form {
            Form::Order { device, .. } => device,
            Form::Exchange { exchange, .. } => exchange.device(),
        }
    }

    /// True while the issuer waits for verifications in the browser, or for a person who decides.
    pub(crate) fn awaits_verification(&self) -> bool {
        self.exchange().is_some_and(Exchange::awaits_verification)
    }

    /// What the issuer demands, from message 2 on.
    pub(crate) fn policy(&self) -> Option<Policy> {
        Some(self.exchange()?.agreement()?.policy)
    }

    /// The identity that it becomes, from message 2 on.
    pub(crate) fn identity(&self, added_at: UnixTime) -> Option<NewIdentity> {
        let Form::Exchange { exchange, clock_offset } = &self.form else { return None };
        let (agreement, header) = (exchange.agreement()?, exchange.header());
        let seed = SecretBytes::copy_of(agreement.keys.seed.expose());
        Some(NewIdentity {
            label: self.label(),
            record: Record {
                credential: Credential::new(header.profile.spec(), seed),
                recovery_key: Some(agreement.keys.recovery.duplicate()),
                policy: agreement.policy,
                origin: Origin::Online,
                clock_offset: *clock_offset,
                added_at,
                stopped: None,
            },
            group: GroupChoice::Issuer {
                address: header.address.ascii().to_owned(),
                key: agreement.issuer,
                holder: agreement.holder,
                succeeds: exchange.known_issuer().filter(|known| *known != agreement.issuer),
            },
        })
    }

    /// The plaintext that the vault seals: a CBOR map (`core/FORMAT.md`, drafts).
    pub(crate) fn encode(&self) -> Result<SecretBytes, EncodingError> {
        match &self.form {
            Form::Exchange { exchange, clock_offset } => {
                let mut map = MapWriter::new(3);
                map.bytes(SOURCE, &self.source).bytes(EXCHANGE, exchange.encode()?.expose());
                map.signed(CLOCK_OFFSET, *clock_offset);
                map.finish()
            }
            Form::Order { order, device } => {
                let mut map = MapWriter::new(match &order.basis {
                    Basis::Link(_) => 3,
                    Basis::QrCode(..) => 4,
                    Basis::Typed(_) => 5,
                });
                map.bytes(SOURCE, &self.source).text(DEVICE, device);
                match &order.basis {
                    Basis::Link(payload) => _ = map.bytes(PAYLOAD, &payload.to_bytes()),
                    Basis::QrCode(payload, password) => {
                        map.bytes(PAYLOAD, &payload.to_bytes()).bytes(PASSWORD, password.expose());
                    }
                    Basis::Typed(details) => {
                        map.text(ADDRESS, details.address.ascii()).text(SERIAL, details.serial.digits());
                        map.text(ACTIVATION_CODE, details.activation_code.digits());
                    }
                }
                map.finish()
            }
        }
    }

    /// SHA-256 of what would be stored now.
    pub(crate) fn hash(&self) -> Result<[u8; 32], TokenError> {
        let body = self.encode().map_err(|_| TokenError::Internal)?;
        Ok(*sha256(&[body.expose()]).expose())
    }

    /// Reads what [`encode`](Self::encode) wrote for the draft `id`, which reserves `name`.
    pub(crate) fn decode(id: IdentityId, name: IdentityName, bytes: &[u8]) -> Result<Self, EncodingError> {
        let fields = Fields::read(bytes, &KEYS)?;
        let source = fields.bytes(SOURCE)?.try_into().map_err(|_| EncodingError::BadValue(SOURCE))?;
        let form = match fields.optional_bytes(EXCHANGE)? {
            Some(exchange) => Form::Exchange {
                exchange: Box::new(Exchange::decode(exchange)?),
                clock_offset: fields.signed(CLOCK_OFFSET)?,
            },
            None => Form::Order { order: Arc::new(order(&fields)?), device: fields.text(DEVICE)?.to_owned() },
        };
        Ok(Self { id, name, source, form, stored: Some(*sha256(&[bytes]).expose()) })
    }

    /// True for bytes that [`decode`](Self::decode) is for, and not for a draft without network.
    pub(crate) fn is_one(bytes: &[u8]) -> bool {
        Fields::read(bytes, &KEYS).is_ok_and(|fields| {
            fields.bytes(EXCHANGE).is_ok() || fields.bytes(PAYLOAD).is_ok() || fields.text(ADDRESS).is_ok()
        })
    }

    fn exchange(&self) -> Option<&Exchange> {
        match &self.form {
            Form::Exchange { exchange, .. } => Some(exchange),
            Form::Order { .. } => None,
        }
    }

    fn facts(&self) -> (&Address, &SerialNumber, Profile) {
        match &self.form {
            Form::Order { order, .. } => (&order.address, &order.serial, order.profile),
            Form::Exchange { exchange, .. } => {
                let header = exchange.header();
                (&header.address, &header.serial, header.profile)
            }
        }
    }
}

fn order(fields: &Fields<'_>) -> Result<Order, EncodingError> {
    if let Some(payload) = fields.optional_bytes(PAYLOAD)? {
        let payload = LinkPayload::from_bytes(payload).map_err(|_| EncodingError::BadValue(PAYLOAD))?;
        let password = fields.optional_bytes(PASSWORD)?.unwrap_or_default();
        return Order::from_payload(payload, password).map_err(|_| EncodingError::BadValue(PASSWORD));
    }
    let typed = TypedFields {
        address: fields.text(ADDRESS)?.to_owned(),
        serial_number: fields.text(SERIAL)?.to_owned(),
        activation_code: Zeroizing::new(fields.text(ACTIVATION_CODE)?.to_owned()),
    };
    typed.check().map(Order::from_typed).map_err(|_| EncodingError::BadValue(ADDRESS))
}

// Keys 1 to 7 are those of a draft without network.
const PAYLOAD: u32 = 8;
const PASSWORD: u32 = 9;
const ADDRESS: u32 = 10;
const SERIAL: u32 = 11;
const ACTIVATION_CODE: u32 = 12;
const DEVICE: u32 = 13;
const EXCHANGE: u32 = 14;
const CLOCK_OFFSET: u32 = 15;
const KEYS: [u32; 9] =
    [SOURCE, PAYLOAD, PASSWORD, ADDRESS, SERIAL, ACTIVATION_CODE, DEVICE, EXCHANGE, CLOCK_OFFSET];
