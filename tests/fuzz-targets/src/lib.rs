//! What the fuzzer runs, as plain functions from bytes to nothing.
//!
//! A target takes any bytes and panics when an oracle is broken: the input is read twice with the same
//! answer, what is printed is read again, an offer is one that later rooms can use, an error is never
//! `Internal`. That nothing panics, hangs or eats memory is watched by whoever runs it: the fuzzer in
//! tests/fuzz (its own workspace, instrumented), and the replay of all seeds in every test run.
//!
//! | Module | Targets |
//! |---|---|
//! | `doors` | `link`, `otpauth`, `migration`, `sealed`, `list`, `typed`, `codes` |
//! | `files` | `pskc`, `backup` |
//! | `rows` | `rows`, `drafts`, `names` |
//! | `exchange` | `messages`, `roles`, `exchange` |
//! | `frame` | `frame` |
//! | `vault` | `vault` |
//! | `calls` | `calls` |
//!
//! The target `rest` is in tests/fuzz-issuer, because it needs the reference issuer. [`replay`] is shared with it.

mod calls;
mod device;
mod doors;
mod exchange;
mod files;
mod frame;
pub mod replay;
mod rows;
mod seeds;
mod vault;

use std::io::Write;
use std::path::Path;

/// One target.
pub struct Target {
    /// As the fuzzer's program is called.
    pub name: &'static str,
    /// Runs one input.
    pub run: fn(&[u8]),
    /// Inputs to start from, made from the test data of the repository.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "backup", run: files::backup, seeds: seeds::backup },
    Target { name: "calls", run: calls::run, seeds: seeds::calls },
    Target { name: "codes", run: doors::codes, seeds: seeds::codes },
    Target { name: "drafts", run: rows::drafts, seeds: seeds::drafts },
    Target { name: "exchange", run: exchange::exchange, seeds: seeds::drafts },
    Target { name: "frame", run: frame::run, seeds: seeds::frame },
    Target { name: "link", run: doors::link, seeds: seeds::link },
    Target { name: "list", run: doors::list, seeds: seeds::list },
    Target { name: "messages", run: exchange::messages, seeds: seeds::messages },
    Target { name: "migration", run: doors::migration, seeds: seeds::migration },
    Target { name: "names", run: rows::names, seeds: seeds::names },
    Target { name: "otpauth", run: doors::otpauth, seeds: seeds::otpauth },
    Target { name: "pskc", run: files::pskc, seeds: seeds::pskc },
    Target { name: "roles", run: exchange::roles, seeds: seeds::messages },
    Target { name: "rows", run: rows::rows, seeds: seeds::rows },
    Target { name: "sealed", run: doors::sealed, seeds: seeds::sealed },
    Target { name: "typed", run: doors::typed, seeds: seeds::typed },
    Target { name: "vault", run: vault::run, seeds: seeds::vault },
];

/// The target called `name`.
///
/// # Panics
/// When there is none.
pub fn target(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| panic!("no target {name}"))
}

/// Makes this process ready to fuzz `target`: a panic ends it at once, but for those that the core catches, and
/// the seeds are written into the folder that `SOFTTOKEN_SEEDS` names.
///
/// # Panics
/// When the folder cannot be written.
pub fn prepare(target: &Target) {
    std::panic::set_hook(Box::new(|info| {
        if !softtoken_core::qr::decoder_is_running() {
            let _ = writeln!(std::io::stderr(), "{info}");
            std::process::abort();
        }
    }));
    if let Some(folder) = std::env::var_os("SOFTTOKEN_SEEDS") {
        // libFuzzer passes over empty files, and runs the empty input anyway.
        let seeds = (target.seeds)();
        for (at, seed) in seeds.iter().filter(|seed| !seed.is_empty()).enumerate() {
            std::fs::write(Path::new(&folder).join(format!("seed-{at:04}")), seed)
                .expect("a folder for seeds");
        }
    }
}
