//! What failed, told again at the end of a run, where a reader looks first and where a log is cut last.
//!
//! Of a Rust test: its name and what it printed. Of any other suite: its last lines.

use std::collections::{BTreeSet, VecDeque};

/// The failures of one suite, read from its output.
#[derive(Default)]
pub struct Failures {
    names: BTreeSet<String>,
    told: Vec<String>,
    inside: bool,
    room: usize,
    tail: VecDeque<String>,
}

impl Failures {
    /// Reads one line of the suite's output.
    pub fn line(&mut self, line: &str) {
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(line.to_owned());
        if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED")) {
            self.names.insert(name.trim_end_matches(" - should panic").to_owned());
        } else if let Some(name) = heading(line) {
            self.inside = self.names.contains(name);
            self.room = BLOCK;
        } else if line == "failures:" || line == "successes:" || line.starts_with("test result: ") {
            self.inside = false;
        }
        if self.inside && self.room > 0 {
            self.room -= 1;
            self.told.push(line.to_owned());
        }
    }

    /// What there is to say of the suite `name`, which failed.
    pub fn report(&self, name: &str) -> String {
        let mut text = String::new();
        for test in &self.names {
            text += &format!("FAILED {name}: {test}\n");
        }
        let lines: Vec<&String> = if self.told.is_empty() {
            text += &format!("FAILED {name}; its last lines:\n");
            self.tail.iter().collect()
        } else {
            self.told.iter().collect()
        };
        for line in lines {
            text += &format!("  {line}\n");
        }
        text
    }
}

/// NAME in `---- NAME stdout ----`.
fn heading(line: &str) -> Option<&str> {
    line.strip_prefix("---- ")?.strip_suffix(" stdout ----")
}

/// Lines of one test's output.
const BLOCK: usize = 60;
/// Lines of any other suite.
const TAIL: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn report(lines: &[&str]) -> String {
        let mut failures = Failures::default();
        lines.iter().for_each(|line| failures.line(line));
        failures.report("rust")
    }

    #[test]
    fn a_failed_test_is_told_with_its_output_and_a_passed_one_is_not() {
        let text = report(&[
            "test fine ... ok",
            "test broken ... FAILED",
            "successes:",
            "---- fine stdout ----",
            "all is well",
            "failures:",
            "---- broken stdout ----",
            "thread panicked at here",
            "failures:",
            "    broken",
            "test result: FAILED. 1 passed; 1 failed; 0 ignored",
        ]);
        assert_eq!(text, "FAILED rust: broken\n  ---- broken stdout ----\n  thread panicked at here\n");
    }

    #[test]
    fn a_suite_that_names_no_test_is_told_by_its_last_lines() {
        let lines: Vec<String> = (0..100).map(|n| format!("line {n}")).collect();
        let text = report(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(text.starts_with("FAILED rust; its last lines:\n  line 60\n"), "{text}");
        assert!(text.ends_with("  line 99\n"));
    }
}
