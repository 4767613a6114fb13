//! The portal's pages, asked as a browser without scripts asks.

mod account;
mod authenticators;
mod desk;
mod forgotten;
mod misplaced;
mod sample;
mod signin;
mod texts;
mod tokens;
mod unlock;
mod world;
