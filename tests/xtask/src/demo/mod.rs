//! `cargo xtask demo`: an issuer, a mail server and tokens on this machine, and codes that others confirm.
//!
//! Some parts start from QR pictures that the demo draws itself, and `oathtool` (or a published sample) confirms
//! every code; the others from mails of a running `softtoken-issuer`, where the codes sign in. Each drives the
//! released `softtoken` command in a throw-away folder. The demo ends well only if all parts agree.

mod by_hand;
mod oath;
mod parts;
mod picture;
mod provider;

use std::cell::OnceCell;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;
use serde_json::Value;
use softtoken_e2e::token::Token;

use crate::built;
use crate::setup::Setup;
use provider::Provider;

#[derive(Args)]
pub struct Options {
    /// Stop after the comparison, instead of staying up for playing by hand (implied without a terminal)
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
    issuer: PathBuf,
    python: PathBuf,
    folder: PathBuf,
    provider: OnceCell<Result<Provider, String>>,
}

impl Stage {
    /// The token of this name, with its own vault, keys and PIN.
    pub fn token(&self, name: &str) -> Result<Token> {
        Token::open(&self.program, &self.folder.join(name))
    }

    /// The issuer, started for the first part that needs it.
    pub fn provider(&self) -> Result<&Provider> {
        let started = self.provider.get_or_init(|| Provider::start(self).map_err(|why| format!("{why:#}")));
        started.as_ref().map_err(|why| anyhow!(why.clone()))
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
    let setup = Setup::new()?;
    setup.programs()?;
    let python = setup.python()?;
    // The issuer as the tests have it: nobody waits for its speed here, and a release takes minutes to build.
    let (program, issuer) = (build()?, built::program("softtoken-issuer", "softtoken-issuer", &[])?);
    let scratch = tempfile::Builder::new().prefix("softtoken-demo-").tempdir()?;
    let folder = scratch.path().to_owned();
    let stage = Stage { program, issuer, python, folder, provider: OnceCell::new() };
    let started = Instant::now();
    let agreed = all().filter(|part| agrees(part, &stage)).count();
    println!("\n{agreed} of {} parts agree, {:.1} s", all().count(), started.elapsed().as_secs_f64());
    if agreed == all().count() && !options.once && std::io::stdout().is_terminal() {
        by_hand::stay(&stage)?;
    }
    if options.keep {
        println!("kept: {}", scratch.keep().display());
    }
    Ok(agreed == all().count())
}

fn all() -> impl Iterator<Item = &'static Part> {
    provider::ALL.iter().chain(parts::ALL)
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
    built::program("softtoken-cli", "softtoken", &["--release"])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Every program is `program`.
    fn stage(program: &str, folder: &Path) -> Stage {
        let [program, issuer, python] = [program; 3].map(PathBuf::from);
        Stage { program, issuer, python, folder: folder.to_owned(), provider: OnceCell::new() }
    }

    #[test]
    fn a_part_whose_code_differs_does_not_agree() {
        let folder = tempfile::tempdir().unwrap();
        let stage = stage("softtoken", folder.path());
        let same = Part { title: "same", play: |_| compare("code", "123456", "123456", "oathtool") };
        let other = Part { title: "other", play: |_| compare("code", "123456", "123457", "oathtool") };
        assert!(agrees(&same, &stage));
        assert!(!agrees(&other, &stage));
    }

    #[test]
    fn a_command_that_prints_nothing_does_not_agree() {
        let folder = tempfile::tempdir().unwrap();
        let stage = stage("true", folder.path());
        assert!(all().count() > 6 && all().all(|part| !agrees(part, &stage)));
    }
}
