//! A phone with one identity, as its vault would keep it, and the issuer of it.
#![allow(dead_code, reason = "each test file uses its part")]

#[path = "../exchange/mod.rs"]
mod exchange;

use softtoken_core::activation::contact::issuer::TestToken;
use softtoken_core::activation::contact::{Caller, Contact, ContactError, Known, Step, TokenState, Wish};
use softtoken_core::activation::exchange::issuer::{Status, TestIssuer};
use softtoken_core::activation::exchange::{Request, RequestKind};
use softtoken_core::codec::decimal::SerialNumber;
use softtoken_core::random::Random;
use softtoken_core::secret::Key;

pub const SEED: [u8; 32] = [0x31; 32];
pub const RECOVERY: [u8; 32] = [0x32; 32];
pub const HOLDER: [u8; 16] = [7; 16];

/// The issuer with one token.
pub struct World {
    pub issuer: TestIssuer,
    pub token: TestToken,
}

pub fn serial() -> SerialNumber {
    SerialNumber::parse("48244-13456").unwrap()
}

pub fn world() -> World {
    World { issuer: exchange::issuer(), token: TestToken::new(serial(), Key::new(SEED), Key::new(RECOVERY)) }
}

impl World {
    pub fn serve(&mut self, request: &Request) -> Result<Vec<u8>, Status> {
        match request.kind {
            RequestKind::Open => self.token.open(&self.issuer, &request.body),
            RequestKind::Sealed => self.token.sealed(&self.issuer, &request.body),
        }
    }

    pub fn takes(&mut self, seed: &[u8; 32]) -> bool {
        self.token.state == TokenState::Active
            && self
                .token
                .seeds
                .as_ref()
                .is_some_and(|seeds| seeds.all().any(|(_, keys)| keys.seed.expose() == seed))
    }

    pub fn unlocks_with(&self) -> Option<[u8; 32]> {
        self.token.seeds.as_ref().map(|seeds| *seeds.unlock().recovery.expose())
    }
}

/// A phone that stores as section 9.4 says: everything in here outlives its process.
pub struct Phone {
    pub seed: [u8; 32],
    pub known: Option<Known>,
    /// K_rec of every way back, its own last.
    pub ways_back: Vec<[u8; 32]>,
    pub stored: Option<Vec<u8>>,
    pub random: Random,
    pub gone: bool,
}

impl Phone {
    pub fn new(random: u64) -> Self {
        Self {
            seed: SEED,
            known: None,
            ways_back: vec![RECOVERY],
            stored: None,
            random: Random::seeded(random),
            gone: false,
        }
    }

    pub fn caller(&self) -> Caller {
        Caller::new(exchange::issuer().address, serial(), &self.seed, self.known)
    }

    pub fn begin(&self, world: &World, wish: Wish) -> Contact {
        Contact::begin(self.caller(), &world.issuer.card().unwrap(), wish, "Test device").unwrap()
    }

    /// Stores the contact and what its step says; to be called before anything is sent or shown.
    pub fn store(&mut self, contact: &Contact) {
        if let Some(agreement) = contact.agreement() {
            self.known = Some(Known { issuer: agreement.issuer, holder: Some(agreement.holder) });
            if let Step::Renewed(_) = contact.step() {
                self.seed = *agreement.keys.seed.expose();
                let recovery = *agreement.keys.recovery.expose();
                if self.recovery() != recovery {
                    self.ways_back.push(recovery);
                }
            }
        }
        match contact.step() {
            Step::Done(report) => {
                if report.alone {
                    self.ways_back = vec![self.recovery()];
                }
                self.stored = None;
            }
            Step::Refused(_) | Step::Deleted => {
                self.gone = contact.step() == Step::Deleted;
                self.stored = None;
            }
            Step::Send | Step::Renewed(_) => {
                self.stored = Some(contact.encode().unwrap().expose().to_vec());
            }
        }
    }

    /// Another seed, unless an old one is still kept.
    pub fn wish(&self) -> Wish {
        if self.ways_back.len() == 1 { Wish::Rekey } else { Wish::Refresh }
    }

    fn recovery(&self) -> [u8; 32] {
        *self.ways_back.last().unwrap()
    }

    /// Sends one request and takes the answer, and stores both.
    pub fn turn(&mut self, world: &mut World, contact: &mut Contact) -> Result<(), ContactError> {
        let reply = self.ask(world, contact).unwrap();
        self.take(contact, &reply)
    }

    pub fn ask(&mut self, world: &mut World, contact: &mut Contact) -> Result<Vec<u8>, Status> {
        let request = contact.request(&self.random).unwrap();
        self.store(contact);
        world.serve(&request)
    }

    pub fn take(&mut self, contact: &mut Contact, reply: &[u8]) -> Result<(), ContactError> {
        contact.take(reply)?;
        self.store(contact);
        Ok(())
    }

    /// A whole contact over a good network.
    pub fn contact(&mut self, world: &mut World, wish: Wish) -> Step {
        let mut contact = self.begin(world, wish);
        while matches!(contact.step(), Step::Send | Step::Renewed(_)) {
            self.turn(world, &mut contact).unwrap();
        }
        contact.step()
    }
}

pub fn reborn(contact: &Contact) -> Contact {
    let bytes = contact.encode().unwrap();
    let read = Contact::decode(bytes.expose()).unwrap();
    assert_eq!(read.encode().unwrap().expose(), bytes.expose());
    assert_eq!(read.step(), contact.step());
    read
}
