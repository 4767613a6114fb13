//! Drives an activation from its first state to the end of what this command can do.
//!
//! The core's state machine says what it needs; the answer comes from choices made in advance
//! (options, files) or from a person. Where there is neither, the command ends with the exit code
//! that says what was missing, and nothing is kept. Agreement is never assumed.

mod consent;
mod manual;
mod online;
#[cfg(test)]
mod online_tests;
pub mod pages;
#[cfg(test)]
mod tests;
mod verify;
#[cfg(test)]
mod verify_tests;

use std::path::{Path, PathBuf};

use softtoken_core::activation::state::{
    ActivationInput, ActivationState, ActivationStep, PasswordOf, RefusedView, Ticket,
};
use softtoken_core::error::{Needed, Part};
use softtoken_core::identity::IdentityId;
use softtoken_core::token::{Activation, TokenState};
use softtoken_core::{SoftToken, TokenError};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::failure::Failure;
use crate::texts;
use consent::ConsentPage;
use pages::RegistrationPage;
use verify::Verification;

/// Choices made in advance.
#[derive(Default)]
pub struct Choices {
    /// The user agrees.
    pub yes: bool,
    /// What to call the identity.
    pub name: Option<String>,
    /// The password of the QR code or file.
    pub password_file: Option<PathBuf>,
    /// The identity's own PIN.
    pub otp_pin_file: Option<PathBuf>,
    /// Without network: nothing is sent.
    pub offline: bool,
    /// The portal has accepted the registration code.
    pub confirmed: bool,
    /// Pages are not opened, only shown.
    pub no_browser: bool,
    /// Another ticket for a verification that was refused before: who resumes wants to try again.
    pub try_again: bool,
    /// Seconds to wait for verifications.
    pub wait: Option<u64>,
}

/// How far it went.
pub enum Ended {
    /// Identities were added.
    Added {
        /// In the order of the source.
        ids: Vec<IdentityId>,
        /// Entries that could not be added.
        refused: Vec<RefusedView>,
    },
    /// The portal has to accept the registration code.
    Pending(RegistrationPage),
}

/// The core's activation as the driver sees it.
pub trait Machine {
    /// The current state.
    fn step(&self) -> Result<ActivationStep, TokenError>;
    /// Answers a state.
    fn advance(&self, ticket: Ticket, input: ActivationInput) -> Result<ActivationStep, TokenError>;
    /// Answers `NeedsPassword`.
    fn supply_password(&self, ticket: Ticket, password: &[u8]) -> Result<ActivationStep, TokenError>;
}

impl Machine for Activation {
    fn step(&self) -> Result<ActivationStep, TokenError> {
        Activation::step(self)
    }

    fn advance(&self, ticket: Ticket, input: ActivationInput) -> Result<ActivationStep, TokenError> {
        Activation::advance(self, ticket, input)
    }

    fn supply_password(&self, ticket: Ticket, password: &[u8]) -> Result<ActivationStep, TokenError> {
        Activation::supply_password(self, ticket, password)
    }
}

/// One activation, the person, and the choices made in advance.
pub struct Driver<'a> {
    context: &'a mut Context,
    token: Option<&'a SoftToken>,
    choices: &'a Choices,
    consent_seen: bool,
    agreed: bool,
    file_used: bool,
    sending_told: bool,
    reached: bool,
    confirmed: bool,
    /// The page that was shown last, `None` inside for a review.
    shown: Option<Option<String>>,
    waited: u64,
    tried_again: bool,
}

impl<'a> Driver<'a> {
    /// At the beginning. `token` is unlocked when the activation asks for it.
    pub fn new(context: &'a mut Context, token: Option<&'a SoftToken>, choices: &'a Choices) -> Self {
        Self {
            context,
            token,
            choices,
            consent_seen: false,
            agreed: false,
            file_used: false,
            sending_told: false,
            reached: false,
            confirmed: false,
            shown: None,
            waited: 0,
            tried_again: false,
        }
    }

