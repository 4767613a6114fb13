//! What a request of a contact does to the token, and what the device is told (`core/PROTOCOL.md` 9.3 and 9.4).

use softtoken_core::activation::contact::messages::{Answer, Ask};
use softtoken_core::activation::contact::{DELETED, Report, TokenState as Said};
use softtoken_core::activation::exchange::Refused;
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::secrets::Purpose;
use crate::store::Tx;
use crate::tokens::{Activated, Deletion, Pair, Seeds, TokenState};

/// The session that asks. No `Debug`.
pub(super) struct Session {
    id: Vec<u8>,
    token: String,
    generation: u64,
    renewed: bool,
    seed: Option<Vec<u8>>,
    recovery: Option<Vec<u8>>,
    device: String,
}

/// How the token stands, beside its seeds.
struct Standing {
    state: Said,
    rekey_up_to: Option<i64>,
}

impl Session {
    /// From a row with all columns of `contacts`.
    pub(super) fn of_row(row: &SqliteRow) -> Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            token: row.try_get("token_id")?,
            generation: u64::try_from(row.try_get::<i64, _>("generation")?).unwrap_or(0),
            renewed: row.try_get::<i64, _>("renewed")? != 0,
            seed: row.try_get("seed")?,
            recovery: row.try_get("recovery")?,
            device: row.try_get("device")?,
        })
    }
}

impl Issuer {
    /// Inside the writer: judges a request that comes for the first time, and writes down what follows.
    pub(super) async fn decide_contact(
        &self,
        tx: &mut Tx,
        now: UnixTime,
        session: &Session,
        ask: Ask,
    ) -> Result<Answer> {
        let Some(mut seeds) = Seeds::load(&mut *tx, now, &session.token).await? else {
            return Ok(Answer::Refused(DELETED));
        };
        if !seeds.heard(session.generation, now) {
            seeds.save(tx).await?;
            return Ok(Answer::Refused(Refused::Superseded));
        }
        let standing = standing(&mut *tx, session).await?;
        match ask {
            Ask::Refresh => {
                let report = self.contact_report(now, &seeds, session.generation, &standing);
                seeds.save(tx).await?;
                Ok(Answer::Report(report))
            }
            Ask::Rekey => self.rekey(tx, now, session, seeds, &standing).await,
            Ask::Delete => {
                let event = match seeds.deleted(session.generation) {
                    Deletion::Token => {
                        seeds.delete(&mut *tx).await?;
                        "token.deleted"
                    }
                    Deletion::OldSeed => {
                        seeds.save(&mut *tx).await?;
                        "token.former_deleted"
                    }
                };
                log(tx, now, event, session).await?;
                Ok(Answer::Refused(DELETED))
            }
        }
    }

    async fn rekey(
        &self,
        tx: &mut Tx,
        now: UnixTime,
        session: &Session,
        mut seeds: Seeds,
        standing: &Standing,
    ) -> Result<Answer> {
        let profile = self.policy().profile()?;
        let number = match self.new_pair(&mut *tx, session, &seeds).await? {
            Some(pair) if !session.renewed && standing.state == Said::Active => {
                seeds.renew(session.generation, pair)
            }
            _ => None,
        };
        let Some(number) = number else {
            seeds.save(tx).await?;
            return Ok(Answer::Refused(Refused::Declined));
        };
        let report = self.contact_report(now, &seeds, number, standing);
        seeds.save(&mut *tx).await?;
        sqlx::query(
            "UPDATE contacts SET generation = ?, renewed = 1, seed = NULL, recovery = NULL WHERE id = ?",
        )
        .bind(i64::try_from(number).unwrap_or(i64::MAX))
        .bind(session.id.clone())
        .execute(&mut *tx)
        .await?;
        log(tx, now, "token.rekeyed", session).await?;
        Ok(Answer::Renewed(profile, report))
    }

    /// What the session's own keys make of the token; `None` when they were taken.
    async fn new_pair(&self, tx: &mut Tx, session: &Session, seeds: &Seeds) -> Result<Option<Pair>> {
        let (Some(seed), Some(recovery)) = (&session.seed, &session.recovery) else { return Ok(None) };
        let open = |purpose, sealed: &[u8]| -> Result<Key<32>> {
            Ok(self.secrets.open_key(purpose, &session.id, sealed)?)
        };
        let profile = self.policy().profile()?;
        // The device's clock is what it was.
        let offset = seeds.get(session.generation).map_or(0, Pair::offset);
        let new = Activated {
            token: session.token.clone(),
            seed: open(Purpose::Seed, seed)?,
            recovery: open(Purpose::Recovery, recovery)?,
            profile,
            device: None,
            drift: offset.checked_div(i64::from(profile.period.get())).unwrap_or(0),
            last_step: None,
        };
        Pair::seal(self, tx, &new).await.map(Some)
    }

    fn contact_report(&self, now: UnixTime, seeds: &Seeds, number: u64, standing: &Standing) -> Report {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        Report {
            state: standing.state,
            policy: self.policy().for_devices(),
            time: now,
            rekey_wanted: standing.rekey_up_to >= Some(number),
            alone: seeds.alone(),
        }
    }

    /// Wishes that the device of a token asks for another seed, the next time that it is in contact. The wish stays
    /// until the device shows codes of another one. [`Error::WrongState`] for a token that no device was given,
    /// hardware included.
    pub async fn want_rekey(&self, actor: &str, token: &str) -> Result<()> {
        let (token, actor, now) = (token.to_owned(), actor.to_owned(), self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let wish = "UPDATE tokens SET rekey_up_to = last_generation \
                                WHERE id = ? AND class = 'SOFT' AND seed IS NOT NULL";
                    let done = sqlx::query(wish).bind(token.clone()).execute(&mut *tx).await?;
                    if done.rows_affected() == 0 {
                        let there: bool =
                            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM tokens WHERE id = ?)")
                                .bind(token)
                                .fetch_one(tx)
                                .await?;
                        return Err(if there { Error::WrongState } else { Error::NotFound });
                    }
                    let event = "token.rekey_wanted";
                    let entry = Entry { event, actor: &actor, token: Some(&token), ..Entry::default() };
                    audit::write(tx, now, entry).await
                })
            })
            .await
    }
}

/// Reads how the token stands, and takes over what its device calls itself now.
async fn standing(tx: &mut Tx, session: &Session) -> Result<Standing> {
    let query = "UPDATE tokens SET device = ? WHERE id = ? RETURNING state, rekey_up_to";
    let row =
        sqlx::query(query).bind(session.device.clone()).bind(session.token.clone()).fetch_one(tx).await?;
    let state = match TokenState::read(row.try_get("state")?)? {
        TokenState::Active => Said::Active,
        _ => Said::Disabled,
    };
    Ok(Standing { state, rekey_up_to: row.try_get("rekey_up_to")? })
}

async fn log(tx: &mut Tx, now: UnixTime, event: &'static str, session: &Session) -> Result<()> {
    let detail = Some(&*session.device).filter(|device| !device.is_empty());
    let entry = Entry { event, actor: "device", user: None, token: Some(&session.token), detail };
    audit::write(tx, now, entry).await
}
