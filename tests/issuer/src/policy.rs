//! The rules for tokens as they are in force: those of the settings file, and over them what was set in the portal.
//!
//! | Where | What |
//! |---|---|
//! | settings file, `[policy]` | [`Settings::policy`](crate::settings::Settings), read once |
//! | table `policy` | what an administrator has set; it wins |
//! | [`Issuer::policy`] | the two together, for every decision |
//!
//! Invariant: whatever is in force has passed [`TokenPolicy::check`], wherever it came from.

use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Map, Value};
use sqlx::Row;
use tokio::sync::Mutex;

use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::settings::{Certificates, Settings, TokenPolicy, Verification};
use crate::store::{Store, Tx};

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// A whole number, both ends included.
    Number(u64, u64),
    /// One of these words.
    Words(&'static [&'static str]),
    /// Any of these words, each once; also none.
    Several(&'static [&'static str]),
    /// Yes or no.
    Switch,
}

/// What is in force, and the turn of those who change it.
pub(crate) struct InForce {
    policy: RwLock<Arc<TokenPolicy>>,
    turn: Mutex<()>,
}

impl Range {
    /// Whether `value` is within.
    pub fn has(self, value: &Value) -> bool {
        match self {
            Self::Number(least, most) => {
                value.as_u64().is_some_and(|number| (least..=most).contains(&number))
            }
            Self::Words(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Self::Several(words) => value.as_array().is_some_and(|several| {
                let once = |at: usize, word| !several.iter().take(at).any(|before| before == word);
                let known = |word: &Value| word.as_str().is_some_and(|word| words.contains(&word));
                several.iter().enumerate().all(|(at, word)| known(word) && once(at, word))
            }),
            Self::Switch => value.is_boolean(),
        }
    }

    /// Reads what somebody has typed.
    pub fn read(self, typed: &str) -> Option<Value> {
        let typed = typed.trim();
        let value = match self {
            Self::Number(..) => Value::from(typed.parse::<u64>().ok()?),
            Self::Words(_) => Value::from(typed),
            Self::Several(words) => {
                let mut several: Vec<&str> = typed.split_whitespace().collect();
                several.sort_by_key(|word| words.iter().position(|known| known == word));
                Value::from(several)
            }
            Self::Switch => Value::from(typed.parse::<bool>().ok()?),
        };
        self.has(&value).then_some(value)
    }

    fn words(self) -> String {
        match self {
            Self::Number(least, most) => format!("{least} to {most}"),
            Self::Words(words) => words.join(", "),
            Self::Several(words) => format!("any of {}", words.join(", ")),
            Self::Switch => "true or false".to_owned(),
        }
    }
}

impl TokenPolicy {
    /// Every setting with what it may be, in the order of the portal's form.
    pub const SETTINGS: [(&str, Range); 20] = [
        ("activationLifetime", Range::Number(1, 31_536_000)),
        ("offlineAllowed", Range::Switch),
        ("confirmInPortal", Range::Switch),
        ("verifications", Range::Several(&["certificate", "face"])),
        ("otpLength", Range::Number(6, 10)),
        ("otpAlgorithm", Range::Words(&["SHA1", "SHA256", "SHA512"])),
        ("otpPeriod", Range::Number(1, 65_535)),
        ("otpWindow", Range::Number(0, 2_880)),
        ("maxTimeSteps", Range::Number(0, 2_880)),
        ("maxResetTimeSteps", Range::Number(0, 2_880)),
        ("hotpLookAhead", Range::Number(0, 2_880)),
        ("maxResetCounters", Range::Number(0, 2_880)),
        ("maxFailures", Range::Number(1, 1_000_000)),
        ("maxResetsPerHour", Range::Number(0, 1_000_000)),
        ("maxUnlocksPerHour", Range::Number(0, 1_000_000)),
        ("pinLength", Range::Number(4, 12)),
        ("forbidBiometric", Range::Switch),
        ("forbidBackup", Range::Switch),
        ("verifyUser", Range::Switch),
        ("allowUnsecureDevice", Range::Switch),
    ];

    /// Refuses what no issuer can work with, and names it.
    pub fn check(&self) -> Result<()> {
        let values = self.values()?;
        for (name, range) in Self::SETTINGS {
            if !values.get(name).is_some_and(|value| range.has(value)) {
                return Err(Error::Settings(format!("{name} must be {}", range.words())));
            }
        }
        self.profile().map(drop)
    }

    /// All values by the names of the public interface.
    pub fn values(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self) {
            Ok(Value::Object(values)) => Ok(values),
            _ => Err(Error::Internal("a policy is no object")),
        }
    }

    /// Refuses verifications that need what the settings file does not have.
    pub(crate) fn check_verifications(&self, certificates: Option<&Certificates>) -> Result<()> {
        if certificates.is_none() && self.verifications.contains(&Verification::Certificate) {
            let why = "verifications names certificate, and there is no [certificates]";
            return Err(Error::Settings(why.into()));
        }
        Ok(())
    }

