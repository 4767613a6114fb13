//! Figures beside their peers; see the crate's head.

mod allocator;
mod command;
mod durable;
mod measure;
mod peers;
mod token;

use measure::{Row, nanoseconds};
use softtoken_core::otp::{Algorithm, Digits, Period, totp};
use softtoken_core::time::UnixTime;

fn main() {
    // `cargo test --benches` runs this too; a measurement is no test.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let mut rows = codes();
    rows.extend(token::rows());
    let command = command::rows();
    if command.is_empty() {
        println!("skipped: the command: SOFTTOKEN_COMMAND does not name it; `cargo xtask bench` does");
    }
    rows.extend(command);
    durable::print();
    allocator::print();
    measure::print(&rows);
}

/// One SHA-1 TOTP with formatting.
fn codes() -> Vec<Row> {
    const SECRET: &[u8] = b"12345678901234567890";
    let mut now = 1_800_000_000;
    let ours = nanoseconds(20_000, || {
        now += 30;
        totp(SECRET, UnixTime(now), 0, Period::THIRTY, Algorithm::Sha1, Digits::SIX)
    });
    let target = "<= 200 ns";
    vec![
        Row::new("one SHA-1 TOTP with formatting", ours, target, "pyotp", peers::pyotp()),
        Row::new(
            "one SHA-1 TOTP with formatting",
            ours,
            target,
            "OpenSSL's HMAC alone",
            peers::openssl_hmac(),
        ),
    ]
}
