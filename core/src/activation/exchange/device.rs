//! The exchange itself: what was agreed on, and what is to be sent next.

use zeroize::Zeroizing;

use super::agreement::Agreement;
use super::checks::{CAN_VERIFY, Checks, Progress, Verify};
use super::keys::commitment;
use super::messages::{Answer, Hello, Refused, is_device_label};
use super::noise::Initiator;
use super::order::{Header, OnlineOrder, open_body};
use super::request::{ExchangeError, Request, RequestKind};
use super::sealed::{self, Ask, Standing};
use super::verification::Verifications;
use crate::activation::qr_password;
use crate::activation::state::FieldProblem;
use crate::random::Random;
use crate::secret::Key;

/// One activation over the network. No `Debug`, no `Clone`: it holds secrets.
pub struct Exchange {
    pub(super) header: Header,
    pub(super) psk: Key<32>,
    /// Until message 2, for a QR code.
    pub(super) password: Option<Key<8>>,
    pub(super) device: String,
    /// The issuer's key that was seen at this address before.
    pub(super) known_issuer: Option<[u8; 32]>,
    /// r_d.
    pub(super) random: Key<32>,
    /// n_d.
    pub(super) nonce: Key<32>,
    pub(super) stage: Stage,
    /// The handshake that an answer is awaited for. Never stored: another begins with the same r_d and n_d.
    pub(super) handshake: Option<Initiator>,
}

/// How far it is.
pub(super) enum Stage {
    /// Nothing is agreed on.
    Claiming {
        /// Message 1 has left: doing without network is no longer possible.
        sent: bool,
        /// The issuer has refused the last password.
        tries_left: Option<u8>,
    },
    /// Both sides have keys.
    Agreed {
        agreement: Box<Agreement>,
        /// Of the last request.
        number: u32,
        /// Its bytes, until it is answered.
        asked: Option<Vec<u8>>,
        checks: Checks,
        standing: Option<Standing>,
    },
    /// Refused for good; nothing of it is left.
    Ended(Refused),
}

/// What comes next.
pub enum Step {
    /// Send [`Exchange::request`].
    Send,
    /// A verification stands before message 3; [`Exchange::verify_again`] and [`Exchange::request`] ask how far it is.
    Verify(Verify),
    /// Ask for the password again, then [`Exchange::supply_password`].
    Password {
        /// How many more may be tried.
        tries_left: u8,
    },
    /// Show the registration code; when the user says that the issuer took it, send [`Exchange::request`].
    ShowCode(Zeroizing<String>),
    /// The token is active.
    Active,
    /// Refused for good.
    Ended(Refused),
}

impl Exchange {
    /// Begins; nothing is sent. `device` is what the portal calls this device, `known_issuer` the Ed25519
    /// key that an identity of this address was activated with.
    pub fn begin(
        order: OnlineOrder,
        device: &str,
        known_issuer: Option<[u8; 32]>,
        random: &Random,
    ) -> Result<Self, ExchangeError> {
        if !is_device_label(device) {
            return Err(ExchangeError::DeviceLabel);
        }
        let OnlineOrder { header, psk, password } = order;
        Ok(Self {
            header,
            psk,
            password,
            device: device.to_owned(),
            known_issuer,
            random: random.key()?,
            nonce: random.key()?,
            stage: Stage::Claiming { sent: false, tries_left: None },
            handshake: None,
        })
    }

    /// What is known in clear: issuer, serial number, code profile.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What comes next.
    pub fn step(&self) -> Step {
        match &self.stage {
            Stage::Claiming { tries_left: Some(tries_left), .. } => {
                Step::Password { tries_left: *tries_left }
            }
            Stage::Claiming { .. } => Step::Send,
            Stage::Agreed { standing: Some(Standing::Active), .. } => Step::Active,
            Stage::Agreed { agreement, standing: Some(Standing::CodeAwaited), .. } => {
                match agreement.keys.registration_code(&self.nonce) {
                    Some(code) => Step::ShowCode(code.grouped()),
                    None => Step::Send,
                }
            }
            Stage::Agreed { checks, .. } => checks.next().map_or(Step::Send, Step::Verify),
            Stage::Ended(refused) => Step::Ended(*refused),
        }
    }

    /// What was agreed on, from message 2 on. Store it before the next request leaves.
    pub fn agreement(&self) -> Option<&Agreement> {
        match &self.stage {
            Stage::Agreed { agreement, .. } => Some(agreement),
            Stage::Claiming { .. } | Stage::Ended(_) => None,
        }
    }

    /// What the issuer calls this device.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// The issuer's key that the exchange began with.
    pub fn known_issuer(&self) -> Option<[u8; 32]> {
        self.known_issuer
    }

    /// True from the moment that message 3 was made.
    pub fn has_opened(&self) -> bool {
        matches!(&self.stage, Stage::Agreed { checks, .. } if checks.progress == Progress::Opened)
    }

    /// False as soon as message 1 may have left: the activation cannot go on without network then.
    pub fn may_go_offline(&self) -> bool {
        self.header.flags.offline_allowed && matches!(self.stage, Stage::Claiming { sent: false, .. })
    }

