//! Whatever happens on the way, on the phone and at the issuer: the issuer takes the code that the phone shows, and its
//! unlock code opens the phone. Plays are made from a number, so each can be played again.

use axum::http::StatusCode;
use softtoken_core::activation::contact::{Contact, Step, Wish};
use softtoken_core::activation::exchange::Request;
use softtoken_core::random::Random;

use crate::phone::Phone;
use crate::world::*;

const PLAYS: u64 = 30;
const EVENTS: usize = 60;

/// Names of what happens, each as often as it stands here.
const CHOICES: [&str; 20] = [
    "delivered",
    "delivered",
    "delivered",
    "delivered",
    "delivered",
    "delivered",
    "answer lost",
    "answer lost",
    "delayed",
    "arrives",
    "arrives",
    "phone died",
    "damaged",
    "begin",
    "begin",
    "issuer restarted",
    "code",
    "desk",
    "wish",
    "hours",
];

#[tokio::test]
async fn whatever_happens_the_issuer_takes_what_the_phone_shows() {
    let (mut renewed, mut alone) = (0, 0);
    for number in 0..PLAYS {
        let (mut world, phone) = World::active().await;
        let contact = phone.begin(&world, Wish::Rekey).await;
        let mut play = Play { phone, contact, sent: Vec::new(), dice: Random::seeded(number) };
        for event in 0..EVENTS {
            let choice = CHOICES[play.roll(CHOICES.len())];
            play.happens(&mut world, choice).await;
            play.check(&world, &format!("play {number}, event {event}, {choice}")).await;
        }
        let step = play.phone.contact(&world, play.wish()).await;
        assert!(matches!(step, Step::Done(_)), "play {number}");
        assert!(world.takes(&play.phone.code(&world)).await, "play {number}");
        let step = play.phone.contact(&world, Wish::Refresh).await;
        assert!(matches!(step, Step::Done(report) if report.alone), "play {number}");
        renewed += world.logged("token.rekeyed").await;
        alone += i64::from(play.phone.old.is_none());
    }
    // The plays have done what they are for.
    assert!(renewed > 2 * i64::try_from(PLAYS).unwrap(), "{renewed} rekeys");
    assert_eq!(alone, i64::try_from(PLAYS).unwrap());
}

struct Play {
    phone: Phone,
    contact: Contact,
    /// Requests that were on the way.
    sent: Vec<Request>,
    dice: Random,
}

impl Play {
    fn roll(&self, sides: usize) -> usize {
        usize::try_from(self.dice.below(u64::try_from(sides).unwrap()).unwrap()).unwrap()
    }

    fn wish(&self) -> Wish {
        if self.phone.old.is_none() { Wish::Rekey } else { Wish::Refresh }
    }

    async fn happens(&mut self, world: &mut World, choice: &str) {
        match choice {
            "begin" => {
                let wish = if self.roll(3) == 0 { Wish::Refresh } else { self.wish() };
                self.contact = self.phone.begin(world, wish).await;
                self.phone.store(&self.contact);
            }
            "issuer restarted" => world.restart("").await,
            "code" => assert!(world.takes(&self.phone.code(world)).await),
            "desk" => {
                world.clock.pass(1200);
                assert!(self.phone.opens(world).contains(&world.unlock_codes().await.0));
            }
            "wish" => world.issuer.want_rekey("desk", &world.token.id).await.unwrap(),
            "hours" => world.clock.pass(3600 * u64::try_from(self.roll(40)).unwrap()),
            "arrives" if !self.sent.is_empty() => {
                let at = self.roll(self.sent.len());
                let status = world.post(&self.sent[at]).await.0;
                assert!(status == StatusCode::OK || status.is_client_error());
            }
            "phone died" if self.phone.stored.is_some() => self.contact = self.phone.read(),
            "delivered" | "answer lost" | "delayed" | "damaged" => self.send(world, choice).await,
            _ => {}
        }
    }

    async fn send(&mut self, world: &mut World, choice: &str) {
        if !matches!(self.contact.step(), Step::Send | Step::Renewed(_)) {
            self.contact = self.phone.begin(world, self.wish()).await;
        }
        let mut request = self.phone.request(&mut self.contact);
        self.sent.push(request.clone());
        if choice == "delayed" {
            return;
        }
        if choice == "damaged" {
            let at = self.roll(request.body.len());
            request.body[at] ^= 1 << self.roll(8);
            assert!(world.post(&request).await.0.is_client_error());
            return;
        }
        let (status, answer) = world.post(&request).await;
        if status == StatusCode::NOT_FOUND {
            // The session is gone: another contact.
            self.contact = self.phone.begin(world, self.wish()).await;
            self.phone.store(&self.contact);
            return;
        }
        assert_eq!(status, StatusCode::OK);
        if choice == "delivered" {
            self.contact.take(&answer).unwrap();
            self.phone.store(&self.contact);
            let refused = matches!(self.contact.step(), Step::Deleted | Step::Refused(_));
            assert!(!refused, "a phone that does as it should is refused nothing");
        }
    }

    /// Without asking the issuer, which would change it: the seed that is shown lives.
    async fn check(&self, world: &World, name: &str) {
        assert!(world.living_seeds().await.contains(&self.phone.shown.seed), "{name}");
    }
}
