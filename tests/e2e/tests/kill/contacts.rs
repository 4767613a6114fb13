//! What a device does with its issuer after the activation, and how either side dies in the middle of it.
//!
//! | Deed | Gone on until |
//! |---|---|
//! | news, or a rekey that the issuer wishes | the issuer has answered; it has one active token, and a code signs in |
//! | reactivation: another order for the same token | the identity is active under its name, and a code signs in |
//! | deletion | it is gone on the device, and, if it has been told so, at the issuer |

use std::process::Child;
use std::time::Duration;

use softtoken_core::random::Random;
use softtoken_e2e::token::Token;

use super::Half;
use super::world::{Order, World, add, ended, listed};

/// Begins a deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    News,
    Rekey,
    Reactivation,
    Deletion,
}

/// One later contact of the device's newest identity, with one death; false once the identity is deleted.
/// `killed` kills somebody, and says whether that was in time.
pub fn later(
    world: &mut World,
    phone: &Token,
    before: &[Order],
    order: &mut Order,
    random: &Random,
    half: &mut Half,
    killed: fn(&mut World, &mut Child) -> bool,
) -> bool {
    let deed = DEEDS[usize::try_from(random.below(4).unwrap()).unwrap()];
    match deed {
        Deed::Rekey => assert_eq!(world.issuer.rest().rekey(&order.token).unwrap().0, 204),
        Deed::Reactivation => world.order_again(order),
        Deed::News | Deed::Deletion => {}
    }
    let mut child = begin(phone, deed, order);
    let whole = u64::try_from(world.undisturbed().as_micros()).unwrap();
    // The end is where the messages are.
    let least = if random.below(3).unwrap() == 0 { 0 } else { whole / 2 };
    std::thread::sleep(Duration::from_micros(least + random.below(whole - least).unwrap()));
    if killed(world, &mut child) {
        half.kills += 1;
        *half.later.entry(deed).or_default() += 1;
    } else {
        half.missed += 1;
    }
    // Whoever was not killed ends, well or not.
    let _end = child.wait_with_output().unwrap();
    let active = |order: &Order| (order.name.clone(), "active".to_owned());
    let others: Vec<_> = before.iter().map(active).collect();
    match deed {
        Deed::Deletion => {
            if listed(phone).len() > others.len() {
                phone.run(["remove", &order.name, "--yes"]).unwrap();
            }
            assert_eq!(listed(phone), others);
            let rest = world.issuer.rest();
            let (status, _) = rest.get(&format!("/api/web/v1/tokens/{}", order.token)).unwrap();
            assert!([200, 404].contains(&status), "{status}");
            half.deleted += u64::from(status == 404);
            return false;
        }
        Deed::Reactivation => {
            // Until the device has begun, nobody knows but the issuer; the second time it may be done already.
            for _ in 0..PATIENCE {
                let end = ended(add(phone, order));
                if world.activations(order) == order.activations && listed(phone).len() == others.len() + 1 {
                    break;
                }
                assert!([0, 9].contains(&end.code), "{}", end.json);
            }
        }
        Deed::News | Deed::Rekey => {
            let said = phone.run(["policy", &order.name]).unwrap();
            assert_eq!(said["issuer"], "active", "{said}");
        }
    }
    let all: Vec<_> = others.into_iter().chain([active(order)]).collect();
    assert_eq!(listed(phone), all, "{deed:?}");
    assert_eq!(world.activations(order), order.activations);
    assert_eq!(world.issuer.rest().state(&order.token).unwrap(), "ACTIVE");
    if deed == Deed::Rekey {
        assert!(world.events(order).iter().any(|event| event == "token.rekeyed"));
    }
    true
}

fn begin(phone: &Token, deed: Deed, order: &Order) -> Child {
    match deed {
        Deed::News | Deed::Rekey => phone.spawn(["policy", &order.name]).unwrap(),
        Deed::Reactivation => add(phone, order),
        Deed::Deletion => phone.spawn(["remove", &order.name, "--yes"]).unwrap(),
    }
}

const DEEDS: [Deed; 4] = [Deed::News, Deed::Rekey, Deed::Reactivation, Deed::Deletion];
/// Times that a device may be told to go on.
const PATIENCE: usize = 5;
