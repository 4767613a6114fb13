//! The rules of the house, checked on the tracked files: which room may use which, what the core may be
//! built from, how long a file may be, and what stands at the top level.

mod crates;
mod rooms;
mod tree;

use std::path::{Path, PathBuf};

/// The root of the repository.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap().to_owned()
}

/// The paths of all tracked files that exist, relative to the root.
fn tracked() -> Vec<String> {
    let output =
        std::process::Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "git ls-files failed");
    let files: Vec<_> = String::from_utf8(output.stdout)
        .unwrap()
        .split_terminator('\0')
        .filter(|path| root().join(path).exists())
        .map(str::to_owned)
        .collect();
    assert!(files.iter().any(|path| path == "core/src/lib.rs"), "the list of tracked files is incomplete");
    files
}
