//! `cargo xtask bindings`: what Kotlin and Swift are built on, put where Maven and SwiftPM look for it.
//!
//! | Where | What |
//! |---|---|
//! | `android/softtoken/target/bindings/kotlin` | generated Kotlin, and the hand-written part of the bindings |
//! | `android/softtoken/target/bindings/native` | the library of this machine, in the folder that JNA looks into |
//! | `ios/Sources/SoftToken/Generated` | generated Swift, and the hand-written part |
//! | `ios/Sources/SoftTokenFFI` | header and module map |
//!
//! None of it is in the repository; `bindings/ffi/api` has the public surface. Files that have not changed keep
//! their time, so that nothing is built again in vain.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::built;
use crate::runner::capture;

/// Where things are that tests in other languages need.
pub struct Bindings {
    /// The folder with the library of this machine.
    pub library: PathBuf,
    /// The program that plays issuers for journeys.
    pub stand: PathBuf,
}

/// Builds the library, generates, and puts everything into its place. `features` are those of the library: what tests
/// call beyond its public surface is behind one.
pub fn make(root: &Path, features: &[&str]) -> Result<Bindings> {
    let unstripped = built::library("softtoken-ffi", "softtoken", features)?;
    let generator = built::program("softtoken-bindgen", "softtoken-bindgen", &[])?;
    let stand = built::program("softtoken-journeys", "softtoken-stand", &[])?;
    let scratch = tempfile::tempdir()?;
    let generated = |language: &str| -> Result<PathBuf> {
        let folder = scratch.path().join(language);
        capture(Command::new(&generator).arg(language).arg(&unstripped).arg(&folder).current_dir(root))?;
        Ok(folder)
    };
    let by_hand = root.join("bindings/ffi");
    let android = root.join("android/softtoken/target/bindings");
    let kotlin = generated("kotlin")?;
    for (from, to) in [
        (kotlin.join("org/softtoken/softtoken.kt"), "kotlin/org/softtoken/softtoken.kt"),
        (by_hand.join("kotlin/SecretText.kt"), "kotlin/org/softtoken/SecretText.kt"),
    ] {
        place(&from, &android.join(to))?;
    }
    let library = android.join("native").join(jna_folder());
    place(&unstripped, &library.join(unstripped.file_name().context("a library has a name")?))?;
    let (ios, swift) = (root.join("ios/Sources"), generated("swift")?);
    for (from, to) in [
        (swift.join("SoftToken.swift"), "SoftToken/Generated/SoftToken.swift"),
        (by_hand.join("swift/SecretText.swift"), "SoftToken/Generated/SecretText.swift"),
        (swift.join("SoftTokenFFI.h"), "SoftTokenFFI/SoftTokenFFI.h"),
        (swift.join("SoftTokenFFI.modulemap"), "SoftTokenFFI/module.modulemap"),
    ] {
        place(&from, &ios.join(to))?;
    }
    Ok(Bindings { library, stand })
}

/// Copies what differs.
fn place(from: &Path, to: &Path) -> Result<()> {
    let new = std::fs::read(from).with_context(|| format!("{} is missing", from.display()))?;
    if std::fs::read(to).is_ok_and(|old| old == new) {
        return Ok(());
    }
    std::fs::create_dir_all(to.parent().unwrap_or(to))?;
    std::fs::write(to, new).with_context(|| format!("cannot write {}", to.display()))
}

/// How JNA calls this machine.
fn jna_folder() -> String {
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x86-64",
        other => other,
    };
    format!("{}-{processor}", std::env::consts::OS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_not_changed_keeps_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("deep/to"));
        std::fs::write(&from, "one").unwrap();
        place(&from, &to).unwrap();
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        std::fs::File::options().write(true).open(&to).unwrap().set_modified(long_ago).unwrap();
        place(&from, &to).unwrap();
        assert_eq!(std::fs::metadata(&to).unwrap().modified().unwrap(), long_ago);
        std::fs::write(&from, "two").unwrap();
        place(&from, &to).unwrap();
        assert_eq!(std::fs::read(&to).unwrap(), b"two");
        assert!(place(&folder.path().join("nowhere"), &to).is_err());
    }
}
