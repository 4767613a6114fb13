//! What browser tests need: Debian's Chromium with its driver, NSS's tools, and axe-core from npm.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::runner::capture;

/// Programs and the Debian packages that they are in.
pub const PROGRAMS: [(&str, &str); 5] = [
    ("certutil", "libnss3-tools"),
    ("chromedriver", "chromium-driver"),
    ("chromium", "chromium"),
    ("npm", "npm"),
    ("openssl", "openssl"),
];

/// The script that looks for what keeps people out (axe-core, MPL-2.0), fetched once into the cache.
pub fn axe(cache: &Path) -> Result<PathBuf> {
    let folder = cache.join("npm").join(format!("axe-core-{AXE}"));
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if !script.exists() {
        println!("fetching axe-core {AXE}");
        std::fs::create_dir_all(&folder)?;
        let mut install = Command::new("npm");
        install.args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
        capture(install.arg(&folder).arg(format!("axe-core@{AXE}")))?;
    }
    Ok(script)
}

/// Newer versions find more: raise it on purpose, and mend what it finds.
const AXE: &str = "4.14.1";
