//! Stand-ins for a platform, for tests: a clock that is set by hand, device keys in memory, a log that can be read.
//!
//! Only with the feature `testing`; never in a shipped binary.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::ports::{
    AssuranceLevel, Clock, DeviceKey, DeviceKeyCaps, DeviceKeyKind, DeviceSignals, Elapsed, HookError, Hooks,
    KeyStore, LogEvent, LogLevel, LogSink,
};
use crate::random::Random;
use crate::secret::Key;
use crate::time::UnixTime;

/// A clock that stands still until it is set.
pub struct FakeClock(Mutex<(UnixTime, Elapsed)>);

impl FakeClock {
    /// A clock at `now`, in its first boot.
    pub fn at(now: u64) -> Self {
        Self(Mutex::new((UnixTime(now), Elapsed { boot_id: 1, millis: 0 })))
    }

    /// Sets the wall clock only, as a user can.
    pub fn set(&self, now: u64) {
        locked(&self.0).0 = UnixTime(now);
    }

    /// Time passes on both clocks.
    pub fn advance(&self, seconds: u64) {
        let mut both = locked(&self.0);
        both.0 = both.0.plus(seconds);
        both.1.millis = both.1.millis.saturating_add(seconds.saturating_mul(1000));
    }

    /// The device starts again.
    pub fn reboot(&self) {
        let mut both = locked(&self.0);
        both.1 = Elapsed { boot_id: both.1.boot_id.wrapping_add(1), millis: 0 };
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Result<UnixTime, HookError> {
        Ok(locked(&self.0).0)
    }

    fn elapsed(&self) -> Result<Elapsed, HookError> {
        Ok(locked(&self.0).1)
    }
}

/// Device keys in memory: HMAC-SHA256 under random keys.
pub struct MemoryDeviceKey(Mutex<Keys>);

struct Keys {
    by_alias: BTreeMap<String, Key<32>>,
    random: Random,
    fail_next: Option<HookError>,
    answer_zero: bool,
    kind: DeviceKeyKind,
    evals: u64,
    calls: Vec<String>,
    /// Calls until the device answers nothing any more.
    lives: Option<u64>,
    died: bool,
    watcher: Option<Watcher>,
}

/// Sees every call before it is answered.
type Watcher = Box<dyn Fn(&str) + Send>;

/// The keys of a device at one moment; public so that a test can play an attacker who copies them.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyCopy(BTreeMap<String, [u8; 32]>);

impl KeyCopy {
    /// Keys from elsewhere.
    pub fn of(keys: impl IntoIterator<Item = (String, [u8; 32])>) -> Self {
        Self(keys.into_iter().collect())
    }

    /// Aliases and keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8; 32])> {
        self.0.iter().map(|(alias, key)| (alias.as_str(), key))
    }
}

impl MemoryDeviceKey {
    /// An empty key store; the same `seed` gives the same keys.
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(Keys {
            by_alias: BTreeMap::new(),
            random: Random::seeded(seed),
            fail_next: None,
            answer_zero: false,
            kind: DeviceKeyKind::HmacSha256,
            evals: 0,
            calls: Vec::new(),
            lives: None,
            died: false,
            watcher: None,
        }))
    }

    /// The next call answers this error.
    pub fn fail_next(&self, error: HookError) {
        locked(&self.0).fail_next = Some(error);
    }

    /// All keys are gone, as after a reset of the device.
    pub fn lose_all(&self) {
        locked(&self.0).by_alias.clear();
    }

    /// One key is gone.
    pub fn lose(&self, alias: &str) {
        locked(&self.0).by_alias.remove(alias);
    }

    /// From now on a broken device that answers zeros.
    pub fn answer_zero(&self) {
        locked(&self.0).answer_zero = true;
    }

    /// All aliases there are.
    pub fn aliases(&self) -> Vec<String> {
        locked(&self.0).by_alias.keys().cloned().collect()
    }

    /// How often a key was evaluated.
    pub fn evals(&self) -> u64 {
        locked(&self.0).evals
    }

    /// From now on a device of another kind.
    pub fn pretend(&self, kind: DeviceKeyKind) {
        locked(&self.0).kind = kind;
    }

    /// What was called since the last time, as `verb alias` without the vault's part of the alias.
    pub fn take_calls(&self) -> Vec<String> {
        std::mem::take(&mut locked(&self.0).calls)
    }

    /// After so many calls every call fails, until [`revive`](Self::revive): the process dies there.
    pub fn die_after(&self, calls: u64) {
        locked(&self.0).lives = Some(calls);
    }

    /// The process starts again. True when it had died.
    pub fn revive(&self) -> bool {
        let mut keys = locked(&self.0);
        keys.lives = None;
        std::mem::take(&mut keys.died)
    }

    /// Calls `watcher` before every call is answered; it must not use the device.
    pub fn watch(&self, watcher: impl Fn(&str) + Send + 'static) {
        locked(&self.0).watcher = Some(Box::new(watcher));
    }

    /// All keys, as somebody copies them who can read the device.
    pub fn copy(&self) -> KeyCopy {
        KeyCopy(locked(&self.0).by_alias.iter().map(|(alias, key)| (alias.clone(), *key.expose())).collect())
    }

    /// Puts copied keys back, and nothing else: what hardware does not allow.
    pub fn restore(&self, copy: &KeyCopy) {
        let keys = copy.0.iter().map(|(alias, key)| (alias.clone(), Key::new(*key)));
        locked(&self.0).by_alias = keys.collect();
    }

    fn keys(&self, verb: &str, alias: &str) -> Result<MutexGuard<'_, Keys>, HookError> {
        let mut keys = locked(&self.0);
        let name = alias.split_once('/').map_or(alias, |(_, name)| name);
        let call = if name.is_empty() { verb.to_owned() } else { format!("{verb} {name}") };
        if keys.lives == Some(0) {
            keys.died = true;
            return Err(HookError::Transient);
        }
        keys.lives = keys.lives.map(|lives| lives.saturating_sub(1));
        if let Some(watcher) = &keys.watcher {
            watcher(&call);
        }
        keys.calls.push(call);
        match keys.fail_next.take() {
            Some(error) => Err(error),
            None => Ok(keys),
        }
    }
}

