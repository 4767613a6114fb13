//! A wrong input costs the same number of instructions wherever it is wrong.
//!
//! Counted by valgrind's callgrind, inside one function; equal means equal, to the instruction.

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

#[test]
fn a_wrong_input_costs_the_same_wherever_it_is_wrong() {
    let effort = Effort::start("constant-work", CASES.len() as u64, 0);
    let mut unequal = Vec::new();
    for case in CASES {
        let counts = PLACES.map(|place| count(case, place));
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
