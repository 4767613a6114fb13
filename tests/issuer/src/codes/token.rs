//! A token as the verification of codes needs it: read from its row, changed by a decision, written back.

use softtoken_core::otp::{Algorithm, Code, Digits, OcraSuite, Period, hotp, totp_step};
use softtoken_core::secret::SecretBytes;
use softtoken_core::time::UnixTime;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::audit::seconds;
use crate::error::{Error, Result};
use crate::secrets::{Purpose, Secrets};
use crate::store::Tx;
use crate::tokens::bury_former;

/// The token. No `Debug`: it holds seeds.
pub(crate) struct Token {
    pub(crate) id: String,
    pub(crate) user: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) current: Half,
    /// What a rekey or a reactivation has replaced, while it lives.
    pub(crate) former: Option<Half>,
    /// Drift after the last resynchronisation.
    pub(crate) reset_drift: i64,
    /// The next counter.
    pub(crate) counter: u64,
    pub(crate) failures: u64,
    pub(crate) locked_at: Option<i64>,
}

/// What codes depend on.
pub(crate) enum Kind {
    Totp,
    Hotp,
    Ocra(Box<OcraSuite>),
}

/// A seed with its profile and its clock.
pub(crate) struct Half {
    seed: SecretBytes,
    algorithm: Algorithm,
    digits: Digits,
    period: Period,
    /// Steps that the device is ahead.
    pub(crate) drift: i64,
    /// The latest step of which a code was accepted.
    pub(crate) last: Option<u64>,
}

impl Token {
    /// The token of this id when it is in this state.
    pub(crate) async fn find(
        tx: &mut Tx,
        secrets: &Secrets,
        now: UnixTime,
        id: &str,
        state: &str,
    ) -> Result<Option<Self>> {
        let query = sqlx::query(BY_ID).bind(id.to_owned()).bind(state.to_owned());
        query.fetch_optional(tx).await?.map(|row| Self::read(secrets, now, &row)).transpose()
    }

    /// The token of this serial number when it is in this state.
    pub(crate) async fn of_serial(
        tx: &mut Tx,
        secrets: &Secrets,
        now: UnixTime,
        serial: &str,
        state: &str,
    ) -> Result<Option<Self>> {
        let query = sqlx::query(BY_SERIAL).bind(serial.to_owned()).bind(state.to_owned());
        query.fetch_optional(tx).await?.map(|row| Self::read(secrets, now, &row)).transpose()
    }

    /// The active tokens of a user that make codes without a challenge, oldest first.
    pub(crate) async fn of_user(
        tx: &mut Tx,
        secrets: &Secrets,
        now: UnixTime,
        user: &str,
    ) -> Result<Vec<Self>> {
        let rows = sqlx::query(BY_USER).bind(user.to_owned()).fetch_all(tx).await?;
        rows.iter().map(|row| Self::read(secrets, now, row)).collect()
    }

    /// A token that does not exist, so that an unknown name takes the time of a known one.
    pub(crate) fn nobody() -> Self {
        Self {
            id: String::new(),
            user: None,
            kind: Kind::Totp,
            current: Half {
                seed: SecretBytes::new(vec![0; 32]),
                algorithm: Algorithm::Sha256,
                digits: Digits::EIGHT,
                period: Period::THIRTY,
                drift: 0,
                last: None,
            },
            former: None,
            reset_drift: 0,
            counter: 0,
            failures: 0,
            locked_at: None,
        }
    }

    /// Writes back what decisions change.
    pub(crate) async fn save(&self, tx: &mut Tx) -> Result<()> {
        sqlx::query(SAVE)
            .bind(self.current.drift)
            .bind(self.reset_drift)
            .bind(self.current.last.map(stored))
            .bind(stored(self.counter))
            .bind(stored(self.failures))
            .bind(self.locked_at)
            .bind(self.former.as_ref().map(|former| former.drift))
            .bind(self.former.as_ref().and_then(|former| former.last).map(stored))
            .bind(self.id.clone())
            .execute(tx)
            .await?;
        Ok(())
    }

    /// Takes away what was replaced: the new seed has proven itself.
    pub(crate) async fn forget_former(&mut self, tx: &mut Tx) -> Result<()> {
        if self.former.take().is_some() {
            bury_former(&mut *tx, &self.id).await?;
            sqlx::query(FORGET_FORMER).bind(self.id.clone()).execute(tx).await?;
        }
        Ok(())
    }

