//! Every seed and everything the fuzzer ever found, in every test run, and quick mutations of both.

use std::path::Path;
use std::time::{Duration, Instant};

use softtoken_core::random::Random;
use softtoken_fuzz_targets::{TARGETS, Target};

#[test]
fn every_target_takes_its_whole_corpus() {
    let mut total = 0;
    for target in TARGETS {
        let corpus = corpus(target);
        for (name, input) in &corpus {
            let started = Instant::now();
            (target.run)(input);
            let took = started.elapsed();
            assert!(took < SLOW, "{}: {name} took {took:?}", target.name);
        }
        eprintln!("fuzz corpus: {} {} inputs", target.name, corpus.len());
        total += corpus.len();
    }
    assert!(total >= 300, "the corpus is not where it was: {total} inputs");
}

#[test]
fn every_target_takes_its_corpus_with_wounds() {
    for target in TARGETS {
        let random = Random::seeded(4);
        let corpus = corpus(target);
        let rounds = if SLOW_TARGETS.contains(&target.name) { 20 } else { 500 };
        for _ in 0..rounds {
            let below = |bound: usize| random.below(bound as u64).unwrap() as usize;
            let mut input = corpus[below(corpus.len())].1.clone();
            for _ in 0..=below(3) {
                wound(&mut input, &below);
            }
            // Said before, because a panic's own words may come from anywhere.
            let run = std::panic::catch_unwind(|| (target.run)(&input));
            assert!(run.is_ok(), "{}: {}", target.name, input.escape_ascii());
        }
    }
}

#[test]
fn a_broken_oracle_is_seen() {
    let broken = std::panic::catch_unwind(|| softtoken_fuzz_targets::target("no such target"));
    assert!(broken.is_err());
}

/// The seeds, and the files of tests/fuzz/corpus.
fn corpus(target: &Target) -> Vec<(String, Vec<u8>)> {
    let seeds = (target.seeds)().into_iter().enumerate();
    let mut all: Vec<_> = seeds.map(|(at, seed)| (format!("seed {at}"), seed)).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target.name);
    let found = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = found.collect();
    found.sort();
    all.extend(found.into_iter().map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())));
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

/// Targets that open a vault, stretch a password or look for QR codes each time.
const SLOW_TARGETS: [&str; 5] = ["calls", "drafts", "frame", "sealed", "vault"];
