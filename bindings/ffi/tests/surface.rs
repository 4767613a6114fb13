//! The public surface of both languages is a file under review: `api/kotlin.txt` and `api/swift.txt`.
//!
//! A change of it is accepted with
//! `SOFTTOKEN_ACCEPT_SURFACE=1 cargo test -p softtoken-ffi --test surface`, and reviewed as a text difference.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use softtoken_bindgen::{Language, surface_of};

#[test]
fn the_kotlin_surface_is_the_reviewed_one() -> Result<()> {
    compare(Language::Kotlin)
}

#[test]
fn the_swift_surface_is_the_reviewed_one() -> Result<()> {
    compare(Language::Swift)
}

fn compare(language: Language) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let folder = Utf8Path::from_path(folder.path()).context("an odd folder")?;
    let present = surface_of(language, &library()?, folder)?;
    if cfg!(feature = "testing") {
        eprintln!("skipped: the feature `testing` has verbs that no shipped library has");
        return Ok(());
    }
    let golden =
        Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("api").join(format!("{}.txt", language.name()));
    if std::env::var_os("SOFTTOKEN_ACCEPT_SURFACE").is_some() {
        std::fs::write(&golden, &present)?;
    }
    let reviewed = std::fs::read_to_string(&golden).with_context(|| format!("cannot read {golden}"))?;
    // What is not small is not the surface of this library.
    assert!(present.lines().count() > 300, "only {} lines of {}", present.lines().count(), language.name());
    let difference = difference(&reviewed, &present);
    if !difference.is_empty() {
        bail!(
            "the public surface of {} has changed:\n{difference}accept it with\n  \
             SOFTTOKEN_ACCEPT_SURFACE=1 cargo test -p softtoken-ffi --test surface",
            language.name()
        );
    }
    Ok(())
}

/// The library that was built with this test, beside it.
fn library() -> Result<Utf8PathBuf> {
    let test = Utf8PathBuf::try_from(std::env::current_exe()?)?;
    let folder = test.parent().context("a test without a folder")?;
    Ok(folder.join(format!("{DLL_PREFIX}softtoken{DLL_SUFFIX}")))
}

/// Lines that went (`-`) and came (`+`), each under the declaration that it belongs to.
fn difference(before: &str, after: &str) -> String {
    let (before, after) = (owned_lines(before), owned_lines(after));
    let gone = before.iter().filter(|line| !after.contains(line)).map(|(owner, line)| (owner, '-', line));
    let came = after.iter().filter(|line| !before.contains(line)).map(|(owner, line)| (owner, '+', line));
    let mut all: Vec<_> = gone.chain(came).collect();
    all.sort_by_key(|(owner, ..)| *owner);
    let changed: String =
        all.iter().map(|(owner, sign, line)| format!("  {owner}\n    {sign} {line}\n")).collect();
    match changed.is_empty() && before != after {
        true => "  the order of declarations\n".to_owned(),
        false => changed,
    }
}

fn owned_lines(text: &str) -> Vec<(&str, &str)> {
    let mut owner = "";
    text.lines()
        .map(|line| {
            if !line.starts_with(' ') {
                owner = line.split(['(', ':']).next().unwrap_or(line);
            }
            (owner, line.trim())
        })
        .collect()
}

#[test]
fn a_difference_names_the_type_and_the_line() {
    let (before, after) = ("open class A\n    fun b()\n", "open class A\n    fun c()\n");
    assert_eq!(difference(before, after), "  open class A\n    - fun b()\n  open class A\n    + fun c()\n");
    assert_eq!(difference(before, before), "");
}