    fn read(secrets: &Secrets, now: UnixTime, row: &SqliteRow) -> Result<Self> {
        let id: String = row.try_get("id")?;
        let open = |sealed: Option<Vec<u8>>| -> Result<SecretBytes> {
            Ok(secrets.open(Purpose::Seed, id.as_bytes(), &sealed.ok_or(NO_SEED)?)?)
        };
        let kind = match row.try_get("kind")? {
            "TOTP" => Kind::Totp,
            "HOTP" => Kind::Hotp,
            "OCRA" => Kind::Ocra(Box::new(OcraSuite::parse(row.try_get("suite")?).map_err(|_| DAMAGED)?)),
            _ => return Err(DAMAGED),
        };
        let former_lives =
            row.try_get::<Option<i64>, _>("former_until")?.is_none_or(|until| until >= seconds(now));
        let former = match row.try_get("former_seed")? {
            Some(sealed) if former_lives => Some(Half {
                seed: open(Some(sealed))?,
                algorithm: algorithm(row.try_get("former_algorithm")?)?,
                digits: digits(row.try_get("former_digits")?)?,
                period: period(row.try_get("former_period")?)?,
                drift: row.try_get::<Option<i64>, _>("former_drift")?.unwrap_or(0),
                last: row.try_get::<Option<i64>, _>("former_last_step")?.map(number),
            }),
            _ => None,
        };
        Ok(Self {
            user: row.try_get("user_id")?,
            kind,
            current: Half {
                seed: open(row.try_get("seed")?)?,
                algorithm: algorithm(row.try_get("algorithm")?)?,
                digits: digits(row.try_get("digits")?)?,
                period: period(row.try_get("period")?)?,
                drift: row.try_get("drift")?,
                last: row.try_get::<Option<i64>, _>("last_step")?.map(number),
            },
            former,
            reset_drift: row.try_get("reset_drift")?,
            counter: number(row.try_get("counter")?),
            failures: number(row.try_get("failures")?),
            locked_at: row.try_get("locked_at")?,
            id,
        })
    }
}

impl Half {
    /// The code of a step or counter.
    pub(crate) fn code(&self, factor: u64) -> Result<Code> {
        Ok(hotp(self.seed.expose(), factor, self.algorithm, self.digits))
    }

    /// The seed, for a challenge.
    pub(crate) fn seed(&self) -> &[u8] {
        self.seed.expose()
    }

    /// First second of a step.
    pub(crate) fn start_of(&self, step: u64) -> UnixTime {
        UnixTime(step.saturating_mul(u64::from(self.period.seconds())))
    }

    /// The issuer's step.
    pub(crate) fn step(&self, now: UnixTime) -> u64 {
        totp_step(now, 0, self.period)
    }

    /// The step that the device should be at.
    pub(crate) fn expected(&self, now: UnixTime) -> u64 {
        self.step(now).saturating_add_signed(self.drift)
    }

    /// Steps of a day: no drift is larger.
    pub(crate) fn day(&self) -> u64 {
        DAY.checked_div(u64::from(self.period.seconds())).unwrap_or(0)
    }

    /// How many steps `at` is ahead of the issuer's, a day at most.
    pub(crate) fn ahead(&self, at: u64, now: UnixTime) -> i64 {
        let day = stored(self.day());
        stored(at).saturating_sub(stored(self.step(now))).clamp(day.saturating_neg(), day)
    }

    /// Seconds that the device is ahead.
    pub(crate) fn offset(&self) -> i64 {
        self.drift.saturating_mul(i64::from(self.period.seconds()))
    }
}

/// A number as the database keeps it.
pub(crate) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn number(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}

fn algorithm(name: &str) -> Result<Algorithm> {
    Algorithm::parse(name).map_err(|_| DAMAGED)
}

fn digits(digits: i64) -> Result<Digits> {
    u8::try_from(digits).ok().and_then(Digits::new).ok_or(DAMAGED)
}

/// Kinds that do not count time have 0; nothing reads theirs.
fn period(seconds: i64) -> Result<Period> {
    match u32::try_from(seconds).map_err(|_| DAMAGED)? {
        0 => Ok(Period::THIRTY),
        seconds => Period::new(seconds).ok_or(DAMAGED),
    }
}

macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT id, user_id, kind, suite, algorithm, digits, period, seed, drift, reset_drift, last_step, \
             counter, failures, locked_at, former_seed, former_algorithm, former_digits, former_period, \
             former_drift, former_last_step, former_until FROM tokens WHERE ",
            $which
        )
    };
}

const BY_ID: &str = select!("id = ? AND state = ?");
const BY_SERIAL: &str = select!("serial = ? AND state = ?");
const BY_USER: &str =
    select!("user_id = ? AND state = 'ACTIVE' AND kind IN ('TOTP', 'HOTP') ORDER BY created_at, id LIMIT 20");
const SAVE: &str = "UPDATE tokens SET drift = ?, reset_drift = ?, last_step = ?, counter = ?, failures = ?, \
                    locked_at = ?, former_drift = ?, former_last_step = ? WHERE id = ?";
const FORGET_FORMER: &str = "UPDATE tokens SET former_seed = NULL, former_recovery = NULL, \
                             former_algorithm = NULL, former_digits = NULL, former_period = NULL, \
                             former_drift = NULL, former_last_step = NULL, former_until = NULL, \
                             former_psk = NULL, former_generation = NULL WHERE id = ?";
const DAY: u64 = 86_400;
const DAMAGED: Error = Error::Internal("a token's row is damaged");
const NO_SEED: Error = Error::Internal("an active token has no seed");
