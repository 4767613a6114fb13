//! Every seed and everything the fuzzer ever found, in every test run, and quick mutations of both.

use softtoken_fuzz_targets::{TARGETS, replay};

#[test]
fn every_target_takes_its_whole_corpus() {
    let total: usize = TARGETS.iter().map(replay::whole).sum();
    assert!(total >= 300, "the corpus is not where it was: {total} inputs");
}

#[test]
fn every_target_takes_its_corpus_with_wounds() {
    for target in TARGETS {
        replay::wounded(target, if SLOW_TARGETS.contains(&target.name) { 20 } else { 500 });
    }
}

#[test]
fn a_broken_oracle_is_seen() {
    let broken = std::panic::catch_unwind(|| softtoken_fuzz_targets::target("no such target"));
    assert!(broken.is_err());
}

/// Targets that open a vault, stretch a password or look for QR codes each time.
const SLOW_TARGETS: [&str; 5] = ["calls", "drafts", "frame", "sealed", "vault"];
