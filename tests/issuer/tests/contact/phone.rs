//! A phone that keeps seeds and contact as `core/PROTOCOL.md` 9.4 says; everything in here outlives its process.

use axum::http::StatusCode;
use softtoken_core::activation::contact::{Caller, Contact, Known, Step, Wish};
use softtoken_core::activation::exchange::{Agreement, Request};
use softtoken_core::activation::profile::Profile;
use softtoken_core::lock::UnlockCode;
use softtoken_core::otp::{Period, hotp, totp_step};
use softtoken_core::random::Random;
use softtoken_core::secret::Key;

use crate::world::World;

/// A seed with what belongs to it.
#[derive(Clone)]
pub struct Pair {
    pub seed: Vec<u8>,
    pub recovery: Vec<u8>,
    pub profile: Profile,
}

#[derive(Clone)]
pub struct Phone {
    /// Whose codes are shown.
    pub shown: Pair,
    /// What is kept beside it.
    pub old: Option<Pair>,
    pub known: Option<Known>,
    /// A contact that was not ended.
    pub stored: Option<Vec<u8>>,
}

impl Phone {
    pub fn activated(_: &World, agreement: &Agreement, profile: Profile) -> Self {
        let known = Some(Known { issuer: agreement.issuer, holder: Some(agreement.holder) });
        Self { shown: Pair::of(agreement, profile), old: None, known, stored: None }
    }

    pub async fn begin(&self, world: &World, wish: Wish) -> Contact {
        let address = world.issuer.settings.address.clone();
        let caller = Caller::new(address, world.serial(), &self.shown.seed, self.known);
        Contact::begin(caller, &world.card().await, wish, "new telephone").unwrap()
    }

    /// Stores what the contact says, before anything is sent or shown.
    pub fn store(&mut self, contact: &Contact) {
        if let Some(agreement) = contact.agreement() {
            self.known = Some(Known { issuer: agreement.issuer, holder: Some(agreement.holder) });
            if let Step::Renewed(profile) = contact.step() {
                let new = Pair::of(agreement, profile);
                if new.seed != self.shown.seed {
                    self.old = Some(std::mem::replace(&mut self.shown, new));
                }
            }
        }
        self.stored = None;
        match contact.step() {
            Step::Done(report) if report.alone => self.old = None,
            Step::Send | Step::Renewed(_) => self.stored = Some(contact.encode().unwrap().expose().to_vec()),
            _ => {}
        }
    }

    /// The contact of a process that has ended.
    pub fn read(&self) -> Contact {
        Contact::decode(self.stored.as_deref().unwrap()).unwrap()
    }

    pub fn request(&mut self, contact: &mut Contact) -> Request {
        let request = contact.request(&Random::system()).unwrap();
        self.store(contact);
        request
    }

    /// One request and its answer.
    pub async fn turn(&mut self, world: &World, contact: &mut Contact) -> Step {
        let request = self.request(contact);
        let (status, body) = world.post(&request).await;
        assert_eq!(status, StatusCode::OK);
        contact.take(&body).unwrap();
        self.store(contact);
        contact.step()
    }

    /// As many as there are to be.
    pub async fn finish(&mut self, world: &World, contact: &mut Contact) -> Step {
        while matches!(contact.step(), Step::Send | Step::Renewed(_)) {
            self.turn(world, contact).await;
        }
        contact.step()
    }

    /// A whole contact over a good network.
    pub async fn contact(&mut self, world: &World, wish: Wish) -> Step {
        let mut contact = self.begin(world, wish).await;
        self.finish(world, &mut contact).await
    }

    /// What happens to message 1.
    pub async fn opening(&mut self, world: &World) -> (StatusCode, Vec<u8>) {
        let mut contact = self.begin(world, Wish::Refresh).await;
        world.post(&contact.request(&Random::system()).unwrap()).await
    }

    /// The code on the display.
    pub fn code(&self, world: &World) -> String {
        self.shown.code(world)
    }

    /// Unlock codes that open the vault.
    pub fn opens(&self, world: &World) -> Vec<String> {
        self.old.iter().chain([&self.shown]).map(|pair| pair.unlock_code(world)).collect()
    }
}

impl Pair {
    fn of(agreement: &Agreement, profile: Profile) -> Self {
        let (seed, recovery) = (agreement.keys.seed.expose(), agreement.keys.recovery.expose());
        Self { seed: seed.to_vec(), recovery: recovery.to_vec(), profile }
    }

    pub fn code(&self, world: &World) -> String {
        let period = Period::new(u32::from(self.profile.period.get())).unwrap();
        let step = totp_step(world.issuer.now(), 0, period);
        hotp(&self.seed, step, self.profile.algorithm, self.profile.digits).as_str().to_owned()
    }

    pub fn unlock_code(&self, world: &World) -> String {
        let key = Key::from_slice(&self.recovery).unwrap();
        let address = world.issuer.settings.address.ascii();
        UnlockCode::answer(&key, &world.reset_code(), address, &world.token.serial)
            .unwrap()
            .shown()
            .to_string()
    }
}
