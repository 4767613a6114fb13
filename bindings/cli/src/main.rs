//! The `softtoken` command: terminal and desktop token, a thin view over `softtoken-core`.
//!
//! | File | What it holds |
//! |---|---|
//! | `args` | the command line and its help |
//! | `commands` | one file for each group of commands; each returns an [`answer::Answer`] |
//! | `context`, `pins`, `ask`, `secrets`, `folders` | the way to an open vault: person, files, places |
//! | `hooks`, `clock`, `device_key*`, `device_name`, `private_folder`, `private_memory` | what the platform supplies to the core |
//! | `net` | the way to an issuer: one HTTP request at a time, its limits, its retries |
//! | `texts`, `words`, `json`, `error_json`, `exit_code` | the core's views and errors, for people and scripts |
//!
//! Standard output has the answer and nothing else; questions and errors go to standard error.

mod answer;
mod args;
mod ask;
mod browser;
mod clock;
mod commands;
mod context;
mod device_key_alias;
mod device_key_desktop;
mod device_key_file;
mod device_keys;
mod device_name;
mod error_json;
mod exit_code;
mod failure;
mod folders;
mod hooks;
mod json;
mod layout;
mod net;
mod panic;
mod picture;
mod pins;
mod private_folder;
mod private_memory;
mod secrets;
mod stopped;
mod texts;
mod words;

use std::alloc::System;
use std::io::Write;
use std::process::ExitCode;

use clap::FromArgMatches;
use serde_json::json;

use answer::Answer;
use failure::Failure;

/// Wipes every freed byte: codes, PIN and texts pass through buffers that nobody owns for long. The
/// bindings use the same crate; `private_memory` says why it is enough.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<System> = zeroizing_alloc::ZeroAlloc(System);

fn main() -> ExitCode {
    private_memory::keep_out_of_dumps();
    panic::install_hook();
    let matches = match args::help::parser().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return not_a_command(&error),
    };
    let Ok(cli) = args::Cli::from_arg_matches(&matches) else { return ExitCode::from(exit_code::USAGE) };
    let as_json = cli.everywhere.json;
    let ended = std::panic::catch_unwind(|| run(cli));
    let result = ended.unwrap_or_else(|_| Err(panic::failure()));
    answer::print(&result, as_json);
    ExitCode::from(result.map_or_else(|failure| failure.code(), |_| 0))
}

fn run(cli: args::Cli) -> Result<Answer, Failure> {
    let mut context = context::Context::new(&cli.everywhere, Box::new(ask::Terminal::new()))?;
    commands::run(&mut context, cli.command)
}

/// Help, the version, or arguments that do not fit. The parser's own words go to people only: they
/// repeat arguments, which may be secrets.
fn not_a_command(error: &clap::Error) -> ExitCode {
    let _gone = error.print();
    let usage = error.use_stderr();
    if usage && std::env::args_os().any(|argument| argument == "--json") {
        let message = "The arguments do not fit; see `softtoken --help`.";
        let _gone =
            writeln!(std::io::stdout(), "{}", json!({"error": {"kind": "Usage", "message": message}}));
    }
    ExitCode::from(if usage { exit_code::USAGE } else { 0 })
}
