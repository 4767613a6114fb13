//! Users: make, find, list, delete.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::input::{Id, Json, Parameters};
use super::keys::{Admin, Reader};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::tokens::NewUser;
use crate::{patterns, tokens};

/// A user to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UserParms {
    /// What the user signs in with; unique.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$")]
    user_id: String,
    /// Where activations are mailed to.
    #[schema(
        pattern = "^[A-Za-z0-9_+-]{1,32}(\\.[A-Za-z0-9_+-]{1,15}){0,2}@[A-Za-z0-9]([A-Za-z0-9-]{0,40}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,40}[A-Za-z0-9])?){0,4}$"
    )]
    email: Option<String>,
}

/// A name to look for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UserGetParms {
    /// What the user signs in with.
    user_id: String,
}

/// A user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// For paths.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    id: String,
    /// What the user signs in with.
    user_id: String,
    /// Where activations are mailed to.
    email: Option<String>,
}

/// A page of users.
#[derive(Serialize, ToSchema)]
pub struct UsersPage {
    /// In the order of their names.
    results: Vec<User>,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UsersQuery {
    /// The last user name of the page before.
    #[serde(default)]
    #[param(max_length = 100)]
    after: String,
    /// Users in a page.
    #[serde(default = "most")]
    #[param(minimum = 1, maximum = 1000)]
    limit: u32,
}

fn most() -> u32 {
    MOST
}

/// Make a user. ADMIN.
#[utoipa::path(post, path = "/api/web/v1/users", tag = "Users", request_body = UserParms, responses((status = 200, body = User)))]
pub async fn create(
    State(issuer): State<Arc<Issuer>>,
    key: Admin,
    body: Json<UserParms>,
) -> Result<axum::Json<User>> {
    let Json(UserParms { user_id: name, email }) = body;
    if !patterns::is_user_name(&name) {
        return Err(Error::BadValue("userId"));
    }
    if !email.as_deref().is_none_or(patterns::is_email) {
        return Err(Error::BadValue("email"));
    }
    let user = issuer.create_user(&key.0.name, NewUser { name, email, phone: None }).await?;
    Ok(axum::Json(user.into()))
}

/// List users by name, a page at a time. ADMIN, HELPDESK, AUDITOR.
#[utoipa::path(get, path = "/api/web/v1/users", tag = "Users", params(UsersQuery), responses((status = 200, body = UsersPage)))]
pub async fn list(
    State(issuer): State<Arc<Issuer>>,
    _: Reader,
    query: Parameters<UsersQuery>,
) -> Result<axum::Json<UsersPage>> {
    if !(1..=MOST).contains(&query.0.limit) || query.0.after.chars().count() > 100 {
        return Err(Error::BadValue("A parameter"));
    }
    let rows: Vec<(String, String, Option<String>)> =
        sqlx::query_as("SELECT id, name, email FROM users WHERE name > ? ORDER BY name LIMIT ?")
            .bind(query.0.after)
            .bind(i64::from(query.0.limit))
            .fetch_all(issuer.store.read())
            .await?;
    let results = rows.into_iter().map(|(id, user_id, email)| User { id, user_id, email }).collect();
    Ok(axum::Json(UsersPage { results }))
}

/// Find a user by name. ADMIN, HELPDESK, AUDITOR.
#[utoipa::path(post, path = "/api/web/v1/users/userid", tag = "Users", request_body = UserGetParms, responses((status = 200, body = User)))]
pub async fn find(
    State(issuer): State<Arc<Issuer>>,
    _: Reader,
    body: Json<UserGetParms>,
) -> Result<axum::Json<User>> {
    if !patterns::is_user_name(&body.0.user_id) {
        return Err(Error::NotFound);
    }
    Ok(axum::Json(issuer.user_by_name(&body.0.user_id).await?.into()))
}

/// A user by id. ADMIN, HELPDESK, AUDITOR.
#[utoipa::path(get, path = "/api/web/v1/users/{id}", tag = "Users", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")), responses((status = 200, body = User)))]
pub async fn get(State(issuer): State<Arc<Issuer>>, _: Reader, id: Id) -> Result<axum::Json<User>> {
    Ok(axum::Json(issuer.user(&id.0).await?.into()))
}

/// Delete a user with all tokens. ADMIN.
#[utoipa::path(delete, path = "/api/web/v1/users/{id}", tag = "Users", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")), responses((status = 204, description = "Deleted.")))]
pub async fn delete(State(issuer): State<Arc<Issuer>>, key: Admin, id: Id) -> Result<StatusCode> {
    issuer.delete_user(&key.0.name, &id.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<tokens::User> for User {
    fn from(user: tokens::User) -> Self {
        Self { id: user.id, user_id: user.name, email: user.email }
    }
}

const MOST: u32 = 1000;
