//! From the exported interfaces to the core's ports: answers are checked, panics are caught, buffers wiped.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use softtoken_core::ports::{self, HookError as CoreError};
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;
use zeroize::Zeroizing;

use super::{Clock, DeviceKey, DeviceSignals, HookError, Hooks, LogSink};
use crate::guard::InsideHook;

impl From<Hooks> for ports::Hooks {
    fn from(Hooks { clock, device_key, signals, log }: Hooks) -> Self {
        Self {
            clock: Arc::new(ClockPort(clock)),
            device_key: Arc::new(DeviceKeyPort(device_key)),
            signals: Arc::new(SignalsPort(signals)),
            log: Arc::new(LogPort(log)),
        }
    }
}

struct ClockPort(Arc<dyn Clock>);
struct DeviceKeyPort(Arc<dyn DeviceKey>);
struct SignalsPort(Arc<dyn DeviceSignals>);
struct LogPort(Arc<dyn LogSink>);

impl ports::Clock for ClockPort {
    fn now(&self) -> Result<UnixTime, CoreError> {
        ask(|| self.0.now()).map_err(keyless)
    }

    fn elapsed(&self) -> Result<ports::Elapsed, CoreError> {
        ask(|| self.0.elapsed()).map_err(keyless)
    }
}

impl ports::DeviceKey for DeviceKeyPort {
    fn caps(&self) -> Result<ports::DeviceKeyCaps, CoreError> {
        ask(|| self.0.caps())
    }

    fn create(&self, alias: &str) -> Result<(), CoreError> {
        ask(|| self.0.create(alias.to_owned()))
    }

    fn create_biometric(&self, alias: &str) -> Result<(), CoreError> {
        ask(|| self.0.create_biometric(alias.to_owned()))
    }

    fn eval(&self, alias: &str, input: &[u8; 32]) -> Result<Key<32>, CoreError> {
        let output = Zeroizing::new(ask(|| self.0.eval(alias.to_owned(), input.to_vec()))?);
        Key::from_slice(&output).ok_or(CoreError::Faulty)
    }

    fn delete(&self, alias: &str) -> Result<(), CoreError> {
        ask(|| self.0.delete(alias.to_owned()))
    }

    fn list(&self, vault: &str) -> Result<Vec<String>, CoreError> {
        ask(|| self.0.list(vault.to_owned()))
    }
}

impl ports::DeviceSignals for SignalsPort {
    fn label(&self) -> Result<String, CoreError> {
        ask(|| self.0.label()).map_err(keyless)
    }
}

impl ports::LogSink for LogPort {
    fn log(&self, level: ports::LogLevel, event: ports::LogEvent) {
        // Nothing depends on a log.
        let _ = ask(|| self.0.log(level, event));
    }
}

fn ask<T>(hook: impl FnOnce() -> Result<T, HookError>) -> Result<T, CoreError> {
    let _inside = InsideHook::enter();
    match catch_unwind(AssertUnwindSafe(hook)) {
        Ok(answer) => answer.map_err(CoreError::from),
        Err(_) => Err(CoreError::Faulty),
    }
}

/// A clock that says its key is lost must not make the vault look lost.
fn keyless(error: CoreError) -> CoreError {
    match error {
        CoreError::Lost | CoreError::Invalidated => CoreError::Faulty,
        CoreError::Transient | CoreError::UserCancelled | CoreError::Unsupported | CoreError::Faulty => error,
    }
}
