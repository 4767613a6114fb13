//! `cargo xtask bench`: the benchmark with its peers at hand.
//!
//! `cargo bench -p softtoken-bench` measures the token; this builds the command that it times, and names the
//! Python that has pyotp. `cargo bench -p softtoken-issuer` measures the issuer. The library for phones is built
//! as it is shipped, and weighed.

use anyhow::Result;

use crate::demo;
use crate::library;
use crate::runner::stream;
use crate::setup::{self, Setup, cargo};

/// Measures everything beside its peers.
pub fn measure() -> Result<bool> {
    let python = Setup::new()?.python()?;
    let command = demo::build()?;
    let mut bench = cargo();
    bench.args(["bench", "--package", "softtoken-bench", "--bench", "ratios"]);
    let token = stream(bench.env("SOFTTOKEN_PYTHON", python).env("SOFTTOKEN_COMMAND", command), |_| {})?;
    let mut bench = cargo();
    bench.args([
        "bench",
        "--package",
        "softtoken-issuer",
        "--bench",
        "activations",
        "--bench",
        "codes",
        "--bench",
        "pages",
    ]);
    let issuer = stream(&mut bench, |_| {})?;
    Ok(token && issuer && library::make(&setup::root())?)
}
