//! Users and their tokens.
//!
//! | State | Means | Leaves it by |
//! |---|---|---|
//! | UNASSIGNED | hardware without a user | assignment |
//! | NEW | no order was made | an order |
//! | ACTIVATING | an order was made, no device has it yet | a completed activation |
//! | ACTIVE | codes are accepted | disable |
//! | INACTIVE | codes are refused | enable |
//!
//! An active token stays active while a new order for it is under way. Deleting takes the row away.

mod dead;
mod seeds;
mod states;
mod unlock;
mod users;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

pub(crate) use dead::{bury_former, dead_psks};
pub(crate) use seeds::{Deletion, Pair, Seeds};
pub(crate) use states::{Activated, activate};
pub use unlock::UnlockCodes;
pub use users::{NewUser, User};

use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::secrets::Purpose;

/// A token without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: String,
    /// Its holder; none for hardware that nobody has.
    pub user: Option<String>,
    /// Soft tokens: ten digits.
    pub serial: String,
    /// Soft or hardware.
    pub class: TokenClass,
    /// See the table above.
    pub state: TokenState,
    /// `TOTP`, `HOTP` or `OCRA`.
    pub kind: String,
    /// `SHA1`, `SHA256` or `SHA512`.
    pub algorithm: String,
    /// Digits of a code.
    pub digits: i64,
    /// Seconds of a step; 0 for HOTP.
    pub period: i64,
    /// Locked by wrong codes.
    pub locked: bool,
    /// What its device calls itself.
    pub device: Option<String>,
    /// Unix seconds.
    pub created_at: i64,
    /// Unix seconds of the last activation.
    pub activated_at: Option<i64>,
}

/// Soft or hardware.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenClass {
    /// Activated by orders.
    Soft,
    /// Imported with its seed.
    Hardware,
}

/// The states of the public interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// Hardware without a user.
    Unassigned,
    /// Nothing was ordered.
    New,
    /// Ordered, and no device has it yet.
    Activating,
    /// In use.
    Active,
    /// Disabled.
    Inactive,
}

impl TokenState {
    /// The word of the public interface and of the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unassigned => "UNASSIGNED",
            Self::New => "NEW",
            Self::Activating => "ACTIVATING",
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
        }
    }

    /// Reads [`word`](Self::word).
    pub fn read(word: &str) -> Result<Self> {
        [Self::Unassigned, Self::New, Self::Activating, Self::Active, Self::Inactive]
            .into_iter()
            .find(|state| state.word() == word)
            .ok_or(Error::Internal("a token has an unknown state"))
    }
}

impl Token {
    /// From a row with all columns of `tokens`.
    pub fn from_row(row: &SqliteRow) -> Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            user: row.try_get("user_id")?,
            serial: row.try_get("serial")?,
            class: match row.try_get("class")? {
                "SOFT" => TokenClass::Soft,
                _ => TokenClass::Hardware,
            },
            state: TokenState::read(row.try_get("state")?)?,
            kind: row.try_get("kind")?,
            algorithm: row.try_get("algorithm")?,
            digits: row.try_get("digits")?,
            period: row.try_get("period")?,
            locked: row.try_get::<Option<i64>, _>("locked_at")?.is_some(),
            device: row.try_get("device")?,
            created_at: row.try_get("created_at")?,
            activated_at: row.try_get("activated_at")?,
        })
    }
}

impl Issuer {
    /// One token.
    pub async fn token(&self, id: &str) -> Result<Token> {
        let query = sqlx::query("SELECT * FROM tokens WHERE id = ?").bind(id);
        Token::from_row(&query.fetch_optional(self.store.read()).await?.ok_or(Error::NotFound)?)
    }

    /// The token with this serial number.
    pub async fn token_by_serial(&self, serial: &str) -> Result<Token> {
        let query = sqlx::query("SELECT * FROM tokens WHERE serial = ?").bind(serial);
        Token::from_row(&query.fetch_optional(self.store.read()).await?.ok_or(Error::NotFound)?)
    }

    /// All tokens of a user, oldest first.
    pub async fn tokens_of(&self, user: &str) -> Result<Vec<Token>> {
        let query = sqlx::query("SELECT * FROM tokens WHERE user_id = ? ORDER BY created_at, id").bind(user);
        query.fetch_all(self.store.read()).await?.iter().map(Token::from_row).collect()
    }
    /// Serial numbers of tokens whose sealed values do not open: a key file is not the one they were sealed
    /// with, or a row is damaged.
    pub async fn unreadable_tokens(&self) -> Result<Vec<String>> {
        let query =
            "SELECT id, serial, seed, recovery FROM tokens WHERE seed IS NOT NULL OR recovery IS NOT NULL";
        let mut found = Vec::new();
        for row in sqlx::query(query).fetch_all(self.store.read()).await? {
            let id: &str = row.try_get("id")?;
            for (purpose, column) in [(Purpose::Seed, "seed"), (Purpose::Recovery, "recovery")] {
                let sealed: Option<&[u8]> = row.try_get(column)?;
                if sealed.is_some_and(|sealed| self.secrets.open(purpose, id.as_bytes(), sealed).is_err()) {
                    found.push(row.try_get("serial")?);
                    break;
                }
            }
        }
        Ok(found)
    }
}
