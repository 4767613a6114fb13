//! The facade's verbs on activations.
//!
//! An [`Activation`] is a handle on a state machine; the machine has a mutex of its own, taken before
//! the token's, never after.

use std::sync::Arc;

use super::SoftToken;
use super::guard::Guarded;
use super::world::DeskWorld;
use crate::TokenError;
use crate::activation::machine::Machine;
use crate::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState, ActivationStep, Ticket,
};
use crate::identity::IdentityId;
use crate::ports::{LogEvent, LogLevel};

/// One activation. Dropping it before consent leaves no trace; a pending identity stays.
pub struct Activation {
    token: Arc<SoftToken>,
    machine: Box<Guarded<Machine>>,
}

impl SoftToken {
    /// Starts an activation from any front door. Nothing is stored or sent before consent.
    ///
    /// # Errors
    /// What no door understands: `NotForThisApp`, `NotUnderstood`, `NotYet`, `Unsupported`.
    pub fn begin_activation(
        self: &Arc<Self>,
        source: ActivationSource,
        options: ActivationOptions,
    ) -> Result<Activation, TokenError> {
        self.refresh()?;
        let now = self.clock().now()?;
        let started = {
            let mut desk = self.desk_at(Some(now))?;
            Machine::start(source, options, &mut DeskWorld::new(&mut desk, &self.random, now))
        };
        match started {
            Ok(machine) => self.activation(machine),
            Err(error) => {
                self.log(LogLevel::Info, LogEvent::TextRefused);
                Err(error)
            }
        }
    }

    /// Continues the activation of a pending identity.
    ///
    /// # Errors
    /// `UnknownIdentity` when nothing pending has this id.
    pub fn resume_activation(self: &Arc<Self>, id: IdentityId) -> Result<Activation, TokenError> {
        self.refresh()?;
        let now = self.clock().now()?;
        let machine = {
            let mut desk = self.desk_at(Some(now))?;
            let pending = desk.draft(id)?;
            Machine::resume(pending, &mut DeskWorld::new(&mut desk, &self.random, now))
        };
        self.activation(machine)
    }

    fn activation(self: &Arc<Self>, machine: Machine) -> Result<Activation, TokenError> {
        let activation = Activation { token: Arc::clone(self), machine: Box::new(Guarded::new(machine)) };
        activation.arm()?;
        Ok(activation)
    }
}

impl Activation {
    /// The current state. Live codes are those of this moment.
    pub fn step(&self) -> Result<ActivationStep, TokenError> {
        let now = self.token.clock().now()?;
        Ok(self.machine.take()?.step(now))
    }

    /// Takes an answer to the state that has `ticket`, and gives the next state.
    ///
    /// # Errors
    /// `StaleInput` when the ticket is not the current one or the state takes no such answer; then, and
    /// after every other error, nothing has changed.
    pub fn advance(&self, ticket: Ticket, input: ActivationInput) -> Result<ActivationStep, TokenError> {
        self.token.refresh()?;
        let now = self.token.clock().now()?;
        {
            let mut machine = self.machine.take()?;
            let mut desk = self.token.desk_at(Some(now))?;
            machine.advance(ticket, input, &mut DeskWorld::new(&mut desk, &self.token.random, now))?;
        }
        self.arm()?;
        let step = self.machine.take()?.step(now);
        if matches!(step.state, ActivationState::Done { .. } | ActivationState::ShowRegistrationCode { .. }) {
            self.token.settle();
        }
        if let ActivationState::Done { added, .. } = &step.state {
            added.iter().for_each(|_| self.token.log(LogLevel::Info, LogEvent::IdentityAdded));
        }
        Ok(step)
    }

    /// Takes a password for `NeedsPassword`; the caller wipes its own copy. A wrong one is the state
    /// `NeedsPassword { wrong: true }`, until the last is `Failed`.
    ///
    /// # Errors
    /// As [`advance`](Self::advance); `NotUnderstood{Password}` for one that cannot be right.
    pub fn supply_password(&self, ticket: Ticket, password: &[u8]) -> Result<ActivationStep, TokenError> {
        self.token.refresh()?;
        let now = self.token.clock().now()?;
        let mut machine = self.machine.take()?;
        let mut desk = self.token.desk_at(Some(now))?;
        machine.supply_password(ticket, password, &mut DeskWorld::new(&mut desk, &self.token.random, now))?;
        Ok(machine.step(now))
    }

    /// Before message 3 of an activation over the network: arms the way back into its group, with the
    /// mutexes free, and goes on then.
    fn arm(&self) -> Result<(), TokenError> {
        let Some(id) = self.machine.take()?.wants_arming() else { return Ok(()) };
        let came = self.token.arm_draft(id);
        let now = self.token.clock().now()?;
        let mut machine = self.machine.take()?;
        let mut desk = self.token.desk_at(Some(now))?;
        machine.armed(id, came, &mut DeskWorld::new(&mut desk, &self.token.random, now));
        Ok(())
    }
}
