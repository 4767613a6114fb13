//! What a token leaves behind in memory, and whether its comparisons work equally long.
//!
//! | File | What it holds |
//! |---|---|
//! | `flows` | what a user does, one function each, ending with `lock` and drop |
//! | `world` | a seeded device; everything that happens on it happens again with the same seed |
//! | `stage` | plays a flow in a process of its own, which then waits to be looked at |
//! | `needles` | secrets in every spelling; `scan` looks for them in a process's memory and files |
//! | `compare` | the comparisons of secrets, for counting their instructions |
//!
//! The process that looks plays each flow first, so it knows every secret: what the device key was
//! asked and answered, the keys that were drawn, the codes that were shown. The other process, which is
//! looked at, has the same seeds and the same secrets, and none of the needles.

pub mod compare;
pub mod flows;
pub mod needles;
pub mod scan;
pub mod stage;
pub mod world;
