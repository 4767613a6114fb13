//! `cargo xtask coverage`: how many of the core's lines its own tests run, room by room.
//!
//! cargo-llvm-cov builds, runs and reads the counters; here they are only added up. A room is the first
//! name below core/src. Code that only tests build is left out: it always runs and would flatter its
//! room. Other crates' tests and doctests do not count. Some tests draw random inputs, so a rare line
//! may come and go.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::runner::stream;
use crate::setup::Setup;

/// Lines that run at least once, and all lines that could.
type Count = (usize, usize);

/// Runs the core's tests with counters and prints the table; false if a test failed.
pub fn measure() -> Result<bool> {
    let setup = Setup::new()?;
    let report = std::env::current_exe()?.with_file_name("core.lcov");
    let [cov, profdata] = setup.llvm()?;
    let mut command = Command::new(setup.cargo_llvm_cov()?);
    command.args(["llvm-cov", "--package", "softtoken-core", "--tests", "--no-fail-fast"]);
    // The code under test is the code that ships: no cfg(coverage).
    command.args(["--no-cfg-coverage", "--lcov", "--output-path"]).arg(&report);
    command.current_dir(&setup.root).env("LLVM_COV", cov).env("LLVM_PROFDATA", profdata);
    if !stream(&mut command, |_| ())? {
        return Ok(false);
    }
    let sources = setup.root.join("core/src");
    let mut tests = TestCode::default();
    tests.collect(&sources)?;
    let rooms = by_room(&std::fs::read_to_string(&report)?, &sources, &tests);
    ensure!(!rooms.is_empty(), "{} names no line of {}", report.display(), sources.display());
    print!("{}", table(&rooms));
    println!("line by line: {}", report.display());
    Ok(true)
}

/// What only tests build, by the rule that tests stand last in a file.
#[derive(Default)]
struct TestCode {
    /// Modules in files of their own, without `.rs`.
    modules: BTreeSet<PathBuf>,
    /// Files that end in a test module, with its first line.
    tails: BTreeMap<PathBuf, usize>,
}

impl TestCode {
    fn collect(&mut self, folder: &Path) -> Result<()> {
        for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                self.collect(&path)?;
            } else if path.extension().is_some_and(|end| end == "rs") {
                self.read(&path, &std::fs::read_to_string(&path)?);
            }
        }
        Ok(())
    }

    fn read(&mut self, path: &Path, text: &str) {
        let mut home = path.with_extension("");
        if home.ends_with("mod") || home.ends_with("lib") {
            home.pop();
        }
        for ((number, gate), item) in (1..).zip(text.lines()).zip(text.lines().skip(1)) {
            let Some((_, module)) = item.split_once("mod ") else { continue };
            if !GATES.iter().any(|start| gate.starts_with(start)) {
                continue;
            }
            match module.strip_suffix(';') {
                Some(name) => _ = self.modules.insert(home.join(name)),
                None => _ = self.tails.entry(path.to_owned()).or_insert(number),
            }
        }
    }

    fn contains(&self, file: &Path, line: usize) -> bool {
        self.tails.get(file).is_some_and(|first| line >= *first)
            || file.with_extension("").ancestors().any(|module| self.modules.contains(module))
    }
}

/// Adds up the `DA:line,count` records of every `SF:file` below `sources`.
fn by_room(lcov: &str, sources: &Path, tests: &TestCode) -> BTreeMap<String, Count> {
    let mut rooms = BTreeMap::<_, Count>::new();
    let mut file = Path::new("");
    for record in lcov.lines() {
        if let Some(name) = record.strip_prefix("SF:") {
            file = Path::new(name);
        }
        let line = record.strip_prefix("DA:").and_then(|record| record.split_once(','));
        let Some((Ok(line), runs)) = line.map(|(line, runs)| (line.parse(), runs)) else { continue };
        let inside = file.strip_prefix(sources).ok().and_then(|inside| inside.iter().next());
        let Some(first) = inside.filter(|_| !tests.contains(file, line)) else { continue };
        let count = rooms.entry(first.to_string_lossy().trim_end_matches(".rs").to_owned()).or_default();
        count.0 += usize::from(runs != "0");
        count.1 += 1;
    }
    rooms
}

fn table(rooms: &BTreeMap<String, Count>) -> String {
    let total = rooms.values().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    let rows = rooms.iter().map(|(room, count)| (room.as_str(), *count)).chain([("total", total)]);
    let row = |(room, (run, all)): (&str, Count)| {
        // Rounded down: only a room without an untested line has 100.0.
        let permille = (run * 1000).checked_div(all).unwrap_or(0);
        format!("{room:12}  {all:6}  {:6}  {:5}.{}\n", all - run, permille / 10, permille % 10)
    };
    format!("\n{:12}   lines  not run  percent\n", "room") + &rows.map(row).collect::<String>()
}

/// How the attribute above a module begins that only tests build.
const GATES: [&str; 3] = ["#[cfg(test)]", "#[cfg(any(test,", "#[cfg(feature = \"testing\")]"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_by_room_and_test_code_is_left_out() {
        let mut tests = TestCode::default();
        tests.read(Path::new("/c/src/lib.rs"), "mod otp;\n#[cfg(any(test, x))]\npub mod testing;\n");
        tests.read(Path::new("/c/src/otp/mod.rs"), "#[cfg(test)]\nmod vectors;\nmod totp;\n");
        tests.read(Path::new("/c/src/otp/totp.rs"), "fn f() {}\nfn g() {}\n#[cfg(test)]\nmod tests {\n}\n");
        let lcov = "SF:/c/src/otp/totp.rs\nFNDA:3,f\nDA:1,0\nDA:2,7\nDA:3,1\nDA:4,1\nend_of_record\n\
                    SF:/c/src/otp/totp/steps.rs\nDA:9,1\nSF:/c/src/otp/vectors.rs\nDA:1,1\n\
                    SF:/c/src/otp/vectors/more.rs\nDA:1,1\nSF:/c/src/testing.rs\nDA:1,1\n\
                    SF:/c/src/time.rs\nDA:5,2\nSF:/c/tests/a.rs\nDA:1,1\n";
        let rooms = by_room(lcov, Path::new("/c/src"), &tests);
        assert_eq!(rooms, BTreeMap::from([("otp".to_owned(), (2, 3)), ("time".to_owned(), (1, 1))]));
        let total = table(&rooms).lines().last().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(total, "total 4 1 75.0");
    }

    #[test]
    fn an_almost_tested_room_has_less_than_100_percent() {
        assert!(table(&BTreeMap::from([("a".to_owned(), (9999, 10000))])).contains(" 99.9\n"));
    }
}
