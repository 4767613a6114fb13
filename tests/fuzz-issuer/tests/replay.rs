//! Every seed and everything the fuzzer ever found, in every test run, and quick mutations of both.

use softtoken_fuzz_issuer::REST;
use softtoken_fuzz_targets::replay;

#[test]
fn the_issuer_takes_its_whole_corpus_without_a_5xx() {
    assert!(replay::whole(&REST) >= 400);
}

#[test]
fn the_issuer_takes_its_corpus_with_wounds_without_a_5xx() {
    replay::wounded(&REST, 2_000);
}
