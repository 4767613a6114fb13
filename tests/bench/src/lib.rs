//! `cargo bench -p softtoken-bench`: every figure stands beside a named peer measured in the same run,
//! because the machine is noisy and a bare number says nothing. Nothing here is a test.

pub mod work;
