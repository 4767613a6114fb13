//! One-time passwords: pure functions of a secret and a moving factor. No clock, no I/O, no state.
//!
//! | Kind | Moving factor | Verb |
//! |---|---|---|
//! | TOTP, Steam, mOTP, Yandex | time | [`code_at`] |
//! | HOTP, MobilePASS | counter | [`code_for_counter`] |
//! | OCRA | challenge, and what its suite names | [`ocra::respond`] |
//!
//! Whoever calls [`code_for_counter`] stores the next counter *before* a person sees the code. A
//! secret comes in borrowed and is not kept; a [`Code`] is wiped when it is dropped. Arithmetic here
//! is checked, wrapping or saturating on purpose: times and counters come from outside.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod code;
mod hotp;
mod mac;
pub mod mobilepass;
mod motp;
pub mod ocra;
mod resync;
mod spec;
mod steam;
mod timed;
mod totp;
mod truncate;
pub mod yandex;

pub use code::Code;
pub use hotp::{code_for_counter, hotp};
pub use ocra::OcraSuite;
pub use resync::{find_step, resync};
pub use spec::{Algorithm, AlgorithmError, CodeSpec, Digits, Period};
pub use timed::{TimedCode, code_at};
pub use totp::{totp, totp_step};

/// Why there is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OtpError {
    /// The kind answers challenges: use [`ocra::respond`].
    #[error("a challenge is needed")]
    NeedsChallenge,
    /// The kind counts: use [`code_for_counter`], or give the suite its counter.
    #[error("a counter is needed")]
    NeedsCounter,
    /// mOTP, Yandex and some OCRA suites need the PIN that belongs to the secret.
    #[error("the PIN of this identity is needed")]
    NeedsPin,
    /// The OCRA suite needs session information.
    #[error("session information is needed")]
    NeedsSession,
    /// The kind goes by time: use [`code_at`], or give the suite its time.
    #[error("the time is needed")]
    NeedsTime,
    /// The question is empty.
    #[error("the question is empty")]
    QuestionEmpty,
    /// The question is longer than two questions of its suite.
    #[error("the question is too long")]
    QuestionTooLong,
    /// The question has a character that its suite does not allow.
    #[error("the question has a character that cannot be there")]
    QuestionCharacter {
        /// Characters before it.
        position: u32,
    },
    /// More session bytes than the suite has room for.
    #[error("the session information is too long")]
    SessionTooLong,
    /// The secret is none of Yandex.
    #[error(transparent)]
    Yandex(#[from] yandex::YandexSecretError),
}
