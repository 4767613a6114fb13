//! Random lives of a vault against a small model: tries, crashes and failures at any call of the device,
//! older files, codes, identities, a clock that jumps, a device without the keys.
//!
//! | Invariant | Checked |
//! |---|---|
//! | the device answers at most five wrong guesses between two right ones | always |
//! | it blocks only after five started tries, a given-up PIN, a lost key, or an older file | always |
//! | a file whose count has no device key any more is noticed | always |
//! | a right PIN or a right code opens it in the end, and all identities are there | unless an older file was put back or the codes are used up |
//! | an open vault shows only what its codes opened | always |
//! | names, order and counters are those of the completed steps; counters only rise | always, by the file that is there |

#[path = "../vault_common/mod.rs"]
mod vault_common;

mod flows;
mod identities;
mod step;
mod surroundings;
mod world;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use softtoken_figures::Effort;

use step::{Step, step, theft};
use world::World;

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

#[test]
fn no_life_of_a_vault_gives_a_sixth_guess_or_locks_its_owner_out() {
    let effort = Effort::start("model-sequences", 5_000, 4_004);
    let counts = RefCell::new(BTreeMap::<String, u64>::new());
    let lives = proptest::collection::vec(step(), 1..=40);
    let mut done = 0;
    while effort.goes_on(done) {
        let seed = effort.seed().wrapping_add(done);
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let result = TestRunner::new_with_rng(config(CHUNK), rng).run(&lives, |steps| {
            let mut world = World::new();
            for step in &steps {
                world.count(&step.name());
                world.take(step);
            }
            world.get_in();
            for (name, count) in world.counts {
                *counts.borrow_mut().entry(name).or_default() += count;
            }
            Ok(())
        });
        result.unwrap_or_else(|failure| panic!("begin again with SOFTTOKEN_SEED={seed}: {failure}"));
        done += u64::from(CHUNK);
    }
    let counts = counts.into_inner();
    eprintln!("{counts:?}");
    let missing: Vec<_> = STEPS.iter().chain(OUTCOMES).filter(|name| !counts.contains_key(**name)).collect();
    assert!(missing.is_empty(), "not covered: {missing:?}");
    let notes: Vec<_> = OUTCOMES.iter().map(|name| (*name, counts[*name])).collect();
    effort.end(done, "sequences", &notes);
}

#[test]
fn no_thief_gets_a_sixth_guess() {
    let thefts = proptest::collection::vec(theft(), 8..24);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[4; 32]);
    let result = TestRunner::new_with_rng(config(96), rng).run(&thefts, |steps| {
        let mut world = World::new();
        world.take(&Step::Keep);
        for step in &steps {
            world.take(step);
        }
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Sequences between two looks at the clock.
const CHUNK: u32 = 50;

/// Every kind of step.
const STEPS: &[&str] = &[
    "Unlock",
    "ChangePin",
    "Forget",
    "Redeem",
    "Recover",
    "Settle",
    "Acknowledge",
    "Reopen",
    "Lock",
    "Add",
    "AddTaken",
    "Rename",
    "RenameTaken",
    "Remove",
    "Move",
    "Count",
    "PutDraft",
    "FinishDraft",
    "DropDraft",
    "Keep",
    "PutBack",
    "GuessAndPutBack",
    "Wait",
    "Jump",
    "Intruder",
    "OtherDevice",
    "Reinstall",
    "LoseCount",
    "LosePinKey",
    "LoseCodeKeys",
];

/// Everything that has to come out at least once.
const OUTCOMES: &[&str] = &[
    "blocked",
    "codes used up",
    "counter used",
    "device failed",
    "device key lost",
    "died",
    "draft finished",
    "name refused",
    "opened by its issuer",
    "opened by the recovery code",
    "opened by the PIN",
    "other handle refused",
    "recovery code never shown",
    "rollback found",
    "rollback unseen",
    "second group joined",
    "told to wait",
    "wrong PIN",
    "wrong code",
];
