//! [`Issuer`]: what every handler holds. Its verbs are in the rooms that they belong to.

use std::sync::Arc;

use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;

use crate::clock::Clock;
use crate::error::Result;
use crate::mail::Outbox;
use crate::settings::Settings;
use crate::store::Store;

/// The identity provider. Shared by all handlers; no `Debug`, because it holds keys.
pub struct Issuer {
    /// Read once when it starts.
    pub settings: Settings,
    /// The database.
    pub store: Store,
    /// What it takes from outside.
    pub ports: Ports,
}

/// What an issuer takes from outside.
pub struct Ports {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Random,
    /// Takes mails away.
    pub outbox: Arc<dyn Outbox>,
}

impl Issuer {
    /// Opens the database, and makes what is missing.
    pub async fn open(settings: Settings, ports: Ports) -> Result<Arc<Self>> {
        let store = Store::open(&settings.database).await?;
        Ok(Arc::new(Self { settings, store, ports }))
    }

    /// The issuer's time.
    pub fn now(&self) -> UnixTime {
        self.ports.clock.now()
    }

    /// A new id for a row: 32 hexadecimal digits at random.
    pub fn new_id(&self) -> Result<String> {
        Ok(softtoken_core::codec::hex::encode(&self.ports.random.array::<16>()?).as_str().to_owned())
    }
}