    /// Another password after a wrong one; only the issuer can tell whether it is right.
    pub fn supply_password(&mut self, password: &[u8]) -> Result<(), FieldProblem> {
        let password = qr_password::read(password)?;
        if let Stage::Claiming { tries_left: tries_left @ Some(_), .. } = &mut self.stage {
            *tries_left = None;
            self.password = Some(password);
        }
        Ok(())
    }

    /// The request to send now. A claim is made anew each time, and an answer to an earlier one is refused
    /// then; a sealed request stays the same until it is answered.
    pub fn request(&mut self, random: &Random) -> Result<Request, ExchangeError> {
        match &mut self.stage {
            Stage::Claiming { sent, tries_left: None } => {
                let hello = Hello {
                    random: self.random.duplicate(),
                    commitment: commitment(&self.nonce),
                    password: self.password.as_ref().map(Key::duplicate),
                    device: self.device.clone(),
                    capabilities: CAN_VERIFY,
                };
                let (prologue, key) = (self.header.prologue(), self.header.issuer_key.bytes());
                let (handshake, message) =
                    Initiator::start(&prologue, key, &self.psk, hello.encode()?.expose(), random)?;
                let body = open_body(&self.header, &message);
                self.handshake = Some(handshake);
                *sent = true;
                Ok(Request { kind: RequestKind::Open, body })
            }
            Stage::Agreed { agreement, number, asked, checks, standing }
                if *standing != Some(Standing::Active) && checks.answer.is_none() =>
            {
                let body = match asked {
                    Some(body) => body.clone(),
                    None => {
                        let (ask, progress) = match (standing, checks.progress) {
                            (None, Progress::Asking) => {
                                (Ask::Verifications { again: checks.again }, Progress::Asking)
                            }
                            (None, Progress::Passed | Progress::Opened) => {
                                (Ask::Finish { nonce: self.nonce.duplicate() }, Progress::Opened)
                            }
                            (Some(_), progress) => (Ask::Status, progress),
                        };
                        let next = number.checked_add(1).ok_or(ExchangeError::NotNow)?;
                        let keys = &agreement.keys;
                        let plain = ask.encode()?;
                        let body = sealed::seal(&keys.to_issuer, &keys.session, next, plain.expose())
                            .ok_or(ExchangeError::TooLong)?;
                        *number = next;
                        checks.progress = progress;
                        asked.insert(body).clone()
                    }
                };
                Ok(Request { kind: RequestKind::Sealed, body })
            }
            _ => Err(ExchangeError::NotNow),
        }
    }

    /// Takes the body of an answer to the last request. After an error nothing has changed.
    pub fn take(&mut self, reply: &[u8]) -> Result<(), ExchangeError> {
        match &mut self.stage {
            Stage::Claiming { .. } => self.take_claim(reply),
            Stage::Agreed { agreement, number, asked: asked @ Some(_), checks, standing } => {
                let keys = &agreement.keys;
                let plain = sealed::open(&keys.to_device, &keys.session, *number, reply)
                    .ok_or(ExchangeError::BadReply)?;
                if checks.progress == Progress::Asking {
                    let answer = Verifications::decode(plain.expose(), checks.wanted);
                    match answer.map_err(|_| ExchangeError::BadReply)? {
                        Verifications::Refused(refused) => self.stage = Stage::Ended(refused),
                        answer => {
                            checks.take(answer);
                            *asked = None;
                        }
                    }
                    return Ok(());
                }
                let answer = Standing::decode(plain.expose()).map_err(|_| ExchangeError::BadReply)?;
                match answer {
                    Standing::Refused(refused) => self.stage = Stage::Ended(refused),
                    Standing::Active if standing.is_none() && self.header.flags.confirm_in_portal => {
                        return Err(ExchangeError::CodeSkipped);
                    }
                    Standing::Active | Standing::CodeAwaited => {
                        *standing = Some(answer);
                        *asked = None;
                    }
                }
                Ok(())
            }
            Stage::Agreed { .. } | Stage::Ended(_) => Err(ExchangeError::NotNow),
        }
    }

    fn take_claim(&mut self, reply: &[u8]) -> Result<(), ExchangeError> {
        let handshake = self.handshake.as_mut().ok_or(ExchangeError::NotNow)?;
        // From here on the handshake is over, whatever was inside; a contradiction leaves the stage as it was.
        let (payload, hash) = handshake.finish(reply)?;
        self.handshake = None;
        match Answer::decode(payload.expose()).map_err(|_| ExchangeError::BadReply)? {
            Answer::Refused(Refused::WrongPassword { tries_left }) if self.password.is_some() => {
                self.password = None;
                self.stage = Stage::Claiming { sent: true, tries_left: Some(tries_left) };
            }
            Answer::Refused(refused) => {
                self.password = None;
                self.stage = Stage::Ended(refused);
            }
            Answer::Accepted(accepted) => {
                let known = self.known_issuer.as_ref();
                let reached =
                    Agreement::reach(&self.header, known, &self.random, &accepted, &hash, CAN_VERIFY)?;
                let (agreement, checks) = (Box::new(reached.agreement), Checks::new(reached.wanted));
                self.password = None;
                self.stage = Stage::Agreed { agreement, number: 0, asked: None, checks, standing: None };
            }
        }
        Ok(())
    }
}
