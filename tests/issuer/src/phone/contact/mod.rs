//! Later contacts of devices that have a token (`core/PROTOCOL.md` section 9).
//!
//! | File | What |
//! |---|---|
//! | `open` | the handshake, under the key of a living or a dead seed |
//! | `sealed` | each request answered once, and then with the same bytes |
//! | `ask` | what a refresh, a rekey and a deletion do to the token |
//! | `fill` | names and keys of tokens that were activated before there were contacts |
//!
//! Invariant: whoever does not have a seed of the token learns nothing, not even whether there is one: the same status,
//! the same empty body, the same work.

mod ask;
mod fill;
mod open;
mod sealed;
