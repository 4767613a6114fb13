//! The corpus of a target without the fuzzer: every seed, everything that it ever found, and quick mutations of both.

use std::path::Path;
use std::time::{Duration, Instant};

use softtoken_core::random::Random;

use crate::Target;

/// Runs the whole corpus; how many inputs it has.
///
/// # Panics
/// When an oracle is broken, an input takes a minute, or there is no corpus.
pub fn whole(target: &Target) -> usize {
    let corpus = corpus(target);
    for (name, input) in &corpus {
        let started = Instant::now();
        (target.run)(input);
        let took = started.elapsed();
        assert!(took < SLOW, "{}: {name} took {took:?}", target.name);
    }
    eprintln!("fuzz corpus: {} {} inputs", target.name, corpus.len());
    corpus.len()
}

/// Runs inputs of the corpus with wounds, so many.
///
/// # Panics
/// When an oracle is broken; the input is told.
pub fn wounded(target: &Target, rounds: u32) {
    let random = Random::seeded(4);
    let corpus = corpus(target);
    for _ in 0..rounds {
        let below = |bound: usize| random.below(bound as u64).expect("randomness") as usize;
        let mut input = corpus[below(corpus.len())].1.clone();
        for _ in 0..=below(3) {
            wound(&mut input, &below);
        }
        // Said before, because a panic's own words may come from anywhere.
        let run = std::panic::catch_unwind(|| (target.run)(&input));
        assert!(run.is_ok(), "{}: {}", target.name, input.escape_ascii());
    }
}

/// The seeds, and the files of tests/fuzz/corpus.
fn corpus(target: &Target) -> Vec<(String, Vec<u8>)> {
    let seeds = (target.seeds)().into_iter().enumerate();
    let mut all: Vec<_> = seeds.map(|(at, seed)| (format!("seed {at}"), seed)).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target.name);
    let found = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    let mut found: Vec<_> = found.collect();
    found.sort();
    all.extend(
        found
            .into_iter()
            .map(|path| (path.display().to_string(), std::fs::read(&path).expect("a file of the corpus"))),
    );
    assert!(!all.is_empty(), "{} has no corpus", target.name);
    all
}

fn wound(input: &mut Vec<u8>, below: &dyn Fn(usize) -> usize) {
    let at = below(input.len() + 1);
    match below(5) {
        0 => input.truncate(at),
        1 => input.insert(at, below(256) as u8),
        2 => {
            let part = input[at..(at + below(40)).min(input.len())].to_vec();
            input.splice(at..at, part);
        }
        _ => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << below(8);
            }
        }
    }
}

/// Far above what any input needs, even in an unoptimised build on a busy machine.
const SLOW: Duration = Duration::from_secs(60);
