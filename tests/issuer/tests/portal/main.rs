//! The portal's pages, asked as a browser without scripts asks.

mod authenticators;
mod signin;
mod texts;
mod world;
