//! Who has which token.

use std::sync::Arc;

use softtoken_core::time::UnixTime;

use crate::audit::{self, Entry, seconds};
use crate::codes::{self, Found, Kind, Token, Window, one, typed};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::store::Tx;

impl Issuer {
    /// Gives a signed-in user the token with this serial number that shows this code. Answers its id.
    ///
    /// The code is searched `maxResetTimeSteps` before and after, or `maxResetCounters` from the next one on;
    /// tokens that only answer challenges are assigned by an administrator.
    /// [`Error::SerialNumber`] for one that is unknown or that somebody has, [`Error::InvalidResponse`] for a wrong
    /// code or a token without tries, [`Error::TooManyTries`] for a user without tries.
    pub async fn assign_to_self(self: &Arc<Self>, user: &str, serial: &str, code: &str) -> Result<String> {
        let (issuer, now) = (Arc::clone(self), self.now());
        let (user, serial, code) = (user.to_owned(), serial.trim().to_owned(), typed(code));
        let decision = self.store.write(move |tx| {
            Box::pin(async move { issuer.take_hardware(tx, &user, &serial, &code, now).await })
        });
        decision.await?
    }

    /// Gives a user a token that nobody has, without a code.
    pub async fn assign_hardware(self: &Arc<Self>, actor: &str, token: &str, user: &str) -> Result<()> {
        let (issuer, now) = (Arc::clone(self), self.now());
        let (actor, id, user) = (actor.to_owned(), token.to_owned(), user.to_owned());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    must_exist(tx, &user).await?;
                    let token = Token::find(tx, &issuer.secrets, now, &id, "UNASSIGNED").await?;
                    let token = token.ok_or(Error::NotFound)?;
                    give(tx, &actor, &token, &user, now).await
                })
            })
            .await
    }

    /// Takes a hardware token from its holder; what was used stays used.
    pub async fn unassign_hardware(self: &Arc<Self>, actor: &str, token: &str) -> Result<()> {
        let (now, actor, id) = (self.now(), actor.to_owned(), token.to_owned());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let done = sqlx::query(UNASSIGN).bind(id.clone()).execute(&mut *tx).await?;
                    if done.rows_affected() != 1 {
                        return Err(Error::NotFound);
                    }
                    let event = "hardware.unassigned";
                    let entry = Entry { event, actor: &actor, token: Some(&id), ..Entry::default() };
                    audit::write(tx, now, entry).await
                })
            })
            .await
    }

    async fn take_hardware(
        &self,
        tx: &mut Tx,
        user: &str,
        serial: &str,
        code: &str,
        now: UnixTime,
    ) -> Result<Result<String>> {
        must_exist(tx, user).await?;
        let limit = self.policy().max_resets_per_hour;
        if !codes::take(tx, now, &format!("assign {user}"), limit).await? {
            return Ok(Err(Error::TooManyTries));
        }
        let Some(mut token) = Token::of_serial(tx, &self.secrets, now, serial, "UNASSIGNED").await? else {
            // As much work as for a token that is there.
            self.shown(&Token::nobody(), code, now)?;
            refuse(tx, user, None, now).await?;
            return Ok(Err(Error::SerialNumber));
        };
        let may = codes::take(tx, now, &codes::subject(&token.id), limit).await?;
        match self.shown(&token, code, now)? {
            Found::At(at) if may => {
                codes::learn(&mut token, at, now);
                token.save(tx).await?;
                give(tx, user, &token, user, now).await?;
                Ok(Ok(token.id))
            }
            _ => {
                refuse(tx, user, Some(&token.id), now).await?;
                Ok(Err(Error::InvalidResponse))
            }
        }
    }

    /// Where the code of a token lies that nobody has used yet.
    fn shown(&self, token: &Token, code: &str, now: UnixTime) -> Result<Found> {
        let (half, policy) = (&token.current, &self.policy());
        match token.kind {
            Kind::Totp => {
                let window = Window::around(half.expected(now), policy.max_reset_time_steps);
                one(window, half.last, code, |step| half.code(step))
            }
            Kind::Hotp => {
                let window = Window::ahead(token.counter, policy.max_reset_counters);
                one(window, None, code, |counter| half.code(counter))
            }
            Kind::Ocra(_) => Ok(Found::Nothing),
        }
    }
}

async fn must_exist(tx: &mut Tx, user: &str) -> Result<()> {
    let found: Option<String> = sqlx::query_scalar("SELECT id FROM users WHERE id = ?")
        .bind(user.to_owned())
        .fetch_optional(tx)
        .await?;
    found.map(drop).ok_or(Error::NotFound)
}

async fn give(tx: &mut Tx, actor: &str, token: &Token, user: &str, now: UnixTime) -> Result<()> {
    let give = sqlx::query(GIVE).bind(user.to_owned()).bind(seconds(now)).bind(token.id.clone());
    give.execute(&mut *tx).await?;
    let event = "hardware.assigned";
    let entry = Entry { event, actor, user: Some(user), token: Some(&token.id), detail: None };
    audit::write(tx, now, entry).await
}

async fn refuse(tx: &mut Tx, user: &str, token: Option<&str>, now: UnixTime) -> Result<()> {
    let event = "hardware.assignment_refused";
    audit::write(tx, now, Entry { event, actor: user, user: Some(user), token, detail: None }).await
}

const GIVE: &str = "UPDATE tokens SET user_id = ?, state = 'ACTIVE', failures = 0, locked_at = NULL, \
                    activated_at = ? WHERE id = ? AND state = 'UNASSIGNED'";
const UNASSIGN: &str = "UPDATE tokens SET user_id = NULL, state = 'UNASSIGNED', failures = 0, locked_at = NULL, \
                        activated_at = NULL WHERE id = ? AND class = 'HARDWARE' AND state <> 'UNASSIGNED'";
