//! The computer's clocks as the core's [`Clock`] port, for the live view too, so that nothing on the
//! screen is computed from another clock than the codes.

use std::sync::LazyLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};
use softtoken_core::ports::{Clock, Elapsed, HookError};
use softtoken_core::time::UnixTime;

/// Wall clock, and the time since boot where the system tells it.
pub struct SystemClock;

impl SystemClock {
    /// The wall clock in milliseconds; `None` before 1970.
    pub fn millis() -> Option<u64> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        u64::try_from(since.as_millis()).ok()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Result<UnixTime, HookError> {
        Ok(UnixTime(Self::millis().ok_or(HookError::Unsupported)? / 1000))
    }

    fn elapsed(&self) -> Result<Elapsed, HookError> {
        Ok(since_boot().unwrap_or_else(since_start))
    }
}

/// Linux: seconds since boot, suspended time included, and an id of the boot.
fn since_boot() -> Option<Elapsed> {
    let boot = std::fs::read("/proc/sys/kernel/random/boot_id").ok()?;
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let millis = centiseconds(uptime.split_ascii_whitespace().next()?)?.checked_mul(10)?;
    let boot_id = Sha256::digest(boot).iter().take(8).fold(0, |id, byte| (id << 8) | u64::from(*byte));
    Some(Elapsed { boot_id, millis })
}

/// Elsewhere: this process is taken for a boot of its own, so that nothing is compared across processes.
fn since_start() -> Elapsed {
    static START: LazyLock<(Instant, u64)> = LazyLock::new(|| {
        let started = SystemClock::millis().unwrap_or(0);
        (Instant::now(), started ^ (u64::from(std::process::id()) << 48))
    });
    let millis = u64::try_from(START.0.elapsed().as_millis()).unwrap_or(u64::MAX);
    Elapsed { boot_id: START.1, millis }
}

/// `12345.67` → 1234567.
fn centiseconds(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.')?;
    if fraction.len() != 2 {
        return None;
    }
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(fraction.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uptime_is_read_to_the_hundredth() {
        assert_eq!(centiseconds("350735.47"), Some(35_073_547));
        assert_eq!(centiseconds("0.05"), Some(5));
        assert!(["", "1", "1.5", "x.00", "-1.00"].iter().all(|text| centiseconds(text).is_none()));
    }

    #[test]
    fn elapsed_time_never_runs_backwards_within_a_boot() {
        let (a, b) = (SystemClock.elapsed().unwrap(), SystemClock.elapsed().unwrap());
        assert!(a.boot_id == b.boot_id && a.millis <= b.millis);
        let (a, b) = (since_start(), since_start());
        assert!(a.boot_id == b.boot_id && a.millis <= b.millis);
    }
}
