//! A platform whose hooks misbehave on demand, over the core's stand-ins.

use std::sync::{Arc, Mutex, Weak};

use softtoken::hooks::{Clock, DeviceKey, DeviceSignals, HookError, Hooks, LogSink};
use softtoken::token::SoftToken;
use softtoken::types::{DeviceKeyCaps, Elapsed, LogEvent, LogLevel, TokenError, UnixTime};
use softtoken_core::ports::{Clock as _, DeviceKey as _};
use softtoken_core::testing::{FakeClock, MemoryDeviceKey};

/// How a hook behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Works,
    Fails,
    Panics,
    Lies,
}

pub struct Platform {
    clock: FakeClock,
    keys: MemoryDeviceKey,
    moods: Mutex<[Mood; 3]>,
    token: Mutex<Weak<SoftToken>>,
    answers: Mutex<Vec<Option<TokenError>>>,
}

impl Platform {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            clock: FakeClock::at(1_893_456_000),
            keys: MemoryDeviceKey::seeded(7),
            moods: Mutex::new([Mood::Works; 3]),
            token: Mutex::new(Weak::new()),
            answers: Mutex::new(Vec::new()),
        })
    }

    pub fn hooks(self: &Arc<Self>) -> Hooks {
        Hooks { clock: self.clone(), device_key: self.clone(), signals: self.clone(), log: self.clone() }
    }

    pub fn clock_is(&self, mood: Mood) {
        self.moods.lock().unwrap()[0] = mood;
    }

    pub fn key_is(&self, mood: Mood) {
        self.moods.lock().unwrap()[1] = mood;
    }

    pub fn log_is(&self, mood: Mood) {
        self.moods.lock().unwrap()[2] = mood;
    }

    /// From now on every hook asks the token for codes first.
    pub fn calls_back(&self, token: &Arc<SoftToken>) {
        *self.token.lock().unwrap() = Arc::downgrade(token);
    }

    /// What the token said to that.
    pub fn answers(&self) -> Vec<Option<TokenError>> {
        self.answers.lock().unwrap().clone()
    }

    fn enter(&self, hook: usize) -> Result<Mood, HookError> {
        let token = self.token.lock().unwrap().upgrade();
        if let Some(token) = token {
            self.answers.lock().unwrap().push(token.codes(None).err());
        }
        let mood = self.moods.lock().unwrap()[hook];
        match mood {
            Mood::Fails => Err(HookError::Transient),
            Mood::Panics => panic!("a hook that panics, as asked"),
            Mood::Works | Mood::Lies => Ok(mood),
        }
    }
}

impl Clock for Platform {
    fn now(&self) -> Result<UnixTime, HookError> {
        self.enter(0)?;
        self.clock.now().map_err(|_| HookError::Transient)
    }

    fn elapsed(&self) -> Result<Elapsed, HookError> {
        self.enter(0)?;
        self.clock.elapsed().map_err(|_| HookError::Transient)
    }
}

impl DeviceKey for Platform {
    fn caps(&self) -> Result<DeviceKeyCaps, HookError> {
        self.keys.caps().map_err(|_| HookError::Transient)
    }

    fn create(&self, alias: String) -> Result<(), HookError> {
        self.keys.create(&alias).map_err(|_| HookError::Transient)
    }

    fn create_biometric(&self, alias: String) -> Result<(), HookError> {
        self.create(alias)
    }

    fn eval(&self, alias: String, input: Vec<u8>) -> Result<Vec<u8>, HookError> {
        let mood = self.enter(1)?;
        let input = input.try_into().map_err(|_| HookError::Unsupported)?;
        let mut output = self.keys.eval(&alias, &input).map_err(|_| HookError::Lost)?.expose().to_vec();
        if mood == Mood::Lies {
            output.push(0);
        }
        Ok(output)
    }

    fn delete(&self, alias: String) -> Result<(), HookError> {
        self.keys.delete(&alias).map_err(|_| HookError::Transient)
    }

    fn list(&self, vault: String) -> Result<Vec<String>, HookError> {
        self.keys.list(&vault).map_err(|_| HookError::Transient)
    }
}

impl DeviceSignals for Platform {
    fn label(&self) -> Result<String, HookError> {
        Ok("test device".to_owned())
    }
}

impl LogSink for Platform {
    fn log(&self, _level: LogLevel, _event: LogEvent) -> Result<(), HookError> {
        self.enter(2).map(|_| ())
    }
}
