//! What the machine does for an activation over the network, around [`Online`].

use std::collections::HashSet;
use std::sync::Arc;

use super::{Machine, Stage, open_only};
use crate::TokenError;
use crate::activation::carry::{Agreed, Outcome, activate_offline};
use crate::activation::exchange::messages::MAX_DEVICE_LABEL;
use crate::activation::online::{Next, Online};
use crate::activation::online_draft::{Form, OnlineDraft};
use crate::activation::order::{Basis, Order};
use crate::activation::pending::Pending;
use crate::activation::plan::Plan;
use crate::activation::world::{Phase, World};
use crate::error::Needed;
use crate::identity::{IdentityId, IdentityName};

impl Machine {
    pub(super) fn go_online(
        &mut self,
        step: impl FnOnce(Online, &mut dyn World) -> Next,
        world: &mut dyn World,
    ) {
        match std::mem::replace(&mut self.stage, Stage::Failed(TokenError::Internal)) {
            Stage::Online(online) => {
                let next = step(*online, world);
                self.enter(next.into());
            }
            other => self.stage = other,
        }
    }

    pub(super) fn begin_online(
        &self,
        plan: &Arc<Plan>,
        order: Arc<Order>,
        name: Option<&IdentityName>,
        world: &mut dyn World,
    ) -> Result<Stage, TokenError> {
        let name = name.ok_or(TokenError::InputNeeded { what: Needed::Name })?.clone();
        if let Some(free) = self.clash(plan, &name, world)? {
            // Taken while the user chose a PIN.
            let (plan, name) = (Arc::clone(plan), name.as_str().to_owned());
            return Ok(Stage::Consent { plan, name, taken: Some(free), names: Vec::new() });
        }
        if !matches!(order.basis, Basis::Typed(_)) {
            no_other(world)?;
        }
        let form = Form::Order { order, device: device_label(self.options.device.as_deref()) };
        let id = IdentityId(world.random().array()?);
        // Until its holder is proven, and then the name of the identity that it replaces.
        let name = world.free_name(&name, &HashSet::new())?;
        let draft = OnlineDraft { id, name, source: self.source, form, stored: None };
        Ok(Online::begin(draft, world)?.into())
    }

    /// The name of the identity that this activation replaces if its holder proves to be the same.
    pub(super) fn replaces(
        &self,
        plan: &Plan,
        world: &dyn World,
    ) -> Result<Option<IdentityName>, TokenError> {
        match plan {
            Plan::Order(order) if !self.options.offline => world.name_of(&order.address, &order.serial),
            _ => Ok(None),
        }
    }

    /// A free name close to `name`, if that is taken by anything else than the identity that this activation replaces.
    pub(super) fn clash(
        &self,
        plan: &Plan,
        name: &IdentityName,
        world: &dyn World,
    ) -> Result<Option<String>, TokenError> {
        match self.replaces(plan, world)? {
            Some(own) if own.skeleton() == name.skeleton() => Ok(None),
            _ => world.free_name_if_taken(name),
        }
    }

    pub(super) fn go_offline(
        &self,
        id: IdentityId,
        order: &Arc<Order>,
        world: &mut dyn World,
    ) -> Result<Stage, TokenError> {
        open_only(world)?;
        let name = world.pending()?.into_iter().find_map(|pending| match pending {
            Pending::Online(draft) if draft.id == id => Some(draft.name),
            _ => None,
        });
        let name = name.ok_or(TokenError::UnknownIdentity)?;
        let agreed = Agreed { name: Some(&name), offline: true, source: &self.source, id: Some(id) };
        match activate_offline(order, &agreed, world)? {
            Outcome::Pending(draft) => Ok(Stage::Pending(Arc::new(*draft))),
            Outcome::Stored { .. } | Outcome::NeedsNetwork(_) => Err(TokenError::Internal),
        }
    }
}

/// A second link is refused while an activation over the network is under way: whoever sent it cannot know
/// of the first, and the user would not know which of them asks. One that waits for its registration code
/// at the issuer, or for a verification (a person may take days), is no longer in the way.
pub(super) fn no_other(world: &dyn World) -> Result<(), TokenError> {
    if world.phase() != Phase::Open {
        return Ok(());
    }
    let under_way = |pending: Pending| match pending {
        Pending::Online(draft) if draft.registration_code().is_none() && !draft.awaits_verification() => {
            Some(draft.id)
        }
        _ => None,
    };
    match world.pending()?.into_iter().find_map(under_way) {
        Some(id) => Err(TokenError::ActivationPending { id: id.0 }),
        None => Ok(()),
    }
}

/// What the issuer may call this device: as much of the name as can be sent.
pub(crate) fn device_label(name: Option<&str>) -> String {
    let mut label = String::new();
    for character in name.unwrap_or(DEVICE).trim().chars().filter(|character| !character.is_control()) {
        if label.len().saturating_add(character.len_utf8()) > MAX_DEVICE_LABEL {
            break;
        }
        label.push(character);
    }
    label
}

/// For an app that does not say.
const DEVICE: &str = "softtoken";
