//! `cargo xtask demo`: pictures in, codes out, and another program to confirm them.
//!
//! Every part starts from a QR picture that it draws itself, drives the released `softtoken` command in
//! a throw-away folder, and compares each code with `oathtool` (or with a published sample). The demo
//! ends well only if there are parts and all of them agree.

mod oath;
mod parts;
mod picture;
mod token;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::Value;

use crate::setup::{Setup, cargo};
use token::Token;

#[derive(Args)]
pub struct Options {
    /// Stop after the comparison, without the live view (implied without a terminal)
    #[arg(long)]
    once: bool,
    /// Keep the demo's folder and say where it is
    #[arg(long)]
    keep: bool,
}

/// One comparison: what it shows, and how.
pub struct Part {
    title: &'static str,
    play: fn(&Stage) -> Result<()>,
}

/// What a part plays with.
pub struct Stage {
    program: PathBuf,
    folder: PathBuf,
}

impl Stage {
    /// The token of this name, with its own vault, keys and PIN.
    pub fn token(&self, name: &str) -> Result<Token> {
        Token::open(&self.program, &self.folder.join(name))
    }

    /// The rows of a vector file.
    pub fn vectors(&self, file: &str) -> Result<Value> {
        let path = crate::setup::root().join("tests/vectors").join(file);
        let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(serde_json::from_slice(&text)?)
    }
}

/// Plays all parts; true if all agree.
pub fn play(options: &Options) -> Result<bool> {
    let parts = parts::ALL;
    if parts.is_empty() {
        bail!("nothing is built yet that could be shown");
    }
    Setup::new()?.programs()?;
    let program = build()?;
    let scratch = tempfile::Builder::new().prefix("softtoken-demo-").tempdir()?;
    let stage = Stage { program, folder: scratch.path().to_owned() };
    let agreed = parts.iter().filter(|part| agrees(part, &stage)).count();
    println!("\n{agreed} of {} parts agree", parts.len());
    if agreed == parts.len() && !options.once && std::io::stdout().is_terminal() {
        parts::live_view(&stage)?;
    }
    if options.keep {
        println!("kept: {}", scratch.keep().display());
    }
    Ok(agreed == parts.len())
}

/// Prints what is compared, and fails on a difference.
pub fn compare(what: &str, shown: &str, expected: &str, source: &str) -> Result<()> {
    ensure!(shown == expected, "{what}: softtoken shows {shown}, {source} says {expected}");
    println!("   {what}: {shown}  ({source} agrees)");
    Ok(())
}

fn agrees(part: &Part, stage: &Stage) -> bool {
    println!("\n{}", part.title);
    (part.play)(stage).inspect_err(|problem| println!("   DISAGREES: {problem:#}")).is_ok()
}

/// Builds the released command and returns where cargo put it.
pub fn build() -> Result<PathBuf> {
    println!("building the softtoken command");
    let mut build = cargo();
    build.args(["build", "--release", "--package", "softtoken-cli"]);
    // Progress and compiler messages stay on the terminal; only the machine's lines are read.
    build.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit());
    let built = build.output()?;
    ensure!(built.status.success(), "the softtoken command does not build");
    String::from_utf8_lossy(&built.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "softtoken")
        .find_map(|message| message["executable"].as_str().map(|path| Path::new(path).to_owned()))
        .context("cargo built no softtoken command")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_whose_code_differs_does_not_agree() {
        let folder = tempfile::tempdir().unwrap();
        let stage = Stage { program: "softtoken".into(), folder: folder.path().to_owned() };
        let same = Part { title: "same", play: |_| compare("code", "123456", "123456", "oathtool") };
        let other = Part { title: "other", play: |_| compare("code", "123456", "123457", "oathtool") };
        assert!(agrees(&same, &stage));
        assert!(!agrees(&other, &stage));
    }

    #[test]
    fn a_command_that_prints_nothing_does_not_agree() {
        let folder = tempfile::tempdir().unwrap();
        let stage = Stage { program: "true".into(), folder: folder.path().to_owned() };
        assert!(parts::ALL.iter().all(|part| !agrees(part, &stage)));
    }
}
