//! Device keys in memory, in the stream: a key is there, or gone, when the call returns.

use std::sync::Arc;

use softtoken_core::ports::{DeviceKey, DeviceKeyCaps, HookError};
use softtoken_core::secret::Key;
use softtoken_core::testing::MemoryDeviceKey;

use crate::stream::{Class, Event, How, guessed, happened, strikes};

pub struct Device(pub MemoryDeviceKey);

impl Device {
    fn call<T>(&self, work: impl FnOnce() -> Result<T, HookError>) -> Result<T, HookError> {
        match strikes(Class::Key) {
            None => work(),
            Some(How::Done) => work().and(Err(HookError::Transient)),
            Some(_) => Err(HookError::Transient),
        }
    }

    fn changed(&self) {
        happened(|| Event::Keys(Arc::new(self.0.copy())));
    }
}

impl DeviceKey for Device {
    fn caps(&self) -> Result<DeviceKeyCaps, HookError> {
        self.call(|| self.0.caps())
    }

    fn create(&self, alias: &str) -> Result<(), HookError> {
        self.call(|| self.0.create(alias).inspect(|()| self.changed()))
    }

    fn eval(&self, alias: &str, input: &[u8; 32]) -> Result<Key<32>, HookError> {
        self.call(|| {
            if alias.contains("/pin.") {
                guessed();
            }
            self.0.eval(alias, input)
        })
    }

    fn delete(&self, alias: &str) -> Result<(), HookError> {
        self.call(|| self.0.delete(alias).inspect(|()| self.changed()))
    }

    fn list(&self, vault: &str) -> Result<Vec<String>, HookError> {
        self.call(|| self.0.list(vault))
    }
}
