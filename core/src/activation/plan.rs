//! What will happen after consent: everything is known but the user's agreement and the name.

use std::sync::Arc;

use super::entrust_v1::V1Details;
use super::link::LinkPayload;
use super::order::Order;
use super::registration_code;
use super::request::{Offer, Offers, Refusal};
use super::restore::Restore;
use super::state::{ActivationOptions, FieldProblem, TypedFields};
use super::two_step::TwoStep;
use super::world::World;
use crate::TokenError;
use crate::codec::decimal::RegistrationCode;
use crate::error::{Part, Problem};
use crate::identity::{IdentityName, Policy};
use crate::otp::Digits;

/// One way from consent to an identity. No `Debug`: it holds secrets.
pub(crate) enum Plan {
    /// Complete accounts: stored at once.
    Accounts(Offers),
    /// privacyIDEA two-step: the device adds its part, the user carries it to the server.
    TwoStep(TwoStep),
    /// Entrust v1: brought over with its registration code, or activated with one of ours.
    EntrustV1 {
        /// Serial number and activation code.
        details: V1Details,
        /// Of a token that was completed elsewhere.
        registration_code: Option<RegistrationCode>,
        /// Of the codes; 6 when not told.
        digits: Option<Digits>,
    },
    /// An order of the open profile.
    Order(Arc<Order>),
    /// The identities of a backup: stored at once.
    Backup(Restore),
}

impl Plan {
    /// A v2 link: online only.
    pub(crate) fn link(payload: LinkPayload) -> Result<Self, Refusal> {
        Ok(Self::Order(Arc::new(Order::from_payload(payload, &[])?)))
    }

    /// A v2 QR code with its password, of which only the shape is known here.
    pub(crate) fn qr_code(payload: &LinkPayload, password: &[u8]) -> Result<Self, Refusal> {
        Ok(Self::Order(Arc::new(Order::from_payload(payload.duplicate(), password)?)))
    }

    /// Typed values, or what is wrong with them field by field.
    pub(crate) fn typed(
        v1: bool,
        fields: &TypedFields,
        options: &ActivationOptions,
    ) -> Result<Self, Vec<FieldProblem>> {
        if v1 {
            let details = V1Details::from_typed(fields.check_v1()?);
            return Self::entrust_v1(details, options).map_err(|why| match why {
                Refusal::NotUnderstood { part, problem, position } => {
                    vec![FieldProblem { part, problem, position }]
                }
                _ => vec![FieldProblem::whole(Part::RegistrationCode, Problem::Unknown)],
            });
        }
        Ok(Self::Order(Arc::new(Order::from_typed(fields.check()?))))
    }

    /// Entrust v1, sealed or typed.
    pub(crate) fn entrust_v1(details: V1Details, options: &ActivationOptions) -> Result<Self, Refusal> {
        let (registration_code, digits) = Self::check_v1_options(options)?;
        Ok(Self::EntrustV1 { details, registration_code, digits })
    }

    /// The options that Entrust v1 takes, read.
    pub(crate) fn check_v1_options(
        options: &ActivationOptions,
    ) -> Result<(Option<RegistrationCode>, Option<Digits>), Refusal> {
        let code =
            options.registration_code.as_ref().map(|text| registration_code::read(text)).transpose()?;
        let digits = options
            .digits
            .map(|digits| Digits::new(digits).ok_or(Refusal::part(Part::Digits, Problem::OutOfRange)));
        Ok((code, digits.transpose()?))
    }

    /// True when there is one identity, which the user names; lists name themselves.
    pub(crate) fn is_single(&self) -> bool {
        match self {
            Self::Accounts(offers) => offers.offers.len() == 1,
            Self::TwoStep(_) | Self::EntrustV1 { .. } | Self::Order(_) => true,
            // However many: every one brings its name along.
            Self::Backup(_) => false,
        }
    }

    /// What the issuers demand, the strictest of all.
    pub(crate) fn policy(&self) -> Policy {
        match self {
            Self::Accounts(offers) => Policy::strictest(offers.offers.iter().map(|offer| offer.policy)),
            Self::TwoStep(two_step) => two_step.offer().policy,
            Self::EntrustV1 { .. } | Self::Order(_) => Policy::default(),
            Self::Backup(restore) => restore.policy(),
        }
    }

    /// The name to pre-fill; `None` for lists, and when there is nothing to make one of.
    pub(crate) fn default_name(&self) -> Option<IdentityName> {
        let of =
            |offer: &Offer| IdentityName::default_for(&offer.issuer, &offer.account, offer.serial.as_deref());
        match self {
            Self::Accounts(offers) => match offers.offers.as_slice() {
                [only] => of(only),
                _ => None,
            },
            Self::TwoStep(two_step) => of(two_step.offer()),
            Self::EntrustV1 { details, .. } => {
                IdentityName::default_for(&details.issuer, "", Some(details.serial.digits()))
            }
            Self::Order(order) => {
                IdentityName::default_for(&order.address.unicode(), "", Some(order.serial.digits()))
            }
            Self::Backup(_) => None,
        }
    }

    /// The names that the entries will get, where they bring names along; empty elsewhere.
    pub(crate) fn names(&self, world: &dyn World) -> Result<Vec<IdentityName>, TokenError> {
        match self {
            Self::Backup(restore) => restore.names(world),
            Self::Accounts(_) | Self::TwoStep(_) | Self::EntrustV1 { .. } | Self::Order(_) => Ok(Vec::new()),
        }
    }
}
