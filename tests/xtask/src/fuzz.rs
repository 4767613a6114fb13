//! The fuzzer: tests/fuzz, built with instruments and run target by target.
//!
//! libFuzzer comes with the crate `libfuzzer-sys`, and the compiler's part of it is in stable rustc, so
//! neither cargo-fuzz nor a nightly toolchain is needed. Instruments go into the crates that are fuzzed
//! and, by naming the target triple, not into build scripts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use softtoken_figures::Figure;

use crate::runner::{capture, stream, watch};
use crate::setup::{cargo, root};

/// A short run over all targets, which writes the figure into `figures`; false if an input failed. `each`
/// gets what the fuzzer says, which is shown only when it found something.
pub fn short(figures: &Path, each: &mut dyn FnMut(&str)) -> Result<bool> {
    let programs = build()?;
    let seconds = SHORT.as_secs().div_ceil(programs.len() as u64);
    let done = run_all(&programs, Duration::from_secs(seconds), SEED, None, each)?;
    if let Some(done) = &done {
        write(&short_figure(done), figures)?;
    }
    Ok(done.is_some())
}

/// `minutes` for each target; `None` if an input failed, else how long all took. What it found interesting
/// stays in the target folder, and the next campaign goes on from there.
pub fn campaign(minutes: u64, seed: Option<u64>, figures: &Path) -> Result<Option<Duration>> {
    let (programs, seed) = (build()?, seed.unwrap_or(SEED));
    let started = Instant::now();
    let found = folder()?.join("corpus");
    let done = run_all(&programs, Duration::from_secs(minutes * 60), seed, Some(&found), &mut |_| ())?;
    let Some(done) = done else { return Ok(None) };
    write(&long_figure(&done, seed), figures)?;
    Ok(Some(started.elapsed()))
}

/// What was done, by target.
type Done = BTreeMap<String, Ran>;

/// What one target did.
struct Ran {
    /// Inputs to start from.
    corpus: u64,
    /// Inputs run.
    executions: u64,
}

/// All targets, also after one that failed; `None` if one did.
fn run_all(
    programs: &[PathBuf],
    time: Duration,
    seed: u64,
    found: Option<&Path>,
    each: &mut dyn FnMut(&str),
) -> Result<Option<Done>> {
    let (mut done, mut well) = (Done::new(), true);
    for program in programs {
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match run(program, &name, time, seed, found, each)? {
            Some(ran) => _ = done.insert(name, ran),
            None => well = false,
        }
    }
    Ok(well.then_some(done))
}

/// One target; `None` if an input failed.
fn run(
    program: &Path,
    name: &str,
    time: Duration,
    seed: u64,
    found: Option<&Path>,
    each: &mut dyn FnMut(&str),
) -> Result<Option<Ran>> {
    let (scratch, seeds) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let found = found.map_or(scratch.path().to_owned(), |found| found.join(name));
    let kept = root().join("tests/fuzz/corpus").join(name);
    let artifacts = folder()?.join("artifacts").join(name);
    for folder in [&found, &artifacts] {
        std::fs::create_dir_all(folder)?;
    }
    println!("-- fuzz {name}");
    let mut command = Command::new(program);
    command.arg(format!("-max_total_time={}", time.as_secs())).arg(format!("-seed={seed}"));
    command.args(LIMITS).arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.arg(&found).arg(seeds.path()).args(kept.is_dir().then_some(&kept));
    command.current_dir(root()).env("SOFTTOKEN_SEEDS", seeds.path());
    let (mut executions, mut counters) = (None, None);
    // Thousands of lines that matter only when it fails.
    let mut said = Vec::new();
    let well = watch(&mut command, |line| {
        executions = executions.or(executed(line));
        counters = counters.or(instrumented(line));
        each(line);
        said.push(line.to_owned());
    })
    .with_context(|| format!("cannot run the fuzz target {name}"))?;
    if !well {
        println!("{}", said.join("\n"));
        println!(
            "error: {name}: the input is in {}; keep it in tests/fuzz/corpus/{name}",
            artifacts.display()
        );
        return Ok(None);
    }
    // Without instruments the fuzzer would guess blindly and say nothing.
    let counters = counters.with_context(|| format!("{name} was built without instruments"))?;
    let executions = executions.with_context(|| format!("{name} did not say how much it did"))?;
    println!("{name}: {executions} executions, {counters} counters");
    let corpus = files(seeds.path()) + files(&kept);
    ensure!(executions >= corpus, "{name} ran {executions} inputs of a corpus of {corpus}");
    Ok(Some(Ran { corpus, executions }))
}

fn files(folder: &Path) -> u64 {
    std::fs::read_dir(folder).map_or(0, |entries| entries.count() as u64)
}

/// The number in `stat::number_of_executed_units: 1234`.
fn executed(line: &str) -> Option<u64> {
    line.strip_prefix("stat::number_of_executed_units:")?.trim().parse().ok()
}

/// The number of edges in `INFO: Loaded 1 modules   (1234 inline 8-bit counters): …`.
fn instrumented(line: &str) -> Option<u64> {
    let (_, counters) = line.strip_prefix("INFO: Loaded ")?.split_once('(')?;
    let counters = counters.split_once(" inline 8-bit counters")?.0.parse().ok()?;
    (counters > 0).then_some(counters)
}

