//! Time as the issuer sees it: a port, so that a test says what time it is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use softtoken_core::time::UnixTime;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> UnixTime;
}

/// The computer's clock.
pub struct SystemClock;

/// A clock that stands where a test puts it.
pub struct ManualClock(AtomicU64);

/// Something that is to be done once an hour.
#[derive(Default)]
pub(crate) struct Hourly(AtomicU64);

impl Hourly {
    /// Never done, done an hour ago, or by a clock that was put back.
    pub(crate) fn is_due(&self, now: UnixTime) -> bool {
        let last = self.0.load(Ordering::Relaxed);
        now.0 < last || now.0.saturating_sub(last) >= HOUR
    }

    /// Done now.
    pub(crate) fn done(&self, now: UnixTime) {
        self.0.store(now.0, Ordering::Relaxed);
    }
}

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        // A clock before 1970 is broken; at 0 every order has time left and every code is wrong.
        UnixTime(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }
}

impl ManualClock {
    /// Stands at `now`.
    pub fn at(now: UnixTime) -> Self {
        Self(AtomicU64::new(now.0))
    }

    /// Puts it elsewhere.
    pub fn set(&self, now: UnixTime) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Moves it on.
    pub fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixTime {
        UnixTime(self.0.load(Ordering::SeqCst))
    }
}

const HOUR: u64 = 3_600;
