//! The seeds of a token as its row keeps them, with the rules of [`Generations`] (`core/PROTOCOL.md` 9.4).
//!
//! | Columns | One seed | Two seeds |
//! |---|---|---|
//! | `seed`, `recovery`, `psk`, … | it | the new one |
//! | `former_*` | empty | the older one; `former_until` is empty until the new one is known to be shown |
//!
//! Invariant: what dies here is written down by [`Seeds::save`], so a device that has it can be told.

use softtoken_core::activation::contact::{GRACE, Generations, Next, Removed, contact_psk};
use softtoken_core::activation::exchange::order::contact_id;
use softtoken_core::codec::decimal::SerialNumber;
use softtoken_core::time::UnixTime;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::dead::{DELETED, SUPERSEDED, bury, remove};
use super::states::Activated;
use crate::audit::seconds;
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::secrets::Purpose;
use crate::store::Tx;

/// A seed and what belongs to it; sealed as in the row.
pub(crate) struct Pair {
    seed: Vec<u8>,
    recovery: Option<Vec<u8>>,
    psk: Option<Vec<u8>>,
    algorithm: String,
    digits: i64,
    period: i64,
    /// Steps that the device is ahead.
    pub(crate) drift: i64,
    last_step: Option<i64>,
}

/// The seeds of one token, inside the writer.
pub(crate) struct Seeds {
    token: String,
    generations: Generations<Pair>,
    dead: Vec<(Pair, i64)>,
}

/// What a deletion has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// The token is to be deleted: [`Seeds::delete`].
    Token,
    /// The token lives on.
    OldSeed,
}

impl Pair {
    /// Seals what an activation or a rekey has ended with, for the row of its token.
    pub(crate) async fn seal(issuer: &Issuer, tx: &mut Tx, new: &Activated) -> Result<Self> {
        let serial: Option<String> = sqlx::query_scalar("SELECT serial FROM tokens WHERE id = ?")
            .bind(new.token.clone())
            .fetch_optional(&mut *tx)
            .await?;
        let serial = SerialNumber::parse(&serial.ok_or(Error::NotFound)?);
        let serial = serial.map_err(|_| Error::Internal("a soft token has no serial number"))?;
        let id = contact_id(&serial);
        sqlx::query("UPDATE tokens SET contact_id = ? WHERE id = ?")
            .bind(id.to_vec())
            .bind(new.token.clone())
            .execute(tx)
            .await?;
        let psk = contact_psk(new.seed.expose(), &serial);
        let seal = |purpose, row: &[u8], plain: &[u8]| {
            issuer.secrets.seal(purpose, row, plain, &issuer.ports.random)
        };
        Ok(Self {
            seed: seal(Purpose::Seed, new.token.as_bytes(), new.seed.expose())?,
            recovery: Some(seal(Purpose::Recovery, new.token.as_bytes(), new.recovery.expose())?),
            psk: Some(seal(Purpose::Psk, &id, psk.expose())?),
            algorithm: new.profile.algorithm.name().to_owned(),
            digits: i64::from(new.profile.digits.get()),
            period: i64::from(new.profile.period.get()),
            drift: new.drift,
            last_step: new.last_step,
        })
    }

    /// Seconds that the device is ahead.
    pub(crate) fn offset(&self) -> i64 {
        self.drift.saturating_mul(self.period)
    }

    fn of_row(row: &SqliteRow) -> Result<Self> {
        Ok(Self {
            seed: row.try_get("seed")?,
            recovery: row.try_get("recovery")?,
            psk: row.try_get("psk")?,
            algorithm: row.try_get("algorithm")?,
            digits: row.try_get("digits")?,
            period: row.try_get("period")?,
            drift: row.try_get("drift")?,
            last_step: row.try_get("last_step")?,
        })
    }

    fn former_of_row(row: &SqliteRow) -> Result<Option<Self>> {
        let Some(seed) = row.try_get("former_seed")? else { return Ok(None) };
        Ok(Some(Self {
            seed,
            recovery: row.try_get("former_recovery")?,
            psk: row.try_get("former_psk")?,
            algorithm: row.try_get("former_algorithm")?,
            digits: row.try_get("former_digits")?,
            period: row.try_get("former_period")?,
            drift: row.try_get::<Option<_>, _>("former_drift")?.unwrap_or(0),
            last_step: row.try_get("former_last_step")?,
        }))
    }
}

impl Seeds {
    /// Of a token that had none.
    pub(crate) fn first(token: &str, pair: Pair) -> Self {
        Self { token: token.to_owned(), generations: Generations::new(pair), dead: Vec::new() }
    }

