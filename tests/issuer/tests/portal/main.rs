//! The portal's pages, asked as a browser without scripts asks.

mod account;
mod authenticators;
mod desk;
#[allow(dead_code, reason = "these tests use a part of it")]
#[path = "../phone/devices.rs"]
mod devices;
mod files;
mod forgotten;
mod misplaced;
#[allow(dead_code, reason = "these tests use a part of it")]
#[path = "../verify/pages.rs"]
mod pictures;
mod sample;
mod signin;
mod texts;
mod tokens;
mod unlock;
mod work;
mod world;
