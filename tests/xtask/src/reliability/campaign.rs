//! `cargo xtask campaign`: one proof, long.
//!
//! The proof's own test program runs in the profile `campaign` (as fast as a release, with every check).
//! Ended well, its figure goes into the records and the report; a failure says how to repeat it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use softtoken_figures::Figure;

use super::record::{self, Campaign};
use super::registry::{Goal, ROWS, Row, Runner, find};
use super::{empty_folder, read, report};
use crate::fuzz;
use crate::runner::{capture, stream};
use crate::setup::{cargo, root};

/// Which proof, and how long.
#[derive(Args, Clone)]
pub struct Options {
    /// The proof, as `--list` and the report name it
    #[arg(required_unless_present = "list")]
    name: Option<String>,
    /// List the proofs that have a campaign
    #[arg(long)]
    list: bool,
    /// End after this many minutes (each target's minutes for fuzz) [default: 30; fuzz 10]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    minutes: Option<u64>,
    /// End after this many [default: the goal, unless --minutes is given]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// Where randomness starts [default: the seed of every test run]
    #[arg(long)]
    seed: Option<u64>,
}

/// Runs the campaign; false if the proof failed.
pub fn run(options: &Options) -> Result<bool> {
    let Some(name) = options.name.as_deref().filter(|_| !options.list) else {
        print!("{}", list());
        return Ok(true);
    };
    let row = find(name).with_context(|| format!("no proof is called {name}; see --list"))?;
    let goal = row
        .campaign
        .as_ref()
        .with_context(|| format!("{name} has no campaign: every test run does all of it"))?;
    let bounds = Bounds::new(options, goal);
    let (root, folder) = (root(), empty_folder("campaign")?);
    let mut seed = options.seed;
    let took = match &row.runner {
        Runner::Fuzzer if options.count.is_some() => bail!("the fuzzer counts minutes only"),
        Runner::Fuzzer => fuzz::campaign(bounds.minutes, options.seed, &folder)?,
        Runner::Tests { package, test, starts } => {
            build(starts)?;
            let start = |line: &str| seed = seed.or(seed_in(line, name));
            run_tests(name, package, test, &bounds, options.seed, &folder, start)?
        }
    };
    let Some(took) = took else {
        println!("error: {name} failed; to repeat it: {}", bounds.repeat(name, seed));
        return Ok(false);
    };
    let figure = read(&folder)?.remove(name).with_context(|| format!("{name} left no figure"))?;
    ensure!(figure.campaign, "{name} ran its short form");
    note(&root, row, figure, took)
}

fn note(root: &Path, row: &Row, figure: Figure, took: Duration) -> Result<bool> {
    let Figure { done, unit, seed, notes, .. } = figure;
    // Half a minute or more counts as one, but no campaign has none.
    let minutes = ((took.as_secs() + 30) / 60).max(1);
    println!("{}: {done} {unit} in {minutes} min, seed {seed}", row.name);
    let campaign = Campaign { done, unit, minutes, seed, notes, commit: commit(root)?, date: today()? };
    if !record::keep(root, row.name, campaign)? {
        println!("a longer campaign is on record and stays there");
    }
    report::write(root, None)?;
    Ok(true)
}

/// Builds the programs of `packages`, which a proof starts from the folder above its own.
fn build(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let mut command = cargo();
    command.args(["build", "--profile", "campaign"]);
    packages.iter().for_each(|package| _ = command.args(["--package", package]));
    ensure!(stream(&mut command, |_| ())?, "{} do not build", packages.join(" and "));
    Ok(())
}

/// Builds the program first, so that building takes no campaign time. `None` if the proof failed.
fn run_tests(
    name: &str,
    package: &str,
    test: &str,
    bounds: &Bounds,
    seed: Option<u64>,
    folder: &Path,
    mut each: impl FnMut(&str),
) -> Result<Option<Duration>> {
    let tests = |last: &[&str]| {
        let mut command = cargo();
        command.args(["test", "--profile", "campaign", "--package", package, "--test", test]).args(last);
        command
    };
    if !stream(&mut tests(&["--no-run"]), |_| ())? {
        bail!("{package} does not build");
    }
    let mut command = tests(&["--", "--nocapture"]);
    command.env("SOFTTOKEN_CAMPAIGN", name).env("SOFTTOKEN_FIGURES", folder);
    command.env("SOFTTOKEN_MINUTES", bounds.minutes.to_string());
    for (variable, value) in [("SOFTTOKEN_COUNT", bounds.count), ("SOFTTOKEN_SEED", seed)] {
        command.env_remove(variable);
        command.envs(value.map(|value| (variable, value.to_string())));
    }
    let started = Instant::now();
    let well = stream(&mut command, &mut each)?;
    Ok(well.then(|| started.elapsed()))
}

