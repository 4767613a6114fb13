//! What cargo builds, and where it has put it.

use std::path::{Path, PathBuf};
use std::process::Stdio;

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
    let files = artifacts(package, name, profile)?.files;
    let is_shared =
        |file: &PathBuf| file.extension().is_some_and(|end| end == std::env::consts::DLL_EXTENSION);
    files.into_iter().find(is_shared).with_context(|| format!("cargo built no library {name}"))
}

struct Artifacts {
    executable: Option<PathBuf>,
    files: Vec<PathBuf>,
}

fn artifacts(package: &str, name: &str, profile: &[&str]) -> Result<Artifacts> {
    println!("building {name}");
    let mut build = cargo();
    build.args(["build", "--package", package]).args(profile);
    // Progress and compiler messages stay on the terminal; only the machine's lines are read.
    build.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit());
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
