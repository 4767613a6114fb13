//! How a token changes its state: activation, and what administrators do.

use softtoken_core::activation::profile::Profile;
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;
use sqlx::Row;

use super::TokenState;
use crate::audit::{self, Entry, seconds};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::secrets::Purpose;
use crate::store::Tx;

/// What an activation ends with. No `Debug`: secrets.
pub(crate) struct Activated {
    pub(crate) token: String,
    pub(crate) seed: Key<32>,
    pub(crate) recovery: Key<32>,
    pub(crate) profile: Profile,
    pub(crate) device: Option<String>,
    /// Steps that the device is ahead.
    pub(crate) drift: i64,
    /// No code of it or an earlier step is accepted.
    pub(crate) last_step: Option<i64>,
}

/// Makes the token active with new secrets. Those of an active token go on as the former ones until the
/// first accepted new code, a day at most.
pub(crate) async fn activate(issuer: &Issuer, tx: &mut Tx, now: UnixTime, new: Activated) -> Result<()> {
    let random = &issuer.ports.random;
    let row = new.token.as_bytes();
    let seed = issuer.secrets.seal(Purpose::Seed, row, new.seed.expose(), random)?;
    let recovery = issuer.secrets.seal(Purpose::Recovery, row, new.recovery.expose(), random)?;
    let keep = "UPDATE tokens SET former_seed = seed, former_recovery = recovery, former_algorithm = algorithm, \
                former_digits = digits, former_period = period, former_drift = drift, \
                former_last_step = last_step, former_until = ? WHERE id = ? AND seed IS NOT NULL";
    sqlx::query(keep).bind(seconds(now.plus(FORMER_LIFE))).bind(new.token.clone()).execute(&mut *tx).await?;
    let set = "UPDATE tokens SET state = ?, kind = 'TOTP', seed = ?, recovery = ?, algorithm = ?, digits = ?, \
               period = ?, drift = ?, reset_drift = ?, last_step = ?, failures = 0, locked_at = NULL, \
               device = ?, activated_at = ? WHERE id = ?";
    let done = sqlx::query(set)
        .bind(TokenState::Active.word())
        .bind(seed)
        .bind(recovery)
        .bind(new.profile.algorithm.name())
        .bind(i64::from(new.profile.digits.get()))
        .bind(i64::from(new.profile.period.get()))
        .bind(new.drift)
        .bind(new.drift)
        .bind(new.last_step)
        .bind(new.device.clone())
        .bind(seconds(now))
        .bind(new.token.clone())
        .execute(&mut *tx)
        .await?;
    if done.rows_affected() != 1 {
        return Err(Error::NotFound);
    }
    let (actor, detail) = ("device", new.device.as_deref());
    let entry = Entry { event: "token.activated", actor, user: None, token: Some(&new.token), detail };
    audit::write(tx, now, entry).await
}

impl Issuer {
    /// A disabled token's codes are accepted again.
    pub async fn enable(&self, actor: &str, token: &str) -> Result<()> {
        self.change(actor, token, "token.enabled", |state, has_seed| match state {
            TokenState::Inactive if has_seed => Ok(Some(TokenState::Active)),
            TokenState::Inactive => Ok(Some(TokenState::New)),
            TokenState::Active => Ok(None),
            _ => Err(Error::WrongState),
        })
        .await
    }

    /// A token's codes are refused, and its open order is void.
    pub async fn disable(&self, actor: &str, token: &str) -> Result<()> {
        self.change(actor, token, "token.disabled", |state, _| match state {
            TokenState::Inactive => Ok(None),
            TokenState::Unassigned => Err(Error::WrongState),
            _ => Ok(Some(TokenState::Inactive)),
        })
        .await
    }

    /// Deletes a token with its orders; what is in the log stays.
    pub async fn delete_token(&self, actor: &str, token: &str) -> Result<()> {
        let (token, actor, now) = (token.to_owned(), actor.to_owned(), self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let delete = sqlx::query("DELETE FROM tokens WHERE id = ?").bind(token.clone());
                    if delete.execute(&mut *tx).await?.rows_affected() == 0 {
                        return Err(Error::NotFound);
                    }
                    let event = "token.deleted";
                    let entry = Entry { event, actor: &actor, token: Some(&token), ..Entry::default() };
                    audit::write(tx, now, entry).await
                })
            })
            .await
    }

    /// `next` gives the state to go to, from the state and whether there is a seed; `None` changes nothing.
    async fn change(
        &self,
        actor: &str,
        token: &str,
        event: &'static str,
        next: fn(TokenState, bool) -> Result<Option<TokenState>>,
    ) -> Result<()> {
        let (token, actor, now) = (token.to_owned(), actor.to_owned(), self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let row =
                        sqlx::query("SELECT state, seed IS NOT NULL AS has_seed FROM tokens WHERE id = ?")
                            .bind(token.clone())
                            .fetch_optional(&mut *tx)
                            .await?
                            .ok_or(Error::NotFound)?;
                    let state = TokenState::read(row.try_get("state")?)?;
                    let Some(state) = next(state, row.try_get("has_seed")?)? else { return Ok(()) };
                    sqlx::query("UPDATE tokens SET state = ? WHERE id = ?")
                        .bind(state.word())
                        .bind(token.clone())
                        .execute(&mut *tx)
                        .await?;
                    if state == TokenState::Inactive {
                        let void = "UPDATE orders SET state = 'VOID' WHERE token_id = ? \
                                    AND state IN ('OPEN', 'CLAIMED', 'AWAITED', 'DERIVED')";
                        sqlx::query(void).bind(token.clone()).execute(&mut *tx).await?;
                    }
                    let entry = Entry { event, actor: &actor, token: Some(&token), ..Entry::default() };
                    audit::write(tx, now, entry).await
                })
            })
            .await
    }
}

/// Seconds that replaced secrets still work.
const FORMER_LIFE: u64 = 86_400;