    /// This one with other values over it.
    fn with(&self, set: &[(String, Value)]) -> Result<Self> {
        let mut values = self.values()?;
        values.extend(set.iter().cloned());
        let policy: Self = serde_json::from_value(Value::Object(values))
            .map_err(|_| Error::Settings("a rule that was set in the portal is not understood".into()))?;
        policy.check()?;
        Ok(policy)
    }
}

impl InForce {
    /// Reads what was set in the portal.
    pub(crate) async fn load(store: &Store, settings: &Settings) -> Result<Self> {
        let rows = sqlx::query(SELECT).fetch_all(store.read()).await?;
        let policy = settings.policy.with(&read(&rows)?)?;
        policy.check_verifications(settings.certificates.as_ref())?;
        Ok(Self { policy: RwLock::new(Arc::new(policy)), turn: Mutex::new(()) })
    }

    fn get(&self) -> Arc<TokenPolicy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, policy: TokenPolicy) {
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
    }
}

impl Issuer {
    /// The rules in force.
    pub fn policy(&self) -> Arc<TokenPolicy> {
        self.in_force.get()
    }

    /// What was set in the portal, by the names of the public interface.
    pub async fn policy_set_here(&self) -> Result<Vec<(String, Value)>> {
        read(&sqlx::query(SELECT).fetch_all(self.store.read()).await?)
    }

    /// Sets rules over those of the file; `None` goes back to the file's. What does not change anything writes
    /// nothing. [`Error::BadValue`] for a value out of its range, or one that nobody here can keep, which changes
    /// nothing at all.
    pub async fn set_policy(&self, actor: &str, changes: Vec<(&'static str, Option<Value>)>) -> Result<()> {
        let wrong = Error::BadValue("The setting");
        for (name, value) in &changes {
            let range = TokenPolicy::SETTINGS.iter().find(|(known, _)| known == name);
            let fits = |(_, range): &(_, Range)| value.as_ref().is_none_or(|value| range.has(value));
            if !range.is_some_and(fits) {
                return Err(wrong);
            }
        }
        let wished: Vec<_> =
            changes.iter().filter_map(|(name, new)| Some(((*name).to_owned(), new.clone()?))).collect();
        let wished = self.settings.policy.with(&wished)?;
        if wished.check_verifications(self.settings.certificates.as_ref()).is_err() {
            return Err(wrong);
        }
        // Whoever commits later also replaces later.
        let _turn = self.in_force.turn.lock().await;
        let (file, actor, now) = (self.settings.policy.clone(), actor.to_owned(), self.now());
        let policy = self.store.write(move |tx| {
            Box::pin(async move {
                let before = in_force(tx, &file).await?.values()?;
                for (name, value) in changes {
                    let is_reset = value.is_none();
                    let file_value = || Ok::<_, Error>(file.values()?.remove(name).unwrap_or(Value::Null));
                    let old = before.get(name).cloned().unwrap_or(Value::Null);
                    let new = value.map_or_else(file_value, Ok)?;
                    if !store(tx, name, (!is_reset).then_some(&new), old == new).await? {
                        continue;
                    }
                    let from_file = if is_reset { ", as in the file" } else { "" };
                    let detail = format!("{name}: {old} → {new}{from_file}");
                    let (event, actor, detail) = ("policy.changed", &*actor, Some(&*detail));
                    audit::write(tx, now, Entry { event, actor, detail, ..Entry::default() }).await?;
                }
                in_force(tx, &file).await
            })
        });
        self.in_force.replace(policy.await?);
        Ok(())
    }
}

/// Writes or takes away one row; false when that is no change.
async fn store(tx: &mut Tx, name: &'static str, value: Option<&Value>, same: bool) -> Result<bool> {
    let done = match value {
        Some(_) if same => return Ok(false),
        Some(value) => {
            let insert = "INSERT INTO policy (name, value) VALUES (?, ?) \
                          ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            sqlx::query(insert).bind(name).bind(value.to_string()).execute(tx).await?
        }
        None => sqlx::query("DELETE FROM policy WHERE name = ?").bind(name).execute(tx).await?,
    };
    Ok(done.rows_affected() > 0)
}

async fn in_force(tx: &mut Tx, file: &TokenPolicy) -> Result<TokenPolicy> {
    file.with(&read(&sqlx::query(SELECT).fetch_all(tx).await?)?)
}

fn read(rows: &[sqlx::sqlite::SqliteRow]) -> Result<Vec<(String, Value)>> {
    let damaged = |_| Error::Settings("a rule that was set in the portal is not understood".into());
    rows.iter()
        .map(|row| Ok((row.try_get("name")?, serde_json::from_str(row.try_get("value")?).map_err(damaged)?)))
        .collect()
}

const SELECT: &str = "SELECT name, value FROM policy ORDER BY name";
