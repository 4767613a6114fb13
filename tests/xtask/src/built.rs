//! What cargo builds, and where it has put it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::setup::cargo;

/// The program `name` of `package`.
pub fn program(package: &str, name: &str, profile: &[&str]) -> Result<PathBuf> {
    let files = artifacts(package, name, profile)?;
    files.executable.with_context(|| format!("cargo built no program {name}"))
}

/// The shared library of `package`, whose target is called `name`.
pub fn library(package: &str, name: &str, profile: &[&str]) -> Result<PathBuf> {
    shared(artifacts(package, name, profile)?, name)
}

/// The same as it is shipped. With any other kind of library beside it, cargo would not optimise over all crates.
pub fn shipped(package: &str, name: &str, linker: &[&str], settings: &[(&str, &str)]) -> Result<PathBuf> {
    let mut build = cargo();
    build.args(["rustc", "--package", package, "--lib", "--crate-type", "cdylib", "--profile", "library"]);
    build.envs(settings.iter().copied());
    shared(run(build, linker, name)?, name)
}

fn shared(files: Artifacts, name: &str) -> Result<PathBuf> {
    let is_shared =
        |file: &PathBuf| file.extension().is_some_and(|end| end == std::env::consts::DLL_EXTENSION);
    files.files.into_iter().find(is_shared).with_context(|| format!("cargo built no library {name}"))
}

struct Artifacts {
    executable: Option<PathBuf>,
    files: Vec<PathBuf>,
}

fn artifacts(package: &str, name: &str, profile: &[&str]) -> Result<Artifacts> {
    let mut build = cargo();
    build.args(["build", "--package", package]).args(profile);
    run(build, &[], name)
}

/// `build` with its options up to `--`, and what follows there.
fn run(mut build: Command, rest: &[&str], name: &str) -> Result<Artifacts> {
    println!("building {name}");
    // Progress and compiler messages stay on the terminal; only the machine's lines are read.
    build.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit());
    if !rest.is_empty() {
        build.arg("--").args(rest);
    }
    let built = build.output()?;
    ensure!(built.status.success(), "{name} does not build");
    let path = |value: &Value| value.as_str().map(|path| Path::new(path).to_owned());
    String::from_utf8_lossy(&built.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        // A build script of the same package has another name.
        .filter(|message| message["reason"] == "compiler-artifact" && message["target"]["name"] == name)
        .map(|message| Artifacts {
            executable: path(&message["executable"]),
            files: message["filenames"].as_array().into_iter().flatten().filter_map(path).collect(),
        })
        .next_back()
        .with_context(|| format!("cargo built no {name}"))
}
