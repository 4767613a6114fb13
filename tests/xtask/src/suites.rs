//! The registry of suites, and the run through all of them.
//!
//! A new suite is one line in [`registry`]; a new Python reader is a file in tests/readers (a name that
//! starts with `_` is a helper, not a suite). All suites run, in this order, even after a failure.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Result;

use crate::failures::Failures;
use crate::fuzz;
use crate::journeys;
use crate::kits;
use crate::reliability;
use crate::runner::stream;
use crate::setup::{Setup, cargo};
use crate::skips;
use crate::summary::{self, Row};
use crate::tally::Tally;

/// One line of the summary: a program with arguments.
struct Suite {
    name: String,
    tool: Tool,
    arguments: Vec<String>,
    /// A failure whose output contains this text is a skip with this reason.
    unavailable: Option<(&'static str, &'static str)>,
}

enum Tool {
    Setup,
    Cargo,
    CargoDeny,
    Fuzzer,
    Maven,
    Python,
    Swift,
}

fn registry(root: &Path) -> Vec<Suite> {
    let mut suites = vec![
        suite("setup", Tool::Setup, &[]),
        suite("fmt", Tool::Cargo, &["fmt", "--all", "--check"]),
        suite("clippy", Tool::Cargo, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        suite("rustdoc", Tool::Cargo, &["doc", "--workspace", "--no-deps"]),
        // Shown output: a passing test's `skipped:` and `vectors:` lines belong to the record.
        suite("rust", Tool::Cargo, &["test", "--workspace", "--no-fail-fast", "--", "--show-output"]),
        suite("kotlin", Tool::Maven, &[]),
        Suite {
            unavailable: Some((
                "swift-root: not available here",
                "Debian 13's Swift cannot be fetched or entered",
            )),
            ..suite("swift", Tool::Swift, &[])
        },
        suite("fuzz", Tool::Fuzzer, &[]),
        suite("deny", Tool::CargoDeny, &["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]),
        Suite {
            unavailable: Some((
                "failed to fetch advisory database",
                "the advisory database cannot be fetched",
            )),
            ..suite("advisories", Tool::CargoDeny, &["check", "advisories"])
        },
    ];
    suites.extend(readers(root));
    suites
}

/// Runs every suite and prints the summary; true if nothing failed.
pub fn run_all() -> Result<bool> {
    let setup = Setup::new()?;
    let allowed = skips::allowed(&setup.root)?;
    let figures = reliability::empty_folder("figures")?;
    let mut rows = Vec::new();
    let mut skips = Vec::new();
    let (mut failed, mut passed, mut played) = (String::new(), BTreeSet::new(), BTreeMap::new());
    for suite in registry(&setup.root) {
        println!("\n== {} ==", suite.name);
        let started = Instant::now();
        let mut failures = Failures::default();
        let tally = suite.run(&setup, &figures, &mut failures);
        let row = Row::new(&suite.name, &tally, started.elapsed());
        if !row.went_well() {
            failed += &failures.report(&suite.name);
        }
        rows.push(row);
        skips.extend(tally.skips);
        passed.extend(tally.names);
        played.extend(tally.journeys);
    }
    // In a strict run a skip without a row in the list is a failure of its own.
    let unlisted = skips::unlisted(&skips, &allowed).len();
    if skips::strict() && unlisted > 0 {
        rows.push(Row::failures("unlisted skips", unlisted));
    }
    let mut untrue = journeys::problems(&setup.root, &passed)?;
    let left_out: Vec<_> = skips.iter().map(|skip| skip.name.as_str()).collect();
    untrue.extend(journeys::languages(&played, &left_out).err());
    if !untrue.is_empty() {
        failed += &format!("FAILED {}:\n  {}\n", journeys::FILE, untrue.join("\n  "));
        rows.push(Row::failures("journeys", untrue.len()));
    }
    let well = rows.iter().all(Row::went_well);
    let missing = reliability::write_down(&setup.root, &figures, well)?;
    if !missing.is_empty() {
        println!("error: not covered: {}", missing.join(", "));
        rows.push(Row::failures("reliability", missing.len()));
    }
    if !failed.is_empty() {
        print!("\n{failed}");
    }
    Ok(summary::print(&rows, &skips))
}

impl Suite {
    fn run(&self, setup: &Setup, figures: &Path, failures: &mut Failures) -> Tally {
        let mut tally = Tally::default();
        let mut unavailable = None;
        let ended_well = self.command(setup).and_then(|command| {
            if let Tool::Fuzzer = self.tool {
                return fuzz::short(figures, &mut |line| failures.line(line));
            }
            let Some(mut command) = command else { return Ok(true) };
            // Short forms only, and a figure of each.
            command.env_remove("SOFTTOKEN_CAMPAIGN").env("SOFTTOKEN_FIGURES", figures);
            stream(&mut command, |line| {
                tally.line(line);
                failures.line(line);
                unavailable = unavailable
                    .or(self.unavailable.filter(|(text, _)| line.contains(text)).map(|(_, why)| why));
            })
        });
        match (ended_well, unavailable) {
            (Ok(false), Some(reason)) => {
                println!("skipped: {}: {reason}", self.name);
                tally.skip(&self.name, reason);
            }
            (Ok(well), _) => {
                tally.close(&self.name, well);
                if well && tally.failed > 0 {
                    println!("error: {} ended well, but ran no test or counts failures", self.name);
                }
            }
            (Err(problem), _) => {
                println!("error: {problem:#}");
                failures.line(&format!("error: {problem:#}"));
                tally.close(&self.name, false);
            }
        }
        tally
    }

    fn command(&self, setup: &Setup) -> Result<Option<Command>> {
        let mut command = match self.tool {
            Tool::Setup => {
                setup.programs()?;
                setup.cargo_deny()?;
                return Ok(None);
            }
            Tool::Fuzzer => return Ok(None),
            // Journeys send mails to a mail server in Python, and look at pages with axe-core.
            Tool::Cargo => {
                let mut command = cargo();
                command.env("SOFTTOKEN_PYTHON", setup.python()?).env("SOFTTOKEN_AXE", setup.axe()?);
                command
            }
            Tool::Maven => kits::kotlin(&setup.root)?,
            Tool::Swift => kits::swift(&setup.root)?,
            Tool::CargoDeny => Command::new(setup.cargo_deny()?),
            Tool::Python => Command::new(setup.python()?),
        };
        // For rustdoc and doctests alike, so that the second does not rebuild what the first has built.
        command.args(&self.arguments).current_dir(&setup.root).env("RUSTDOCFLAGS", "-D warnings");
        Ok(Some(command))
    }
}

fn suite(name: &str, tool: Tool, arguments: &[&str]) -> Suite {
    let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
    Suite { name: name.to_owned(), tool, arguments, unavailable: None }
}

/// A suite for every script in tests/readers.
fn readers(root: &Path) -> Vec<Suite> {
    let folder = std::fs::read_dir(root.join("tests/readers")).into_iter().flatten().flatten();
    let mut scripts: Vec<_> = folder.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    scripts.sort();
    let stem =
        |file: &String| file.strip_suffix(".py").filter(|stem| !stem.starts_with('_')).map(str::to_owned);
    scripts
        .iter()
        .filter_map(stem)
        .map(|stem| suite(&format!("reader {stem}"), Tool::Python, &[&format!("tests/readers/{stem}.py")]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_script_is_a_suite_and_helpers_are_not() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("tests/readers")).unwrap();
        for file in ["vault.py", "_shared.py", "notes.md", "activation.py"] {
            std::fs::write(root.path().join("tests/readers").join(file), "").unwrap();
        }
        let names: Vec<_> = readers(root.path()).into_iter().map(|suite| suite.name).collect();
        assert_eq!(names, ["reader activation", "reader vault"]);
    }
}
