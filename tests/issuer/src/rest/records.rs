//! What auditors read: the audit log and the policy.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use utoipa::{IntoParams, ToSchema};

use super::input::Parameters;
use super::keys::{Auditor, Reader};
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::patterns;
use crate::settings::Verification;

/// One line of the audit log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// Grows; a gap means that a line is missing.
    number: i64,
    /// Unix seconds.
    at: i64,
    /// `room.word`.
    event: String,
    /// Who did it.
    actor: Option<String>,
    /// Whose token.
    user_id: Option<String>,
    /// Which token.
    token_id: Option<String>,
    /// More, for people.
    detail: Option<String>,
}

/// A page of the audit log.
#[derive(Serialize, ToSchema)]
pub struct AuditEventsPage {
    /// The oldest first.
    results: Vec<AuditEvent>,
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// The last number of the page before.
    #[serde(default)]
    #[param(minimum = 0)]
    after: i64,
    /// Lines in a page.
    #[serde(default = "most")]
    #[param(minimum = 1, maximum = 1000)]
    limit: i64,
    /// Of this token only.
    #[param(pattern = "^[0-9a-f]{32}$")]
    token_id: Option<String>,
}

fn most() -> i64 {
    MOST
}

/// Rules for soft tokens.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyView {
    /// Seconds that an order may be claimed.
    activation_lifetime: u64,
    /// Digits of a code.
    otp_length: u8,
    /// `SHA1`, `SHA256` or `SHA512`.
    otp_algorithm: String,
    /// Seconds of a step.
    otp_period: u16,
    /// Apps must have a PIN.
    pin_required: bool,
    /// Least number of its digits.
    pin_length: u8,
    /// Steps that sign-ins alone may move a learned drift.
    max_time_steps: u64,
    /// Steps that a reset searches.
    max_reset_time_steps: u64,
    /// Wrong codes in a row that lock a token.
    max_failures: u64,
    /// Activation without network is allowed.
    offline_allowed: bool,
    /// Every activation is confirmed with its registration code.
    confirm_in_portal: bool,
    /// Verifications before a token is given to a device.
    verifications: Vec<Verification>,
    /// Devices that say they are not secure are allowed. This issuer does not check: its profile does not carry it.
    allow_unsecure_device: bool,
}

/// The audit log, a page at a time. ADMIN, AUDITOR.
#[utoipa::path(get, path = "/api/web/v1/reports/auditevents", tag = "Records", params(AuditQuery), responses((status = 200, body = AuditEventsPage)))]
pub async fn events(
    State(issuer): State<Arc<Issuer>>,
    _: Auditor,
    query: Parameters<AuditQuery>,
) -> Result<axum::Json<AuditEventsPage>> {
    let AuditQuery { after, limit, token_id } = query.0;
    if after < 0 || !(1..=MOST).contains(&limit) || !token_id.as_deref().is_none_or(patterns::is_id) {
        return Err(Error::BadValue("A parameter"));
    }
    let page = "SELECT number, at, event, actor, user_id, token_id, detail FROM audit \
                WHERE number > ? AND (? IS NULL OR token_id = ?) ORDER BY number LIMIT ?";
    let rows = sqlx::query(page)
        .bind(after)
        .bind(token_id.clone())
        .bind(token_id)
        .bind(limit)
        .fetch_all(issuer.store.read())
        .await?;
    let results = rows.iter().map(AuditEvent::from_row).collect::<Result<_>>()?;
    Ok(axum::Json(AuditEventsPage { results }))
}

/// The rules for soft tokens; those of the settings file, and over them what was set in the portal. ADMIN, HELPDESK, AUDITOR.
#[utoipa::path(get, path = "/api/web/v1/settings/softtoken", tag = "Records", responses((status = 200, body = PolicyView)))]
pub async fn policy(State(issuer): State<Arc<Issuer>>, _: Reader) -> axum::Json<PolicyView> {
    let policy = &issuer.policy();
    axum::Json(PolicyView {
        activation_lifetime: policy.activation_lifetime,
        otp_length: policy.otp_length,
        otp_algorithm: policy.otp_algorithm.clone(),
        otp_period: policy.otp_period,
        pin_required: policy.pin_required,
        pin_length: policy.pin_length,
        max_time_steps: policy.max_time_steps,
        max_reset_time_steps: policy.max_reset_time_steps,
        max_failures: policy.max_failures,
        offline_allowed: policy.offline_allowed,
        confirm_in_portal: policy.confirm_in_portal,
        verifications: policy.verifications.clone(),
        allow_unsecure_device: policy.allow_unsecure_device,
    })
}

impl AuditEvent {
    fn from_row(row: &SqliteRow) -> Result<Self> {
        Ok(Self {
            number: row.try_get("number")?,
            at: row.try_get("at")?,
            event: row.try_get("event")?,
            actor: row.try_get("actor")?,
            user_id: row.try_get("user_id")?,
            token_id: row.try_get("token_id")?,
            detail: row.try_get("detail")?,
        })
    }
}

const MOST: i64 = 1000;
