//! The activation state machine: pure transitions over a [`World`].
//!
//! Invariants, each tested: nothing is stored before consent; an input with another ticket than the
//! current one changes nothing; a refusal keeps everything the user typed; one request becomes at
//! most one set of identities; after an error state and ticket are what they were.

mod network;

use std::sync::Arc;

pub(crate) use self::network::device_label;
use self::network::no_other;
use super::carry::{Agreed, Outcome};
use super::draft::Draft;
use super::online::{Next, Online};
use super::pending::Pending;
use super::plan::Plan;
use super::request::Refusal;
use super::source::{Opening, Request, Sealed};
use super::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, ActivationStep, FieldProblem,
    RefusedView, Retry, Ticket, TypedFields,
};
use super::world::{Phase, World};
use crate::TokenError;
use crate::error::{Needed, PinProblem};
use crate::identity::{IdentityId, IdentityName, PinRules};
use crate::time::UnixTime;

/// One activation. Dropping it before consent leaves no trace.
pub(crate) struct Machine {
    ticket: u64,
    stage: Stage,
    options: ActivationOptions,
    source: [u8; 32],
}

enum Stage {
    NeedsUnlock(Request),
    Password { sealed: Arc<Sealed>, wrong: bool, tries_left: Option<u32> },
    Details { v1: bool, fields: TypedFields, problems: Vec<FieldProblem> },
    Consent { plan: Arc<Plan>, name: String, taken: Option<String>, names: Vec<IdentityName> },
    NeedsNewPin { plan: Arc<Plan>, name: Option<IdentityName>, exists: bool },
    Pending(Arc<Draft>),
    Online(Box<Online>),
    Done { added: Vec<IdentityId>, refused: Vec<RefusedView> },
    Failed(TokenError),
}

impl Machine {
    /// Understands the source; a text that no door understands is an error at once.
    pub(crate) fn start(
        source: ActivationSource,
        options: ActivationOptions,
        world: &mut dyn World,
    ) -> Result<Self, TokenError> {
        let Opening { request, digest } = Opening::of(source, &options)?;
        let mut machine = Self { ticket: 1, stage: Stage::NeedsUnlock(request), options, source: digest };
        if world.phase() != Phase::Locked {
            machine.stage = machine.first_stage(world)?;
        }
        Ok(machine)
    }

    /// Continues with a pending identity.
    pub(crate) fn resume(pending: Pending, world: &mut dyn World) -> Self {
        let (source, options) = (*pending.source(), ActivationOptions::default());
        Self { ticket: 1, stage: Stage::of(pending, world), options, source }
    }

    /// The pending identity whose way back has to be armed before the activation goes on.
    pub(crate) fn wants_arming(&self) -> Option<IdentityId> {
        match &self.stage {
            Stage::Online(online) if online.wants_arming() => Some(online.id()),
            _ => None,
        }
    }

    /// What came of that.
    pub(crate) fn armed(&mut self, id: IdentityId, came: Result<(), TokenError>, world: &mut dyn World) {
        if self.wants_arming() == Some(id) {
            self.go_online(|online, world| online.go_on(came, world), world);
        }
    }

    /// The current state. The live code is the one at `now`.
    pub(crate) fn step(&self, now: UnixTime) -> ActivationStep {
        let state = match &self.stage {
            Stage::NeedsUnlock(_) => ActivationState::NeedsPin { rules: PinRules::default(), exists: true },
            Stage::Password { sealed, wrong, tries_left } => {
                let (of, wrong, tries_left) = (sealed.password_of(), *wrong, *tries_left);
                ActivationState::NeedsPassword { of, wrong, tries_left }
            }
            Stage::Details { fields, problems, .. } => {
                ActivationState::NeedsDetails { fields: fields.clone(), problems: problems.clone() }
            }
            Stage::Consent { plan, name, taken, names } => ActivationState::NeedsConsent {
                summary: plan.summary(self.options.offline, now, names),
                name: name.clone(),
                taken: taken.clone(),
            },
            Stage::NeedsNewPin { plan, exists, .. } => {
                ActivationState::NeedsPin { rules: plan.policy().pin, exists: *exists }
            }
            Stage::Online(online) => online.state(),
            Stage::Pending(draft) => ActivationState::ShowRegistrationCode {
                id: draft.id,
                code: draft.registration_code.clone(),
                live_code: draft.live_code(now),
                expires_at: draft.expires_at,
                awaited: false,
            },
            Stage::Done { added, refused } => {
                ActivationState::Done { added: added.clone(), refused: refused.clone() }
            }
            Stage::Failed(why) => ActivationState::Failed { why: why.clone(), retry: Retry::Never },
        };
        ActivationStep { ticket: Ticket(self.ticket), state }
    }