/// Where the campaign ends.
struct Bounds {
    minutes: u64,
    count: Option<u64>,
}

impl Bounds {
    fn new(options: &Options, goal: &Goal) -> Self {
        let count = options.count.or(goal.count.filter(|_| options.minutes.is_none()));
        Self { minutes: options.minutes.unwrap_or(goal.minutes), count }
    }

    fn repeat(&self, name: &str, seed: Option<u64>) -> String {
        let mut text = format!("cargo xtask campaign {name} --minutes {}", self.minutes);
        for (flag, value) in [("--count", self.count), ("--seed", seed)] {
            if let Some(value) = value {
                text += &format!(" {flag} {value}");
            }
        }
        text
    }
}

/// The seed in `NAME: seed N, campaign`.
fn seed_in(line: &str, name: &str) -> Option<u64> {
    line.trim().strip_prefix(name)?.strip_prefix(": seed ")?.strip_suffix(", campaign")?.parse().ok()
}

fn list() -> String {
    let rows = ROWS.iter().filter_map(|row| Some((row, row.campaign.as_ref()?)));
    rows.map(|(row, goal)| format!("{:16} {:28} {}\n", row.name, goal.text, row.title)).collect()
}

/// The short hash of the commit, and whether the tree differs from it in more than the records.
fn commit(root: &Path) -> Result<String> {
    let git = |arguments: &[&str]| capture(Command::new("git").args(arguments).current_dir(root));
    let hash = git(&["rev-parse", "--short=9", "HEAD"])?;
    let others = [format!(":!{}", report::FILE), format!(":!{}", record::FILE)];
    let changes = git(&["status", "--porcelain", "--", ".", &others[0], &others[1]])?;
    Ok(hash.trim().to_owned() + if changes.is_empty() { "" } else { "+changes" })
}

fn today() -> Result<String> {
    Ok(capture(Command::new("date").args(["-u", "+%F"]))?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOAL: Goal = Goal { text: "", count: Some(9), minutes: 30 };

    fn options(minutes: Option<u64>, count: Option<u64>) -> Options {
        Options { name: None, list: false, minutes, count, seed: None }
    }

    #[test]
    fn a_campaign_ends_at_its_goal_unless_told_otherwise() {
        let bounds = |minutes, count| {
            let Bounds { minutes, count } = Bounds::new(&options(minutes, count), &GOAL);
            (minutes, count)
        };
        assert_eq!(bounds(None, None), (30, Some(9)));
        assert_eq!(bounds(Some(5), None), (5, None));
        assert_eq!(bounds(None, Some(2)), (30, Some(2)));
        assert_eq!(bounds(Some(5), Some(2)), (5, Some(2)));
    }

    #[test]
    fn a_failure_tells_how_to_repeat_it() {
        assert_eq!(seed_in("kill-9: seed 77, campaign", "kill-9"), Some(77));
        assert_eq!(seed_in("kill-9: seed 77, short form", "kill-9"), None);
        assert_eq!(seed_in("races: seed 77, campaign", "kill-9"), None);
        let repeat = Bounds { minutes: 5, count: None }.repeat("kill-9", Some(77));
        assert_eq!(repeat, "cargo xtask campaign kill-9 --minutes 5 --seed 77");
    }

    #[test]
    fn the_list_has_the_rows_with_a_campaign() {
        assert!(list().lines().any(|line| line.starts_with("kill-9 ")));
        assert!(!list().contains("constant-work"));
    }

    #[test]
    fn the_date_is_a_date() {
        let today = today().unwrap();
        assert_eq!((today.len(), today.matches('-').count()), (10, 2));
    }
}
