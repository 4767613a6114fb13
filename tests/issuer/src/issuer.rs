//! [`Issuer`]: what every handler holds. Its verbs are in the rooms that they belong to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;
use tokio::sync::Semaphore;

use crate::clock::{Clock, Hourly};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::mail::{Mail, MailKind, Outbox};
use crate::policy::InForce;
use crate::secrets::Secrets;
use crate::settings::Settings;
use crate::store::Store;
use crate::verify::Faces;

/// The identity provider. Shared by all handlers; no `Debug`, because it holds keys.
pub struct Issuer {
    /// Read once when it starts.
    pub settings: Settings,
    /// The database.
    pub store: Store,
    /// What it takes from outside.
    pub ports: Ports,
    /// Who it is.
    pub keys: Keys,
    /// What opens the sealed columns.
    pub secrets: Secrets,
    pub(crate) forgetting: Hourly,
    /// Who judges pictures of faces.
    pub faces: Faces,
    pub(crate) in_force: InForce,
    slow_runs: Semaphore,
    slow_count: AtomicU64,
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
    /// Opens database and keys, and makes what is missing when there are neither users nor tokens yet.
    pub async fn open(settings: Settings, ports: Ports) -> Result<Arc<Self>> {
        let store = Store::open(&settings.database).await?;
        let rows = "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM tokens)";
        let rows: i64 = sqlx::query_scalar(rows).fetch_one(store.read()).await?;
        let (keys, secrets) = Keys::open(&settings.keys, &settings.address, rows == 0, &ports.random)?;
        let in_force = InForce::load(&store, &settings).await?;
        let slow_runs = Semaphore::new(SLOW_RUNS);
        let issuer = Arc::new(Self {
            settings,
            store,
            ports,
            keys,
            secrets,
            faces: Faces::default(),
            in_force,
            forgetting: Hourly::default(),
            slow_runs,
            slow_count: AtomicU64::new(0),
        });
        issuer.fill_contacts().await?;
        issuer.forget_orders().await?;
        Ok(issuer)
    }

    /// The issuer's time.
    pub fn now(&self) -> UnixTime {
        self.ports.clock.now()
    }

    /// A new id for a row: 32 hexadecimal digits at random.
    pub fn new_id(&self) -> Result<String> {
        Ok(softtoken_core::codec::hex::encode(&self.ports.random.array::<16>()?).as_str().to_owned())
    }

    /// Runs a slow function (64 MiB, a tenth of a second) beside the handlers, a few at a time.
    pub(crate) async fn slow<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        self.slow_count.fetch_add(1, Ordering::Relaxed);
        let _turn = self.slow_runs.acquire().await.map_err(|_| Error::Stopping)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::Internal("a slow function has panicked"))
    }

    /// Runs of slow functions so far: what takes time, and so could tell who is a user.
    pub fn slow_count(&self) -> u64 {
        self.slow_count.load(Ordering::Relaxed)
    }

    /// Mails the holder of a token, who may have no address or be gone: then nothing happens.
    pub(crate) async fn tell(&self, token: &str, kind: MailKind) {
        let query = "SELECT users.email, users.name FROM users JOIN tokens ON tokens.user_id = users.id \
                     WHERE tokens.id = ? AND users.email IS NOT NULL";
        let found =
            sqlx::query_as::<_, (String, String)>(query).bind(token).fetch_optional(self.store.read());
        if let Ok(Some((to, user))) = found.await {
            self.ports.outbox.send(Mail { to, user, kind });
        }
    }

    /// Mails a user, who may have no address or be gone: then nothing happens.
    pub(crate) async fn tell_user(&self, user: &str, kind: MailKind) {
        if let Ok(user) = self.user(user).await
            && let Some(to) = user.email
        {
            self.ports.outbox.send(Mail { to, user: user.name, kind });
        }
    }
}

/// Runs of the slow function at the same time.
const SLOW_RUNS: usize = 2;
