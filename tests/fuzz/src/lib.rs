//! What all fuzz targets share. The targets themselves are plain functions in tests/fuzz-targets.
//!
//! `cargo xtask test` and `cargo xtask campaign fuzz` build this workspace with the fuzzer's instruments on
//! the stable toolchain; `cargo fuzz run NAME` works as well.

pub use libfuzzer_sys::fuzz_target;
pub use softtoken_fuzz_targets::{prepare, target};

/// The program of one target.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        $crate::fuzz_target!(init: $crate::prepare($name), |data: &[u8]| ($crate::target($name).run)(data));
    };
}
