//! An issuer in memory, for tests only (feature `testing`): the other half of every exchange, with the counts and
//! refusals that `core/PROTOCOL.md` section 7 demands. It keeps no database and no clock; `now` is what a test says.

mod order;

use ring::signature::{Ed25519KeyPair, KeyPair};

use super::issuer_proof::{IssuerCard, IssuerProof, handshake_key_text, successor_text};
use super::keys::{SessionKeys, commitment};
use super::messages::{Accepted, Answer, Hello, Refused, encode_policy};
use super::noise::Responder;
use super::order::{OnlineOrder, Way, split_open_body};
use super::resolver::public_key;
use super::sealed::{self, Ask, Standing};
use crate::activation::address::Address;
use crate::activation::issuer_key::IssuerKey;
use crate::identity::Policy;
use crate::random::Random;
use crate::secret::{Key, sha256};
use crate::time::UnixTime;
pub use order::TestOrder;

/// The issuer. Its fields are a test's to change.
pub struct TestIssuer {
    /// Where it is.
    pub address: Address,
    /// Its X25519 private key.
    pub private: Key<32>,
    /// Its Ed25519 seed.
    pub signing: Key<32>,
    /// The Ed25519 seed before it.
    pub predecessor: Option<Key<32>>,
    /// Its clock.
    pub now: UnixTime,
    /// Its random bytes.
    pub random: Random,
    /// What it demands.
    pub policy: Policy,
    /// Verifications it demands.
    pub verifications: u64,
    /// Its orders, one door each.
    pub orders: Vec<TestOrder>,
}

/// One session.
pub struct TestSession {
    /// Its keys.
    pub keys: SessionKeys,
    commitment: [u8; 32],
    nonce: Option<Key<32>>,
    answered: Option<(u32, [u8; 32], Vec<u8>)>,
}

/// A bare HTTP status: says nothing about the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status(pub u16);

impl TestIssuer {
    /// An issuer with keys from `random`.
    pub fn new(address: Address, now: UnixTime, random: Random) -> Option<Self> {
        Some(Self {
            address,
            private: random.key().ok()?,
            signing: random.key().ok()?,
            predecessor: None,
            now,
            random,
            policy: Policy::default(),
            verifications: 0,
            orders: Vec::new(),
        })
    }

    /// Its key for handshakes.
    pub fn issuer_key(&self) -> Option<IssuerKey> {
        IssuerKey::new(public_key(&self.private)).ok()
    }

    /// Its Ed25519 public key.
    pub fn signing_key(&self) -> Option<[u8; 32]> {
        public_half(&self.signing)
    }

    /// What its address answers about it.
    pub fn card(&self) -> Option<IssuerCard> {
        let (handshake_key, key) = (self.issuer_key()?, self.signing_key()?);
        let signature = sign(&self.signing, &handshake_key_text(&self.address, &handshake_key))?;
        let predecessor = self.predecessor.as_ref().and_then(|before| {
            Some((public_half(before)?, sign(before, &successor_text(&self.address, &key))?))
        });
        Some(IssuerCard { handshake_key, proof: IssuerProof { key, signature, predecessor } })
    }

    /// Takes an order up, as it is on its way to the device.
    pub fn add(&mut self, order: &OnlineOrder, expires_at: UnixTime) {
        self.orders.push(TestOrder {
            header: order.header().clone(),
            psk: order.psk().duplicate(),
            password: order.password.as_ref().map(Key::duplicate),
            expires_at,
            closed: None,
            serial_said: order.header().serial.clone(),
            holder: [7; 16],
            standing: None,
            sessions: Vec::new(),
            checks: Vec::new(),
            wrong_passwords: 0,
            wrong_codes: 0,
            claim: None,
            claims: 0,
        });
    }

    /// A handshake: message 1 in, message 2 out.
    pub fn open(&mut self, body: &[u8]) -> Result<Vec<u8>, Status> {
        let (header, message) = split_open_body(body).map_err(|_| Status(400))?;
        let at = self.orders.iter().position(|order| order.header == header).ok_or(Status(404))?;
        let psk = self.order(at)?.psk.duplicate();
        let (responder, payload) =
            Responder::read(&header.prologue(), &self.private, &psk, message, &self.random)
                .map_err(|_| Status(400))?;
        let hello = Hello::decode(payload.expose()).map_err(|_| Status(400))?;
        if hello.password.is_some() != (header.way == Way::QrCode) {
            return Err(Status(400));
        }
        let now = self.now;
        let answer = match self.order(at)?.judge(&hello, now) {
            Some(refused) => Answer::Refused(refused),
            None => Answer::Accepted(Box::new(self.accept(at)?)),
        };
        let payload = answer.encode().map_err(|_| Status(500))?;
        let (message, hash) = responder.answer(payload.expose()).map_err(|_| Status(500))?;
        if let Answer::Accepted(said) = &answer {
            let keys = SessionKeys::derive(&hash, &hello.random, &said.random, &header.serial, &said.policy);
            let commitment = hello.commitment;
            self.order(at)?.sessions.push(TestSession { keys, commitment, nonce: None, answered: None });
        }
        Ok(message)
    }

