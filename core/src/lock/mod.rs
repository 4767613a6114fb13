//! The PIN: how it is entered, stretched, bound to the device, and counted.
//!
//! ```text
//! a = Argon2id(PIN digits, salt 16)                       uncounted: tests nothing without the device
//! the try is committed to the file (fails + 1)            before anything can be learned
//! y = device key <vault id>/pin.<e> evaluated on a        one device operation per guess
//! VMK = open(a ‖ y, PIN slot)                             a wrong PIN is a key commitment that does not fit
//! ```
//! Nothing is compared with a hash of the PIN: the right PIN decrypts, a wrong one does not. A crash
//! or a failing device between the count and the answer costs a try; a success sets the count to 0.
//!
//! This version **counts and does not lock out**: without unlock codes there would be no way back.
//! [`Attempts::left`] stops at 0, and further tries are still answered.
#![deny(clippy::arithmetic_side_effects)]

mod attempts;
mod kdf;
mod pin;
mod unlock_code;
mod weak;

pub use attempts::{Attempts, MAX_TRIES};
pub use kdf::{KdfError, KdfProfile, Stretched};
pub use pin::Pin;
pub use unlock_code::{UnlockCode, UnlockCodeError};