    /// Goes on until the end, or until only the portal can go on.
    pub fn drive(&mut self, machine: &dyn Machine) -> Result<Ended, Failure> {
        let mut step = machine.step()?;
        loop {
            let ticket = step.ticket;
            step = match step.state {
                ActivationState::NeedsPin { exists, .. } => {
                    let token = self.token.filter(|_| exists).ok_or_else(|| Failure::needs(Needed::Vault))?;
                    // An open vault may have a PIN that is too short for this issuer: the answer says so, and
                    // `change-pin` comes first then.
                    if token.state()? != TokenState::Ready {
                        self.context.unlock(token)?;
                    }
                    machine.advance(ticket, ActivationInput::PinReady).map_err(online::pin_first)?
                }
                ActivationState::NeedsPassword { of, wrong, tries_left } => {
                    let asked = self.password_file(of).is_none();
                    let password = self.password(of, wrong, tries_left)?;
                    match machine.supply_password(ticket, &password) {
                        // No try of anybody's is used up: a person types it once more.
                        Err(error @ TokenError::NotUnderstood { part: Part::Password, .. }) if asked => {
                            self.context.ask.say(&texts::sentence(&error));
                            machine.step()?
                        }
                        other => other?,
                    }
                }
                ActivationState::NeedsDetails { fields, problems } => {
                    let fields = manual::ask(self.context.ask.as_mut(), fields, &problems)?;
                    machine.advance(ticket, ActivationInput::Details(fields))?
                }
                ActivationState::NeedsConsent { summary, name, taken } => {
                    let (summary, name, taken) = (&summary, name.as_str(), taken.as_deref());
                    self.consent(machine, ticket, &ConsentPage { summary, name, taken })?
                }
                ActivationState::Exchange { request } => {
                    let answer = self.carry(&request);
                    machine.advance(ticket, answer)?
                }
                verifying @ (ActivationState::Verify { .. } | ActivationState::Waiting { .. }) => {
                    let verification = Verification::of(verifying).ok_or(TokenError::Internal)?;
                    let answer = self.verify(&verification)?;
                    machine.advance(ticket, answer)?
                }
                ActivationState::Failed { why, retry } => {
                    let decision = self.after_failure(why, retry)?;
                    machine.advance(ticket, decision)?
                }
                ActivationState::ShowRegistrationCode { .. } if self.choices.confirmed && !self.confirmed => {
                    self.confirmed = true;
                    machine.advance(ticket, ActivationInput::Confirmed)?
                }
                ActivationState::ShowRegistrationCode { id, code, live_code, expires_at, .. } => {
                    return Ok(Ended::Pending(RegistrationPage { id, code, live_code, expires_at }));
                }
                ActivationState::Done { added, refused } => return Ok(Ended::Added { ids: added, refused }),
            };
        }
    }

    /// True when an issuer has answered something.
    pub fn has_reached_issuer(&self) -> bool {
        self.reached
    }

    fn password(
        &mut self,
        of: PasswordOf,
        wrong: bool,
        tries_left: Option<u32>,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let needed = match of {
            PasswordOf::QrCode | PasswordOf::File | PasswordOf::FileKey => Needed::Password,
            PasswordOf::OtpPin => Needed::OtpPin,
        };
        let was_wrong = TokenError::WrongPassword { tries_left };
        if let Some(file) = self.password_file(of) {
            // A file will not change: the second time is the end.
            let again = std::mem::replace(&mut self.file_used, true);
            return if wrong && again { Err(was_wrong.into()) } else { self.context.secrets.file(file) };
        }
        if !self.context.ask.is_person() {
            return Err(Failure::needs(needed));
        }
        if wrong {
            self.context.ask.say(&texts::sentence(&was_wrong));
        }
        let typed = self.context.ask.secret(pages::password_prompt(of));
        let typed = typed.ok_or_else(|| Failure::needs(needed))?;
        Ok(Zeroizing::new(typed.trim().as_bytes().to_vec()))
    }

    /// The file that was named for it in advance.
    fn password_file(&self, of: PasswordOf) -> Option<&'a Path> {
        match of {
            PasswordOf::QrCode | PasswordOf::File | PasswordOf::FileKey => {
                self.choices.password_file.as_deref()
            }
            PasswordOf::OtpPin => self.choices.otp_pin_file.as_deref(),
        }
    }
}
