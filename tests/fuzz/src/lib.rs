//! What all fuzz targets share. The targets themselves are plain functions in tests/fuzz-targets, and in
//! tests/fuzz-issuer the one that needs the reference issuer.
//!
//! `cargo xtask test` and `cargo xtask campaign fuzz` build this workspace with the fuzzer's instruments on
//! the stable toolchain; `cargo fuzz run NAME` works as well.

pub use libfuzzer_sys::fuzz_target;
pub use softtoken_fuzz_targets::{prepare, target};

/// The program of one target, by its name or as an expression.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        $crate::target!($crate::target($name));
    };
    ($target:expr) => {
        $crate::fuzz_target!(init: $crate::prepare($target), |data: &[u8]| ($target.run)(data));
    };
}
