//! Whatever happens on the way, on the phone and at the issuer: the issuer takes the code that the phone shows, its unlock
//! code opens the phone, and nothing panics.

mod contact;

use contact::{Phone, World, reborn, world};
use proptest::prelude::*;
use softtoken_core::activation::contact::messages::{Answer, Ask, Call};
use softtoken_core::activation::contact::{Caller, Contact, GRACE, Step, Wish};
use softtoken_core::time::UnixTime;

/// What happens next.
#[derive(Debug, Clone)]
enum Event {
    /// A request is answered.
    Delivered,
    /// The issuer answers, and the answer is lost.
    AnswerLost,
    /// The request does not arrive, or arrives later.
    Delayed,
    /// A request that was delayed or answered arrives (again).
    Arrives(usize),
    /// The phone's process ends after the request was stored.
    Died,
    /// The reply is changed, cut, or another one.
    Flipped(usize),
    Cut(usize),
    Repeated(usize),
    Made(Vec<u8>),
    /// The phone gives up and begins again.
    CallAgain,
    /// Another contact begins.
    Begin(bool),
    /// The issuer forgets its sessions.
    Forgotten,
    /// The code that is shown is typed in.
    Code,
    /// Hours pass.
    Hours(u64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => Just(Event::Delivered),
        2 => Just(Event::AnswerLost),
        1 => Just(Event::Delayed),
        2 => any::<usize>().prop_map(Event::Arrives),
        2 => Just(Event::Died),
        1 => any::<usize>().prop_map(Event::Flipped),
        1 => any::<usize>().prop_map(Event::Cut),
        1 => any::<usize>().prop_map(Event::Repeated),
        1 => proptest::collection::vec(any::<u8>(), 0..300).prop_map(Event::Made),
        1 => Just(Event::CallAgain),
        2 => any::<bool>().prop_map(Event::Begin),
        1 => Just(Event::Forgotten),
        2 => Just(Event::Code),
        1 => (0_u64..60).prop_map(Event::Hours),
    ]
}

fn open(contact: &Contact) -> bool {
    matches!(contact.step(), Step::Send | Step::Renewed(_))
}

fn refused(contact: &mut Contact, reply: &[u8]) {
    let before = contact.encode().unwrap();
    assert!(contact.take(reply).is_err());
    assert_eq!(contact.encode().unwrap().expose(), before.expose());
}

struct Play {
    world: World,
    phone: Phone,
    contact: Contact,
    /// Requests and replies that were on the way.
    sent: Vec<softtoken_core::activation::exchange::Request>,
    replies: Vec<Vec<u8>>,
}

impl Play {
    fn new(seed: u64) -> Self {
        let (world, phone) = (world(), Phone::new(seed));
        let contact = phone.begin(&world, Wish::Rekey);
        Self { world, phone, contact, sent: Vec::new(), replies: Vec::new() }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Begin(rekey) => {
                let wish = if rekey { self.phone.wish() } else { Wish::Refresh };
                self.contact = self.phone.begin(&self.world, wish);
                self.phone.store(&self.contact);
            }
            Event::CallAgain => {
                let _ = self.contact.call_again(&self.world.issuer.card().unwrap());
            }
            Event::Forgotten => self.world.token.sessions.clear(),
            Event::Code => assert!(self.world.token.code(&self.phone.seed, self.world.issuer.now)),
            Event::Hours(hours) => {
                self.world.issuer.now = UnixTime(self.world.issuer.now.0 + hours * GRACE / 24);
            }
            Event::Arrives(at) => {
                if let Some(request) = self.sent.get(at % self.sent.len().max(1)) {
                    let _ = self.world.serve(request);
                }
            }
            event if open(&self.contact) => self.send(event),
            _ => {}
        }
    }

    fn send(&mut self, event: Event) {
        let request = self.contact.request(&self.phone.random).unwrap();
        self.phone.store(&self.contact);
        self.sent.push(request.clone());
        if let Event::Delayed = event {
            return;
        }
        let Ok(reply) = self.world.serve(&request) else {
            // The session is gone.
            self.happens(Event::Begin(true));
            return;
        };
        match event {
            Event::Delivered => self.phone.take(&mut self.contact, &reply).unwrap(),
            Event::Died => self.contact = reborn(&self.contact),
            Event::Flipped(bit) => {
                let mut changed = reply.clone();
                changed[bit / 8 % reply.len()] ^= 1 << (bit % 8);
                refused(&mut self.contact, &changed);
            }
            Event::Cut(length) => refused(&mut self.contact, &reply[..length % reply.len()]),
            Event::Repeated(at) => {
                let earlier = self.replies.get(at % self.replies.len().max(1));
                if let Some(earlier) = earlier.filter(|earlier| **earlier != reply) {
                    refused(&mut self.contact, earlier);
                }
            }
            Event::Made(bytes) => refused(&mut self.contact, &bytes),
            _ => {}
        }
        self.replies.push(reply);
    }

    fn assert_consistent(&mut self) {
        assert!(self.world.takes(&self.phone.seed), "a code is shown that nobody takes");
        let unlock = self.world.unlocks_with().unwrap();
        assert!(self.phone.ways_back.contains(&unlock), "an unlock code that opens nothing");
        assert!(self.phone.ways_back.len() <= 2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_issuer_always_takes_the_code_that_the_phone_shows(
        events in proptest::collection::vec(event(), 0..60), seed in any::<u64>(),
    ) {
        let mut play = Play::new(seed);
        for event in events {
            play.happens(event);
            play.assert_consistent();
        }
        // The network gets better.
        let wish = play.phone.wish();
        prop_assert!(matches!(play.phone.contact(&mut play.world, wish), Step::Done(_)));
        play.assert_consistent();
        play.happens(Event::Code);
        let Step::Done(report) = play.phone.contact(&mut play.world, Wish::Refresh) else { panic!("done") };
        prop_assert!(report.alone);
        prop_assert_eq!(play.phone.ways_back.len(), 1);
        play.assert_consistent();
    }

    #[test]
    fn every_reader_takes_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = (Call::decode(&bytes).is_ok(), Ask::decode(&bytes).is_ok(), Answer::decode(&bytes).is_ok());
        let _ = (Caller::decode(&bytes).is_ok(), Contact::decode(&bytes).is_ok());
        let mut world = world();
        prop_assert!(world.token.open(&world.issuer, &bytes).is_err());
        prop_assert!(world.token.sealed(&world.issuer, &bytes).is_err());
    }

    #[test]
    fn a_changed_record_is_read_or_refused(at in any::<usize>(), new in any::<u8>(), turns in 0_usize..4) {
        let (mut world, mut phone) = (world(), Phone::new(5));
        let mut contact = phone.begin(&world, Wish::Rekey);
        for _ in 0..turns {
            phone.turn(&mut world, &mut contact).unwrap();
        }
        let mut bytes = contact.encode().unwrap().expose().to_vec();
        let at = at % bytes.len();
        bytes[at] = new;
        if let Ok(mut contact) = Contact::decode(&bytes) {
            let _ = (contact.request(&phone.random).is_ok(), contact.step());
        }
        prop_assert!(Contact::decode(&bytes[..at]).is_err());
    }
}