    /// Those of a token; `None` when it was never active, or is gone.
    pub(crate) async fn load(tx: &mut Tx, now: UnixTime, token: &str) -> Result<Option<Self>> {
        let query =
            sqlx::query("SELECT * FROM tokens WHERE id = ? AND seed IS NOT NULL").bind(token.to_owned());
        let Some(row) = query.fetch_optional(tx).await? else { return Ok(None) };
        let (current, number) = (Pair::of_row(&row)?, unsigned(row.try_get("generation")?));
        let last = unsigned(row.try_get("last_generation")?);
        let mut generations = Generations::new(current);
        (generations.present.0, generations.last) = (number, last);
        if let Some(former) = Pair::former_of_row(&row)? {
            let keys = std::mem::replace(&mut generations.present.1, former);
            generations.present.0 =
                unsigned(row.try_get::<Option<i64>, _>("former_generation")?.unwrap_or(0));
            let until: Option<i64> = row.try_get("former_until")?;
            let shown_since = until.map(|until| UnixTime(unsigned(until).saturating_sub(LIFE)));
            generations.next = Some(Next { number, keys, shown_since });
        }
        let mut seeds = Self { token: token.to_owned(), generations, dead: Vec::new() };
        let dead = seeds.generations.pass(now);
        seeds.died(dead);
        Ok(Some(seeds))
    }

    /// Writes them back, and what has died since they were read.
    pub(crate) async fn save(self, tx: &mut Tx) -> Result<()> {
        let contact_id: Option<Vec<u8>> = sqlx::query_scalar("SELECT contact_id FROM tokens WHERE id = ?")
            .bind(self.token.clone())
            .fetch_one(&mut *tx)
            .await?;
        for (pair, outcome) in self.dead {
            if let (Some(contact_id), Some(psk)) = (&contact_id, pair.psk) {
                bury(&mut *tx, contact_id, psk, outcome).await?;
            }
        }
        let Generations { present, next, last } = self.generations;
        let (number, current, former, until) = match next {
            None => (present.0, present.1, None, None),
            Some(Next { number, keys, shown_since }) => {
                let until = shown_since.map(|since| seconds(since.plus(LIFE)));
                (number, keys, Some(present), until)
            }
        };
        let (former_number, former) = former.unzip();
        // The drift that the last resynchronisation has found goes over into steps of another length.
        let set = "UPDATE tokens SET reset_drift = CASE WHEN period > 0 THEN reset_drift * period / ? ELSE 0 END, \
                   seed = ?, recovery = ?, psk = ?, algorithm = ?, digits = ?, period = ?, drift = ?, \
                   last_step = ?, generation = ?, last_generation = ?, former_seed = ?, former_recovery = ?, \
                   former_psk = ?, former_algorithm = ?, former_digits = ?, former_period = ?, former_drift = ?, \
                   former_last_step = ?, former_generation = ?, former_until = ? WHERE id = ?";
        let former = former.as_ref();
        sqlx::query(set)
            .bind(current.period.max(1))
            .bind(current.seed)
            .bind(current.recovery)
            .bind(current.psk)
            .bind(current.algorithm)
            .bind(current.digits)
            .bind(current.period)
            .bind(current.drift)
            .bind(current.last_step)
            .bind(signed(number))
            .bind(signed(last))
            .bind(former.map(|pair| pair.seed.clone()))
            .bind(former.and_then(|pair| pair.recovery.clone()))
            .bind(former.and_then(|pair| pair.psk.clone()))
            .bind(former.map(|pair| pair.algorithm.clone()))
            .bind(former.map(|pair| pair.digits))
            .bind(former.map(|pair| pair.period))
            .bind(former.map(|pair| pair.drift))
            .bind(former.and_then(|pair| pair.last_step))
            .bind(former_number.map(signed))
            .bind(until)
            .bind(self.token)
            .execute(tx)
            .await?;
        Ok(())
    }

    /// Does a seed of this number live? Gives it.
    pub(crate) fn get(&self, number: u64) -> Option<&Pair> {
        self.generations.get(number)
    }

    /// There is one seed only.
    pub(crate) fn alone(&self) -> bool {
        self.generations.next.is_none()
    }

    /// A sealed request of a session of this seed has opened. False: the seed is dead.
    pub(crate) fn heard(&mut self, number: u64, now: UnixTime) -> bool {
        // A new seed that dies here was never shown: nobody will ask under it.
        self.generations.heard(number, now).0
    }

    /// The device of a session of this seed wants `pair`. Gives its number; `None` when it has to be declined.
    pub(crate) fn renew(&mut self, number: u64, pair: Pair) -> Option<u64> {
        let (number, dead) = self.generations.renew(number, pair)?;
        self.died(dead);
        Some(number)
    }

    /// Another activation has ended.
    pub(crate) fn reactivated(&mut self, pair: Pair, now: UnixTime) {
        let (_, dead) = self.generations.reactivated(pair, now);
        self.died(dead);
    }

    /// The device of a session of this seed, which lives, has deleted its identity.
    pub(crate) fn deleted(&mut self, number: u64) -> Deletion {
        match self.generations.remove(number) {
            Removed::Token => Deletion::Token,
            Removed::Old(pair) => {
                self.dead.push((pair, DELETED));
                Deletion::OldSeed
            }
            Removed::Nothing => Deletion::OldSeed,
        }
    }

    /// Takes the token away.
    pub(crate) async fn delete(self, tx: &mut Tx) -> Result<()> {
        let token = self.token.clone();
        self.save(&mut *tx).await?;
        remove(tx, &token).await.map(drop)
    }

    fn died(&mut self, dead: Option<Pair>) {
        self.dead.extend(dead.map(|pair| (pair, SUPERSEDED)));
    }
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// `former_until` is the last second of the older seed.
const LIFE: u64 = GRACE - 1;
