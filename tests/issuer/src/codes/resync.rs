//! Resynchronisation (`core/PROTOCOL.md` section 11): one code, two consecutive codes, or blank.
//!
//! A match stores drift and step (or counter), clears failures and lock, and signs nobody in. Whatever is
//! wrong, the answer is "Invalid Response.": a code, the token, its state, a used step, the sixth try.

use std::ops::RangeInclusive;
use std::sync::Arc;

use softtoken_core::time::UnixTime;

use super::search::{self, FARTHEST, Found, Window};
use super::token::{Half, Kind, Token};
use super::{tries, typed};
use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::store::Tx;

/// What was learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resynced {
    /// Seconds that the device is ahead of the issuer; 0 for tokens that do not go by time.
    pub offset: i64,
}

impl Issuer {
    /// Resynchronises by one code, for a user who has signed in: `maxResetTimeSteps` before and after the
    /// expected step. Tokens that do not go by time cannot be resynchronised so.
    pub async fn resync_by_code(self: &Arc<Self>, actor: &str, token: &str, code: &str) -> Result<Resynced> {
        let code = typed(code);
        self.resync(actor, token, move |half, token, issuer, now| match token.kind {
            Kind::Totp => {
                let policy = &issuer.policy();
                let window = Window::around(half.expected(now), policy.max_reset_time_steps);
                search::one(window.within(&a_day_around(half, now)), half.last, &code, |step| half.code(step))
            }
            Kind::Hotp | Kind::Ocra(_) => Ok(Found::Nothing),
        })
        .await
    }

    /// Resynchronises by two codes that follow one another, for anyone who names the token: 2,880 steps and
    /// at most a day before and after the issuer's own step, or `maxResetCounters` from the next one on.
    pub async fn resync_by_two_codes(
        self: &Arc<Self>,
        actor: &str,
        token: &str,
        codes: [&str; 2],
    ) -> Result<Resynced> {
        let codes = codes.map(typed);
        self.resync(actor, token, move |half, token, issuer, now| {
            let codes = [codes[0].as_str(), codes[1].as_str()];
            match token.kind {
                Kind::Totp => {
                    let window = Window::around(half.step(now), FARTHEST).within(&a_day_around(half, now));
                    search::two(window, half.last, codes, |step| half.code(step))
                }
                Kind::Hotp => {
                    let window = Window::ahead(token.counter, issuer.policy().max_reset_counters);
                    search::two(window, None, codes, |counter| half.code(counter))
                }
                Kind::Ocra(_) => Ok(Found::Nothing),
            }
        })
        .await
    }

    /// Resets a token without a code, for administrators: no drift, no failures, no lock, five new tries.
    /// Used steps and counters stay used.
    pub async fn reset_blank(self: &Arc<Self>, actor: &str, token: &str) -> Result<()> {
        let (issuer, now) = (Arc::clone(self), self.now());
        let (actor, id) = (actor.to_owned(), token.to_owned());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let token = Token::find(tx, &issuer.secrets, now, &id, "ACTIVE").await?;
                    let mut token = token.ok_or(Error::NotFound)?;
                    (token.current.drift, token.reset_drift) = (0, 0);
                    (token.failures, token.locked_at) = (0, None);
                    token.save(tx).await?;
                    tries::forgive(tx, &subject(&token.id)).await?;
                    write(tx, now, "code.reset", &actor, &token, None).await
                })
            })
            .await
    }

    /// One try: `search` looks through one half of the token, the present one first.
    async fn resync<S>(self: &Arc<Self>, actor: &str, token: &str, search: S) -> Result<Resynced>
    where
        S: Fn(&Half, &Token, &Self, UnixTime) -> Result<Found> + Send + 'static,
    {
        let (issuer, now) = (Arc::clone(self), self.now());
        let (actor, id) = (actor.to_owned(), token.to_owned());
        let resynced = self.store.write(move |tx| {
            Box::pin(async move {
                let Some(mut token) = Token::find(tx, &issuer.secrets, now, &id, "ACTIVE").await? else {
                    let nobody = Token::nobody();
                    search(&nobody.current, &nobody, &issuer, now)?;
                    return Ok(None);
                };
                if !issuer.may_try(tx, &actor, &token, now).await? {
                    return Ok(None);
                }
                let current = search(&token.current, &token, &issuer, now)?;
                let former =
                    token.former.as_ref().map(|half| search(half, &token, &issuer, now)).transpose()?;
                settle(tx, &actor, &mut token, now, current, former).await
            })
        });
        resynced.await?.ok_or(Error::InvalidResponse)
    }

    /// Takes one of the token's tries.
    pub(super) async fn may_try(
        &self,
        tx: &mut Tx,
        actor: &str,
        token: &Token,
        now: UnixTime,
    ) -> Result<bool> {
        let limit = self.policy().max_resets_per_hour;
        let may = tries::take(tx, now, &subject(&token.id), limit).await?;
        if !may {
            write(tx, now, "code.resync_refused", actor, token, None).await?;
        }
        Ok(may)
    }
}

/// Stores what a search has found; `None` when that is nothing.
pub(super) async fn settle(
    tx: &mut Tx,
    actor: &str,
    token: &mut Token,
    now: UnixTime,
    current: Found,
    former: Option<Found>,
) -> Result<Option<Resynced>> {
    let offset = match (current, former) {
        (Found::At(at), _) => {
            learn(token, at, now);
            token.forget_former(tx).await?;
            if matches!(token.kind, Kind::Totp) { token.current.offset() } else { 0 }
        }
        (_, Some(Found::At(at))) => match &mut token.former {
            Some(former) => {
                former.drift = former.ahead(at, now);
                former.last = Some(at);
                former.offset()
            }
            None => return Ok(None),
        },
        _ => {
            write(tx, now, "code.resync_failed", actor, token, None).await?;
            return Ok(None);
        }
    };
    (token.failures, token.locked_at) = (0, None);
    token.save(tx).await?;
    let detail = format!("{offset} s ahead");
    write(tx, now, "code.resynced", actor, token, Some(&detail)).await?;
    Ok(Some(Resynced { offset }))
}

/// Takes over the step or counter that a resynchronisation or an assignment has found.
pub(crate) fn learn(token: &mut Token, at: u64, now: UnixTime) {
    match &token.kind {
        Kind::Totp => {
            token.current.drift = token.current.ahead(at, now);
            token.reset_drift = token.current.drift;
            token.current.last = Some(at);
        }
        Kind::Hotp => token.counter = at.saturating_add(1),
        Kind::Ocra(suite) if suite.needs_counter() => token.counter = at.saturating_add(1),
        Kind::Ocra(_) => {}
    }
}

/// Whose tries are counted.
pub(crate) fn subject(token: &str) -> String {
    format!("resync {token}")
}

/// No drift beyond a day is stored, so none is searched.
fn a_day_around(half: &Half, now: UnixTime) -> RangeInclusive<u64> {
    let (step, day) = (half.step(now), half.day());
    step.saturating_sub(day)..=step.saturating_add(day)
}

async fn write(
    tx: &mut Tx,
    now: UnixTime,
    event: &'static str,
    actor: &str,
    token: &Token,
    detail: Option<&str>,
) -> Result<()> {
    let entry = Entry { event, actor, user: token.user.as_deref(), token: Some(&token.id), detail };
    audit::write(tx, now, entry).await
}
