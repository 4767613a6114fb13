//! What comes after an activation, over the network and as pure data: news, another seed, deletion.
//!
//! | [`Wish`] | Sealed requests | Ends with |
//! |---|---|---|
//! | `Refresh` | refresh | a [`Report`] |
//! | `Rekey` | rekey, then refresh | a [`Report`]; both sides have another seed and K_rec |
//! | `Delete` | delete | the issuer has forgotten the seed |
//!
//! Every contact begins with a fresh handshake, whose pre-shared key comes from the seed ([`contact_psk`]): it proves each side
//! to the other, and its message 2 is what puts an identity that was activated without network into its group.
//!
//! Invariants: as in [`super::exchange`], a reply that is forged, late, repeated or out of turn changes nothing, and a sealed
//! request is made once and sent again as the same bytes. A device that shows codes of a new seed has the issuer's word
//! for it ([`Step::Renewed`]); an issuer forgets the old seed only after the device's ([`Generations`]).
//!
//! An issuer takes [`answer`], [`messages`] and [`Generations`]; `token` calls [`Contact`], and a native driver
//! carries its requests. Normative text: `core/PROTOCOL.md` section 9.

pub mod answer;
mod caller;
mod device;
mod draft;
mod generations;
#[cfg(any(test, feature = "testing"))]
pub mod issuer;
pub mod messages;
mod queued;

pub use caller::{CONTACT_PSK_LABEL, Caller, Known, contact_psk};
pub use device::{Contact, ContactError, Step, Wish};
pub use generations::{GRACE, Generations, Next, Removed};
pub use messages::{DELETED, Report, TokenState};
pub use queued::{QUEUED_SECONDS, QueuedDeletion};
