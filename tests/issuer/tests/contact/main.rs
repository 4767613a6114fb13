//! Later contacts of a device made of the core's own [`softtoken_core::activation::contact::Contact`], against the
//! issuer's router.

mod activations;
mod deletion;
mod keys;
mod lost;
mod phone;
mod random;
mod refresh;
mod rekey;
mod strangers;
mod world;
