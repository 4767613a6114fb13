//! The portal in a headless Chromium: every journey with the real command as the phone, every page looked at.

mod activation;
mod browser;
mod looks;
mod people;
mod recovery;
#[path = "../journeys/stage.rs"]
#[allow(dead_code, reason = "shared with the journeys without a browser")]
mod stage;
mod upkeep;
