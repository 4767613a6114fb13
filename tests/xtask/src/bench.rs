//! `cargo xtask bench`: the benchmark with its peers at hand.
//!
//! `cargo bench -p softtoken-bench` measures; this builds the command that it times, and names the
//! Python that has pyotp.

use anyhow::Result;

use crate::demo;
use crate::runner::stream;
use crate::setup::{Setup, cargo};

/// Measures everything beside its peers.
pub fn measure() -> Result<bool> {
    let python = Setup::new()?.python()?;
    let command = demo::build()?;
    let mut bench = cargo();
    bench.args(["bench", "--package", "softtoken-bench", "--bench", "ratios"]);
    stream(bench.env("SOFTTOKEN_PYTHON", python).env("SOFTTOKEN_COMMAND", command), |_| {})
}
