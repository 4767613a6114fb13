//! An issuer in a folder of its own, at a time of its own, with tokens put straight into its database.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use softtoken_core::otp::{Algorithm, Digits, hotp};
use softtoken_core::random::Random;
use softtoken_core::time::UnixTime;
use softtoken_issuer::clock::ManualClock;
use softtoken_issuer::mail::NoMail;
use softtoken_issuer::secrets::Purpose;
use softtoken_issuer::settings::Settings;
use softtoken_issuer::{Issuer, Ports};

/// 2027-01-15, in the middle of nothing; the first second of a step of thirty seconds.
pub const NOW: u64 = 1_800_000_000;
pub const STEP: u64 = NOW / 30;
pub const SEED: &[u8] = b"12345678901234567890";

pub struct World {
    pub folder: tempfile::TempDir,
    pub clock: Arc<ManualClock>,
    pub issuer: Arc<Issuer>,
}

/// A row of the table of tokens.
pub struct Row {
    pub user: Option<&'static str>,
    pub class: &'static str,
    pub state: &'static str,
    pub kind: &'static str,
    pub suite: Option<String>,
    pub algorithm: Algorithm,
    pub digits: u8,
    pub period: i64,
    pub seed: Vec<u8>,
    pub counter: i64,
}

impl World {
    pub async fn new() -> Self {
        Self::with("").await
    }

    /// With these lines of policy.
    pub async fn with(policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(UnixTime(NOW)));
        let issuer = open(folder.path(), &clock, policy).await;
        let world = Self { folder, clock, issuer };
        for user in ["ann", "ben"] {
            world.sql(&format!("INSERT INTO users (id, name, holder, created_at) VALUES ('{user}', '{user}', '{user}', 0)")).await;
        }
        world
    }

    /// The same database after a restart.
    pub async fn restarted(self) -> Self {
        self.issuer.store.close().await;
        let issuer = open(self.folder.path(), &self.clock, "").await;
        Self { issuer, ..self }
    }

    /// An active TOTP token of ann: SHA-1, 8 digits, 30 seconds.
    pub async fn totp(&self) -> String {
        self.add(Row::default()).await
    }

    pub async fn hotp(&self, counter: i64) -> String {
        self.add(Row { kind: "HOTP", period: 0, counter, ..Row::default() }).await
    }

    pub async fn add(&self, row: Row) -> String {
        let id = self.issuer.new_id().unwrap();
        let random = &self.issuer.ports.random;
        let sealed = self.issuer.secrets.seal(Purpose::Seed, id.as_bytes(), &row.seed, random).unwrap();
        let token = id.clone();
        let insert = "INSERT INTO tokens (id, user_id, serial, class, state, kind, suite, algorithm, digits, period, \
                      seed, counter, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)";
        self.issuer
            .store
            .write(move |tx| {
                Box::pin(async move {
                    sqlx::query(insert)
                        .bind(token.clone())
                        .bind(row.user)
                        .bind(token)
                        .bind(row.class)
                        .bind(row.state)
                        .bind(row.kind)
                        .bind(row.suite)
                        .bind(row.algorithm.name())
                        .bind(i64::from(row.digits))
                        .bind(row.period)
                        .bind(sealed)
                        .bind(row.counter)
                        .execute(tx)
                        .await?;
                    Ok(())
                })
            })
            .await
            .unwrap();
        id
    }

    /// Runs a statement of the test's own.
    pub async fn sql(&self, statement: &str) {
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        let done = self.issuer.store.write(move |tx| {
            Box::pin(async move {
                sqlx::raw_sql(statement).execute(tx).await?;
                Ok(())
            })
        });
        done.await.unwrap();
    }

    /// A number of a token.
    pub async fn number(&self, token: &str, column: &str) -> Option<i64> {
        let query = sqlx::AssertSqlSafe(format!("SELECT {column} FROM tokens WHERE id = ?"));
        sqlx::query_scalar(query).bind(token).fetch_one(self.issuer.store.read()).await.unwrap()
    }

    /// How often the log has an event.
    pub async fn events(&self, event: &str) -> i64 {
        let query = sqlx::query_scalar("SELECT count(*) FROM audit WHERE event = ?").bind(event);
        query.fetch_one(self.issuer.store.read()).await.unwrap()
    }

    /// `ok`, or the error's public code.
    pub async fn verify(&self, token: &str, code: &str) -> &'static str {
        word(self.issuer.verify_code("test", token, code).await)
    }
}

impl Default for Row {
    fn default() -> Self {
        Self {
            user: Some("ann"),
            class: "SOFT",
            state: "ACTIVE",
            kind: "TOTP",
            suite: None,
            algorithm: Algorithm::Sha1,
            digits: 8,
            period: 30,
            seed: SEED.to_vec(),
            counter: 0,
        }
    }
}

/// `ok`, or the error's public code.
pub fn word<T>(result: softtoken_issuer::Result<T>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "ok")
}

/// The code of a step or counter: SHA-1, 8 digits, the seed of all tokens here.
pub fn code(factor: u64) -> String {
    hotp(SEED, factor, Algorithm::Sha1, Digits::EIGHT).as_str().to_owned()
}

/// A code that no step near the present one has.
pub fn wrong() -> String {
    (0..)
        .map(|n| format!("{n:08}"))
        .find(|text| (STEP - 5000..STEP + 5000).all(|step| code(step) != *text))
        .unwrap()
}

pub fn vectors(file: &str) -> serde_json::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors").join(file);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

async fn open(folder: &Path, clock: &Arc<ManualClock>, policy: &str) -> Arc<Issuer> {
    static ISSUERS: AtomicU64 = AtomicU64::new(1);
    let settings = format!(
        "address = 'issuer.example'\nlisten = '127.0.0.1:0'\ndatabase = 'issuer.db'\nkeys = 'keys'\n[policy]\n{policy}"
    );
    let settings = Settings::from_toml(&settings, &PathBuf::from(folder)).unwrap();
    let random = Random::seeded(ISSUERS.fetch_add(1, Ordering::Relaxed));
    let ports = Ports { clock: Arc::clone(clock) as _, random, outbox: Arc::new(NoMail) };
    Issuer::open(settings, ports).await.unwrap()
}
