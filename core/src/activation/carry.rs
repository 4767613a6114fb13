//! From an agreed plan to what is stored.

use std::collections::HashSet;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::draft::Draft;
use super::order::Order;
use super::plan::Plan;
use super::request::{Offer, Offers};
use super::source::needs_pin;
use super::state::RefusedView;
use super::world::World;
use crate::TokenError;
use crate::error::{Needed, Unsupported};
use crate::identity::{Credential, IdentityId, IdentityName, Label, Origin, Policy, Record};
use crate::secret::SecretBytes;
use crate::time::UnixTime;
use crate::vault::{GroupChoice, NewIdentity};

/// What became of a plan.
pub(crate) enum Outcome {
    /// Identities were stored.
    Stored {
        /// In the order of the source.
        added: Vec<IdentityId>,
        /// Entries that could not be.
        refused: Vec<RefusedView>,
    },
    /// A pending identity was stored; the user takes its registration code to the issuer.
    Pending(Box<Draft>),
    /// The issuer must be asked, which the user did not rule out.
    NeedsNetwork(Arc<Order>),
}

/// What every way of carrying out a plan needs.
pub(crate) struct Agreed<'a> {
    /// The name of a single identity; lists name themselves.
    pub(crate) name: Option<&'a IdentityName>,
    /// The user's choice to do without network.
    pub(crate) offline: bool,
    /// SHA-256 of the source.
    pub(crate) source: &'a [u8; 32],
    /// Of what is pending over the network and goes on without it.
    pub(crate) id: Option<IdentityId>,
}

impl Plan {
    /// Does what was agreed. After an error nothing is stored, and the plan can be carried out again.
    pub(crate) fn carry_out(&self, agreed: &Agreed, world: &mut dyn World) -> Result<Outcome, TokenError> {
        match self {
            Self::Accounts(offers) => store(offers, agreed, Origin::Account, world),
            Self::TwoStep(two_step) => {
                let mut part = Zeroizing::new(vec![0; two_step.salt_len()]);
                world.random().fill(&mut part)?;
                let (offer, code) = two_step.finish(&part)?;
                agreed.pend(identity(offer, agreed.name()?, Origin::TwoStep, world.now()), code, None, world)
            }
            Self::EntrustV1 { details, registration_code: Some(code), digits } => {
                store(&Offers::one(details.bring_over(code, *digits)), agreed, Origin::EntrustV1, world)
            }
            Self::EntrustV1 { details, registration_code: None, digits } => {
                let (offer, code) = details.activate(world.random(), *digits)?;
                let identity = identity(offer, agreed.name()?, Origin::EntrustV1, world.now());
                agreed.pend(identity, code.grouped(), None, world)
            }
            Self::Order(order) if agreed.offline => activate_offline(order, agreed, world),
            Self::Order(order) => Ok(Outcome::NeedsNetwork(Arc::clone(order))),
            Self::Backup(restore) => Ok(Outcome::Stored {
                added: restore.carry_out(world)?,
                refused: RefusedView::of(restore.refused()),
            }),
        }
    }
}

impl Agreed<'_> {
    fn name(&self) -> Result<IdentityName, TokenError> {
        self.name.cloned().ok_or(TokenError::InputNeeded { what: Needed::Name })
    }

    fn pend(
        &self,
        identity: NewIdentity,
        registration_code: Zeroizing<String>,
        expires_at: Option<UnixTime>,
        world: &mut dyn World,
    ) -> Result<Outcome, TokenError> {
        let id = match self.id {
            Some(id) => id,
            None => IdentityId(world.random().array()?),
        };
        let draft = Draft { id, identity, registration_code, expires_at, source: *self.source };
        world.put_draft(&draft)?;
        Ok(Outcome::Pending(Box::new(draft)))
    }
}

/// ACTIVATION.md B.
pub(super) fn activate_offline(
    order: &Order,
    agreed: &Agreed,
    world: &mut dyn World,
) -> Result<Outcome, TokenError> {
    let input = order.offline.as_ref().ok_or(TokenError::Unsupported { what: Unsupported::Offline })?;
    let result = input.start(world.random(), world.stretch())?;
    let record = Record {
        credential: Credential::new(result.spec, SecretBytes::copy_of(result.seed.expose())),
        recovery_key: Some(result.recovery_key),
        policy: Policy::default(),
        origin: Origin::Offline,
        clock_offset: 0,
        added_at: world.now(),
        stopped: None,
    };
    let identity = NewIdentity { label: order.label(agreed.name()?), record, group: order.group() };
    agreed.pend(identity, result.registration_code.grouped(), order.expires_at, world)
}

fn store(
    offers: &Offers,
    agreed: &Agreed,
    origin: Origin,
    world: &mut dyn World,
) -> Result<Outcome, TokenError> {
    let mut refused = RefusedView::of(&offers.refused);
    let mut identities = Vec::with_capacity(offers.offers.len());
    let mut names = Names::default();
    for (entry, offer) in offers.numbered() {
        if needs_pin(&offer.credential.spec) && offer.credential.otp_pin.is_none() {
            // In a list nobody can be asked; alone, the same text asks for the PIN.
            let error = TokenError::InputNeeded { what: Needed::OtpPin };
            refused.push(RefusedView { entry, error });
            continue;
        }
        let name = match agreed.name {
            Some(name) => name.clone(),
            None => names.choose(offer, world)?,
        };
        identities.push(identity(offer.duplicate(), name, origin, world.now()));
    }
    refused.sort_by_key(|entry| entry.entry);
    Ok(Outcome::Stored { added: world.add(identities)?, refused })
}

/// Names for the entries of a list: free ones, and different from each other.
#[derive(Default)]
struct Names {
    chosen: HashSet<String>,
}

impl Names {
    fn choose(&mut self, offer: &Offer, world: &dyn World) -> Result<IdentityName, TokenError> {
        let wanted = IdentityName::default_for(&offer.issuer, &offer.account, offer.serial.as_deref());
        let wanted = match wanted {
            Some(name) => name,
            None => IdentityName::new(NAMELESS)?,
        };
        let name = world.free_name(&wanted, &self.chosen)?;
        self.chosen.insert(name.skeleton());
        Ok(name)
    }
}

fn identity(offer: Offer, name: IdentityName, origin: Origin, added_at: UnixTime) -> NewIdentity {
    let Offer { issuer, account, credential, policy, serial, .. } = offer;
    NewIdentity {
        label: Label { name, issuer, account, address: None, serial },
        record: Record {
            credential,
            recovery_key: None,
            policy,
            origin,
            clock_offset: 0,
            added_at,
            stopped: None,
        },
        group: GroupChoice::Local,
    }
}

/// For an entry of a list that says nothing about itself.
const NAMELESS: &str = "Identity";
