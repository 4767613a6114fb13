//! The offline clock doctor: what can be said about the device's clock without asking anybody.
//!
//! Codes need the right time. Three things give a wrong clock away: a date before this program was
//! made, a date absurdly far ahead, and a jump against the monotonic clock within one boot
//! (PROTOCOLS.md §8, SECURITY.md §4.11). Nothing here changes the system's clock.

use crate::ports::Elapsed;
use crate::time::UnixTime;

/// Wall clock and monotonic clock, read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockReading {
    /// Wall clock.
    pub now: UnixTime,
    /// Monotonic clock.
    pub elapsed: Elapsed,
}

/// True when the clock shows a time at which this program cannot be running.
pub fn is_implausible(now: UnixTime) -> bool {
    now < EARLIEST || now >= LATEST
}

/// Seconds by which the wall clock moved more than the monotonic clock between two readings of one
/// boot; 0 within [`JUMP_TOLERANCE`], and 0 after a reboot (then nothing is known).
pub fn jump(earlier: ClockReading, later: ClockReading) -> i64 {
    if earlier.elapsed.boot_id != later.elapsed.boot_id {
        return 0;
    }
    let passed = later.elapsed.millis.saturating_sub(earlier.elapsed.millis).div_euclid(1000);
    let expected = i128::from(earlier.now.0).saturating_add(i128::from(passed));
    let off = i128::from(later.now.0).saturating_sub(expected);
    if off.unsigned_abs() <= u128::from(JUMP_TOLERANCE) {
        return 0;
    }
    i64::try_from(off).unwrap_or(if off < 0 { i64::MIN } else { i64::MAX })
}

/// A wall clock may be adjusted by so many seconds without anybody calling it a jump (SECURITY.md §4.11).
pub const JUMP_TOLERANCE: u64 = 90;
/// 2026-11-01: no copy of this program is older.
pub const EARLIEST: UnixTime = UnixTime(1_793_491_200);
/// 2076-11-01: fifty years on, a wrong clock is likelier than a user.
pub const LATEST: UnixTime = UnixTime(3_371_414_400);

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(now: u64, boot_id: u64, millis: u64) -> ClockReading {
        ClockReading { now: UnixTime(now), elapsed: Elapsed { boot_id, millis } }
    }

    #[test]
    fn a_clock_that_runs_with_the_monotonic_clock_has_not_jumped() {
        assert_eq!(jump(reading(1000, 1, 0), reading(1600, 1, 600_000)), 0);
        assert_eq!(jump(reading(1000, 1, 0), reading(1690, 1, 600_000)), 0);
    }

    #[test]
    fn a_jump_is_measured_in_both_directions() {
        assert_eq!(jump(reading(10_000, 1, 0), reading(10_000 + 3600 + 60, 1, 60_000)), 3600);
        assert_eq!(jump(reading(10_000, 1, 0), reading(10_060 - 3600, 1, 60_000)), -3600);
    }

    #[test]
    fn nothing_is_said_across_a_reboot() {
        assert_eq!(jump(reading(1000, 1, 0), reading(999_000, 2, 10)), 0);
    }

    #[test]
    fn extreme_readings_do_not_overflow() {
        assert_eq!(jump(reading(0, 1, 0), reading(u64::MAX, 1, 0)), i64::MAX);
        assert_eq!(jump(reading(u64::MAX, 1, 0), reading(0, 1, u64::MAX)), i64::MIN);
    }

    #[test]
    fn a_clock_before_this_program_or_fifty_years_on_is_implausible() {
        assert!(is_implausible(UnixTime(0)) && is_implausible(UnixTime(EARLIEST.0 - 1)));
        assert!(!is_implausible(EARLIEST) && is_implausible(LATEST));
    }
}
