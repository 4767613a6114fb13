//! The contacts of an issuer in memory, for tests only (feature `testing`), with the rules of `core/PROTOCOL.md` section 9.
//! Keys, clock, policy and random bytes are those of a [`TestIssuer`].

use super::answer::{NoAnswer, Opened};
use super::caller::contact_psk;
use super::generations::{Generations, Removed};
use super::messages::{Answer, Ask, DELETED, Report, TokenState};
use crate::activation::exchange::issuer::{Status, TestIssuer};
use crate::activation::exchange::messages::{Accepted, encode_policy};
use crate::activation::exchange::order::split_open_body;
use crate::activation::exchange::{Refused, SessionKeys, sealed};
use crate::activation::profile::Profile;
use crate::codec::decimal::SerialNumber;
use crate::secret::{Key, sha256};
use crate::time::UnixTime;

/// A token that is active at the issuer.
pub struct TestToken {
    /// Its serial number.
    pub serial: SerialNumber,
    /// The serial number that message 2 names; wrong where a test wants it.
    pub serial_said: SerialNumber,
    /// The holder's 16 bytes.
    pub holder: [u8; 16],
    /// How codes of a new seed are made.
    pub profile: Profile,
    /// Its seeds; `None` once it is deleted.
    pub seeds: Option<Generations<Keys>>,
    /// The pre-shared keys of dead seeds, the last one first, and what is said under them.
    pub dead: Vec<(Key<32>, Refused)>,
    /// Are its codes taken?
    pub state: TokenState,
    /// Does the issuer wish another seed?
    pub rekey_wanted: bool,
    /// Its sessions.
    pub sessions: Vec<TestContact>,
}

/// A seed and its K_rec. No `Debug`, no `Clone`.
pub struct Keys {
    /// The seed.
    pub seed: Key<32>,
    /// K_rec.
    pub recovery: Key<32>,
}

/// One session of a contact.
pub struct TestContact {
    /// Its keys.
    pub keys: SessionKeys,
    generation: u64,
    renewed: bool,
    answered: Option<(u32, [u8; 32], Vec<u8>)>,
}

impl TestToken {
    /// An active token.
    pub fn new(serial: SerialNumber, seed: Key<32>, recovery: Key<32>) -> Self {
        Self {
            serial_said: serial.clone(),
            serial,
            holder: [7; 16],
            profile: Profile::TYPED,
            seeds: Some(Generations::new(Keys { seed, recovery })),
            dead: Vec::new(),
            state: TokenState::Active,
            rekey_wanted: false,
            sessions: Vec::new(),
        }
    }

    /// A handshake: message 1 in, message 2 out.
    pub fn open(&mut self, issuer: &TestIssuer, body: &[u8]) -> Result<Vec<u8>, Status> {
        let (header, message) = split_open_body(body).map_err(|_| Status(400))?;
        let card = issuer.card().ok_or(Status(500))?;
        self.pass(issuer.now);
        let mine = header.serial == self.serial
            && header.address == issuer.address
            && header.issuer_key == card.handshake_key;
        let (mut psks, mut said) = (Vec::new(), Vec::new());
        if mine {
            for (number, keys) in self.seeds.iter().flat_map(Generations::all) {
                psks.push(contact_psk(keys.seed.expose(), &self.serial));
                said.push(Ok(number));
            }
            for (psk, refused) in &self.dead {
                psks.push(psk.duplicate());
                said.push(Err(*refused));
            }
        }
        let opened = Opened::read(header, message, &issuer.private, &psks, &issuer.random).map_err(status)?;
        let generation = match said.get(opened.which).ok_or(Status(500))? {
            Ok(number) => *number,
            Err(refused) => return opened.refuse(*refused).map_err(status),
        };
        let policy = encode_policy(&issuer.policy).map_err(|_| Status(500))?.expose().to_vec();
        let (message, keys) = opened
            .accept(Accepted {
                serial: self.serial_said.clone(),
                holder: self.holder,
                policy,
                random: issuer.random.key().map_err(|_| Status(500))?,
                time: issuer.now,
                verifications: issuer.verifications,
                proof: card.proof,
            })
            .map_err(status)?;
        self.sessions.push(TestContact { keys, generation, renewed: false, answered: None });
        Ok(message)
    }