/// The corpus is the figure: how much a fuzzer does in half a minute depends on the machine.
fn short_figure(done: &Done) -> Figure {
    let sum = |of: fn(&Ran) -> u64| done.values().map(of).sum::<u64>();
    let notes = [("executions", sum(|ran| ran.executions)), ("targets", done.len() as u64)];
    let notes = notes.map(|(name, count)| (name.to_owned(), count)).into();
    figure(sum(|ran| ran.corpus), "corpus inputs", SEED, false, notes)
}

fn long_figure(done: &Done, seed: u64) -> Figure {
    let notes = done.iter().map(|(name, ran)| (name.clone(), ran.executions)).collect();
    figure(done.values().map(|ran| ran.executions).sum(), "executions", seed, true, notes)
}

fn figure(done: u64, unit: &str, seed: u64, campaign: bool, notes: BTreeMap<String, u64>) -> Figure {
    Figure { row: "fuzz".to_owned(), done, unit: unit.to_owned(), seed, campaign, notes }
}

fn write(figure: &Figure, folder: &Path) -> Result<()> {
    Ok(std::fs::write(folder.join("fuzz.json"), serde_json::to_string(figure)?)?)
}

/// Builds all targets; their programs, sorted.
fn build() -> Result<Vec<PathBuf>> {
    let host = capture(Command::new("rustc").arg("-vV").current_dir(root()))?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let target = folder()?.join("target");
    let mut command = cargo();
    command.args(["build", "--release", "--locked", "--target", host, "--manifest-path", MANIFEST]);
    command.arg("--target-dir").arg(&target).env("RUSTFLAGS", INSTRUMENTS.join(" "));
    command.env_remove("CARGO_ENCODED_RUSTFLAGS");
    if !stream(&mut command, |_| ())? {
        bail!("the fuzz targets do not build");
    }
    let programs = target.join(host).join("release");
    let sources = std::fs::read_dir(root().join("tests/fuzz/fuzz_targets"))?;
    let mut names: Vec<_> = sources.flatten().map(|file| file.path().with_extension("")).collect();
    names.sort();
    ensure!(!names.is_empty(), "there is no fuzz target");
    Ok(names.iter().filter_map(|name| Some(programs.join(name.file_name()?))).collect())
}

/// Where everything of the fuzzer is built and left.
fn folder() -> Result<PathBuf> {
    let profile = std::env::current_exe()?;
    Ok(profile.ancestors().nth(2).context("xtask runs from no target folder")?.join("fuzz"))
}

const MANIFEST: &str = "tests/fuzz/Cargo.toml";

/// What `cargo fuzz build --sanitizer none --strip-dead-code` gives the compiler.
const INSTRUMENTS: [&str; 6] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg=fuzzing",
];

/// Bounds of one input. Seconds are many because machines are busy; an input takes a millisecond.
const LIMITS: [&str; 4] = ["-max_len=65536", "-timeout=20", "-rss_limit_mb=1024", "-print_final_stats=1"];

/// All targets together in a test run.
const SHORT: Duration = Duration::from_secs(30);

/// libFuzzer takes 0 for "any".
const SEED: u64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fuzzer_says_how_much_it_did() {
        assert_eq!(executed("stat::number_of_executed_units: 1234"), Some(1234));
        assert_eq!(executed("stat::average_exec_per_sec:     17"), None);
        assert_eq!(executed("#2	INITED cov: 1"), None);
        let loaded = "INFO: Loaded 1 modules   (1234 inline 8-bit counters): 1234 [0x1, 0x2), ";
        assert_eq!(instrumented(loaded), Some(1234));
        assert_eq!(instrumented("INFO: Loaded 1 PC tables (1234 PCs): 1234 [0x1,0x2), "), None);
    }

    #[test]
    fn the_figure_is_the_corpus_in_a_test_run_and_the_executions_in_a_campaign() {
        let ran = |corpus, executions| Ran { corpus, executions };
        let done = Done::from([("link".to_owned(), ran(3, 40)), ("list".to_owned(), ran(4, 20))]);
        let short = short_figure(&done);
        assert_eq!((short.done, short.notes["executions"], short.notes["targets"]), (7, 60, 2));
        let long = long_figure(&done, 9);
        assert_eq!((long.done, long.notes["list"], long.seed, long.campaign), (60, 20, 9, true));
    }

    #[test]
    fn every_target_has_a_program() {
        let manifest = std::fs::read_to_string(root().join(MANIFEST)).unwrap();
        let files = ["tests/fuzz-targets/src/lib.rs", "tests/fuzz-issuer/src/lib.rs"];
        let targets = files.map(|file| std::fs::read_to_string(root().join(file)).unwrap()).concat();
        let count = targets.matches("Target { name: \"").count();
        assert!(count > 10);
        assert_eq!(manifest.matches("[[bin]]").count(), count);
        let programs = std::fs::read_dir(root().join("tests/fuzz/fuzz_targets")).unwrap();
        for file in programs {
            let name = file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
            assert!(targets.contains(&format!("name: \"{name}\"")), "{name} is no target");
            assert!(manifest.contains(&format!("fuzz_targets/{name}.rs")), "{name} is not built");
        }
    }
}
