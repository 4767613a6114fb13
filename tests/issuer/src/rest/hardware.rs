//! Hardware tokens: seed files in, assignment, return.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::input::{Id, Json};
use super::keys::{Admin, Helper};
use crate::error::{Error, Result};
use crate::issuer::Issuer;

/// A seed file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PskcParms {
    /// The file's text, PSKC (RFC 6030).
    file: String,
    /// Its password, or its pre-shared key in hexadecimal.
    secret: Option<String>,
}

/// What became of a seed file.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PskcResult {
    /// New tokens, in state UNASSIGNED.
    serial_numbers: Vec<String>,
    /// Entries that became no token.
    left_out: Vec<LeftOut>,
}

/// An entry that became no token.
#[derive(Serialize, ToSchema)]
pub struct LeftOut {
    /// Its place in the file, from 1 on.
    entry: u32,
    /// Why.
    reason: String,
}

/// Which token a user has.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AssignParms {
    /// Printed on it.
    serial_number: String,
    /// The code that it shows. An ADMIN's key may leave it out.
    response: Option<String>,
}

/// Take a seed file in. ADMIN.
#[utoipa::path(post, path = "/api/web/v1/tokens/pskc", tag = "Hardware", request_body = PskcParms, responses((status = 200, body = PskcResult)))]
pub async fn import(
    State(issuer): State<Arc<Issuer>>,
    key: Admin,
    body: Json<PskcParms, { crate::server::MAX_BODY }>,
) -> Result<axum::Json<PskcResult>> {
    let secret = body.0.secret.map(|secret| Zeroizing::new(secret.into_bytes()));
    let done = issuer.import_hardware(&key.0.name, Zeroizing::new(body.0.file), secret).await?;
    let left_out = done.left_out.into_iter().map(|(entry, why)| LeftOut { entry, reason: why.to_string() });
    Ok(axum::Json(PskcResult { serial_numbers: done.serials, left_out: left_out.collect() }))
}

/// Give a user a hardware token that nobody has; answers 204. ADMIN; with a response also HELPDESK.
#[utoipa::path(put, path = "/api/web/v1/users/{id}/tokens/assign", tag = "Hardware", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")), request_body = AssignParms, responses((status = 204, description = "Assigned.")))]
pub async fn assign(
    State(issuer): State<Arc<Issuer>>,
    key: Helper,
    id: Id,
    body: Json<AssignParms>,
) -> Result<StatusCode> {
    let user = issuer.user(&id.0).await?;
    match &body.0.response {
        Some(response) => {
            issuer.assign_to_self(&user.id, &body.0.serial_number, response).await?;
        }
        None if key.0.is_admin() => {
            let token = issuer.token_by_serial(body.0.serial_number.trim()).await;
            let token = token.map_err(|error| match error {
                Error::NotFound => Error::SerialNumber,
                other => other,
            })?;
            issuer.assign_hardware(&key.0.name, &token.id, &user.id).await?;
        }
        None => return Err(Error::Forbidden),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Take a hardware token from its holder. ADMIN.
#[utoipa::path(put, path = "/api/web/v1/tokens/{id}/unassign", tag = "Hardware", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")), responses((status = 204, description = "Unassigned.")))]
pub async fn unassign(State(issuer): State<Arc<Issuer>>, key: Admin, id: Id) -> Result<StatusCode> {
    issuer.unassign_hardware(&key.0.name, &id.0).await?;
    Ok(StatusCode::NO_CONTENT)
}
