//! The softtoken library for Kotlin and Swift: the core's facade over UniFFI, and nothing else.
//!
//! | Module | What it holds |
//! |---|---|
//! | [`token`], [`activation`], [`contact`] | the objects `SoftToken`, `Activation`, `IssuerContact` |
//! | [`hooks`] | what a platform supplies, and how its faults become typed errors |
//! | [`types`] | mirrors of the core's views, states and payloads |
//! | `error` | the mirror of `TokenError` |
//! | `guard` | no panic leaves a verb, no hook comes back in |
//! | `alloc` | the wiping allocator |
//!
//! Every exported function returns a `Result` with [`types::TokenError`]. The public surface in both languages is
//! a file under review: `api/kotlin.txt` and `api/swift.txt`.

uniffi::setup_scaffolding!();

pub mod activation;
mod alloc;
pub mod contact;
mod error;
mod guard;
pub mod hooks;
#[cfg(feature = "testing")]
mod testing;
pub mod token;
pub mod types;
