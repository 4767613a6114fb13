//! The facade's verbs on contacts: what an issuer has to say after an activation, and what it is to be told.
//!
//! An [`IssuerContact`] hands out requests as an activation does and takes what a driver brings back. Nothing of a contact
//! itself is stored: `Retry`, or another contact after the end of the process, begins anew from what the vault has by then.
//! Its mutex is taken before the token's, never after.

use std::sync::Arc;

use super::SoftToken;
use super::contact_run::Run;
use super::guard::Guarded;
use crate::TokenError;
use crate::activation::contact::Wish;
use crate::activation::driver::{HttpProblem, HttpRequest};
use crate::activation::machine::device_label;
use crate::activation::state::Ticket;
use crate::identity::{IdentityId, PinRules, Policy};
use crate::time::UnixTime;
use crate::vault::DraftId;

/// One contact with the issuer of an identity.
pub struct IssuerContact {
    token: Arc<SoftToken>,
    run: Guarded<Run>,
}

/// The present state and its ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactStep {
    /// To be given back with the answer.
    pub ticket: Ticket,
    /// What is needed.
    pub state: ContactState,
}

/// What a contact needs, or what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactState {
    /// Send this and answer `Http` or `HttpProblem`.
    Exchange {
        /// The request.
        request: HttpRequest,
    },
    /// The issuer has said what is new, and it is stored.
    Done {
        /// What.
        news: ContactNews,
    },
    /// The issuer has nothing more to do with it.
    Ended {
        /// Why.
        end: ContactEnd,
    },
    /// It did not work out; whatever is stored stays true.
    Failed {
        /// Why.
        why: TokenError,
        /// `Retry` begins anew.
        retry: bool,
    },
}

/// What an issuer has said of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactNews {
    /// Which identity.
    pub id: IdentityId,
    /// The issuer takes its codes; `false`: it shows none until a contact hears that the issuer has enabled it again.
    pub active: bool,
    /// It has another seed since this contact.
    pub renewed: bool,
    /// No older seed lives any more, and what was kept of it is gone.
    pub alone: bool,
    /// What the issuer demands from now on.
    pub policy: Policy,
    /// The issuer demands a longer PIN than there is: ask for a new one now.
    pub needs_pin: Option<PinRules>,
    /// Seconds that the issuer's clock is ahead of this device's, as codes are made from now on.
    pub clock_offset: i64,
}

/// Why there is nothing more to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactEnd {
    /// A queued deletion: the issuer knows, or does not care any more.
    Told,
    /// The issuer has deleted the token: the identity shows no more codes, and stays until the user activates it again or
    /// removes it.
    DeletedByIssuer,
    /// Another seed has replaced that of the identity: it was activated again elsewhere, or restored from a backup. It
    /// shows no more codes either.
    ReplacedElsewhere,
}

/// What comes back. No `Debug`: bodies are of no use in a log.
pub enum ContactInput {
    /// What the issuer answered.
    Http {
        /// The HTTP status.
        status: u16,
        /// The answer's body, at most `max_reply` bytes.
        body: Vec<u8>,
    },
    /// There is no answer.
    HttpProblem {
        /// Why.
        problem: HttpProblem,
    },
    /// Begins anew after `Failed` offered it.
    Retry,
}

/// A deletion that its issuer has not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionView {
    /// Names the message; it was never the id of the identity.
    pub id: IdentityId,
    /// The name that the identity had.
    pub name: String,
    /// The issuer's address.
    pub address: String,
    /// The serial number, ten digits.
    pub serial: String,
    /// When the user deleted it; `None` when the clock could not be read.
    pub at: Option<UnixTime>,
}

impl SoftToken {
    /// Begins a contact of an active identity with its issuer; nothing is sent. `device` is what the issuer calls this
    /// device. A refresh becomes a rekey where the protocol wants one: after an activation without network, and when the
    /// issuer asks; and a rekey waits for its refresh while an older seed still lives.
    ///
    /// # Errors
    /// `Unsupported{ForThisKind}` without an issuer of the profile, and for `Wish::Delete`: that is what
    /// [`remove`](Self::remove) is for. `Stopped` when the issuer has ended it. `VaultLocked`, `UnknownIdentity`, `InputNeeded{UnlockCode}`.
    pub fn begin_contact(
        self: &Arc<Self>,
        id: IdentityId,
        wish: Wish,
        device: Option<&str>,
    ) -> Result<IssuerContact, TokenError> {
        let device = device_label(device);
        let run = Run::of_identity(id, wish, device, &mut *self.desk()?)?;
        Ok(IssuerContact { token: Arc::clone(self), run: Guarded::new(run) })
    }

    /// Begins to tell an issuer of a deletion.
    ///
    /// # Errors
    /// `UnknownIdentity` when nothing queued has this id; `VaultLocked`.
    pub fn begin_deletion(
        self: &Arc<Self>,
        id: IdentityId,
        device: Option<&str>,
    ) -> Result<IssuerContact, TokenError> {
        let device = device_label(device);
        let run = Run::of_deletion(DraftId(id.0), device, &mut *self.desk()?)?;
        Ok(IssuerContact { token: Arc::clone(self), run: Guarded::new(run) })
    }

    /// Deletions that their issuers have not acknowledged, oldest first. They are dropped after 30 days, and by a
    /// lockout.
    ///
    /// # Errors
    /// `VaultLocked`.
    pub fn pending_deletions(&self) -> Result<Vec<DeletionView>, TokenError> {
        let now = self.clock().now().ok();
        let mut desk = self.desk()?;
        desk.drop_old_deletions(now)?;
        let queued = desk.deletions()?.into_iter();
        Ok(queued
            .map(|(id, name, queued)| DeletionView {
                id: IdentityId(id.0),
                name,
                address: queued.caller.address().ascii().to_owned(),
                serial: queued.caller.serial().digits().to_owned(),
                at: Some(queued.at).filter(|at| at.0 > 0),
            })
            .collect())
    }
}

impl IssuerContact {
    /// The present state.
    pub fn step(&self) -> Result<ContactStep, TokenError> {
        Ok(self.run.take()?.step())
    }

    /// Takes an answer to the state that has `ticket`, and gives the next state.
    ///
    /// # Errors
    /// `StaleInput` when the ticket is not the present one or the state takes no such answer; `VaultLocked`. After an
    /// error nothing has changed.
    pub fn advance(&self, ticket: Ticket, input: ContactInput) -> Result<ContactStep, TokenError> {
        self.token.refresh()?;
        let now = self.token.clock().now()?;
        {
            let mut run = self.run.take()?;
            let mut desk = self.token.desk_at(Some(now))?;
            run.advance(ticket, input, &mut desk, &self.token.random, now)?;
        }
        let arming = self.run.take()?.wants_arming();
        if let Some(id) = arming {
            let came = self.token.arm_pair(id);
            let mut run = self.run.take()?;
            // The vault may have changed meanwhile, and the contact does not care.
            run.armed(came, &self.token.random, now);
        }
        let step = self.run.take()?.step();
        if let ContactState::Done { .. } = &step.state {
            self.token.settle();
        }
        Ok(step)
    }
}
