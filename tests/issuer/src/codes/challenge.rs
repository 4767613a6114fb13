//! Challenge and response (OCRA): to sign in, and to resynchronise a suite that counts or goes by time.
//!
//! A challenge is random and fits its suite. It is good for one try, right or wrong, and for five minutes.

use std::sync::Arc;

use softtoken_core::otp::OcraSuite;
use softtoken_core::otp::ocra::{Inputs, QuestionKind, respond};
use softtoken_core::time::UnixTime;
use sqlx::Row;

use super::judge::{Verdict, fail};
use super::resync::{Resynced, learn, settle};
use super::search::{self, Found, Window};
use super::token::{Kind, Token};
use super::{Accepted, typed, write};
use crate::audit::{self, Entry, seconds};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::store::Tx;

/// What is shown to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Its id; the answer names it.
    pub id: String,
    /// What the user types into the app.
    pub question: String,
    /// Unix seconds.
    pub expires_at: u64,
}

/// How far a suite with a counter or the time is searched.
#[derive(Clone, Copy)]
struct Reach {
    counters: u64,
    steps: u64,
}

impl Issuer {
    /// Draws a challenge for an active OCRA token. The latest five of a token are open.
    ///
    /// [`Error::NotFound`] when it is not there or not active, [`Error::WrongState`] when it answers none.
    pub async fn create_challenge(self: &Arc<Self>, actor: &str, token: &str) -> Result<Challenge> {
        let (issuer, now, id) = (Arc::clone(self), self.now(), self.new_id()?);
        let (actor, token) = (actor.to_owned(), token.to_owned());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let token = Token::find(tx, &issuer.secrets, now, &token, "ACTIVE").await?;
                    let token = token.ok_or(Error::NotFound)?;
                    let Kind::Ocra(suite) = &token.kind else { return Err(Error::WrongState) };
                    let question = issuer.question(suite)?;
                    let expires_at = now.plus(LIFETIME);
                    sqlx::query(INSERT)
                        .bind(id.clone())
                        .bind(token.id.clone())
                        .bind(question.clone())
                        .bind(seconds(expires_at))
                        .execute(&mut *tx)
                        .await?;
                    let prune = sqlx::query(PRUNE).bind(token.id.clone()).bind(seconds(now));
                    prune.bind(token.id.clone()).bind(OPEN).execute(&mut *tx).await?;
                    let (user, token) = (token.user.as_deref(), Some(&*token.id));
                    let entry = Entry { event: "code.challenge", actor: &actor, user, token, detail: None };
                    audit::write(tx, now, entry).await?;
                    Ok(Challenge { id, question, expires_at: expires_at.0 })
                })
            })
            .await
    }

    /// Verifies the response to a challenge, to sign in. A wrong one counts as a wrong code.
    ///
    /// [`Error::InvalidResponse`] for a wrong response and for a challenge that is unknown, used or expired;
    /// [`Error::Locked`] for every response of a locked token.
    pub async fn answer_challenge(
        self: &Arc<Self>,
        actor: &str,
        challenge: &str,
        response: &str,
    ) -> Result<Accepted> {
        let (issuer, now, typed) = (Arc::clone(self), self.now(), typed(response));
        let (actor, challenge) = (actor.to_owned(), challenge.to_owned());
        let decision = self.store.write(move |tx| {
            Box::pin(async move {
                let Some((mut token, question)) = issuer.use_up(tx, &challenge, now).await? else {
                    return Ok(Err(Error::InvalidResponse));
                };
                let policy = &issuer.policy();
                let reach = Reach { counters: policy.hotp_look_ahead, steps: policy.otp_window };
                let found = answers(&token, &question, &typed, now, reach)?;
                if token.locked_at.is_some() {
                    return Ok(Err(Error::Locked));
                }
                let verdict = match found {
                    Found::At(at) => {
                        learn(&mut token, at, now);
                        token.failures = 0;
                        Verdict::Accepted
                    }
                    _ => fail(&mut token, now, policy),
                };
                token.save(tx).await?;
                write(tx, now, &actor, &token, verdict).await?;
                Ok(match verdict {
                    Verdict::Accepted => Ok(Accepted { token: token.id, user: token.user, former: false }),
                    _ => Err(Error::InvalidResponse),
                })
            })
        });
        decision.await?
    }

    /// Resynchronises by the response to a challenge: `maxResetCounters` from the next one on, or
    /// `maxResetTimeSteps` before and after the issuer's step. Rules and answers as for two codes.
    pub async fn resync_by_response(
        self: &Arc<Self>,
        actor: &str,
        challenge: &str,
        response: &str,
    ) -> Result<Resynced> {
        let (issuer, now, typed) = (Arc::clone(self), self.now(), typed(response));
        let (actor, challenge) = (actor.to_owned(), challenge.to_owned());
        let resynced = self.store.write(move |tx| {
            Box::pin(async move {
                let Some((mut token, question)) = issuer.use_up(tx, &challenge, now).await? else {
                    return Ok(None);
                };
                if !issuer.may_try(tx, &actor, &token, now).await? {
                    return Ok(None);
                }
                let policy = &issuer.policy();
                let reach = Reach { counters: policy.max_reset_counters, steps: policy.max_reset_time_steps };
                let found = answers(&token, &question, &typed, now, reach)?;
                settle(tx, &actor, &mut token, now, found, None).await
            })
        });
        resynced.await?.ok_or(Error::InvalidResponse)
    }

    /// Takes an open challenge away, with its token; `None` when there is none.
    async fn use_up(&self, tx: &mut Tx, challenge: &str, now: UnixTime) -> Result<Option<(Token, String)>> {
        let used = sqlx::query(USE).bind(seconds(now)).bind(challenge.to_owned()).bind(seconds(now));
        let Some(row) = used.fetch_optional(&mut *tx).await? else { return Ok(None) };
        let token: String = row.try_get("token_id")?;
        let token = Token::find(tx, &self.secrets, now, &token, "ACTIVE").await?;
        token.map(|token| Ok((token, row.try_get("question")?))).transpose()
    }

    /// A random question as the suite asks for it, short enough to be typed.
    fn question(&self, suite: &OcraSuite) -> Result<String> {
        let asked = suite.question();
        let alphabet: &[u8] = match asked.kind {
            QuestionKind::Numeric => b"0123456789",
            QuestionKind::Hex => b"0123456789abcdef",
            QuestionKind::Alphanumeric => b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ",
        };
        let mut question = String::new();
        for _ in 0..asked.max_length.min(TYPED) {
            let at = self.ports.random.below(u64::try_from(alphabet.len()).unwrap_or(1))?;
            let letter = usize::try_from(at).ok().and_then(|at| alphabet.get(at)).copied();
            question.push(char::from(letter.unwrap_or(b'0')));
        }
        Ok(question)
    }
}