    /// A sealed request and its answer.
    pub fn sealed(&mut self, body: &[u8]) -> Result<Vec<u8>, Status> {
        let (id, number) = sealed::head(body).ok_or(Status(400))?;
        let mine = |session: &TestSession| session.keys.session == id;
        let (wanted, address) = (self.verifications, self.address.clone());
        let order =
            self.orders.iter_mut().find(|order| order.sessions.iter().any(mine)).ok_or(Status(404))?;
        let at = order.sessions.iter().position(mine).ok_or(Status(404))?;
        let session = order.sessions.get_mut(at).ok_or(Status(404))?;
        let hash = *sha256(&[body]).expose();
        match &session.answered {
            Some((last, same, answer)) if *last == number && *same == hash => return Ok(answer.clone()),
            Some((last, ..)) if number.checked_sub(1) != Some(*last) => return Err(Status(409)),
            None if number != 1 => return Err(Status(409)),
            _ => {}
        }
        let plain = sealed::open(&session.keys.to_issuer, &id, number, body).ok_or(Status(400))?;
        let confirm = order.header.flags.confirm_in_portal;
        let ask = Ask::decode(plain.expose()).map_err(|_| Status(400))?;
        let closed = order.closed.is_some_and(|closed| closed != Refused::AlreadyUsed);
        if let (Ask::Verifications { again }, false) = (&ask, closed) {
            if order.standing.is_some() {
                return Err(Status(409));
            }
            let said = order.verifications(wanted, *again, &address);
            let plain = said.encode().map_err(|_| Status(500))?;
            let key = &session_key(order, at)?;
            let answer = sealed::seal(key, &id, number, plain.expose()).ok_or(Status(500))?;
            let session = order.sessions.get_mut(at).ok_or(Status(404))?;
            session.answered = Some((number, hash, answer.clone()));
            return Ok(answer);
        }
        let passed = order.has_passed(wanted);
        let session = order.sessions.get_mut(at).ok_or(Status(404))?;
        let standing = match ask {
            _ if order.closed.is_some_and(|closed| closed != Refused::AlreadyUsed) => {
                Standing::Refused(order.closed.unwrap_or(Refused::Void))
            }
            Ask::Finish { .. } if !passed && order.standing.is_none() => return Err(Status(409)),
            Ask::Finish { nonce } if commitment(&nonce) == session.commitment => {
                session.nonce = Some(nonce);
                order.closed = Some(Refused::AlreadyUsed);
                let standing = if confirm { Standing::CodeAwaited } else { Standing::Active };
                *order.standing.insert(standing)
            }
            Ask::Finish { .. } => Standing::Refused(Refused::Declined),
            Ask::Status => order.standing.ok_or(Status(409))?,
            Ask::Verifications { .. } => return Err(Status(409)),
        };
        let plain = standing.encode().map_err(|_| Status(500))?;
        let answer = sealed::seal(&session.keys.to_device, &id, number, plain.expose()).ok_or(Status(500))?;
        session.answered = Some((number, hash, answer.clone()));
        if order.standing.is_some() {
            // The first valid message 3 keeps its session.
            order.sessions.retain(mine);
        }
        Ok(answer)
    }

    /// The registration code is typed in; three wrong ones void the order.
    pub fn confirm(&mut self, at: usize, code: &str) -> Option<Standing> {
        let order = self.orders.get_mut(at)?;
        let session = order.sessions.first()?;
        let right = session.keys.registration_code(session.nonce.as_ref()?)?;
        if order.closed != Some(Refused::AlreadyUsed) || order.standing != Some(Standing::CodeAwaited) {
            return None;
        }
        if *right.grouped() == *code {
            order.standing = Some(Standing::Active);
        } else {
            order.wrong_codes = order.wrong_codes.saturating_add(1);
            if order.wrong_codes >= MAX_WRONG_CODES {
                order.closed = Some(Refused::Void);
            }
        }
        order.standing
    }

    fn order(&mut self, at: usize) -> Result<&mut TestOrder, Status> {
        self.orders.get_mut(at).ok_or(Status(404))
    }

    fn accept(&mut self, at: usize) -> Result<Accepted, Status> {
        let proof = self.card().ok_or(Status(500))?.proof;
        let policy = encode_policy(&self.policy).map_err(|_| Status(500))?.expose().to_vec();
        let random = self.random.key().map_err(|_| Status(500))?;
        let (time, verifications) = (self.now, self.verifications);
        let order = self.order(at)?;
        let (serial, holder) = (order.serial_said.clone(), order.holder);
        Ok(Accepted { serial, holder, policy, random, time, verifications, proof })
    }
}

fn session_key(order: &TestOrder, at: usize) -> Result<Key<32>, Status> {
    order.sessions.get(at).map(|session| session.keys.to_device.duplicate()).ok_or(Status(404))
}

fn public_half(seed: &Key<32>) -> Option<[u8; 32]> {
    Ed25519KeyPair::from_seed_unchecked(seed.expose()).ok()?.public_key().as_ref().try_into().ok()
}

fn sign(seed: &Key<32>, text: &[u8]) -> Option<[u8; 64]> {
    Ed25519KeyPair::from_seed_unchecked(seed.expose()).ok()?.sign(text).as_ref().try_into().ok()
}

const MAX_WRONG_CODES: u8 = 3;
