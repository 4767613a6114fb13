//! `cargo xtask library`: the library as it is shipped, for this machine, and what it weighs.
//!
//! The profile `library` makes Rust small; what cargo cannot say is here, so that every script that ships a
//! library says the same:
//!
//! | Setting | Why |
//! |---|---|
//! | no unwind tables for C | SQLite and ring call back nothing that may unwind: 0.1 MB |
//! | `-Oz` for C | the profile's own level says `-Os` to C compilers |
//! | `shipped.ld` (Linux) | drops what only the generators read; they take a library of the development profile |
//! | symbols removed last | crash reports are read with the library that still has them |

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::built;
use crate::runner::capture;

/// Builds it and says where it is and how large; false when it has outgrown [`LARGEST`].
pub fn make(root: &Path) -> Result<bool> {
    let script = format!("link-arg=-Wl,-T,{}", root.join("bindings/ffi/shipped.ld").display());
    let linker: &[&str] =
        if cfg!(target_os = "linux") { &["-C", &script, "-C", "link-arg=-Wl,-O2"] } else { &[] };
    let unstripped = built::shipped("softtoken-ffi", "softtoken", linker, &[("CFLAGS", C_FLAGS)])?;
    let stripped = unstripped.with_extension(format!("stripped.{}", std::env::consts::DLL_EXTENSION));
    let mut strip = Command::new("strip");
    capture(strip.args(STRIP).arg("-o").arg(&stripped).arg(&unstripped))?;
    let weight = bytes(&stripped)?;
    println!("library: {weight} bytes stripped, {} with symbols", bytes(&unstripped)?);
    println!("{}", stripped.display());
    if weight > LARGEST {
        println!("library: more than {LARGEST} bytes; what was added? tests/bench/LIBRARY.md has its parts");
    }
    Ok(weight <= LARGEST)
}

fn bytes(file: &Path) -> Result<u64> {
    Ok(std::fs::metadata(file).with_context(|| format!("{} is missing", file.display()))?.len())
}

/// On x86-64 Linux; three percent above what it weighs.
const LARGEST: u64 = 3_100_000;
const C_FLAGS: &str = "-Oz -fno-asynchronous-unwind-tables -fno-unwind-tables -fvisibility=hidden";
/// Apple's `strip` must be told to keep what other programs call.
const STRIP: &[&str] = if cfg!(target_vendor = "apple") { &["-x"] } else { &["--strip-all"] };
