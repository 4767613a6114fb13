//! A wrong input costs the same number of instructions wherever it is wrong.
//!
//! Counted by valgrind's callgrind, inside one function; equal means equal, to the instruction. Now and then the
//! machine adds some to one run (a clock that ticks between two readings); what differs is counted again, and the least
//! counts: nothing outside makes a run cheaper, and a difference that comes from the input comes every time.

use std::process::Command;

use softtoken_figures::Effort;
use softtoken_memory::compare::{CASES, NAIVE, PLACES};

/// Instructions of one comparison.
fn count(case: &str, place: &str) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*counted_work*", "--callgrind-out-file=/dev/null"])
        .arg(env!("CARGO_BIN_EXE_constant-work"))
        .args([case, place])
        .arg(folder.path().join("vault"))
        .output()
        .expect("valgrind, which `cargo xtask test` installs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{case} {place}: {said}");
    let line = said.lines().find(|line| line.contains("Collected :")).expect("a sum");
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

/// The least of up to [`ROUNDS`] counts for each place.
fn least(case: &str) -> [u64; 3] {
    let mut counts = PLACES.map(|place| count(case, place));
    for _ in 1..ROUNDS {
        if counts.iter().all(|count| *count == counts[0]) {
            break;
        }
        eprintln!("{case}: {counts:?}, counted again");
        let again = PLACES.map(|place| count(case, place));
        counts = std::array::from_fn(|at| counts[at].min(again[at]));
    }
    counts
}

const ROUNDS: usize = 4;

#[test]
fn a_wrong_input_costs_the_same_wherever_it_is_wrong() {
    let effort = Effort::start("constant-work", CASES.len() as u64, 0);
    let mut unequal = Vec::new();
    for case in CASES {
        let counts = least(case);
        eprintln!("{case}: {counts:?} instructions, wrong in the {PLACES:?} place");
        assert!(counts[0] > 20, "{case}: nothing was counted");
        if counts.iter().any(|count| *count != counts[0]) {
            unequal.push(case);
        }
    }
    let naive = PLACES.map(|place| count(NAIVE, place));
    eprintln!("{NAIVE}: {naive:?}");
    assert!(naive[1] > naive[0] + 31, "an early exit is not seen, so equal counts mean nothing");
    assert!(unequal.is_empty(), "{unequal:?}");
    effort.end(CASES.len() as u64, "comparisons", &[("runs", (CASES.len() as u64 + 1) * 3)]);
}
