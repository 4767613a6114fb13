//! A device with a real vault folder, and issuers in memory that know its tokens.
#![allow(dead_code, reason = "each test file uses its part")]

use softtoken_core::activation::address::Address;
use softtoken_core::activation::contact::Wish;
use softtoken_core::activation::contact::issuer::TestToken;
use softtoken_core::activation::driver::{HttpKind, HttpRequest};
use softtoken_core::activation::exchange::issuer::{Status, TestIssuer};
use softtoken_core::activation::exchange::order::split_open_body;
use softtoken_core::activation::offline::{OfflineInput, argon2id};
use softtoken_core::activation::profile::Profile;
use softtoken_core::activation::state::{
    ActivationInput, ActivationOptions, ActivationSource, ActivationState,
};
use softtoken_core::codec::decimal::RegistrationCode;
use softtoken_core::identity::{IdentityId, IdentityState};
use softtoken_core::lock::issuer_unlock_code;
use softtoken_core::otp::code_at;
use softtoken_core::random::Random;
use softtoken_core::token::{ContactInput, ContactState, IssuerContact, TokenState};

use super::exchange::NOW;
use super::online_support::{Door, Pair, fields, serial};
use super::token_support::consent;

pub const HOLDER: [u8; 16] = [7; 16];
pub const NEW_PIN: &[u8] = b"806423";

/// The device, and what the issuers know.
pub struct Phone {
    pub pair: Pair,
    /// Issuers beside `pair.issuer`.
    pub others: Vec<TestIssuer>,
    /// Tokens, each with the number of its issuer: 0 is `pair.issuer`.
    pub tokens: Vec<(usize, TestToken)>,
}

impl Phone {
    pub fn new() -> Self {
        Self { pair: Pair::new(), others: Vec::new(), tokens: Vec::new() }
    }

    /// An identity that was activated over the network; gives its id and the number of its token.
    pub fn online(&mut self, number: u8, name: &str) -> (IdentityId, usize) {
        let activation = self.pair.begin(Door::Link, number);
        self.pair.issuer.orders.last_mut().unwrap().holder = HOLDER;
        self.pair.consent(&activation, Some(name));
        let ActivationState::Done { added, .. } = self.pair.run(&activation) else { panic!("activated") };
        let keys = &self.pair.issuer.orders.last().unwrap().sessions[0].keys;
        let token = TestToken::new(serial(number), keys.seed.duplicate(), keys.recovery.duplicate());
        (added[0], self.keep(0, token))
    }

    /// One that was activated without network, with typed values.
    pub fn offline(&mut self, number: u8, name: &str) -> (IdentityId, usize) {
        self.offline_at(0, number, name)
    }

    /// The same at another issuer.
    pub fn offline_at(&mut self, issuer: usize, number: u8, name: &str) -> (IdentityId, usize) {
        let fields = || {
            let mut fields = fields(number);
            fields.address = self.issuer(issuer).address.ascii().to_owned();
            fields
        };
        let options = ActivationOptions { offline: true, ..ActivationOptions::default() };
        let source = ActivationSource::Typed(fields());
        let activation = self.pair.token.begin_activation(source, options).unwrap();
        let ActivationState::ShowRegistrationCode { id, code, .. } =
            consent(&activation, Some(name)).unwrap()
        else {
            panic!("the registration code is shown")
        };
        activation.advance(activation.step().unwrap().ticket, ActivationInput::Confirmed).unwrap();
        let details = fields().check().unwrap_or_else(|_| panic!("typed values"));
        let code = RegistrationCode::parse(&code).unwrap();
        let keys = OfflineInput::from_typed(&details).derive(code, &argon2id).unwrap();
        let token = TestToken::new(serial(number), keys.seed, keys.recovery_key);
        (id, self.keep(issuer, token))
    }

    /// Another issuer; gives its number.
    pub fn another_issuer(&mut self, address: &str) -> usize {
        let address = Address::from_canonical(address).unwrap();
        self.others.push(TestIssuer::new(address, NOW, Random::seeded(99)).unwrap());
        self.others.len()
    }

    pub fn begin(&self, id: IdentityId, wish: Wish) -> IssuerContact {
        self.pair.token.begin_contact(id, wish, Some("Test")).unwrap()
    }

