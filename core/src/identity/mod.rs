//! What an identity is: one account in the app.
//!
//! | Part | Holds | Sealed under |
//! |---|---|---|
//! | [`Label`] | name, issuer, account, serial number | the names key, which needs the device but no PIN |
//! | [`Record`] | secret, counter, recovery key, policy | the key of the identity's group, which needs the PIN |
//!
//! Names are unique however they are written; the vault's database enforces it.

mod credential;
pub mod encoding;
mod lookalike;
mod name;
mod policy;
mod record;
mod view;

pub use credential::Credential;
pub use name::{IdentityName, MAX_NAME_CHARS, NameError, skeleton};
pub use policy::{MAX_PIN_DIGITS, MIN_PIN_DIGITS, PinRules, Policy};
pub use record::{Badge, IdentityId, Label, Origin, Record, Stopped, WEAK_SECRET_BELOW};
pub(crate) use view::Facts;
pub use view::{CodeKind, IdentityState, IdentityView};
