//! How a token changes its state: activation, and what administrators do.

use softtoken_core::activation::profile::Profile;
use softtoken_core::secret::Key;
use softtoken_core::time::UnixTime;
use sqlx::Row;

use super::TokenState;
use super::dead::remove;
use super::seeds::{Pair, Seeds};
use crate::audit::{self, Entry, seconds};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
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

/// Makes the token active with new secrets. Those of a token that has some live on beside them as long as
/// [`Seeds`] says.
pub(crate) async fn activate(issuer: &Issuer, tx: &mut Tx, now: UnixTime, new: Activated) -> Result<()> {
    let pair = Pair::seal(issuer, tx, &new).await?;
    let mut seeds = Seeds::load(&mut *tx, now, &new.token).await?;
    match &mut seeds {
        Some(seeds) => seeds.reactivated(pair, now),
        None => seeds = Some(Seeds::first(&new.token, pair)),
    }
    if let Some(seeds) = seeds {
        seeds.save(&mut *tx).await?;
    }
    let set = "UPDATE tokens SET state = ?, kind = 'TOTP', reset_drift = ?, failures = 0, locked_at = NULL, \
               device = ?, activated_at = ? WHERE id = ?";
    sqlx::query(set)
        .bind(TokenState::Active.word())
        .bind(new.drift)
        .bind(new.device.clone())
        .bind(seconds(now))
        .bind(new.token.clone())
        .execute(&mut *tx)
        .await?;
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

    /// Deletes a token with its orders; what is in the log stays, and its devices are told in their next contact.
    pub async fn delete_token(&self, actor: &str, token: &str) -> Result<()> {
        let (token, actor, now) = (token.to_owned(), actor.to_owned(), self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if !remove(&mut *tx, &token).await? {
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
