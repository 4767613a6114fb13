//! Whatever arrives, in whatever order: no panic, no key from a reply that the issuer did not make, and the right
//! reply is still taken afterwards.

mod exchange;

use exchange::{Device, issuer, order, reborn, step};
use proptest::prelude::*;
use softtoken_core::activation::exchange::issuer::TestIssuer;
use softtoken_core::activation::exchange::messages::{Answer, Hello, decode_policy};
use softtoken_core::activation::exchange::order::split_open_body;
use softtoken_core::activation::exchange::sealed::{Ask, Standing};
use softtoken_core::activation::exchange::{Exchange, Header, IssuerCard, Step};
use softtoken_core::activation::link::Mode;

/// What happens to the next reply, or to the process.
#[derive(Debug, Clone)]
enum Event {
    Delivered,
    Lost,
    Died,
    Flipped(usize),
    Cut(usize),
    Repeated(usize),
    Made(Vec<u8>),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => Just(Event::Delivered),
        1 => Just(Event::Lost),
        1 => Just(Event::Died),
        2 => any::<usize>().prop_map(Event::Flipped),
        1 => any::<usize>().prop_map(Event::Cut),
        2 => any::<usize>().prop_map(Event::Repeated),
        1 => proptest::collection::vec(any::<u8>(), 0..300).prop_map(Event::Made),
    ]
}

fn refused(device: &mut Device, reply: &[u8]) {
    let before = device.exchange.encode().unwrap();
    assert!(device.exchange.take(reply).is_err());
    assert_eq!(device.exchange.encode().unwrap().expose(), before.expose());
}

/// Every key that the device has is one that the issuer has, too.
fn assert_no_foreign_key(device: &Device, issuer: &TestIssuer) {
    if let Some(agreement) = device.exchange.agreement() {
        let seed = agreement.keys.seed.expose();
        let known = issuer.orders[0].sessions.iter().any(|session| session.keys.seed.expose() == seed);
        assert!(known, "a seed that the issuer does not know");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_bad_network_never_gives_a_foreign_key_and_a_good_one_finishes(
        events in proptest::collection::vec(event(), 0..14), confirm in any::<bool>(), seed in any::<u64>(),
    ) {
        let mut issuer = issuer();
        let mut device = Device::new(order(&mut issuer, Mode::QrCode, confirm), seed);
        let mut old: Vec<Vec<u8>> = Vec::new();
        for event in events {
            if !matches!(device.exchange.step(), Step::Send | Step::ShowCode(_)) {
                break;
            }
            let reply = device.ask(&mut issuer);
            match event {
                Event::Delivered => device.take(&reply).unwrap(),
                Event::Lost => {}
                Event::Died => device.exchange = reborn(&device.exchange),
                Event::Flipped(bit) => {
                    let mut changed = reply.clone();
                    changed[bit / 8 % reply.len()] ^= 1 << (bit % 8);
                    refused(&mut device, &changed);
                }
                Event::Cut(length) => refused(&mut device, &reply[..length % reply.len()]),
                Event::Repeated(at) => {
                    let earlier = old.get(at % old.len().max(1)).filter(|earlier| **earlier != reply);
                    if let Some(earlier) = earlier {
                        refused(&mut device, earlier);
                    }
                }
                Event::Made(bytes) => refused(&mut device, &bytes),
            }
            old.push(reply);
            assert_no_foreign_key(&device, &issuer);
        }
        // The network gets better. Too many claims may have used the order up by now.
        for _ in 0..4 {
            if let Step::ShowCode(code) = device.exchange.step() {
                issuer.confirm(0, &code);
            }
            if matches!(device.exchange.step(), Step::Send | Step::ShowCode(_)) {
                device.turn(&mut issuer).unwrap();
            }
            assert_no_foreign_key(&device, &issuer);
        }
        let end = step(&device.exchange);
        prop_assert!(end == "active" || end == "AlreadyUsed", "{end}");
        let active = issuer.orders[0].standing == Some(Standing::Active);
        prop_assert_eq!(end == "active", active, "both sides or neither");
    }

    #[test]
    fn every_reader_takes_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = (Hello::decode(&bytes).is_ok(), Answer::decode(&bytes).is_ok(), Ask::decode(&bytes).is_ok());
        let _ = (Standing::decode(&bytes).is_ok(), decode_policy(&bytes).is_ok());
        let _ = (split_open_body(&bytes).is_ok(), Exchange::decode(&bytes).is_ok());
        let _ = IssuerCard::decode(&bytes).is_ok();
        if let Ok(header) = Header::from_bytes(&bytes) {
            prop_assert_eq!(header.to_bytes(), bytes.clone());
        }
        let mut issuer = issuer();
        let _ = order(&mut issuer, Mode::Link, false);
        prop_assert!(issuer.open(&bytes).is_err() && issuer.sealed(&bytes).is_err());
    }

    #[test]
    fn a_changed_draft_is_read_or_refused(at in any::<usize>(), new in any::<u8>()) {
        let mut issuer = issuer();
        let mut device = Device::new(order(&mut issuer, Mode::Link, false), 5);
        device.turn(&mut issuer).unwrap();
        let mut bytes = device.exchange.encode().unwrap().expose().to_vec();
        let at = at % bytes.len();
        bytes[at] = new;
        if let Ok(mut exchange) = Exchange::decode(&bytes) {
            let _ = (exchange.request(&device.random).is_ok(), exchange.step());
        }
    }
}
