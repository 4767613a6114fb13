//! Sign-ins, and resynchronisation of tokens whose codes are refused.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::input::{Authenticator, Id, Json, MaybeJson};
use super::keys::{Asker, Helper, SignIn};
use crate::codes::Challenge;
use crate::error::{Error, Result};
use crate::issuer::Issuer;

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UserChallengeParameters {
    /// The user's name.
    user_id: String,
}

/// What to type into the app or the hardware token; its answer is the response.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChallengeResult {
    /// Names the challenge; it is good for one try.
    challenge_id: String,
    /// What is typed.
    challenge: String,
    /// Unix seconds.
    expires_at: u64,
}

/// A sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AuthenticateParameters {
    /// The user's name.
    user_id: String,
    /// The code that the app shows, or the response to the challenge.
    response: String,
    /// For `TOKENCR`.
    challenge_id: Option<String>,
}

/// Who has signed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticateResult {
    /// Always true; everything else is an error.
    authentication_completed: bool,
    /// The user's name.
    user_id: String,
    /// The token that has made the code.
    token_id: String,
}

/// What resynchronises; without a body an administrator resets drift, failures and lock.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ResetParms {
    /// The code that the token shows, or the response to the challenge.
    response: Option<String>,
    /// The code after it.
    next_response: Option<String>,
    /// The challenge.
    challenge_id: Option<String>,
}

/// What was learned.
#[derive(Serialize, ToSchema)]
pub struct ResetResult {
    /// Seconds that the token's clock is ahead; 0 for tokens without one.
    offset: i64,
}

/// Ask for a challenge to sign a user in: with `TOKENCR` only. ADMIN, SIGNIN.
#[utoipa::path(post, path = "/api/v1/authentication/users/authenticate/{authenticator}", tag = "Sign-in", params(("authenticator" = String, Path, pattern = "^TOKENCR$")), request_body = UserChallengeParameters, responses((status = 200, body = ChallengeResult)))]
pub async fn start(
    State(issuer): State<Arc<Issuer>>,
    key: SignIn,
    authenticator: Authenticator,
    body: Json<UserChallengeParameters>,
) -> Result<axum::Json<ChallengeResult>> {
    if authenticator != Authenticator::Challenge {
        return Err(Error::WrongState);
    }
    let user = issuer.user_by_name(&body.0.user_id).await?;
    let tokens = issuer.tokens_of(&user.id).await?;
    let token = tokens.into_iter().find(|token| token.kind == "OCRA").ok_or(Error::NotFound)?;
    Ok(axum::Json(issuer.create_challenge(&key.0.name, &token.id).await?.into()))
}

/// Sign a user in: with a code (`TOKEN`), or the response to a challenge (`TOKENCR`). ADMIN, SIGNIN.
#[utoipa::path(post, path = "/api/v1/authentication/users/authenticate/{authenticator}/complete", tag = "Sign-in", params(("authenticator" = String, Path, pattern = "^(TOKEN|TOKENCR)$")), request_body = AuthenticateParameters, responses((status = 200, body = AuthenticateResult)))]
pub async fn complete(
    State(issuer): State<Arc<Issuer>>,
    key: SignIn,
    authenticator: Authenticator,
    body: Json<AuthenticateParameters>,
) -> Result<axum::Json<AuthenticateResult>> {
    let Json(AuthenticateParameters { user_id, response, challenge_id }) = body;
    // An unknown user is told nothing else than a wrong code, after the same work.
    let user = match issuer.user_by_name(&user_id).await {
        Ok(user) => user.id,
        Err(Error::NotFound) => String::new(),
        Err(error) => return Err(error),
    };
    let accepted = match (authenticator, challenge_id) {
        (Authenticator::Code, None) => issuer.sign_in_code(&key.0.name, &user, &response).await?,
        (Authenticator::Challenge, Some(challenge)) => {
            issuer.answer_challenge(&key.0.name, &challenge, &response).await?
        }
        _ => return Err(Error::BadValue("challengeId")),
    };
    if accepted.user.as_ref() != Some(&user) {
        return Err(Error::InvalidResponse);
    }
    let (authentication_completed, token_id) = (true, accepted.token);
    Ok(axum::Json(AuthenticateResult { authentication_completed, user_id, token_id }))
}

/// Ask for a challenge of one token. ADMIN, HELPDESK, SIGNIN.
#[utoipa::path(post, path = "/api/web/v1/tokens/{id}/challenge", tag = "Sign-in", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")), responses((status = 200, body = ChallengeResult)))]
pub async fn challenge(
    State(issuer): State<Arc<Issuer>>,
    key: Asker,
    id: Id,
) -> Result<axum::Json<ChallengeResult>> {
    Ok(axum::Json(issuer.create_challenge(&key.0.name, &id.0).await?.into()))
}

/// Resynchronise by one code, two codes that follow one another, or the response to a challenge; or reset.
/// A code alone is for a user who has signed in. ADMIN, HELPDESK.
#[utoipa::path(put, path = "/api/web/v1/tokens/{id}/reset", tag = "Sign-in", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")), request_body = Option<ResetParms>, responses((status = 200, body = ResetResult)))]
pub async fn reset(
    State(issuer): State<Arc<Issuer>>,
    key: Helper,
    id: Id,
    body: MaybeJson<ResetParms>,
) -> Result<axum::Json<ResetResult>> {
    let (actor, id) = (&key.0.name, &id.0);
    issuer.token(id).await?;
    let parms = body.0.unwrap_or_default();
    let learned = match (&parms.response, &parms.next_response, &parms.challenge_id) {
        (None, None, None) => {
            issuer.reset_blank(actor, id).await?;
            return Ok(axum::Json(ResetResult { offset: 0 }));
        }
        (Some(code), None, None) => issuer.resync_by_code(actor, id, code).await?,
        (Some(code), Some(next), None) => issuer.resync_by_two_codes(actor, id, [code, next]).await?,
        (Some(response), None, Some(challenge)) => {
            let of = sqlx::query_scalar("SELECT token_id FROM challenges WHERE id = ?").bind(challenge);
            let of: Option<String> = of.fetch_optional(issuer.store.read()).await?;
            if of.as_ref() != Some(id) {
                return Err(Error::InvalidResponse);
            }
            issuer.resync_by_response(actor, challenge, response).await?
        }
        _ => return Err(Error::BadValue("response")),
    };
    Ok(axum::Json(ResetResult { offset: learned.offset }))
}

impl From<Challenge> for ChallengeResult {
    fn from(challenge: Challenge) -> Self {
        let Challenge { id: challenge_id, question: challenge, expires_at } = challenge;
        Self { challenge_id, challenge, expires_at }
    }
}
