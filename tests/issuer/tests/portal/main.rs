//! The portal's pages, asked as a browser without scripts asks.

mod signin;
mod texts;
mod world;
