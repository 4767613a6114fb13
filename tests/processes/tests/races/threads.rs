//! Sixteen threads on one token: codes, locks, PINs, names and lists at once, without a deadlock.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use softtoken_core::TokenError;
use softtoken_core::identity::IdentityId;
use softtoken_core::token::{SoftToken, TokenState};

use crate::common::{Dice, PINS, add, expected_code, folder_in_memory, keys, open};

/// Gives the number of steps.
pub fn churn(long: bool) -> u64 {
    let rounds: u64 = if long { 400 } else { 40 };
    let folder = folder_in_memory();
    let token = open(folder.path(), Arc::new(keys(folder.path()))).unwrap();
    token.set_pin(PINS[0].as_bytes()).unwrap();
    let door = add(&token, "Door", true).unwrap().unwrap();
    let names: Vec<_> =
        (0..THREADS).map(|n| add(&token, &format!("T{n}"), false).unwrap().unwrap()).collect();
    let done = Arc::new(AtomicBool::new(false));
    let dog = watch(Arc::clone(&done), Duration::from_secs(if long { 1_200 } else { 120 }));
    let (shown, steps) = (Mutex::new(BTreeSet::new()), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for (thread, own) in names.into_iter().enumerate() {
            let (token, shown, steps) = (&token, &shown, &steps);
            scope.spawn(move || {
                let dice = Dice::seeded(100 + thread as u64);
                let mut last = None;
                for round in 0..rounds {
                    let result = step(token, &dice, own, thread, round);
                    refused_properly(result);
                    match token.next_code(door) {
                        Ok(view) => {
                            let counter = view.counter.unwrap();
                            assert_eq!(view.code.unwrap().as_str(), expected_code(counter));
                            assert!(last < Some(counter), "{last:?}, then {counter}");
                            assert!(shown.lock().unwrap().insert(counter), "{counter} came twice");
                            last = Some(counter);
                        }
                        Err(error) => refused_properly(Err(error)),
                    }
                    steps.fetch_add(2, Ordering::Relaxed);
                }
            });
        }
    });
    done.store(true, Ordering::Relaxed);
    dog.thread().unpark();
    dog.join().unwrap();
    let shown = shown.into_inner().unwrap();
    assert!(shown.len() > 20, "not covered: {} codes", shown.len());
    consistent(token, folder.path(), &shown);
    steps.into_inner()
}

/// One thing that an app may do at any time.
fn step(
    token: &SoftToken,
    dice: &Dice,
    own: IdentityId,
    thread: usize,
    round: u64,
) -> Result<(), TokenError> {
    match dice.below(10) {
        0 => token.lock(),
        1..4 => token.unlock(PINS[0].as_bytes()),
        4 => token.codes(None).map(drop),
        5 => token.rename(own, &format!("T{thread} {round}")).map(drop),
        6 => token.reorder(own, u32::try_from(round % 16).unwrap()).map(drop),
        7 => token.change_pin(PINS[0].as_bytes(), PINS[0].as_bytes()),
        8 => token.status().map(drop),
        _ => token.identities().map(|views| assert_eq!(views.len(), THREADS + 1)),
    }
}

/// Another thread was faster: a typed error, and nothing else.
fn refused_properly(result: Result<(), TokenError>) {
    match result {
        Ok(()) | Err(TokenError::VaultLocked | TokenError::StaleInput) => {}
        Err(other) => panic!("{other:?}"),
    }
}

/// Everything is there, the counter goes on behind the last code, and no try is gone.
fn consistent(token: Arc<SoftToken>, folder: &std::path::Path, shown: &BTreeSet<u64>) {
    drop(token);
    let token = open(folder, Arc::new(keys(folder))).unwrap();
    assert!(matches!(token.state(), Ok(TokenState::Locked { attempts_left: 5, .. })), "{:?}", token.state());
    token.unlock(PINS[0].as_bytes()).unwrap();
    assert_eq!(token.identities().unwrap().len(), THREADS + 1);
    let door = token.find("Door").unwrap().id;
    let next = shown.last().unwrap() + 1;
    assert_eq!(shown.len() as u64, next, "a counter was used up without its code");
    assert_eq!(token.next_code(door).unwrap().counter, Some(next));
}

/// Ends the process when the threads hold each other up.
fn watch(done: Arc<AtomicBool>, longest: Duration) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let end = Instant::now() + longest;
        while !done.load(Ordering::Relaxed) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                eprintln!("deadlock: the threads were not done after {longest:?}");
                std::process::abort();
            }
            std::thread::park_timeout(left);
        }
    })
}

const THREADS: usize = 16;
