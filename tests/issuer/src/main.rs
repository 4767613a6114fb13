//! `softtoken-issuer`: the reference identity provider as a program. `--help` says the rest.
//!
//! Standard output has the answer and nothing else; faults go to standard error with exit code 1.

mod command;

use std::process::ExitCode;

use clap::Parser;

use command::{Arguments, run};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.to_string()),
    };
    match runtime.block_on(run(arguments)) {
        Ok(code) => code,
        Err(error) => failed(&error.cause().unwrap_or_else(|| error.to_string())),
    }
}

fn failed(why: &str) -> ExitCode {
    eprintln!("softtoken-issuer: {why}");
    ExitCode::FAILURE
}
