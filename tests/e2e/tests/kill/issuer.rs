//! The half in which the issuer dies, with several devices in the middle of their activations, and some that sign
//! in.

use std::process::Child;
use std::time::{Duration, Instant};

use softtoken_core::random::Random;
use softtoken_e2e::token::Token;
use softtoken_figures::Effort;

use super::world::{Order, World, add, assert_active, ended, go_on, sign_in_once, state};
use super::{DEATHS, Half, contacts};

/// Kills the issuer, starts it again, waits for the devices, and checks, until this half has done its part.
pub fn kills(effort: &Effort, mut world: World, random: &Random) -> Half {
    let mut half = Half::default();
    let stranger = world.phone();
    while effort.goes_on(2 * half.kills) {
        let phones: Vec<Token> = (0..PHONES).map(|_| world.phone()).collect();
        let mut done: Vec<Vec<Order>> = phones.iter().map(|_| Vec::new()).collect();
        while done[0].len() < ORDERS_OF_A_PHONE && effort.goes_on(2 * half.kills) {
            let orders: Vec<Order> = phones.iter().map(|_| world.order()).collect();
            round(&mut world, &phones, &done, &orders, random, &mut half);
            for (mut order, (phone, done)) in orders.into_iter().zip(phones.iter().zip(&mut done)) {
                let tried = random.below(8).unwrap() == 0;
                world.check_done(&order, tried.then_some(&stranger));
                // The last one signs in while the issuer dies: it stays.
                let later = done.len() + 1 < ORDERS_OF_A_PHONE && random.below(2).unwrap() == 0;
                if !later || contacts::later(&mut world, phone, done, &mut order, random, &mut half, killed) {
                    done.push(order);
                }
            }
        }
        for (phone, mut orders) in phones.iter().zip(done).filter(|(_, orders)| !orders.is_empty()) {
            let codes = world.codes(phone, &orders);
            let (last, code) = (orders.pop().unwrap(), codes.last().unwrap());
            die_while_verifying(&mut world, &last, code, random, &mut half);
            let rest = world.issuer.rest();
            orders.iter().zip(&codes).for_each(|(order, code)| sign_in_once(&rest, order, code));
        }
    }
    half
}

/// Kills the issuer and starts it again; in time if the device has not ended before.
fn killed(world: &mut World, child: &mut Child) -> bool {
    let busy = child.try_wait().unwrap().is_none();
    world.issuer.kill();
    world.issuer.resume().unwrap();
    busy
}

/// All devices activate; the issuer dies once, or again while they try again.
fn round(
    world: &mut World,
    phones: &[Token],
    done: &[Vec<Order>],
    orders: &[Order],
    random: &Random,
    half: &mut Half,
) {
    let mut children: Vec<_> = phones.iter().zip(orders).map(|(phone, order)| add(phone, order)).collect();
    for _ in 0..DEATHS {
        world.wait(random.below(2).map(|one| &orders[usize::from(one == 1)]).unwrap(), random);
        let busy: Vec<bool> = children.iter_mut().map(|child| child.try_wait().unwrap().is_none()).collect();
        world.issuer.kill();
        world.issuer.resume().unwrap();
        world.learn(!busy.contains(&true));
        if !busy.contains(&true) {
            half.missed += 1;
            break;
        }
        half.kills += 1;
        // The device that is busy says how far it was, as far as the log can tell.
        let first = busy.iter().position(|busy| *busy).unwrap();
        *half.moments.entry(world.logged_moment(&orders[first])).or_default() += 1;
        if random.below(2).unwrap() == 0 {
            break;
        }
    }
    for (at, child) in children.into_iter().enumerate() {
        let (phone, order) = (&phones[at], &orders[at]);
        let mut end = ended(child);
        for _ in 0..PATIENCE {
            if end.code == 0 {
                break;
            }
            // Four tries in vain: pending, and said so.
            let device = state(phone, &done[at], order);
            assert_eq!((end.code, device.as_deref()), (9, Some("pending")), "{}", end.json);
            world.moment_of(order, Some("pending"));
            end = ended(go_on(phone, order, random));
        }
        assert_active(&end, order);
        half.activations += 1;
    }
}

/// A code that is on its way when the issuer dies is accepted once, or not at all and then the next time.
fn die_while_verifying(world: &mut World, order: &Order, code: &str, random: &Random, half: &mut Half) {
    let (rest, user, typed) = (world.issuer.rest(), order.user.clone(), code.to_owned());
    let begun = Instant::now();
    let sent = std::thread::spawn(move || rest.sign_in(&user, &typed));
    let moment = Duration::from_micros(random.below(VERIFYING).unwrap());
    std::thread::sleep(moment.saturating_sub(begun.elapsed()));
    world.issuer.kill();
    let first = sent.join().unwrap();
    world.issuer.resume().unwrap();
    half.while_verifying += u64::from(first.is_err());
    let rest = world.issuer.rest();
    let answers =
        [first.map_or(0, |(status, _)| status), again(&rest, order, code), again(&rest, order, code)];
    assert!(answers.iter().filter(|status| **status == 200).count() <= 1, "{answers:?}");
    let accepted = world.events(order).iter().filter(|event| *event == "code.accepted").count();
    assert_eq!(accepted, 1, "{answers:?}");
}

fn again(rest: &softtoken_e2e::rest::Rest, order: &Order, code: &str) -> u16 {
    rest.sign_in(&order.user, code).unwrap().0
}

/// Devices at the same time: their pauses before they try again overlap.
const PHONES: usize = 2;
const ORDERS_OF_A_PHONE: usize = 8;
/// Times that a device may be told to go on.
const PATIENCE: usize = 5;
/// Microseconds in which a sign-in is answered.
const VERIFYING: u64 = 6_000;