    /// A whole contact.
    pub fn contact(&mut self, id: IdentityId, wish: Wish) -> ContactState {
        let contact = self.begin(id, wish);
        self.run(&contact)
    }

    pub fn run(&mut self, contact: &IssuerContact) -> ContactState {
        while self.turn(contact) {}
        contact.step().unwrap().state
    }

    /// Carries one request; false when there is none.
    pub fn turn(&mut self, contact: &IssuerContact) -> bool {
        let step = contact.step().unwrap();
        let ContactState::Exchange { request } = step.state else { return false };
        let reply = self.serve(&request);
        contact.advance(step.ticket, reply).unwrap();
        true
    }

    pub fn serve(&mut self, request: &HttpRequest) -> ContactInput {
        let answer = match request.kind {
            HttpKind::Card => {
                let mut issuers = std::iter::once(&self.pair.issuer).chain(&self.others);
                let mine = |one: &&TestIssuer| request.url.contains(&format!("//{}/", one.address.ascii()));
                Ok(issuers.find(mine).unwrap().card().unwrap().encode().unwrap().expose().to_vec())
            }
            HttpKind::Open => {
                let number = split_open_body(&request.body).unwrap().0.serial;
                self.ask(|issuer, token| match token.serial == number {
                    true => token.open(issuer, &request.body),
                    false => Err(Status(404)),
                })
            }
            HttpKind::Sealed => self.ask(|issuer, token| token.sealed(issuer, &request.body)),
        };
        match answer {
            Ok(body) => ContactInput::Http { status: 200, body },
            Err(status) => ContactInput::Http { status: status.0, body: Vec::new() },
        }
    }

    fn ask(
        &mut self,
        ask: impl Fn(&TestIssuer, &mut TestToken) -> Result<Vec<u8>, Status>,
    ) -> Result<Vec<u8>, Status> {
        for (at, token) in &mut self.tokens {
            let issuer = if *at == 0 { &self.pair.issuer } else { &self.others[*at - 1] };
            match ask(issuer, token) {
                Err(Status(404)) => {}
                answer => return answer,
            }
        }
        Err(Status(404))
    }

    pub fn issuer(&self, at: usize) -> &TestIssuer {
        if at == 0 { &self.pair.issuer } else { &self.others[at - 1] }
    }

    pub fn token(&mut self, at: usize) -> &mut TestToken {
        &mut self.tokens[at].1
    }

    fn keep(&mut self, issuer: usize, token: TestToken) -> usize {
        self.tokens.push((issuer, token));
        self.tokens.len() - 1
    }

    /// The code that the device shows is taken by the issuer.
    pub fn assert_code_is_taken(&mut self, id: IdentityId, at: usize) {
        let shown = self.code(id);
        let now = self.pair.issuer.now;
        let mut taken = self.token(at).seeds.as_ref().unwrap().all().filter(|(_, keys)| {
            let code = code_at(&Profile::TYPED.spec(), keys.seed.expose(), None, now).unwrap();
            code.code.as_str() == shown
        });
        assert!(taken.next().is_some(), "the issuer takes what is shown");
    }

    pub fn code(&self, id: IdentityId) -> String {
        let sheet = self.pair.token.codes(None).unwrap();
        sheet.codes.into_iter().find(|code| code.id == id).unwrap().code.unwrap().to_string()
    }

    /// Locked out: whom to ask.
    pub fn block(&self) -> Vec<(String, String)> {
        self.pair.token.forget_pin().unwrap();
        let Ok(TokenState::Blocked { ask }) = self.pair.token.state() else { panic!("blocked") };
        ask.into_iter().map(|one| (one.serial.unwrap(), one.reset_code)).collect()
    }

    /// The issuer's answer from the newest (0) or an older K_rec of a token.
    pub fn unlock_code(&self, at: usize, older: usize, reset_code: &str) -> String {
        let (issuer, token) = &self.tokens[at];
        let mut keys: Vec<_> = token.seeds.as_ref().unwrap().all().collect();
        keys.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
        let (key, address) = (&keys[older].1.recovery, self.issuer(*issuer).address.ascii());
        issuer_unlock_code(key, reset_code, address, token.serial.digits()).unwrap().to_string()
    }

    pub fn states(&self) -> Vec<(String, IdentityState)> {
        let views = self.pair.token.identities().unwrap();
        views.into_iter().map(|view| (view.name, view.state)).collect()
    }
}
