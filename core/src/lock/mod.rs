//! The PIN and the unlock code: how they are entered, stretched, bound to the device, and counted.
//!
//! A PIN protects nothing by itself: ten thousand are tried in seconds. So every guess must cost one
//! operation of a device key, and must be counted where the count cannot be put back. One try:
//!
//! | Step | Where | Why here |
//! |---|---|---|
//! | 1 a = Argon2id(PIN, salt) | memory | uncounted: it tests nothing without the device |
//! | 2 create device key `state.<g+1>` | device | the next row needs a MAC |
//! | 3 commit {g + 1, fails + 1} | file | the try is counted before anything can be learned |
//! | 4 delete device key `state.<g>` | device | from here on no older row has a key: the count cannot be put back |
//! | 5 y = device key `pin.<e>` evaluated on a | device | the guess |
//! | 6 VMK = open(a ‖ y, PIN slot) | memory | a wrong PIN is a key commitment that does not fit |
//! | 7 steps 2 to 4 with fails = 0 | | a success starts the count again |
//!
//! Any other order gives a sixth guess: 5 before 3 or 4 lets a crash or an older file undo the count.
//! The fifth wrong PIN destroys the device keys `pin.*` and `bio.*` and the PIN slot. Blocked is not a
//! flag but the absence of these; the way on is an [`UnlockCode`], which decrypts and is not compared.
//! A row whose MAC does not fit, or whose device key is gone, is an older or edited file: blocked too.
//! With device keys in plain files whoever restores file *and* keys has more guesses.
#![deny(clippy::arithmetic_side_effects)]

mod attempts;
mod kdf;
mod pin;
mod unlock_code;
mod weak;

pub use attempts::{Attempts, MAX_TRIES};
pub(crate) use attempts::{elapsed_from, elapsed_to};
pub use kdf::{KdfError, KdfProfile, Stretched};
pub use pin::Pin;
#[cfg(any(test, feature = "testing"))]
pub use unlock_code::issuer_unlock_code;
pub use unlock_code::{UnlockCode, UnlockCodeError};
