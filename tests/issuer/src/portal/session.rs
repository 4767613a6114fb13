//! Who is signed in. The browser holds 32 random bytes; the database holds their SHA-256.
//!
//! | Level | Proven by | May |
//! |---|---|---|
//! | `Password` | the password | go on to the second step |
//! | `Answers` | password and answers to questions | unlock, disable, reactivate by mail |
//! | `Full` | password and code; the password alone for users without a second step | everything |
//!
//! Invariant: every rise of the level is a new cookie, and the old one is dead.

use softtoken_core::time::UnixTime;
use sqlx::Row;

use super::visit::Cookie;
use crate::audit::{self, Entry, seconds};
use crate::error::{Error, Result};
use crate::issuer::Issuer;

/// A signed-in visitor.
#[derive(Debug, Clone)]
pub struct Session {
    /// Of whom.
    pub user: String,
    /// How the user signs in.
    pub name: String,
    /// What staff it is.
    pub role: Role,
    /// How well proven.
    pub level: Level,
    /// Unix seconds of the last proof by password and second step.
    pub proven_at: i64,
}

/// See the table above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The first step.
    Password,
    /// Questions and answers as second step.
    Answers,
    /// A code as second step.
    Full,
}

/// What a user of the portal may besides managing its own tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Role {
    /// Nothing.
    User,
    /// Helps other users.
    HelpDesk,
    /// Everything.
    Admin,
}

impl Role {
    /// The word of the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::HelpDesk => "HELPDESK",
            Self::Admin => "ADMIN",
        }
    }

    /// Reads [`word`](Self::word).
    pub fn read(word: &str) -> Option<Self> {
        [Self::User, Self::HelpDesk, Self::Admin].into_iter().find(|role| role.word() == word)
    }
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Password => "PASSWORD",
            Self::Answers => "ANSWERS",
            Self::Full => "FULL",
        }
    }

    fn read(word: &str) -> Option<Self> {
        [Self::Password, Self::Answers, Self::Full].into_iter().find(|level| level.word() == word)
    }
}

impl Issuer {
    /// The session of a cookie, when it lives.
    pub(super) async fn session(&self, cookie: &Cookie) -> Result<Option<Session>> {
        let now = seconds(self.now());
        let query = "SELECT portal_sessions.*, users.name, users.role FROM portal_sessions \
                     JOIN users ON users.id = portal_sessions.user_id \
                     WHERE hash = ? AND expires_at > ? AND seen_at > ?";
        let row = sqlx::query(query).bind(cookie.hash()).bind(now).bind(now.saturating_sub(IDLE));
        let Some(row) = row.fetch_optional(self.store.read()).await? else { return Ok(None) };
        let wrong = || Error::Internal("a session has an unknown level");
        if row.try_get::<i64, _>("seen_at")? < now.saturating_sub(SEEN_EVERY) {
            self.see(cookie.hash(), now).await?;
        }
        Ok(Some(Session {
            user: row.try_get("user_id")?,
            name: row.try_get("name")?,
            role: Role::read(row.try_get("role")?).ok_or_else(wrong)?,
            level: Level::read(row.try_get("level")?).ok_or_else(wrong)?,
            proven_at: row.try_get("proven_at")?,
        }))
    }

