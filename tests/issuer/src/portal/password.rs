//! Passwords of users and answers to their questions: Argon2id in PHC strings, nothing readable.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use softtoken_core::time::UnixTime;
use zeroize::Zeroizing;

use crate::audit::{self, Entry};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::store::Tx;

impl Issuer {
    /// Gives a user another password and ends all sessions of the user.
    pub async fn set_password(&self, actor: &str, user: &str, password: Zeroizing<String>) -> Result<()> {
        if !(LEAST..=MOST).contains(&password.chars().count()) {
            return Err(Error::BadValue("password"));
        }
        let hash = self.hash(password).await?;
        let (actor, user, now) = (actor.to_owned(), user.to_owned(), self.now());
        self.store.write(move |tx| Box::pin(async move { store(tx, now, &actor, &user, hash).await })).await
    }

    /// A password that a person can type and nobody can guess: 60 bits, in groups of four.
    pub fn random_password(&self) -> Result<Zeroizing<String>> {
        let mut password = Zeroizing::new(String::with_capacity(16));
        for place in 0..12 {
            if place > 0 && place % 4 == 0 {
                password.push('-');
            }
            let letter = usize::try_from(self.ports.random.below(32)?).unwrap_or(0);
            password.extend(LETTERS.chars().nth(letter));
        }
        Ok(password)
    }

    /// The user of a name and a password. Whether there is such a user cannot be told from the answer or
    /// from the time that it takes.
    pub(super) async fn check_password(
        self: &Arc<Self>,
        name: &str,
        password: Zeroizing<String>,
    ) -> Result<Option<String>> {
        let query = sqlx::query_as("SELECT id, password FROM users WHERE name = ?").bind(name);
        let found: Option<(String, Option<String>)> = query.fetch_optional(self.store.read()).await?;
        let (user, hash) = found.map_or((None, None), |(user, hash)| (Some(user), hash));
        let fits = self.fits(hash.clone().unwrap_or_else(|| NOBODY.to_owned()), password).await?;
        Ok(user.filter(|_| fits && hash.is_some()))
    }

    /// A PHC string of what somebody has typed.
    pub(super) async fn hash(&self, typed: Zeroizing<String>) -> Result<String> {
        let salt = self.ports.random.array::<16>()?;
        let hash =
            move || slow()?.hash_password_with_salt(typed.as_bytes(), &salt).map(|hash| hash.to_string());
        self.slow(hash).await?.map_err(|_| Error::Internal("a password could not be hashed"))
    }

    /// Whether a PHC string is of what somebody has typed.
    pub(super) async fn fits(&self, hash: String, typed: Zeroizing<String>) -> Result<bool> {
        let check = move || {
            let parsed = PasswordHash::new(&hash).ok()?;
            slow().ok()?.verify_password(typed.as_bytes(), &parsed).ok()
        };
        Ok(self.slow(check).await?.is_some())
    }
}

/// Stores the hash of a new password; sessions and links to choose one end with the old one.
pub(super) async fn store(tx: &mut Tx, now: UnixTime, actor: &str, user: &str, hash: String) -> Result<()> {
    let update = sqlx::query("UPDATE users SET password = ? WHERE id = ?");
    let done = update.bind(hash).bind(user.to_owned()).execute(&mut *tx).await?;
    if done.rows_affected() != 1 {
        return Err(Error::NotFound);
    }
    for end in
        ["DELETE FROM portal_sessions WHERE user_id = ?", "DELETE FROM password_links WHERE user_id = ?"]
    {
        sqlx::query(end).bind(user.to_owned()).execute(&mut *tx).await?;
    }
    let (event, user) = ("user.password_set", Some(user));
    audit::write(tx, now, Entry { event, actor, user, ..Entry::default() }).await
}

/// 19 MiB, two passes, one lane: the least that OWASP recommends, so that sign-ins stay cheap on two cores.
fn slow() -> std::result::Result<Argon2<'static>, argon2::password_hash::Error> {
    let params = Params::new(19 * 1024, 2, 1, Some(32)).map_err(argon2::password_hash::Error::from)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Digits and small letters that nobody takes for one another.
const LETTERS: &str = "23456789abcdefghijkmnpqrstuvwxyz";
/// Characters of a password.
pub(super) const LEAST: usize = 10;
pub(super) const MOST: usize = 128;
/// Of a password that nobody knows, for users that do not exist and answers that were never given.
pub(super) const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$TCyif0ik6sLfFhwpK74++g$x74gmKmw/hRldaisX8mmol28J1wI11/poB5wRmuqILU";
