//! An activation over the network, from consent to its end: what is asked for next, and what is stored before.
//!
//! | Before | Is stored | Sealed under |
//! |---|---|---|
//! | the question for a typed address's keys | what was typed | the PIN |
//! | message 1 leaves | the exchange | the PIN |
//! | a question for the verdict of a verification leaves | its bytes | the PIN |
//! | message 3 is made | the exchange, and the way back into its group is armed | the key of its group |
//! | a sealed request leaves | its bytes | the key of its group |
//!
//! Whatever goes wrong after the beginning leaves what is stored as the truth: [`Online`] is stuck then, and
//! `Retry` reads it and goes on, exactly as after the end of the process. Only the issuer's word under the
//! handshake or the session, and the user, end an activation; it deletes itself then.

pub(crate) mod answers;
mod steps;
#[cfg(test)]
mod tests;
mod verify;
#[cfg(test)]
mod verify_tests;

use std::sync::Arc;

use super::driver::{HttpKind, HttpProblem, HttpRequest};
use super::exchange::Verify;
use super::online_draft::OnlineDraft;
use super::order::Order;
use super::pending::Pending;
use super::state::{ActivationInput, ActivationState, PasswordOf, Retry};
use super::world::{Phase, World};
use crate::TokenError;
use crate::error::PinProblem;
use crate::identity::{IdentityId, PinRules};
use steps::end;
use verify::takes;

/// One activation over the network. No `Debug`.
pub(super) struct Online {
    id: IdentityId,
    now: Now,
}

/// What it waits for.
enum Now {
    /// An answer. `order` is there as long as no byte of message 1 can have left before this request.
    Answer { draft: OnlineDraft, request: HttpRequest, order: Option<Arc<Order>> },
    /// Another password.
    Password { draft: OnlineDraft, tries_left: u8 },
    /// A longer PIN, before message 3.
    Pin { rules: PinRules },
    /// The way back into its group.
    Arming { draft: OnlineDraft },
    /// A verification in the browser, a review of it, or what the user says to a refused one.
    Verify { draft: OnlineDraft, verify: Verify },
    /// The user's word that the issuer took the registration code.
    Code { draft: OnlineDraft, awaited: bool },
    /// `Retry`. `order` where the user may go on without network; `asking` after the user's word.
    Stuck { why: TokenError, order: Option<Arc<Order>>, asking: bool },
}

/// Where it goes.
pub(super) enum Next {
    /// On.
    Online(Box<Online>),
    /// It is an identity.
    Done(IdentityId),
    /// It is gone.
    Ended(TokenError),
}

impl Online {
    /// Begins after consent. After an error nothing is stored.
    pub(super) fn begin(draft: OnlineDraft, world: &mut dyn World) -> Result<Next, TokenError> {
        draft.go(world)
    }

    /// Goes on with what is stored.
    pub(super) fn resume(id: IdentityId, world: &mut dyn World) -> Next {
        reload(id, false, world)
    }

    /// Which identity it will be.
    pub(super) fn id(&self) -> IdentityId {
        self.id
    }

    /// What to show.
    pub(super) fn state(&self) -> ActivationState {
        match &self.now {
            Now::Answer { request, .. } => ActivationState::Exchange { request: request.clone() },
            Now::Password { tries_left, .. } => ActivationState::NeedsPassword {
                of: PasswordOf::QrCode,
                wrong: true,
                tries_left: Some((*tries_left).into()),
            },
            Now::Pin { rules } => ActivationState::NeedsPin { rules: *rules, exists: true },
            // Only another thread can see it.
            Now::Arming { .. } => ActivationState::Failed { why: TokenError::VaultBusy, retry: Retry::Now },
            Now::Verify { draft, verify } => draft.verification(verify),
            Now::Code { draft, awaited } => match draft.registration_code() {
                Some(code) => ActivationState::ShowRegistrationCode {
                    id: self.id,
                    code,
                    live_code: None,
                    expires_at: None,
                    awaited: *awaited,
                },
                None => ActivationState::Failed { why: TokenError::Internal, retry: Retry::Now },
            },
            Now::Stuck { why, order, .. } => {
                let retry = if order.is_some() { Retry::NowOrOffline } else { Retry::Now };
                ActivationState::Failed { why: why.clone(), retry }
            }
        }
    }

    /// What the activation without network begins from, where the user may choose it now.
    pub(super) fn offline(&self) -> Option<&Arc<Order>> {
        match &self.now {
            Now::Stuck { order, .. } => order.as_ref(),
            _ => None,
        }
    }

    /// True when the way back into its group has to be armed before it goes on.
    pub(super) fn wants_arming(&self) -> bool {
        matches!(self.now, Now::Arming { .. })
    }

