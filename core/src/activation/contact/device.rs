//! The contact itself: what is wished, what was agreed on, and what is to be sent next.

use super::caller::Caller;
use super::messages::{Answer, Ask, Call, DELETED, Report};
use crate::activation::exchange::messages::{self, is_device_label};
use crate::activation::exchange::noise::Initiator;
use crate::activation::exchange::order::open_body;
use crate::activation::exchange::{
    Agreement, ExchangeError, Header, IssuerCard, Reached, Refused, Request, RequestKind, sealed,
};
use crate::activation::issuer_key::IssuerKey;
use crate::activation::profile::Profile;
use crate::random::Random;
use crate::secret::Key;

/// One contact with the issuer of a token. No `Debug`, no `Clone`: it holds secrets.
pub struct Contact {
    pub(super) caller: Caller,
    pub(super) issuer_key: IssuerKey,
    pub(super) device: String,
    pub(super) wish: Wish,
    pub(super) stage: Stage,
    /// The handshake that an answer is awaited for, and its r_d. Never stored: the next one is another.
    pub(super) handshake: Option<(Initiator, Key<32>)>,
}

/// What a contact is for: its sealed request.
pub type Wish = Ask;

/// How far it is.
pub(super) enum Stage {
    /// Nothing is agreed on.
    Calling,
    /// Both sides have keys.
    Agreed {
        agreement: Box<Agreement>,
        /// Of the last request.
        number: u32,
        /// Its bytes, until it is answered.
        asked: Option<Vec<u8>>,
        /// The issuer has taken the new seed; its codes are made so.
        renewed: Option<Profile>,
        /// The last answer.
        report: Option<Report>,
    },
    /// Refused for good; nothing of it is left.
    Ended(Refused),
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Send [`Contact::request`].
    Send,
    /// The issuer takes the codes of the agreement's new seed and of the old one: in one transaction make the new seed and
    /// K_rec those of the identity, with this profile and a way back of their own, beside the old ones; then send
    /// [`Contact::request`].
    Renewed(Profile),
    /// Done: apply policy and time, enter the agreement's group, and forget the old seed and K_rec if [`Report::alone`].
    Done(Report),
    /// The issuer has deleted the token, or at least this device's seed of it: as wished, or as news.
    Deleted,
    /// Refused for good: the seed stays; a queued deletion has nothing more to do.
    Refused(Refused),
}

/// Why a call did nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// As in an activation.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The token belongs to another holder than the identity's group.
    #[error("the reply is for another holder")]
    AnotherHolder,
}

impl Contact {
    /// Begins; nothing is sent. `card` is what the caller's address has just answered about itself, `device` what
    /// the portal calls this device.
    pub fn begin(caller: Caller, card: &IssuerCard, wish: Wish, device: &str) -> Result<Self, ContactError> {
        if !is_device_label(device) {
            return Err(ExchangeError::DeviceLabel.into());
        }
        let issuer_key = check(&caller, card)?;
        let (device, stage) = (device.to_owned(), Stage::Calling);
        Ok(Self { caller, issuer_key, device, wish, stage, handshake: None })
    }

