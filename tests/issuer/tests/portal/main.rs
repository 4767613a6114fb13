//! The portal's pages, asked as a browser without scripts asks.

mod authenticators;
mod account;
mod forgotten;
mod misplaced;
mod sample;
mod signin;
mod texts;
mod tokens;
mod unlock;
mod world;
