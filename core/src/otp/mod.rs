//! One-time passwords: pure functions of a secret and a moving factor. No clock, no I/O, no state.

mod spec;

pub use spec::{Algorithm, CodeSpec, Digits, Period};

/// RFC 6287 suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcraSuite(String);