    /// Refuses what this state does not take; nothing has changed then.
    pub(super) fn check(&self, input: &ActivationInput, world: &dyn World) -> Result<(), TokenError> {
        match (&self.now, input) {
            (Now::Answer { .. }, ActivationInput::Http { .. } | ActivationInput::HttpProblem { .. })
            | (Now::Code { .. }, ActivationInput::Confirmed)
            | (Now::Stuck { .. }, ActivationInput::Retry)
            | (Now::Pin { .. }, ActivationInput::PinReady)
            | (_, ActivationInput::Cancel) => {}
            (Now::Verify { verify, .. }, input) if takes(verify, input) => {}
            _ => return Err(TokenError::StaleInput),
        }
        only_open(world)?;
        match (&self.now, input) {
            (Now::Pin { rules }, ActivationInput::PinReady) if world.pin_is_too_short(*rules)? => {
                let problem = PinProblem::TooShort { min: rules.min_digits };
                Err(TokenError::PinRefused { problem })
            }
            _ => Ok(()),
        }
    }

    /// Takes what [`check`](Self::check) has let through.
    pub(super) fn advance(self, input: ActivationInput, world: &mut dyn World) -> Next {
        let (id, asking) = (self.id, self.is_asking());
        let next = match (self.now, input) {
            (_, ActivationInput::Cancel) => end(id, TokenError::ConsentNeeded, world),
            (Now::Answer { draft, request, order }, ActivationInput::HttpProblem { problem }) => {
                return draft.unanswered(request.kind, problem, order, world);
            }
            (Now::Answer { draft, request, .. }, ActivationInput::Http { status: OK, body }) => {
                match request.kind {
                    HttpKind::Card => draft.take_card(&body, world),
                    HttpKind::Open | HttpKind::Sealed => draft.take(&body, world),
                }
            }
            (Now::Answer { .. }, ActivationInput::Http { status, .. }) => {
                Err(TokenError::ServerRefused { status })
            }
            (Now::Verify { draft, .. }, input) => draft.verify_again(&input, world),
            (Now::Code { draft, .. }, ActivationInput::Confirmed) => draft.ask(world),
            _ => return reload(id, asking, world),
        };
        next.unwrap_or_else(|why| stuck(id, why, None, asking))
    }

    /// Refuses a password that cannot be one, and whatever comes in another state; nothing has changed then.
    pub(super) fn supply_password(&mut self, password: &[u8], world: &dyn World) -> Result<(), TokenError> {
        let Now::Password { draft, .. } = &mut self.now else { return Err(TokenError::StaleInput) };
        only_open(world)?;
        draft.supply_password(password)
    }

    /// Goes on after [`supply_password`](Self::supply_password) and after the arming, with what came of them.
    pub(super) fn go_on(self, came: Result<(), TokenError>, world: &mut dyn World) -> Next {
        let id = self.id;
        let next = match (self.now, came) {
            (_, Err(why)) => Err(why),
            (Now::Arming { draft }, Ok(())) => draft.send(None, world),
            (Now::Password { draft, .. }, Ok(())) => draft.go(world),
            (now, Ok(())) => return Next::Online(Box::new(Self { id, now })),
        };
        next.unwrap_or_else(|why| stuck(id, why, None, false))
    }

    fn is_asking(&self) -> bool {
        match &self.now {
            Now::Answer { draft, .. } => draft.registration_code().is_some(),
            Now::Code { .. } => true,
            Now::Stuck { asking, .. } => *asking,
            Now::Password { .. } | Now::Pin { .. } | Now::Arming { .. } | Now::Verify { .. } => false,
        }
    }
}

fn only_open(world: &dyn World) -> Result<(), TokenError> {
    if world.phase() == Phase::Open { Ok(()) } else { Err(TokenError::VaultLocked) }
}

/// Goes on with what is stored; `asking` after the user's word that the issuer took the registration code.
fn reload(id: IdentityId, asking: bool, world: &mut dyn World) -> Next {
    let next = match find(id, world) {
        Ok(Some(draft)) if asking && draft.registration_code().is_some() => draft.ask(world),
        Ok(Some(draft)) => draft.go(world),
        Ok(None) => match world.is_identity(id) {
            Ok(true) => return Next::Done(id),
            Ok(false) => return Next::Ended(TokenError::UnknownIdentity),
            Err(why) => Err(why),
        },
        Err(why) => Err(why),
    };
    next.unwrap_or_else(|why| stuck(id, why, None, asking))
}

fn find(id: IdentityId, world: &dyn World) -> Result<Option<OnlineDraft>, TokenError> {
    Ok(world.pending()?.into_iter().find_map(|pending| match pending {
        Pending::Online(draft) if draft.id == id => Some(*draft),
        _ => None,
    }))
}

fn stuck(id: IdentityId, why: TokenError, order: Option<Arc<Order>>, asking: bool) -> Next {
    Next::Online(Box::new(Online { id, now: Now::Stuck { why, order, asking } }))
}

const OK: u16 = 200;