impl DeviceKey for MemoryDeviceKey {
    fn caps(&self) -> Result<DeviceKeyCaps, HookError> {
        let kind = self.keys("caps", "")?.kind;
        Ok(DeviceKeyCaps { level: AssuranceLevel::Software, kind, single_use: false, store: KeyStore::Files })
    }

    fn create(&self, alias: &str) -> Result<(), HookError> {
        let mut keys = self.keys("create", alias)?;
        if keys.by_alias.contains_key(alias) {
            return Err(HookError::Unsupported);
        }
        let key = keys.random.key().map_err(|_| HookError::Transient)?;
        keys.by_alias.insert(alias.to_owned(), key);
        Ok(())
    }

    fn create_biometric(&self, alias: &str) -> Result<(), HookError> {
        self.create(alias)
    }

    fn eval(&self, alias: &str, input: &[u8; 32]) -> Result<Key<32>, HookError> {
        let mut keys = self.keys("eval", alias)?;
        keys.evals = keys.evals.saturating_add(1);
        let key = keys.by_alias.get(alias).ok_or(HookError::Lost)?;
        if keys.answer_zero {
            return Ok(Key::new([0; 32]));
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(key.expose()).map_err(|_| HookError::Unsupported)?;
        mac.update(input);
        Ok(Key::new(mac.finalize().into_bytes().into()))
    }

    fn delete(&self, alias: &str) -> Result<(), HookError> {
        self.keys("delete", alias)?.by_alias.remove(alias);
        Ok(())
    }

    fn list(&self, vault: &str) -> Result<Vec<String>, HookError> {
        let prefix = format!("{vault}/");
        Ok(self
            .keys("list", "")?
            .by_alias
            .keys()
            .filter(|alias| alias.starts_with(&prefix))
            .cloned()
            .collect())
    }
}

/// A device that always says the same of itself.
pub struct FixedSignals(pub String);

impl DeviceSignals for FixedSignals {
    fn label(&self) -> Result<String, HookError> {
        Ok(self.0.clone())
    }
}

/// A log that can be read.
#[derive(Default)]
pub struct MemoryLog(Mutex<Vec<(LogLevel, LogEvent)>>);

impl MemoryLog {
    /// Everything since the last call.
    pub fn take(&self) -> Vec<(LogLevel, LogEvent)> {
        std::mem::take(&mut *locked(&self.0))
    }
}

impl LogSink for MemoryLog {
    fn log(&self, level: LogLevel, event: LogEvent) {
        locked(&self.0).push((level, event));
    }
}

/// The stand-ins together; keep the parts to steer them, hand [`Fakes::hooks`] to the token.
pub struct Fakes {
    /// At 2030-01-01T00:00:00Z.
    pub clock: Arc<FakeClock>,
    /// Empty.
    pub device_key: Arc<MemoryDeviceKey>,
    /// "test device".
    pub signals: Arc<FixedSignals>,
    /// Empty.
    pub log: Arc<MemoryLog>,
}

impl Fakes {
    /// Fresh ones; the same `seed` gives the same device keys.
    pub fn new(seed: u64) -> Self {
        Self {
            clock: Arc::new(FakeClock::at(1_893_456_000)),
            device_key: Arc::new(MemoryDeviceKey::seeded(seed)),
            signals: Arc::new(FixedSignals("test device".to_owned())),
            log: Arc::new(MemoryLog::default()),
        }
    }

    /// Hooks that share these stand-ins.
    pub fn hooks(&self) -> Hooks {
        Hooks {
            clock: self.clock.clone(),
            device_key: self.device_key.clone(),
            signals: self.signals.clone(),
            log: self.log.clone(),
        }
    }
}

/// Fresh hooks for a test that steers nothing.
pub fn hooks() -> Hooks {
    Fakes::new(1).hooks()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