/// Looks for the counter or step with which the token gives `typed` as its response; 0 for a suite with neither.
fn answers(token: &Token, question: &str, typed: &str, now: UnixTime, reach: Reach) -> Result<Found> {
    let Kind::Ocra(suite) = &token.kind else { return Err(Error::WrongState) };
    let half = &token.current;
    let code = |counter: u64, step: u64| {
        let (counter, time) = (Some(counter), Some(half.start_of(step)));
        let inputs = Inputs { counter, question, pin: None, session: None, time };
        respond(suite, half.seed(), &inputs)
            .map_err(|_| Error::Internal("a suite that no response can be made for"))
    };
    let counters = Window::ahead(token.counter, reach.counters);
    let steps = Window::around(half.step(now), reach.steps);
    match (suite.needs_counter(), suite.time_step().is_some()) {
        (false, false) => search::one(Window::around(0, 0), None, typed, |_| code(0, 0)),
        (true, false) => search::one(counters, None, typed, |counter| code(counter, 0)),
        (false, true) => search::one(steps, None, typed, |step| code(0, step)),
        (true, true) => {
            // Both at once would be too many to search, so the time has to be nearly right.
            let mut found = Found::Nothing;
            for step in Window::around(half.step(now), reach.steps.min(NEARLY)).nearest_first() {
                let here = search::one(counters, None, typed, |counter| code(counter, step))?;
                found = if found == Found::Nothing { here } else { found };
            }
            Ok(found)
        }
    }
}

const INSERT: &str = "INSERT INTO challenges (id, token_id, question, expires_at) VALUES (?, ?, ?, ?)";
const PRUNE: &str = "DELETE FROM challenges WHERE token_id = ? AND (expires_at <= ? OR used_at IS NOT NULL OR id NOT IN \
                     (SELECT id FROM challenges WHERE token_id = ? AND used_at IS NULL \
                     ORDER BY expires_at DESC, id LIMIT ?))";
const USE: &str = "UPDATE challenges SET used_at = ? WHERE id = ? AND used_at IS NULL AND expires_at > ? \
                   RETURNING token_id, question";
/// Seconds that a challenge is good for.
const LIFETIME: u64 = 300;
/// Open challenges of one token.
const OPEN: i64 = 5;
/// Most characters of a question that a person is asked to type.
const TYPED: u8 = 10;
/// Steps to either side for a suite with counter and time.
const NEARLY: u64 = 1;