    /// Starts a session, ends the one of the cookie before, and gives the new cookie.
    pub(super) async fn start_session(&self, before: &Cookie, user: &str, level: Level) -> Result<Cookie> {
        let (cookie, now) = (Cookie::new(&self.ports.random)?, self.now());
        let (new, old, user) = (cookie.hash(), before.hash(), user.to_owned());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    end(tx, old).await?;
                    sweep(tx, now).await?;
                    let insert = "INSERT INTO portal_sessions (hash, user_id, level, created_at, seen_at, \
                                  proven_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)";
                    let proven_at = if level == Level::Password { 0 } else { seconds(now) };
                    sqlx::query(insert)
                        .bind(new)
                        .bind(user.clone())
                        .bind(level.word())
                        .bind(seconds(now))
                        .bind(seconds(now))
                        .bind(proven_at)
                        .bind(seconds(now).saturating_add(LIFE))
                        .execute(&mut *tx)
                        .await?;
                    if level == Level::Password {
                        return Ok(());
                    }
                    let (event, actor, detail) = ("portal.signed_in", &*user, Some(level.word()));
                    audit::write(tx, now, Entry { event, actor, user: Some(&user), token: None, detail })
                        .await
                })
            })
            .await?;
        Ok(cookie)
    }

    /// Ends the session of a cookie.
    pub(super) async fn end_session(&self, cookie: &Cookie) -> Result<()> {
        let hash = cookie.hash();
        self.store.write(move |tx| Box::pin(async move { end(tx, hash).await })).await
    }

    /// Gives a user another role. [`Error::LastAdmin`] when no administrator would be left.
    pub async fn set_role(&self, actor: &str, user: &str, role: Role) -> Result<()> {
        let (actor, user, now) = (actor.to_owned(), user.to_owned(), self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if role != Role::Admin {
                        somebody_administers(tx, &user).await?;
                    }
                    let update = sqlx::query("UPDATE users SET role = ? WHERE id = ? AND role <> ?");
                    let update = update.bind(role.word()).bind(user.clone()).bind(role.word());
                    if update.execute(&mut *tx).await?.rows_affected() == 0 {
                        return Ok(());
                    }
                    let (event, user, detail) = ("user.role_set", Some(&*user), Some(role.word()));
                    audit::write(tx, now, Entry { event, actor: &actor, user, token: None, detail }).await
                })
            })
            .await
    }

    /// Ends all sessions of a user: after a new password, and when an administrator says so.
    pub async fn end_sessions(&self, actor: &str, user: &str) -> Result<()> {
        let (actor, user, now) = (actor.to_owned(), user.to_owned(), self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let end = sqlx::query("DELETE FROM portal_sessions WHERE user_id = ?");
                    end.bind(user.clone()).execute(&mut *tx).await?;
                    let (event, user) = ("user.signed_out", Some(&*user));
                    audit::write(tx, now, Entry { event, actor: &actor, user, ..Entry::default() }).await
                })
            })
            .await
    }

    async fn see(&self, hash: Vec<u8>, now: i64) -> Result<()> {
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let seen = sqlx::query("UPDATE portal_sessions SET seen_at = ? WHERE hash = ?");
                    seen.bind(now).bind(hash).execute(tx).await?;
                    Ok(())
                })
            })
            .await
    }
}

impl Session {
    /// Whether password and second step were given so lately that what is dangerous may be done.
    pub fn is_fresh(&self, now: UnixTime) -> bool {
        self.level >= Level::Answers && seconds(now).saturating_sub(self.proven_at) <= FRESH
    }
}

/// Refuses what would leave no administrator besides this user, who is one.
pub(crate) async fn somebody_administers(tx: &mut crate::store::Tx, user: &str) -> Result<()> {
    let last = "SELECT EXISTS (SELECT 1 FROM users WHERE id = ? AND role = 'ADMIN') \
                AND NOT EXISTS (SELECT 1 FROM users WHERE id <> ? AND role = 'ADMIN')";
    let last: bool =
        sqlx::query_scalar(last).bind(user.to_owned()).bind(user.to_owned()).fetch_one(tx).await?;
    if last { Err(Error::LastAdmin) } else { Ok(()) }
}

async fn end(tx: &mut crate::store::Tx, hash: Vec<u8>) -> Result<()> {
    sqlx::query("DELETE FROM portal_sessions WHERE hash = ?").bind(hash).execute(tx).await?;
    Ok(())
}

async fn sweep(tx: &mut crate::store::Tx, now: UnixTime) -> Result<()> {
    let over = sqlx::query("DELETE FROM portal_sessions WHERE expires_at <= ? OR seen_at <= ?");
    over.bind(seconds(now)).bind(seconds(now).saturating_sub(IDLE)).execute(tx).await?;
    Ok(())
}

/// Seconds that a session lives at most.
const LIFE: i64 = 8 * 3_600;
/// Seconds without a request that end it.
const IDLE: i64 = 30 * 60;
/// Seconds between two notes that it was used.
const SEEN_EVERY: i64 = 60;
/// Seconds after a proof in which what is dangerous may be done.
const FRESH: i64 = 5 * 60;
