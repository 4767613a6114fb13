//! The PIN machine as a small model, searched exhaustively.
//!
//! The model has what five tries rest on, and nothing else: a vault file (the state row), device keys,
//! up to two processes that follow the program one durable step at a time, a device that fails to
//! delete a key, and somebody who stops a process after any step and puts back any earlier copy of the
//! file. Where the rules say so, the lock file is taken away or the device keys are put back as well.
//!
//! | Invariant | Says |
//! |---|---|
//! | [`Invariant::FiveGuesses`] (I1) | at most five PIN evaluations between two successes |
//! | [`Invariant::NoFalseLockout`] (I2) | no lockout without five started tries, unless someone tampered |
//! | [`Invariant::NoWayBack`] (I3) | after a lockout no key that opens a PIN or biometric slot is left |
//!
//! [`search`] visits every state that [`Rules`] allow and gives the shortest way to a broken invariant.
//! What the model leaves out: torn writes (a commit is atomic and durable), guesses outside the
//! program (a copy of file *and* keys, which [`Rules::keys_restored`] lets it find), and cryptography
//! (a key instance that is gone is gone; a row without its key does not verify).

mod canonical;
mod device;
mod moves;
mod program;
mod search;
mod world;

pub use moves::Move;
pub use search::{Outcome, Violation, search};
pub use world::{Invariant, Order, Rules};
