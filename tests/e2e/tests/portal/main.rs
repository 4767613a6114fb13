//! The portal in a headless Chromium: every journey with the real command as the phone, every page looked at.

mod activation;
mod browser;
mod certificate;
#[path = "../journeys/certificates.rs"]
mod certificates;
mod desk;
mod looks;
mod nss;
mod people;
mod recovery;
#[path = "../journeys/stage.rs"]
#[allow(dead_code, reason = "shared with the journeys without a browser")]
mod stage;
mod states;
mod upkeep;
