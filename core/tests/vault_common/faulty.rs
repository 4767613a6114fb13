//! A device that fails on call: once, or from then on.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use softtoken_core::ports::{DeviceKey, DeviceKeyCaps, HookError};
use softtoken_core::secret::Key;
use softtoken_core::testing::MemoryDeviceKey;

/// A device of which some calls fail; the process lives on, unlike after
/// [`die_after`](MemoryDeviceKey::die_after).
pub struct Faulty<'a> {
    device: &'a MemoryDeviceKey,
    /// `verb alias`, as [`take_calls`](MemoryDeviceKey::take_calls) writes it, begins so.
    calls: String,
    /// How many of those still succeed.
    skip: AtomicU64,
    for_ever: bool,
    hit: AtomicBool,
}

impl<'a> Faulty<'a> {
    /// Nothing fails.
    pub fn sound(device: &'a MemoryDeviceKey) -> Self {
        Self { for_ever: false, ..Self::from(device, "never", 0) }
    }

    /// The call after `skip` calls that begin with `calls` fails, and no other.
    pub fn once(device: &'a MemoryDeviceKey, calls: &str, skip: u64) -> Self {
        Self { for_ever: false, ..Self::from(device, calls, skip) }
    }

    /// That call and all like it from then on.
    pub fn from(device: &'a MemoryDeviceKey, calls: &str, skip: u64) -> Self {
        let hit = AtomicBool::new(false);
        Self { device, calls: calls.to_owned(), skip: AtomicU64::new(skip), for_ever: true, hit }
    }

    /// True when a call failed.
    pub fn has_failed(&self) -> bool {
        self.hit.load(Ordering::Relaxed)
    }

    fn asks(&self, verb: &str, alias: &str) -> Result<(), HookError> {
        let name = alias.split_once('/').map_or(alias, |(_, name)| name);
        if !format!("{verb} {name}").starts_with(&self.calls) || (self.has_failed() && !self.for_ever) {
            return Ok(());
        }
        let left = self.skip.load(Ordering::Relaxed);
        self.skip.store(left.saturating_sub(1), Ordering::Relaxed);
        if left > 0 {
            return Ok(());
        }
        self.hit.store(true, Ordering::Relaxed);
        Err(HookError::Transient)
    }
}

impl DeviceKey for Faulty<'_> {
    fn caps(&self) -> Result<DeviceKeyCaps, HookError> {
        self.asks("caps", "")?;
        self.device.caps()
    }

    fn create(&self, alias: &str) -> Result<(), HookError> {
        self.asks("create", alias)?;
        self.device.create(alias)
    }

    fn eval(&self, alias: &str, input: &[u8; 32]) -> Result<Key<32>, HookError> {
        self.asks("eval", alias)?;
        self.device.eval(alias, input)
    }

    fn delete(&self, alias: &str) -> Result<(), HookError> {
        self.asks("delete", alias)?;
        self.device.delete(alias)
    }

    fn list(&self, vault: &str) -> Result<Vec<String>, HookError> {
        self.asks("list", "")?;
        self.device.list(vault)
    }
}