    /// Gives up what was not answered and begins again, because the issuer does not know the session or its X25519 key
    /// any more. Not once a new seed is shown, or after the end: begin another contact then, with the new seed.
    pub fn call_again(&mut self, card: &IssuerCard) -> Result<(), ContactError> {
        match self.stage {
            Stage::Calling | Stage::Agreed { renewed: None, report: None, .. } => {
                self.issuer_key = check(&self.caller, card)?;
                (self.stage, self.handshake) = (Stage::Calling, None);
                Ok(())
            }
            Stage::Agreed { .. } | Stage::Ended(_) => Err(ExchangeError::NotNow.into()),
        }
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What it is for.
    pub fn wish(&self) -> Wish {
        self.wish
    }

    /// What comes next.
    pub fn step(&self) -> Step {
        match &self.stage {
            Stage::Agreed { report: Some(report), .. } => Step::Done(*report),
            Stage::Agreed { renewed: Some(profile), .. } => Step::Renewed(*profile),
            Stage::Calling | Stage::Agreed { .. } => Step::Send,
            Stage::Ended(refused) if *refused == DELETED => Step::Deleted,
            Stage::Ended(refused) => Step::Refused(*refused),
        }
    }

    /// What was agreed on, from message 2 on: holder and issuer are proven; seed and K_rec are the new ones of a rekey, and
    /// mean nothing before [`Step::Renewed`].
    pub fn agreement(&self) -> Option<&Agreement> {
        match &self.stage {
            Stage::Agreed { agreement, .. } => Some(agreement),
            Stage::Calling | Stage::Ended(_) => None,
        }
    }

    /// The request to send now. A handshake is made anew each time, and an answer to an earlier one is refused then;
    /// a sealed request stays the same until it is answered.
    pub fn request(&mut self, random: &Random) -> Result<Request, ContactError> {
        let header = self.header();
        match &mut self.stage {
            Stage::Calling => {
                let call = Call {
                    random: random.key().map_err(ExchangeError::from)?,
                    device: self.device.clone(),
                    capabilities: 0,
                };
                let payload = call.encode().map_err(ExchangeError::from)?;
                let (prologue, key) = (header.prologue(), header.issuer_key.bytes());
                let (handshake, message) =
                    Initiator::start(&prologue, key, &self.caller.psk, payload.expose(), random)
                        .map_err(ExchangeError::from)?;
                self.handshake = Some((handshake, call.random));
                Ok(Request { kind: RequestKind::Open, body: open_body(&header, &message) })
            }
            Stage::Agreed { agreement, number, asked, renewed, report: None } => {
                let body = match asked {
                    Some(body) => body.clone(),
                    None => {
                        let ask = if renewed.is_some() { Ask::Refresh } else { self.wish };
                        let next = number.checked_add(1).ok_or(ExchangeError::NotNow)?;
                        let keys = &agreement.keys;
                        let plain = ask.encode().map_err(ExchangeError::from)?;
                        let body = sealed::seal(&keys.to_issuer, &keys.session, next, plain.expose())
                            .ok_or(ExchangeError::TooLong)?;
                        *number = next;
                        asked.insert(body).clone()
                    }
                };
                Ok(Request { kind: RequestKind::Sealed, body })
            }
            Stage::Agreed { .. } | Stage::Ended(_) => Err(ExchangeError::NotNow.into()),
        }
    }

    /// Takes the body of an answer to the last request. After an error nothing has changed.
    pub fn take(&mut self, reply: &[u8]) -> Result<(), ContactError> {
        let wish = self.wish;
        match &mut self.stage {
            Stage::Calling => self.take_handshake(reply),
            Stage::Agreed { agreement, number, asked: asked @ Some(_), renewed, report } => {
                let keys = &agreement.keys;
                let plain = sealed::open(&keys.to_device, &keys.session, *number, reply)
                    .ok_or(ExchangeError::BadReply)?;
                match Answer::decode(plain.expose()).map_err(|_| ExchangeError::BadReply)? {
                    Answer::Refused(refused) => self.stage = Stage::Ended(refused),
                    Answer::Renewed(profile, _) if wish == Wish::Rekey && renewed.is_none() => {
                        (*renewed, *asked) = (Some(profile), None);
                    }
                    Answer::Report(news) if wish == Wish::Refresh || renewed.is_some() => {
                        (*report, *asked) = (Some(news), None);
                    }
                    Answer::Renewed(..) | Answer::Report(_) => return Err(ExchangeError::BadReply.into()),
                }
                Ok(())
            }
            Stage::Agreed { .. } | Stage::Ended(_) => Err(ExchangeError::NotNow.into()),
        }
    }

    fn take_handshake(&mut self, reply: &[u8]) -> Result<(), ContactError> {
        let (handshake, _) = self.handshake.as_mut().ok_or(ExchangeError::NotNow)?;
        // From here on the handshake is over, whatever was inside; a contradiction leaves the stage as it was.
        let (payload, hash) = handshake.finish(reply).map_err(ExchangeError::from)?;
        let (_, random) = self.handshake.take().ok_or(ExchangeError::NotNow)?;
        match messages::Answer::decode(payload.expose()).map_err(|_| ExchangeError::BadReply)? {
            messages::Answer::Refused(refused) => self.stage = Stage::Ended(refused),
            messages::Answer::Accepted(accepted) => {
                let known = self.caller.known;
                let issuer = known.as_ref().map(|known| &known.issuer);
                let Reached { agreement, .. } =
                    Agreement::reach(&self.header(), issuer, &random, &accepted, &hash, 0)?;
                if known.and_then(|known| known.holder).is_some_and(|holder| holder != agreement.holder) {
                    return Err(ContactError::AnotherHolder);
                }
                let agreement = Box::new(agreement);
                self.stage = Stage::Agreed { agreement, number: 0, asked: None, renewed: None, report: None };
            }
        }
        Ok(())
    }

    fn header(&self) -> Header {
        Header::contact(self.caller.address.clone(), self.caller.serial.clone(), self.issuer_key)
    }
}

/// The card's key, if the issuer that is known says so.
fn check(caller: &Caller, card: &IssuerCard) -> Result<IssuerKey, ExchangeError> {
    let known = caller.known.as_ref().map(|known| &known.issuer);
    card.proof.check(&caller.address, &card.handshake_key, known)?;
    Ok(card.handshake_key)
}
