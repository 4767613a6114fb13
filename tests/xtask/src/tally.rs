//! Counts what a suite says about itself.
//!
//! | Line | Means |
//! |---|---|
//! | `test result: …` | a Rust test program; all of them are summed |
//! | `N passed, N failed[, N skipped]` | any other runner; the last one counts |
//! | `[INFO] Tests run: N, Failures: N, …` | a module of Maven; all of them are summed |
//! | `Executed N tests, with N failures …` | XCTest; the last one counts |
//! | `Test run with N tests passed …` | Swift Testing; the last one counts |
//! | `journeys: LANGUAGE N passed` | journeys that a language has played |
//! | `test NAME ... ok` | a Rust test, by name |
//! | `test NAME ... ignored`, `skipped: NAME: reason` | a check that did not run |
//!
//! A suite that counts nothing counts as one check. Two rules keep a silent suite from passing: a
//! failing exit status is at least one failure, and so is a count of no test at all.

use std::collections::{BTreeMap, BTreeSet};

use crate::closing::{Runner, closing_line, count};

/// A check that did not run.
#[derive(Clone, Debug, PartialEq)]
pub struct Skip {
    pub name: String,
    pub reason: String,
}

/// What one suite has said so far.
#[derive(Default)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    pub skips: Vec<Skip>,
    /// Rust tests that passed.
    pub names: BTreeSet<String>,
    /// Journeys that passed, by language.
    pub journeys: BTreeMap<String, usize>,
    rust: bool,
    closings: BTreeMap<Runner, [usize; 3]>,
}

impl Tally {
    /// Reads one line of the suite's output.
    pub fn line(&mut self, line: &str) {
        let line = line.trim();
        if let Some(counts) = line.strip_prefix("test result: ") {
            let counts = counts.split_once(". ").map_or(counts, |(_, counts)| counts);
            self.passed += count(counts, "passed").unwrap_or(0);
            self.failed += count(counts, "failed").unwrap_or(0);
            self.rust = true;
        } else if let Some((name, reason)) =
            line.strip_prefix("skipped: ").and_then(|rest| rest.split_once(": "))
        {
            self.skip(name, reason);
        } else if let Some((name, reason)) =
            line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ignored"))
        {
            self.skip(name, reason.trim_start_matches(", "));
        } else if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... ok")) {
            self.names.insert(name.trim_end_matches(" - should panic").to_owned());
        } else if let Some((language, passed)) = journeys(line) {
            self.journeys.insert(language.to_owned(), passed);
        } else if let Some((runner, counts)) = closing_line(line) {
            let sum = self.closings.entry(runner).or_default();
            let before = if runner == Runner::Maven { *sum } else { [0; 3] };
            *sum = [0, 1, 2].map(|at| before[at] + counts[at]);
        }
    }

    /// Adds a skip.
    pub fn skip(&mut self, name: &str, reason: &str) {
        self.skips.push(Skip { name: name.to_owned(), reason: reason.to_owned() });
    }

    /// Closes the count of the suite `name`, which ended well or not.
    pub fn close(&mut self, name: &str, ended_well: bool) {
        // A Rust test may run another runner: its closing line is then part of the test's own output.
        let closings = self.closings.values().filter(|_| !self.rust);
        let closing = closings.copied().reduce(|sum, one| [0, 1, 2].map(|at| sum[at] + one[at]));
        if let Some([passed, failed, skipped]) = closing {
            (self.passed, self.failed) = (passed, failed);
            for _ in self.skips.len()..skipped {
                self.skip(name, "counted without a name");
            }
        }
        if !ended_well {
            self.failed = self.failed.max(1);
        } else if !self.rust && closing.is_none() {
            self.passed = 1;
        } else if self.passed + self.failed == 0 {
            self.failed = 1;
        }
    }
}

/// Language and number of `journeys: LANGUAGE N passed`.
fn journeys(line: &str) -> Option<(&str, usize)> {
    let (language, passed) = line.strip_prefix("journeys: ")?.strip_suffix(" passed")?.split_once(' ')?;
    Some((language, passed.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str], ended_well: bool) -> Tally {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.line(line));
        tally.close("suite", ended_well);
        tally
    }

    #[test]
    fn the_results_of_several_test_programs_are_summed() {
        let sum = tally(
            &[
                "test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s",
                "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0s",
            ],
            false,
        );
        assert_eq!((sum.passed, sum.failed), (7, 3));
    }

    #[test]
    fn skips_keep_their_names_whether_printed_or_ignored() {
        let sum = tally(
            &[
                "test slow::one ... ignored, takes an hour",
                "  skipped: oathtool: not here: really",
                "test a ... ok",
                "1 passed, 0 failed, 3 skipped",
            ],
            true,
        );
        let names: Vec<_> = sum.skips.iter().map(|skip| (&*skip.name, &*skip.reason)).collect();
        assert_eq!(
            names,
            [
                ("slow::one", "takes an hour"),
                ("oathtool", "not here: really"),
                ("suite", "counted without a name")
            ]
        );
    }

    #[test]
    fn a_test_that_passed_is_known_by_name() {
        let sum = tally(&["test room::it_works ... ok", "test room::it_breaks ... FAILED"], false);
        assert_eq!(sum.names.into_iter().collect::<Vec<_>>(), ["room::it_works"]);
    }

    #[test]
    fn a_closing_line_inside_a_rust_run_belongs_to_a_test() {
        let sum = tally(&["1 passed, 9 failed", "test result: ok. 5 passed; 0 failed; 0 ignored"], true);
        assert_eq!((sum.passed, sum.failed), (5, 0));
    }

    #[test]
    fn the_runners_of_kotlin_and_swift_are_counted() {
        let maven = [
            "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in org.softtoken.Test",
            "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0",
            "[WARNING] Tests run: 6, Failures: 1, Errors: 1, Skipped: 1",
        ];
        let sum = tally(&maven, false);
        assert_eq!((sum.passed, sum.failed, sum.skips.len()), (6, 2, 1));
        let swift = [
            "Executed 2 tests, with 0 failures (0 unexpected) in 0.001 (0.001) seconds",
            "Executed 4 tests, with 1 test skipped and 1 failure (0 unexpected) in 0.001 (0.001) seconds",
            "✔ Test run with 7 tests passed after 0.002 seconds.",
        ];
        let sum = tally(&swift, false);
        assert_eq!((sum.passed, sum.failed, sum.skips.len()), (9, 1, 1));
        let failed = ["✘ Test run with 7 tests failed after 0.002 seconds with 2 issues."];
        assert_eq!((tally(&failed, false).passed, tally(&failed, false).failed), (5, 2));
        assert_eq!(tally(&["✔ Test run with 1 test passed after 1 seconds."], true).passed, 1);
    }

    #[test]
    fn journeys_are_counted_by_language() {
        let sum = tally(&["journeys: rust 40 passed", "journeys: rust none"], true);
        assert_eq!(sum.journeys, BTreeMap::from([("rust".to_owned(), 40)]));
    }

    #[test]
    fn a_suite_without_counts_is_one_check() {
        assert_eq!(tally(&["all is well"], true).passed, 1);
        assert_eq!(tally(&["error: it does not compile"], false).failed, 1);
    }

    #[test]
    fn a_run_without_tests_and_a_failing_exit_after_passing_tests_both_fail() {
        assert_eq!(tally(&["test result: ok. 0 passed; 0 failed; 0 ignored"], true).failed, 1);
        assert_eq!(tally(&["4 passed, 0 failed"], false).failed, 1);
    }
}