    /// Takes one answer.
    ///
    /// # Errors
    /// `StaleInput` for another ticket or an answer that this state does not accept; otherwise what the
    /// step itself refuses. After any error state and ticket are what they were.
    pub(crate) fn advance(
        &mut self,
        ticket: Ticket,
        input: ActivationInput,
        world: &mut dyn World,
    ) -> Result<(), TokenError> {
        self.check(ticket)?;
        let next = match (&self.stage, input) {
            (Stage::Online(online), ActivationInput::ContinueOffline) => {
                let order = online.offline().ok_or(TokenError::StaleInput)?;
                self.go_offline(online.id(), order, world)?
            }
            (Stage::Online(online), input) => {
                online.check(&input, world)?;
                self.go_online(|online, world| online.advance(input, world), world);
                return Ok(());
            }
            (Stage::NeedsUnlock(_), ActivationInput::PinReady) => {
                open_only(world)?;
                self.first_stage(world)?
            }
            (Stage::Details { v1, .. }, ActivationInput::Details(fields)) => {
                self.details(*v1, fields, world)?
            }
            (Stage::Consent { plan, name: prefilled, .. }, ActivationInput::Consent { name }) => {
                self.consent(plan, name.as_ref().unwrap_or(prefilled), world)?
            }
            (Stage::Consent { .. }, ActivationInput::Decline) => Stage::Failed(TokenError::ConsentNeeded),
            (Stage::NeedsNewPin { plan, name, .. }, ActivationInput::PinReady) => {
                open_only(world)?;
                if world.pin_is_too_short(plan.policy().pin)? {
                    let min = plan.policy().pin.min_digits;
                    return Err(TokenError::PinRefused { problem: PinProblem::TooShort { min } });
                }
                self.carry_out(plan, name.as_ref(), self.options.offline, world)?
            }
            (Stage::Pending(draft), ActivationInput::Confirmed) => {
                world.finish_draft(draft.id)?;
                Stage::Done { added: vec![draft.id], refused: Vec::new() }
            }
            (Stage::Pending(draft), ActivationInput::Cancel) => {
                world.delete_draft(draft.id)?;
                Stage::Failed(TokenError::ConsentNeeded)
            }
            _ => return Err(TokenError::StaleInput),
        };
        self.enter(next);
        Ok(())
    }

    /// Takes a password. A wrong one is a state (`wrong: true`) until none are left, never an error.
    pub(crate) fn supply_password(
        &mut self,
        ticket: Ticket,
        password: &[u8],
        world: &mut dyn World,
    ) -> Result<(), TokenError> {
        self.check(ticket)?;
        if let Stage::Online(online) = &mut self.stage {
            online.supply_password(password, world)?;
            self.go_online(|online, world| online.go_on(Ok(()), world), world);
            return Ok(());
        }
        let Stage::Password { sealed, tries_left, .. } = &self.stage else {
            return Err(TokenError::StaleInput);
        };
        let next = match sealed.open(password, &self.options) {
            Ok(plan) => self.ask_consent(Arc::new(plan), world)?,
            Err(Refusal::WrongPassword) => match tries_left.map(|n| n.saturating_sub(1)) {
                Some(0) => Stage::Failed(TokenError::WrongPassword { tries_left: Some(0) }),
                tries_left => Stage::Password { sealed: Arc::clone(sealed), wrong: true, tries_left },
            },
            Err(other) => return Err(other.into()),
        };
        self.enter(next);
        Ok(())
    }

    fn check(&self, ticket: Ticket) -> Result<(), TokenError> {
        if ticket == Ticket(self.ticket) { Ok(()) } else { Err(TokenError::StaleInput) }
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.ticket = self.ticket.wrapping_add(1);
    }

