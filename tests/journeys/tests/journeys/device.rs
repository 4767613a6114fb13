//! A device of a journey: its folder, clock and keys outlive the process that a `kill` ends.

use std::sync::Arc;

use serde_json::Value;
use softtoken_core::activation::state::{ActivationInput, ActivationState, ActivationStep, Ticket};
use softtoken_core::lock::KdfProfile;
use softtoken_core::random::Random;
use softtoken_core::testing::Fakes;
use softtoken_core::token::{Activation, ContactInput, ContactState, ContactStep, IssuerContact, OpenConfig};
use softtoken_core::{SoftToken, TokenError};
use tempfile::TempDir;

use super::{network, views};
use softtoken_core::activation::driver::{HttpProblem, HttpRequest};

/// Why a step gives no result.
pub enum Trouble {
    /// The token's answer, which a step may expect.
    Token(TokenError),
    /// The journey itself is wrong.
    Journey(String),
}

impl From<TokenError> for Trouble {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

impl From<String> for Trouble {
    fn from(error: String) -> Self {
        Self::Journey(error)
    }
}

/// The handle that answers go to: the latest that was begun.
enum Talk {
    Nobody,
    Activation(Activation),
    Contact(Box<IssuerContact>),
}

/// One device.
pub struct Device {
    pub folder: TempDir,
    pub fakes: Fakes,
    token: Option<Arc<SoftToken>>,
    talk: Talk,
    ticket: Ticket,
    old: Option<Ticket>,
    forced: Option<Ticket>,
    replied: Option<(Ticket, u16, Vec<u8>)>,
}

impl Device {
    /// A new one whose clock stands at `clock`.
    pub fn new(number: u64, clock: u64) -> Self {
        let fakes = Fakes::new(number);
        fakes.clock.set(clock);
        Self {
            folder: tempfile::tempdir().unwrap(),
            fakes,
            token: None,
            talk: Talk::Nobody,
            ticket: Ticket(0),
            old: None,
            forced: None,
            replied: None,
        }
    }

    /// The open token.
    pub fn token(&self) -> Result<Arc<SoftToken>, Trouble> {
        self.token.clone().ok_or_else(|| Trouble::Journey("no token is open".into()))
    }

    /// Opens it at `folder`.
    pub fn opened_at(&self, folder: std::path::PathBuf) -> Result<Arc<SoftToken>, TokenError> {
        SoftToken::open_for_tests(
            OpenConfig { folder },
            self.fakes.hooks(),
            KdfProfile::cheap(),
            Random::system(),
        )
    }

    /// Opens it in its folder.
    pub fn open(&mut self) -> Result<(), TokenError> {
        self.close();
        self.token = Some(self.opened_at(self.folder.path().to_owned())?);
        Ok(())
    }

    /// Drops every handle, and nothing else: what the end of the process does.
    pub fn close(&mut self) {
        self.talk = Talk::Nobody;
        self.token = None;
        self.old = None;
        self.replied = None;
    }

    /// The next input comes with the ticket before the present one.
    pub fn be_stale(&mut self) -> Result<(), Trouble> {
        self.forced = Some(self.old.ok_or_else(|| Trouble::Journey("there was no ticket before".into()))?);
        Ok(())
    }

    /// The next input comes with this ticket.
    pub fn repeat(&mut self, ticket: Ticket) {
        self.forced = Some(ticket);
    }

    /// The ticket of the present state.
    pub fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// A new activation is talked to.
    pub fn activate(&mut self, activation: Activation) -> Result<Value, Trouble> {
        let step = activation.step()?;
        (self.talk, self.ticket, self.old) = (Talk::Activation(activation), step.ticket, None);
        Ok(views::activation(&step.state))
    }

    /// A new contact is talked to.
    pub fn contact(&mut self, contact: IssuerContact) -> Result<Value, Trouble> {
        let step = contact.step()?;
        (self.talk, self.ticket, self.old) = (Talk::Contact(Box::new(contact)), step.ticket, None);
        Ok(views::contact(&step.state))
    }

