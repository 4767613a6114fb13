//! Codes: verification, resynchronisation, challenges (`core/PROTOCOL.md` section 11).
//!
//! | Rule | Where |
//! |---|---|
//! | a code counts within `otpWindow` steps of the expected one, or `hotpLookAhead` counters from the next on | `judge` |
//! | a step or counter is accepted once; the drift is learned, two steps at a time | `judge` |
//! | `maxFailures` wrong codes in a row lock the token | `judge` |
//! | all candidates are compared in constant time | `search` |
//! | five tries an hour to resynchronise; every fault is "Invalid Response." | `resync`, `tries` |
//! | a challenge is good for one try and five minutes | `challenge` |
//!
//! Every decision is made from what the writer's transaction reads and is stored in it, so a code that is
//! submitted twice at once is accepted once, and no answer goes out before it is durable.

mod challenge;
mod judge;
mod resync;
mod search;
mod token;
pub(crate) mod tries;

use std::sync::Arc;

use softtoken_core::time::UnixTime;
use zeroize::Zeroizing;

pub use challenge::Challenge;
pub use resync::Resynced;
pub(crate) use resync::{learn, subject};
pub(crate) use search::{Found, Window, one};
pub(crate) use token::{Kind, Token};
pub(crate) use tries::take;

use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::store::Tx;
use judge::{Verdict, judge};

/// A code was accepted, and will not be again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The token that made it.
    pub token: String,
    /// Its holder.
    pub user: Option<String>,
    /// It was made from the seed that a rekey or a reactivation has replaced.
    pub former: bool,
}

impl Issuer {
    /// Verifies a code of one token.
    ///
    /// [`Error::InvalidResponse`] for a wrong or used code and for a token that is not there or not active,
    /// [`Error::Locked`] for every code of a locked token, [`Error::WrongState`] for one that answers challenges only.
    pub async fn verify_code(self: &Arc<Self>, actor: &str, token: &str, code: &str) -> Result<Accepted> {
        let (issuer, now, typed) = (Arc::clone(self), self.now(), typed(code));
        let (actor, token) = (actor.to_owned(), token.to_owned());
        let decision = self.store.write(move |tx| {
            Box::pin(async move {
                let found = Token::find(tx, &issuer.secrets, now, &token, "ACTIVE").await?;
                issuer.judge_all(tx, &actor, found.into_iter().collect(), &typed, now).await
            })
        });
        decision.await?
    }

    /// Verifies a code of any of a user's active tokens; a wrong one counts for each of them.
    ///
    /// Errors as [`verify_code`](Self::verify_code); a user without such tokens has [`Error::InvalidResponse`].
    pub async fn sign_in_code(self: &Arc<Self>, actor: &str, user: &str, code: &str) -> Result<Accepted> {
        let (issuer, now, typed) = (Arc::clone(self), self.now(), typed(code));
        let (actor, user) = (actor.to_owned(), user.to_owned());
        let decision = self.store.write(move |tx| {
            Box::pin(async move {
                let tokens = Token::of_user(tx, &issuer.secrets, now, &user).await?;
                issuer.judge_all(tx, &actor, tokens, &typed, now).await
            })
        });
        decision.await?
    }

    /// The outer result is the database's; the inner one is the answer, which is stored in both cases.
    async fn judge_all(
        &self,
        tx: &mut Tx,
        actor: &str,
        mut tokens: Vec<Token>,
        typed: &str,
        now: UnixTime,
    ) -> Result<Result<Accepted>> {
        let policy = &self.policy();
        if tokens.is_empty() {
            judge(&mut Token::nobody(), typed, now, policy)?;
            return Ok(Err(Error::InvalidResponse));
        }
        let judged = tokens.iter_mut().map(|token| judge(token, typed, now, policy));
        let verdicts = judged.collect::<Result<Vec<_>>>();
        let verdicts = match verdicts {
            Err(Error::WrongState) => return Ok(Err(Error::WrongState)),
            verdicts => verdicts?,
        };
        let accepted = |verdict: &Verdict| matches!(verdict, Verdict::Accepted | Verdict::AcceptedFormer);
        let all_locked = verdicts.iter().all(|verdict| *verdict == Verdict::Locked);
        if let Some((token, verdict)) =
            tokens.iter_mut().zip(&verdicts).find(|(_, verdict)| accepted(verdict))
        {
            // The code is right, so it was no guess at the other tokens.
            token.save(tx).await?;
            if *verdict == Verdict::Accepted {
                token.forget_former(tx).await?;
            }
            write(tx, now, actor, token, *verdict).await?;
            let former = *verdict == Verdict::AcceptedFormer;
            return Ok(Ok(Accepted { token: token.id.clone(), user: token.user.clone(), former }));
        }
        for (token, verdict) in tokens.iter().zip(verdicts) {
            match verdict {
                Verdict::Wrong | Verdict::WrongAndLocked => {
                    token.save(tx).await?;
                    write(tx, now, actor, token, verdict).await?;
                }
                Verdict::Used => write(tx, now, actor, token, verdict).await?,
                // Nothing has changed, and a locked token must not fill the log.
                Verdict::Locked | Verdict::Accepted | Verdict::AcceptedFormer => {}
            }
        }
        Ok(Err(if all_locked { Error::Locked } else { Error::InvalidResponse }))
    }
}

/// Writes the verdict into the audit log.
async fn write(tx: &mut Tx, now: UnixTime, actor: &str, token: &Token, verdict: Verdict) -> Result<()> {
    let event = match verdict {
        Verdict::Accepted => "code.accepted",
        Verdict::AcceptedFormer => "code.accepted_former",
        Verdict::Used => "code.used",
        Verdict::Wrong => "code.wrong",
        Verdict::WrongAndLocked => "code.locked",
        Verdict::Locked => return Ok(()),
    };
    let entry = Entry { event, actor, user: token.user.as_deref(), token: Some(&token.id), detail: None };
    audit::write(tx, now, entry).await
}

/// What somebody typed, without the gaps that an app shows a code with.
pub(crate) fn typed(code: &str) -> Zeroizing<String> {
    let mut typed = Zeroizing::new(String::with_capacity(code.len()));
    typed.extend(code.chars().filter(|c| !c.is_whitespace() && *c != '-'));
    typed
}
