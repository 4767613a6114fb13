//! API keys: made by the command line or by an administrator in the portal, shown once, kept as a SHA-256 of 32 random bytes.
//!
//! The `Authorization` header holds the key, bare as in the public interface or after `Bearer`.
//!
//! | Role | May |
//! |---|---|
//! | ADMIN | everything |
//! | HELPDESK | activate, complete, unlock, reset; see users and tokens |
//! | AUDITOR | see users, tokens, policy and the audit log |
//! | SIGNIN | verify codes and ask for challenges |

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sqlx::Row;
use std::sync::Arc;
use zeroize::Zeroizing;

use crate::audit::{self, Entry, seconds};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::patterns;

/// What the holder of a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Everything.
    Admin,
    /// Helps holders of tokens.
    Helpdesk,
    /// Sees everything, changes nothing.
    Auditor,
    /// An application whose users sign in.
    Signin,
}

/// A key without its secret.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// The row.
    pub id: String,
    /// Given by whoever made it.
    pub name: String,
    /// What it may.
    pub role: Role,
    /// Unix seconds.
    pub created_at: i64,
    /// Unix seconds; a revoked key is never taken again.
    pub revoked_at: Option<i64>,
}

/// Who has sent a request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// For the audit log.
    pub name: String,
    role: Role,
}

impl Role {
    /// As it is in the database and in texts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "ADMIN",
            Self::Helpdesk => "HELPDESK",
            Self::Auditor => "AUDITOR",
            Self::Signin => "SIGNIN",
        }
    }

    /// Reads [`as_str`](Self::as_str).
    pub fn from_text(text: &str) -> Result<Self> {
        [Self::Admin, Self::Helpdesk, Self::Auditor, Self::Signin]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(Error::Internal("a key has no known role"))
    }
}

impl Caller {
    /// Whether it may do everything.
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }
}

impl Issuer {
    /// Makes a key for a program; `actor` is for the log. The answer is the only copy of it.
    pub async fn create_api_key(&self, actor: &str, name: &str, role: Role) -> Result<Zeroizing<String>> {
        if !patterns::is_key_name(name) {
            return Err(Error::BadValue("The name of the key"));
        }
        let secret = Zeroizing::new(self.ports.random.array::<32>()?);
        let key = Zeroizing::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&secret[..])));
        let (id, name, hash) = (self.new_id()?, name.to_owned(), hash(&key));
        let (now, actor) = (self.now(), actor.to_owned());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let insert =
                        "INSERT INTO api_keys (id, name, hash, role, created_at) VALUES (?, ?, ?, ?, ?)";
                    sqlx::query(insert)
                        .bind(id)
                        .bind(name.clone())
                        .bind(hash)
                        .bind(role.as_str())
                        .bind(seconds(now))
                        .execute(&mut *tx)
                        .await?;
                    let detail = format!("{name}, {}", role.as_str());
                    let (event, actor, detail) = ("api_key.created", &*actor, Some(&*detail));
                    audit::write(tx, now, Entry { event, actor, detail, ..Entry::default() }).await
                })
            })
            .await?;
        Ok(key)
    }

    /// All keys, also revoked ones, the oldest first.
    pub async fn api_keys(&self) -> Result<Vec<ApiKey>> {
        let query = "SELECT id, name, role, created_at, revoked_at FROM api_keys ORDER BY created_at, id";
        let rows = sqlx::query(query).fetch_all(self.store.read()).await?;
        rows.iter()
            .map(|row| {
                Ok(ApiKey {
                    id: row.try_get("id")?,
                    name: row.try_get("name")?,
                    role: Role::from_text(row.try_get("role")?)?,
                    created_at: row.try_get("created_at")?,
                    revoked_at: row.try_get("revoked_at")?,
                })
            })
            .collect()
    }

    /// Revokes a key for good.
    pub async fn revoke_api_key(&self, actor: &str, id: &str) -> Result<()> {
        let (id, now, actor) = (id.to_owned(), self.now(), actor.to_owned());
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let revoke = "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL \
                                  RETURNING name";
                    let name: Option<String> = sqlx::query_scalar(revoke)
                        .bind(seconds(now))
                        .bind(id)
                        .fetch_optional(&mut *tx)
                        .await?;
                    let name = name.ok_or(Error::NotFound)?;
                    let (event, actor, detail) = ("api_key.revoked", &*actor, Some(&*name));
                    audit::write(tx, now, Entry { event, actor, detail, ..Entry::default() }).await
                })
            })
            .await
    }

    async fn caller(&self, key: &str) -> Result<Caller> {
        // The lookup compares hashes of 256 random bits: its time says nothing about a key.
        let row = sqlx::query("SELECT id, name, role FROM api_keys WHERE hash = ? AND revoked_at IS NULL")
            .bind(hash(key))
            .fetch_optional(self.store.read())
            .await?
            .ok_or(Error::Unauthorized)?;
        Ok(Caller { name: row.try_get("name")?, role: Role::from_text(row.try_get("role")?)? })
    }
}

impl FromRequestParts<Arc<Issuer>> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, issuer: &Arc<Issuer>) -> Result<Self> {
        let header = parts.headers.get(AUTHORIZATION).ok_or(Error::Unauthorized)?;
        let text = header.to_str().map_err(|_| Error::Unauthorized)?;
        let key = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let key = key.map_or(text, |(_, key)| key).trim();
        if !key.starts_with(PREFIX) || key.len() > MAX_KEY {
            return Err(Error::Unauthorized);
        }
        issuer.caller(key).await
    }
}

/// A [`Caller`] whose role is one of a few; the body is read only after this.
macro_rules! gate {
    ($(#[$doc:meta])* $name:ident: $($role:ident)|+) => {
        $(#[$doc])*
        pub struct $name(pub Caller);

        impl FromRequestParts<Arc<Issuer>> for $name {
            type Rejection = Error;

            async fn from_request_parts(parts: &mut Parts, issuer: &Arc<Issuer>) -> Result<Self> {
                let caller = Caller::from_request_parts(parts, issuer).await?;
                if matches!(caller.role, $(Role::$role)|+) { Ok(Self(caller)) } else { Err(Error::Forbidden) }
            }
        }
    };
}

gate!(
    /// May change users, tokens and keys.
    Admin: Admin
);
gate!(
    /// May help holders of tokens.
    Helper: Admin | Helpdesk
);
gate!(
    /// May look.
    Reader: Admin | Helpdesk | Auditor
);
gate!(
    /// May read the audit log.
    Auditor: Admin | Auditor
);
gate!(
    /// May ask for challenges.
    Asker: Admin | Helpdesk | Signin
);
gate!(
    /// May sign users in.
    SignIn: Admin | Signin
);

fn hash(key: &str) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, key.as_bytes()).as_ref().to_vec()
}

/// Lets leak scanners know such a key when they see one.
const PREFIX: &str = "stk_";
const MAX_KEY: usize = 64;