    /// The present state.
    pub fn step(&self) -> Result<Value, Trouble> {
        match &self.talk {
            Talk::Activation(activation) => Ok(views::activation(&activation.step()?.state)),
            Talk::Contact(contact) => Ok(views::contact(&contact.step()?.state)),
            Talk::Nobody => Err(nobody()),
        }
    }

    /// An answer to an activation.
    pub fn input(&mut self, input: ActivationInput) -> Result<Value, Trouble> {
        let ticket = self.forced.take().unwrap_or(self.ticket);
        let Talk::Activation(activation) = &self.talk else { return Err(nobody()) };
        let step = activation.advance(ticket, input)?;
        Ok(self.moved(step))
    }

    /// A password to an activation.
    pub fn password(&mut self, password: &[u8]) -> Result<Value, Trouble> {
        let ticket = self.forced.take().unwrap_or(self.ticket);
        let Talk::Activation(activation) = &self.talk else { return Err(nobody()) };
        let step = activation.supply_password(ticket, password)?;
        Ok(self.moved(step))
    }

    /// `Retry` to whatever is talked to.
    pub fn retry(&mut self) -> Result<Value, Trouble> {
        let ticket = self.forced.take().unwrap_or(self.ticket);
        match &self.talk {
            Talk::Activation(activation) => {
                let step = activation.advance(ticket, ActivationInput::Retry)?;
                Ok(self.moved(step))
            }
            Talk::Contact(contact) => {
                let step = contact.advance(ticket, ContactInput::Retry)?;
                Ok(self.heard(step))
            }
            Talk::Nobody => Err(nobody()),
        }
    }

    /// The request that waits to be carried, if there is one.
    pub fn request(&self) -> Result<Option<HttpRequest>, Trouble> {
        Ok(match &self.talk {
            Talk::Activation(activation) => match activation.step()?.state {
                ActivationState::Exchange { request } => Some(request),
                _ => None,
            },
            Talk::Contact(contact) => match contact.step()?.state {
                ContactState::Exchange { request } => Some(request),
                _ => None,
            },
            Talk::Nobody => return Err(nobody()),
        })
    }

    /// Carries the request that waits and gives what came of it to the machine.
    pub fn carry(&mut self) -> Result<Value, Trouble> {
        let request = self.request()?.ok_or_else(|| Trouble::Journey("no request waits".into()))?;
        self.replied(network::carry(&request))
    }

    /// What came of a request.
    pub fn replied(&mut self, reply: Result<(u16, Vec<u8>), HttpProblem>) -> Result<Value, Trouble> {
        let ticket = self.forced.take().unwrap_or(self.ticket);
        if let Ok((status, body)) = &reply {
            self.replied = Some((ticket, *status, body.clone()));
        }
        match &self.talk {
            Talk::Activation(activation) => {
                let input = match reply {
                    Ok((status, body)) => ActivationInput::Http { status, body },
                    Err(problem) => ActivationInput::HttpProblem { problem },
                };
                let step = activation.advance(ticket, input)?;
                Ok(self.moved(step))
            }
            Talk::Contact(contact) => {
                let input = match reply {
                    Ok((status, body)) => ContactInput::Http { status, body },
                    Err(problem) => ContactInput::HttpProblem { problem },
                };
                let step = contact.advance(ticket, input)?;
                Ok(self.heard(step))
            }
            Talk::Nobody => Err(nobody()),
        }
    }

    /// The latest reply once more, with the ticket that it had.
    pub fn reply_again(&mut self) -> Result<Value, Trouble> {
        let (ticket, status, body) =
            self.replied.clone().ok_or_else(|| Trouble::Journey("there was no reply".into()))?;
        self.forced = Some(ticket);
        self.replied(Ok((status, body)))
    }

    fn moved(&mut self, step: ActivationStep) -> Value {
        (self.old, self.ticket) = (Some(self.ticket), step.ticket);
        views::activation(&step.state)
    }

    fn heard(&mut self, step: ContactStep) -> Value {
        (self.old, self.ticket) = (Some(self.ticket), step.ticket);
        views::contact(&step.state)
    }
}

fn nobody() -> Trouble {
    Trouble::Journey("nothing of this kind was begun".into())
}
