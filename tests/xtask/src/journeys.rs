//! tests/JOURNEYS.md: which test plays which row of the product, shows which property of the
//! profile, and keeps which abuse of the pages out.
//!
//! The file is true or the run fails: every test named in its tables has passed in this run, and every row that the
//! file must have is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};

/// Where it is, from the root of the repository.
pub const FILE: &str = "tests/JOURNEYS.md";

/// What is wrong with the file after a run in which the tests `passed`.
pub fn problems(root: &Path, passed: &BTreeSet<String>) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(root.join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
    Ok(judge(&text, passed))
}

/// Every language but those whose suite was skipped has played the same number of journeys, or what is wrong.
pub fn languages(played: &BTreeMap<String, usize>, skipped: &[&str]) -> Result<(), String> {
    let count = |language: &str| played.get(language).copied().unwrap_or(0);
    let playing = LANGUAGES.into_iter().filter(|language| !skipped.contains(language));
    let counts: Vec<_> = playing.map(count).collect();
    let list = LANGUAGES.map(|language| format!("{language} {}", count(language))).join(", ");
    println!("\njourneys played: {list}");
    let equal = counts.iter().all(|one| Some(one) == counts.first() && *one > 0);
    if equal { Ok(()) } else { Err(format!("not every language has played every journey: {list}")) }
}

fn judge(text: &str, passed: &BTreeSet<String>) -> Vec<String> {
    let rows: Vec<(&str, Vec<&str>)> = text.lines().filter_map(row).collect();
    let mut problems = Vec::new();
    for wanted in ROWS.iter().chain(&PROPERTIES).chain(&ABUSE) {
        if !rows.iter().any(|(name, tests)| name == wanted && !tests.is_empty()) {
            problems.push(format!("{wanted} names no test"));
        }
    }
    for (name, tests) in &rows {
        for test in tests.iter().filter(|test| !has_passed(test, passed)) {
            problems.push(format!("{name}: {test} did not pass in this run"));
        }
    }
    problems
}

/// Row and tests of `| R1 | what | `test_one`, `test_two` |`.
fn row(line: &str) -> Option<(&str, Vec<&str>)> {
    let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
    let name = cells.next()?;
    let numbered = name.strip_prefix(['R', 'P', 'A'])?.parse::<u8>().is_ok();
    let tests = cells.last()?.split(", ").filter_map(|test| test.strip_prefix('`')?.strip_suffix('`'));
    numbered.then(|| (name, tests.collect()))
}

/// The runner prints modules before the name; the file does not.
fn has_passed(test: &str, passed: &BTreeSet<String>) -> bool {
    passed.contains(test) || passed.iter().any(|name| name.ends_with(&format!("::{test}")))
}

/// Languages that play the journeys of tests/journeys.
const LANGUAGES: [&str; 3] = ["rust", "kotlin", "swift"];

/// Rows of the product that are played from end to end.
const ROWS: [&str; 26] = [
    "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15", "R16",
    "R17", "R18", "R19", "R20", "R21", "R23", "R24", "R25", "R26", "R28",
];

/// Properties of the activation profile.
const PROPERTIES: [&str; 10] = ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10"];

/// Ways in which pages are abused.
const ABUSE: [&str; 12] = ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10", "A11", "A12"];

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn languages_that_differ_or_are_missing_are_told() {
        let played = |counts: &[(&str, usize)]| {
            languages(&counts.iter().map(|(language, count)| ((*language).to_owned(), *count)).collect(), &[])
        };
        assert_eq!(played(&[("rust", 40), ("kotlin", 40), ("swift", 40)]), Ok(()));
        assert!(played(&[("rust", 40), ("kotlin", 39), ("swift", 40)]).is_err());
        assert!(played(&[("rust", 40), ("kotlin", 40)]).unwrap_err().ends_with("swift 0"));
        assert!(played(&[]).is_err());
        let two = BTreeMap::from([("rust".to_owned(), 40), ("kotlin".to_owned(), 40)]);
        assert_eq!(languages(&two, &["swift"]), Ok(()));
    }

    #[test]
    fn a_row_names_its_tests() {
        assert_eq!(row("| R1 | a link | `one`, `two` |"), Some(("R1", vec!["one", "two"])));
        assert_eq!(row("| P10 | parsers | `one` |"), Some(("P10", vec!["one"])));
        assert_eq!(row("| Row | What | Test |"), None);
        assert_eq!(row("| R1 | later | – |"), Some(("R1", vec![])));
    }

    #[test]
    fn a_test_that_did_not_pass_and_a_row_that_is_missing_are_told() {
        let table: String = ROWS
            .iter()
            .chain(&PROPERTIES)
            .chain(&ABUSE)
            .map(|row| format!("| {row} | x | `t` |\n"))
            .collect();
        assert_eq!(judge(&table, &passed(&["module::t"])), Vec::<String>::new());
        let failed = judge(&table, &passed(&["module::other"]));
        assert_eq!(failed.len(), ROWS.len() + PROPERTIES.len() + ABUSE.len());
        assert_eq!(failed[0], "R1: t did not pass in this run");
        let short = judge("| R1 | x | `t` |\n", &passed(&["t"]));
        assert_eq!(short.len(), ROWS.len() + PROPERTIES.len() + ABUSE.len() - 1);
        assert_eq!(short[0], "R2 names no test");
    }
}