    /// A sealed request and its answer.
    pub fn sealed(&mut self, issuer: &TestIssuer, body: &[u8]) -> Result<Vec<u8>, Status> {
        let (id, number) = sealed::head(body).ok_or(Status(400))?;
        let hash = *sha256(&[body]).expose();
        let at = self.sessions.iter().position(|session| session.keys.session == id).ok_or(Status(404))?;
        let session = self.sessions.get(at).ok_or(Status(404))?;
        match &session.answered {
            Some((last, same, answer)) if *last == number && *same == hash => return Ok(answer.clone()),
            Some((last, ..)) if number.checked_sub(1) != Some(*last) => return Err(Status(409)),
            None if number != 1 => return Err(Status(409)),
            _ => {}
        }
        let plain = sealed::open(&session.keys.to_issuer, &id, number, body).ok_or(Status(400))?;
        let ask = Ask::decode(plain.expose()).map_err(|_| Status(400))?;
        self.pass(issuer.now);
        let mut session = self.sessions.swap_remove(at);
        // The first sealed request of a session ends all others.
        self.sessions.clear();
        let answer = self.answer(issuer, &mut session, ask);
        let plain = answer.encode().map_err(|_| Status(500))?;
        let answer = sealed::seal(&session.keys.to_device, &id, number, plain.expose()).ok_or(Status(500))?;
        session.answered = Some((number, hash, answer.clone()));
        self.sessions.push(session);
        Ok(answer)
    }

    /// A code of this seed is typed in: is it taken?
    pub fn code(&mut self, seed: &[u8; 32], now: UnixTime) -> bool {
        self.pass(now);
        let Some(seeds) = &mut self.seeds else { return false };
        let found = seeds.all().find(|(_, keys)| keys.seed.expose() == seed).map(|(number, _)| number);
        let dead = found.and_then(|number| seeds.accepted(number));
        self.bury(dead);
        found.is_some()
    }

    /// Another activation of this serial number has ended well.
    pub fn reactivated(&mut self, seed: Key<32>, recovery: Key<32>, now: UnixTime) {
        let keys = Keys { seed, recovery };
        let dead = self.seeds.as_mut().and_then(|seeds| seeds.reactivated(keys, now).1);
        self.bury(dead);
    }

    fn answer(&mut self, issuer: &TestIssuer, session: &mut TestContact, ask: Ask) -> Answer {
        let Some(seeds) = &mut self.seeds else { return Answer::Refused(DELETED) };
        // A new seed that dies here was never shown: nobody will ask under it.
        let (lives, _) = seeds.heard(session.generation, issuer.now);
        if !lives {
            return Answer::Refused(Refused::Superseded);
        }
        let mut dead = None;
        let renewed = match ask {
            Ask::Rekey if session.renewed || self.state == TokenState::Disabled => {
                return Answer::Refused(Refused::Declined);
            }
            Ask::Rekey => {
                let keys =
                    Keys { seed: session.keys.seed.duplicate(), recovery: session.keys.recovery.duplicate() };
                let Some((number, died)) = seeds.renew(session.generation, keys) else {
                    return Answer::Refused(Refused::Declined);
                };
                (session.generation, session.renewed, dead) = (number, true, died);
                self.rekey_wanted = false;
                true
            }
            Ask::Delete => {
                let psk = |keys: &Keys| contact_psk(keys.seed.expose(), &self.serial);
                let all: Vec<_> = seeds.all().map(|(_, keys)| (psk(keys), DELETED)).collect();
                let dead = match seeds.remove(session.generation) {
                    Removed::Token => {
                        self.seeds = None;
                        all
                    }
                    Removed::Old(keys) => vec![(psk(&keys), DELETED)],
                    Removed::Nothing => Vec::new(),
                };
                self.dead.splice(0..0, dead);
                return Answer::Refused(DELETED);
            }
            Ask::Refresh => false,
        };
        let report = Report {
            state: self.state,
            policy: issuer.policy,
            time: issuer.now,
            rekey_wanted: self.rekey_wanted,
            alone: seeds.next.is_none(),
        };
        self.bury(dead);
        if renewed { Answer::Renewed(self.profile, report) } else { Answer::Report(report) }
    }

    fn pass(&mut self, now: UnixTime) {
        let dead = self.seeds.as_mut().and_then(|seeds| seeds.pass(now));
        self.bury(dead);
    }

    fn bury(&mut self, dead: Option<Keys>) {
        if let Some(keys) = dead {
            self.dead.insert(0, (contact_psk(keys.seed.expose(), &self.serial), Refused::Superseded));
        }
    }
}

fn status(error: NoAnswer) -> Status {
    Status(match error {
        NoAnswer::Unknown => 404,
        NoAnswer::Malformed(_) => 400,
        NoAnswer::Handshake(_) => 500,
    })
}
