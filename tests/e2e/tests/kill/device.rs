//! The half in which the command dies.

use std::os::unix::process::ExitStatusExt;
use std::process::Child;

use softtoken_core::random::Random;
use softtoken_figures::Effort;

use super::world::{World, add, assert_active, ended, go_on, sign_in_once, state};
use super::{DEATHS, Half, contacts};

/// Kills the command, goes on where it was, and checks, until this half has done its part.
pub fn kills(effort: &Effort, mut world: World, random: &Random) -> Half {
    let mut half = Half::default();
    let stranger = world.phone();
    while effort.goes_on(2 * half.kills) {
        let (phone, mut orders) = (world.phone(), Vec::new());
        while orders.len() < ORDERS_OF_A_PHONE && effort.goes_on(2 * half.kills) {
            let order = world.order();
            let (mut child, mut deaths) = (add(&phone, &order), 0);
            loop {
                deaths += 1;
                world.wait(&order, random);
                // It may have ended already: then nobody is killed.
                child.kill().unwrap();
                let killed = child.wait().unwrap().signal() == Some(SIGKILL);
                let device = state(&phone, &orders, &order);
                let moment = world.moment_of(&order, device.as_deref());
                world.learn(!killed);
                match killed {
                    true => {
                        half.kills += 1;
                        *half.moments.entry(moment).or_default() += 1;
                    }
                    false => half.missed += 1,
                }
                child = match device.as_deref() {
                    Some("active") => break,
                    Some(_) => go_on(&phone, &order, random),
                    None => add(&phone, &order),
                };
                // Some die again while they go on.
                if deaths == DEATHS || random.below(2).unwrap() == 0 {
                    assert_active(&ended(child), &order);
                    break;
                }
            }
            half.activations += 1;
            let tried = random.below(4).unwrap() == 0;
            world.check_done(&order, tried.then_some(&stranger));
            let mut order = order;
            let later = random.below(2).unwrap() == 0;
            if !later || contacts::later(&mut world, &phone, &orders, &mut order, random, &mut half, killed) {
                orders.push(order);
            }
        }
        if orders.is_empty() {
            continue;
        }
        let rest = world.issuer.rest();
        let codes = world.codes(&phone, &orders);
        orders.iter().zip(codes).for_each(|(order, code)| sign_in_once(&rest, order, &code));
    }
    half
}

/// Kills the command, unless it has ended already.
fn killed(_: &mut World, child: &mut Child) -> bool {
    child.kill().unwrap();
    child.wait().unwrap().signal() == Some(SIGKILL)
}

const ORDERS_OF_A_PHONE: usize = 10;
const SIGKILL: i32 = 9;
