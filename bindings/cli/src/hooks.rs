//! What this platform supplies to the core: clock, device keys, the computer's name.

use std::path::PathBuf;
use std::sync::Arc;

use softtoken_core::ports::{DeviceSignals, HookError, Hooks, LogEvent, LogLevel, LogSink};

use crate::clock::SystemClock;
use crate::device_key_desktop::connect;
use crate::device_keys::{DeviceKeys, Home};

/// The hooks of a terminal or desktop; the device keys of a new vault are put in `new_vaults`.
pub fn hooks(keys: PathBuf, new_vaults: Home) -> Hooks {
    Hooks {
        clock: Arc::new(SystemClock),
        device_key: Arc::new(DeviceKeys::new(keys, connect, new_vaults)),
        signals: Arc::new(HostName),
        log: Arc::new(Silent),
    }
}

struct HostName;

impl DeviceSignals for HostName {
    fn label(&self) -> Result<String, HookError> {
        let from_file = |path| std::fs::read_to_string(path).ok();
        let name = from_file("/proc/sys/kernel/hostname").or_else(|| from_file("/etc/hostname"));
        let name = name.or_else(|| std::env::var("COMPUTERNAME").ok());
        let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        Ok(name.unwrap_or_else(|| "computer".into()))
    }
}

/// Everything a person must know is in answers and errors.
struct Silent;

impl LogSink for Silent {
    fn log(&self, _level: LogLevel, _event: LogEvent) {}
}
