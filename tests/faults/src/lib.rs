//! Power cuts and faults, driven through the vault as an app uses it.
//!
//! | Module | What |
//! |---|---|
//! | `stream` | one stream of everything that reaches disk or device, and the fault that is armed |
//! | `vfs`, `memory` | SQLite's default file system and allocator, wrapped: they record and fail |
//! | `device` | device keys in memory in the same stream: durable when a call returns |
//! | `disk` | what a power cut leaves of a stream: synced bytes, and any part of the others |
//! | `world`, `ops` | vaults to begin with, and every operation of the facade that changes one |
//! | `oracle` | what has to hold afterwards (I1, I2, I5, I9, I11, I13 of the design's invariants) |
//!
//! Faults and recordings belong to a thread, so tests of one binary do not disturb each other.

#![allow(missing_docs, reason = "a test crate: its parts are explained where they are declared")]

pub mod device;
pub mod disk;
pub mod memory;
pub mod ops;
pub mod oracle;
pub mod stream;
pub mod vfs;
pub mod world;

/// Random numbers for tests (SplitMix64): the same seed, the same numbers.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// True in `of_256` cases of 256.
    pub fn chance(&mut self, of_256: u64) -> bool {
        self.roll() & 0xff < of_256
    }
}

/// Installs allocator and file system, once per process and before SQLite is used.
pub fn install() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        memory::install();
        vfs::install();
    });
}

/// Streams, disks and devices are a thread's own: the operations are dealt to so many threads.
pub const THREADS: usize = 2;

/// What each of the threads makes of its share.
pub fn on_threads<T: Send>(share: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let share = &share;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || share(thread))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}
