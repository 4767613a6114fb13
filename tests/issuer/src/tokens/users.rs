//! Users: a name, a holder id that devices see, and where mails go.

use std::sync::Arc;

use softtoken_core::activation::exchange::order::contact_id;
use softtoken_core::codec::decimal::SerialNumber;
use sqlx::Row;

use super::dead::remove_all_of;
use super::{Token, TokenState};
use crate::audit::{self, Entry, seconds};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::store::Tx;

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: String,
    /// How it signs in.
    pub name: String,
    /// 16 random bytes that all its tokens are told; says nothing else.
    pub holder: Vec<u8>,
    /// Where mails go.
    pub email: Option<String>,
    /// Where short messages go.
    pub phone: Option<String>,
}

/// What a new user is made of.
#[derive(Debug, Clone, Default)]
pub struct NewUser {
    /// How it signs in: 1 to 128 bytes, no control characters, not in use.
    pub name: String,
    /// Where mails go.
    pub email: Option<String>,
    /// Where short messages go.
    pub phone: Option<String>,
}

impl Issuer {
    /// Adds a user. `actor` is for the log.
    pub async fn create_user(&self, actor: &str, new: NewUser) -> Result<User> {
        if new.name.is_empty() || new.name.len() > MAX_NAME || new.name.contains(char::is_control) {
            return Err(Error::BadValue("name"));
        }
        let user = User {
            id: self.new_id()?,
            name: new.name,
            holder: self.ports.random.array::<16>()?.to_vec(),
            email: new.email,
            phone: new.phone,
        };
        let (row, now, actor) = (user.clone(), self.now(), actor.to_owned());
        let insert =
            "INSERT INTO users (id, name, holder, email, phone, created_at) VALUES (?, ?, ?, ?, ?, ?)";
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    sqlx::query(insert)
                        .bind(row.id.clone())
                        .bind(row.name)
                        .bind(row.holder)
                        .bind(row.email)
                        .bind(row.phone)
                        .bind(seconds(now))
                        .execute(&mut *tx)
                        .await
                        .map_err(|error| taken(error, "name"))?;
                    let entry = Entry {
                        event: "user.created",
                        actor: &actor,
                        user: Some(&row.id),
                        ..Entry::default()
                    };
                    audit::write(tx, now, entry).await
                })
            })
            .await?;
        Ok(user)
    }

    /// One user.
    pub async fn user(&self, id: &str) -> Result<User> {
        let query = sqlx::query("SELECT * FROM users WHERE id = ?").bind(id);
        read(query.fetch_optional(self.store.read()).await?)
    }

    /// The user of this name.
    pub async fn user_by_name(&self, name: &str) -> Result<User> {
        let query = sqlx::query("SELECT * FROM users WHERE name = ?").bind(name);
        read(query.fetch_optional(self.store.read()).await?)
    }

    /// Deletes a user with all tokens, whose devices are told in their next contact. [`Error::LastAdmin`] when no
    /// administrator would be left.
    pub async fn delete_user(&self, actor: &str, user: &str) -> Result<()> {
        let (user, actor, now) = (user.to_owned(), actor.to_owned(), self.now());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    crate::portal::somebody_administers(&mut *tx, &user).await?;
                    remove_all_of(&mut *tx, &user).await?;
                    let delete = sqlx::query("DELETE FROM users WHERE id = ?").bind(user.clone());
                    if delete.execute(&mut *tx).await?.rows_affected() == 0 {
                        return Err(Error::NotFound);
                    }
                    let (event, user) = ("user.deleted", Some(&*user));
                    let entry = Entry { event, actor: &actor, user, ..Entry::default() };
                    audit::write(tx, now, entry).await
                })
            })
            .await
    }

    /// Gives a user a new soft token in state NEW, with a serial number of its own.
    pub async fn create_token(self: &Arc<Self>, actor: &str, user: &str) -> Result<Token> {
        let made = self.create_token_below(actor, user, i64::MAX).await?;
        made.ok_or(Error::Internal("a limit that is none"))
    }

    /// [`create_token`](Self::create_token) for a user with fewer than `most` tokens; `None` for one with more.
    pub(crate) async fn create_token_below(
        self: &Arc<Self>,
        actor: &str,
        user: &str,
        most: i64,
    ) -> Result<Option<Token>> {
        let (id, now) = (self.new_id()?, self.now());
        let (issuer, row, user, actor) = (Arc::clone(self), id.clone(), user.to_owned(), actor.to_owned());
        let made = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let found: Option<String> = sqlx::query_scalar("SELECT id FROM users WHERE id = ?")
                        .bind(user.clone())
                        .fetch_optional(&mut *tx)
                        .await?;
                    found.ok_or(Error::NotFound)?;
                    let has: i64 = sqlx::query_scalar("SELECT count(*) FROM tokens WHERE user_id = ?")
                        .bind(user.clone())
                        .fetch_one(&mut *tx)
                        .await?;
                    if has >= most {
                        return Ok(false);
                    }
                    let (serial, policy) = (issuer.free_serial(tx).await?, &issuer.policy());
                    let insert = "INSERT INTO tokens (id, user_id, serial, class, state, kind, algorithm, digits, \
                                  period, created_at) VALUES (?, ?, ?, 'SOFT', ?, 'TOTP', ?, ?, ?, ?)";
                    sqlx::query(insert)
                        .bind(row.clone())
                        .bind(user.clone())
                        .bind(serial)
                        .bind(TokenState::New.word())
                        .bind(policy.otp_algorithm.clone())
                        .bind(i64::from(policy.otp_length))
                        .bind(i64::from(policy.otp_period))
                        .bind(seconds(now))
                        .execute(&mut *tx)
                        .await?;
                    let (user, token) = (Some(&*user), Some(&*row));
                    let entry = Entry { event: "token.created", actor: &actor, user, token, detail: None };
                    audit::write(tx, now, entry).await?;
                    Ok(true)
                })
            })
            .await?;
        if made { self.token(&id).await.map(Some) } else { Ok(None) }
    }

    /// A serial number that no token has or had: devices of a deleted one are still told so.
    async fn free_serial(&self, tx: &mut Tx) -> Result<String> {
        for _ in 0..SERIAL_TRIES {
            let value = self.ports.random.below(SERIALS)?;
            let serial = SerialNumber::from_value(value).ok_or(Error::Internal("no serial number"))?;
            let taken = "SELECT EXISTS (SELECT 1 FROM tokens WHERE serial = ?) \
                         OR EXISTS (SELECT 1 FROM dead_seeds WHERE contact_id = ?)";
            let taken: bool = sqlx::query_scalar(taken)
                .bind(serial.digits().to_owned())
                .bind(contact_id(&serial).to_vec())
                .fetch_one(&mut *tx)
                .await?;
            if !taken {
                return Ok(serial.digits().to_owned());
            }
        }
        Err(Error::Internal("serial numbers are used up"))
    }
}

/// A value that must be unique is not.
pub(super) fn taken(error: sqlx::Error, what: &'static str) -> Error {
    match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() => Error::Exists(what),
        _ => error.into(),
    }
}

fn read(row: Option<sqlx::sqlite::SqliteRow>) -> Result<User> {
    let row = row.ok_or(Error::NotFound)?;
    Ok(User {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        holder: row.try_get("holder")?,
        email: row.try_get("email")?,
        phone: row.try_get("phone")?,
    })
}

const MAX_NAME: usize = 128;
/// Nine digits before the check digit.
const SERIALS: u64 = 1_000_000_000;
const SERIAL_TRIES: u32 = 64;