    /// The first state of the request, with the vault fresh or open.
    fn first_stage(&self, world: &mut dyn World) -> Result<Stage, TokenError> {
        let Stage::NeedsUnlock(request) = &self.stage else {
            return Err(TokenError::Internal);
        };
        if world.phase() == Phase::Open {
            let mut pending = world.pending()?.into_iter();
            if let Some(same) = pending.find(|pending| *pending.source() == self.source) {
                return Ok(Stage::of(same, world));
            }
        }
        if request.is_link() && !self.options.offline {
            no_other(world)?;
        }
        match request {
            Request::Ready(plan) => self.ask_consent(Arc::clone(plan), world),
            Request::Sealed(sealed) => {
                Ok(Stage::Password { sealed: Arc::clone(sealed), wrong: false, tries_left: sealed.tries() })
            }
            Request::Typed { v1, fields } => self.details(*v1, fields.clone(), world),
        }
    }

    fn details(&self, v1: bool, fields: TypedFields, world: &dyn World) -> Result<Stage, TokenError> {
        match Plan::typed(v1, &fields, &self.options) {
            Ok(plan) => self.ask_consent(Arc::new(plan), world),
            Err(problems) => Ok(Stage::Details { v1, fields, problems }),
        }
    }

    fn ask_consent(&self, plan: Arc<Plan>, world: &dyn World) -> Result<Stage, TokenError> {
        let default = self.replaces(&plan, world)?.or_else(|| plan.default_name());
        let taken = match &default {
            Some(name) => self.clash(&plan, name, world)?,
            None => None,
        };
        let name = default.map_or_else(String::new, |name| name.as_str().to_owned());
        let names = plan.names(world)?;
        Ok(Stage::Consent { plan, name, taken, names })
    }

    fn consent(&self, plan: &Arc<Plan>, name: &str, world: &mut dyn World) -> Result<Stage, TokenError> {
        let name = match plan.is_single() {
            false => None,
            true if name.trim().is_empty() => {
                return Err(TokenError::InputNeeded { what: Needed::Name });
            }
            true => Some(IdentityName::new(name)?),
        };
        if let Some(name) = &name
            && let Some(free) = self.clash(plan, name, world)?
        {
            let (plan, name) = (Arc::clone(plan), name.as_str().to_owned());
            return Ok(Stage::Consent { plan, name, taken: Some(free), names: Vec::new() });
        }
        let needs_pin = |exists| Stage::NeedsNewPin { plan: Arc::clone(plan), name: name.clone(), exists };
        match world.phase() {
            Phase::Fresh => return Ok(needs_pin(false)),
            Phase::Open if world.pin_is_too_short(plan.policy().pin)? => return Ok(needs_pin(true)),
            Phase::Open | Phase::Locked => {}
        }
        self.carry_out(plan, name.as_ref(), self.options.offline, world)
    }

    fn carry_out(
        &self,
        plan: &Arc<Plan>,
        name: Option<&IdentityName>,
        offline: bool,
        world: &mut dyn World,
    ) -> Result<Stage, TokenError> {
        let agreed = Agreed { name, offline, source: &self.source, id: None };
        Ok(match plan.carry_out(&agreed, world)? {
            Outcome::Stored { added, refused } => Stage::Done { added, refused },
            Outcome::Pending(draft) => Stage::Pending(Arc::new(*draft)),
            Outcome::NeedsNetwork(order) => self.begin_online(plan, order, name, world)?,
        })
    }
}

fn open_only(world: &dyn World) -> Result<(), TokenError> {
    if world.phase() == Phase::Open { Ok(()) } else { Err(TokenError::VaultLocked) }
}

impl Stage {
    fn of(pending: Pending, world: &mut dyn World) -> Self {
        match pending {
            Pending::Complete(draft) => Self::Pending(Arc::new(*draft)),
            Pending::Online(draft) => Online::resume(draft.id, world).into(),
        }
    }
}

impl From<Next> for Stage {
    fn from(next: Next) -> Self {
        match next {
            Next::Online(online) => Self::Online(online),
            Next::Done(id) => Self::Done { added: vec![id], refused: Vec::new() },
            Next::Ended(why) => Self::Failed(why),
        }
    }
}
