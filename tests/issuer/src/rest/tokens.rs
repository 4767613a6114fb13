//! Tokens: make, see, enable, disable, delete, unlock, wish a rekey.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::input::{Id, Json};
use super::keys::{Admin, Helper, Reader};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::patterns;
use crate::tokens::{self, TokenClass};

/// A token.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// For paths.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    id: String,
    /// Its holder; missing while nobody has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    /// Soft tokens: ten digits.
    serial_number: String,
    /// What it is.
    r#type: TokenType,
    /// `NEW`, `ACTIVATING`, `ACTIVE`, `INACTIVE` or `UNASSIGNED`.
    state: String,
    /// How codes are made.
    algorithm_type: String,
    /// Digits of a code.
    otp_length: i64,
    /// Too many wrong codes: it must be reset.
    locked: bool,
    /// What its device calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    /// Unix seconds.
    created_at: i64,
    /// Unix seconds of the last activation.
    #[serde(skip_serializing_if = "Option::is_none")]
    activated_at: Option<i64>,
}

/// What a token is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenType {
    /// An app.
    SoftToken,
    /// Hardware.
    OathPhysicalToken,
}

/// The state to go to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeStateParms {
    state: NewState,
}

/// What an administrator can set.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum NewState {
    /// Codes are accepted.
    Active,
    /// Codes are refused; an open activation is void.
    Inactive,
}

/// The number that a locked app shows.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UnlockParms {
    /// The PIN reset code: nine digits, the last one a check digit.
    unlock_challenge: String,
}

/// What the holder types into the app.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnlockResult {
    /// The unlock code.
    unlock_code: String,
    /// The one of the secrets before, as long as they may still be on the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    former_unlock_code: Option<String>,
}

/// Make a soft token for a user, in state NEW. ADMIN.
#[utoipa::path(post, path = "/api/web/v1/users/{id}/tokens/{type}", tag = "Tokens",
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$"), ("type" = String, Path, pattern = "^SOFT_TOKEN$")),
    responses((status = 200, body = Token)))]
pub async fn create(
    State(issuer): State<Arc<Issuer>>,
    key: Admin,
    Path((id, kind)): Path<(String, String)>,
) -> Result<axum::Json<Token>> {
    // The name of the public interface's own soft tokens is taken too.
    if !patterns::is_id(&id) || !["SOFT_TOKEN", "ENTRUST_SOFT_TOKEN"].contains(&kind.as_str()) {
        return Err(Error::NotFound);
    }
    Ok(axum::Json(issuer.create_token(&key.0.name, &id).await?.into()))
}

/// All tokens of a user. ADMIN, HELPDESK, AUDITOR.
#[utoipa::path(get, path = "/api/web/v1/users/{id}/tokens", tag = "Tokens", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")), responses((status = 200, body = Vec<Token>)))]
pub async fn of_user(State(issuer): State<Arc<Issuer>>, _: Reader, id: Id) -> Result<axum::Json<Vec<Token>>> {
    let user = issuer.user(&id.0).await?;
    Ok(axum::Json(issuer.tokens_of(&user.id).await?.into_iter().map(Into::into).collect()))
}

/// A token. ADMIN, HELPDESK, AUDITOR.
#[utoipa::path(get, path = "/api/web/v1/tokens/{id}", tag = "Tokens", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")), responses((status = 200, body = Token)))]
pub async fn get(State(issuer): State<Arc<Issuer>>, _: Reader, id: Id) -> Result<axum::Json<Token>> {
    Ok(axum::Json(issuer.token(&id.0).await?.into()))
}

/// Delete a token. ADMIN.
#[utoipa::path(delete, path = "/api/web/v1/tokens/{id}", tag = "Tokens", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")), responses((status = 204, description = "Deleted.")))]
pub async fn delete(State(issuer): State<Arc<Issuer>>, key: Admin, id: Id) -> Result<StatusCode> {
    issuer.delete_token(&key.0.name, &id.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Enable or disable a token. ADMIN.
#[utoipa::path(put, path = "/api/web/v1/tokens/{id}/changestate", tag = "Tokens", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")), request_body = ChangeStateParms, responses((status = 204, description = "Done.")))]
pub async fn change_state(
    State(issuer): State<Arc<Issuer>>,
    key: Admin,
    id: Id,
    body: Json<ChangeStateParms>,
) -> Result<StatusCode> {
    match body.0.state {
        NewState::Active => issuer.enable(&key.0.name, &id.0).await?,
        NewState::Inactive => issuer.disable(&key.0.name, &id.0).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Wish that a soft token's app replaces its seed at its next contact; codes of the old one are accepted until it
/// shows new ones. ADMIN.
#[utoipa::path(post, path = "/api/web/v1/tokens/{id}/rekey", tag = "Tokens", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")), responses((status = 204, description = "The app is told at its next contact.")))]
pub async fn rekey(State(issuer): State<Arc<Issuer>>, key: Admin, id: Id) -> Result<StatusCode> {
    issuer.want_rekey(&key.0.name, &id.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Answer the PIN reset code of a locked app. Prove who asks before. ADMIN, HELPDESK.
#[utoipa::path(put, path = "/api/web/v1/tokens/{id}/unlock", tag = "Tokens", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")), request_body = UnlockParms, responses((status = 200, body = UnlockResult)))]
pub async fn unlock(
    State(issuer): State<Arc<Issuer>>,
    key: Helper,
    id: Id,
    body: Json<UnlockParms>,
) -> Result<axum::Json<UnlockResult>> {
    let codes = issuer.unlock(&key.0.name, &id.0, &body.0.unlock_challenge).await?;
    let former_unlock_code = codes.former.map(|code| code.to_string());
    Ok(axum::Json(UnlockResult { unlock_code: codes.code.to_string(), former_unlock_code }))
}

impl From<tokens::Token> for Token {
    fn from(token: tokens::Token) -> Self {
        Self {
            id: token.id,
            user_id: token.user,
            serial_number: token.serial,
            r#type: match token.class {
                TokenClass::Soft => TokenType::SoftToken,
                TokenClass::Hardware => TokenType::OathPhysicalToken,
            },
            state: token.state.word().to_owned(),
            algorithm_type: format!("OATH_{}", token.kind),
            otp_length: token.digits,
            locked: token.locked,
            device: token.device,
            created_at: token.created_at,
            activated_at: token.activated_at,
        }
    }
}
