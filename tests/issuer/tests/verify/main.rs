//! Verifications: a device made of the core's own exchange, a browser, and the issuer's pages.

mod certificate;
#[allow(dead_code, reason = "these tests use a part of it")]
#[path = "../phone/devices.rs"]
mod devices;
mod face;
mod look;
mod messages;
mod pages;
