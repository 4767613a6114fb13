//! The issuer's side of the journeys: what `softtoken-stand` serves.
//!
//! A journey is a JSON file beside this crate that a runner in each language plays unchanged; `README.md` is the
//! normative description. The runner for Rust is the test `journeys` of this crate.
//!
//! | Part | What it is |
//! |---|---|
//! | [`stand`] | `POST /control`: users, orders, mails, codes, reviews, faults, time |

pub mod stand;
