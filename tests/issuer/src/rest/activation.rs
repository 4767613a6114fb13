//! Activation: making an order and completing one.

use std::sync::Arc;

use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::input::{Id, Json, MaybeJson};
use super::keys::Helper;
use crate::error::{Error, Result};
use crate::issuer::Issuer;
use crate::mail::{Activation, MailKind};
use crate::orders::{Completed, OrderRequest};
use crate::qr;
use crate::settings::Verification;

/// What to order; without a body, everything.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ActivateParms {
    /// Typed values, a link, or a QR code with its password; all three when missing.
    r#type: Option<ActivationType>,
    /// Mail it to the holder, who must have an address. Without it the answer is the only copy.
    #[serde(default)]
    deliver_activation_email: bool,
    /// The activation must be confirmed with its registration code.
    confirm_in_portal: Option<bool>,
    /// What the user proves in a browser before the token is given to a device, in place of the policy's: nothing
    /// for an empty list. With one the activation needs a network.
    verifications: Option<Vec<Verification>>,
}

/// The ways of the public interface.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ActivationType {
    /// Address, serial number and activation code, to be typed.
    Classic,
    /// A link.
    Online,
    /// A QR code and a password.
    Offline,
}

/// A new order, which voids the one before. Values of ways that were not ordered are missing.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActivateResult {
    /// The issuer's address, to be typed.
    activation_address: String,
    /// Ten digits.
    serial_number: String,
    /// 16 digits, to be typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    activation_code: Option<String>,
    /// Content of the QR code.
    #[serde(rename = "activationURL", skip_serializing_if = "Option::is_none")]
    activation_url: Option<String>,
    /// A link that goes to the app directly; only for activations that are confirmed.
    #[serde(rename = "activationOnlineURL", skip_serializing_if = "Option::is_none")]
    activation_online_url: Option<String>,
    /// A link to a page, which the app takes over on a phone that has it.
    #[serde(rename = "activationOnlineHttpURL", skip_serializing_if = "Option::is_none")]
    activation_online_http_url: Option<String>,
    /// The QR code as PNG, Base64.
    #[serde(rename = "activationQRCode", skip_serializing_if = "Option::is_none")]
    activation_qr_code: Option<String>,
    /// Eight digits that belong to the QR code.
    #[serde(skip_serializing_if = "Option::is_none")]
    activation_password: Option<String>,
    /// Unix seconds by the issuer's clock.
    expires_at: u64,
}

/// What the app shows at the end of an activation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ActivateCompleteParms {
    /// Ten digits.
    registration_code: String,
    /// The first code, for an activation without network.
    response: Option<String>,
}

/// How far the token is.
#[derive(Serialize, ToSchema)]
pub struct ActivateCompleteResult {
    state: CompleteState,
}

/// `ACTIVATING` until the first code came, too.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum CompleteState {
    /// The registration code fits; the first code is awaited.
    Activating,
    /// Codes are accepted.
    Active,
}

/// Order an activation or a reactivation of a soft token. ADMIN, HELPDESK.
#[utoipa::path(post, path = "/api/web/v1/tokens/{id}/activation", tag = "Activation", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")), request_body = Option<ActivateParms>, responses((status = 200, body = ActivateResult)))]
pub async fn order(
    State(issuer): State<Arc<Issuer>>,
    key: Helper,
    id: Id,
    body: MaybeJson<ActivateParms>,
) -> Result<axum::Json<ActivateResult>> {
    let parms = body.0.unwrap_or_default();
    let token = issuer.token(&id.0).await?;
    if parms.deliver_activation_email {
        let user = issuer.user(token.user.as_deref().ok_or(Error::WrongState)?).await?;
        user.email.ok_or(Error::BadValue("The user's mail address"))?;
    }
    let order = issuer.create_order(&key.0.name, &token.id, parms.request()).await?;
    let answer = answer(&order)?;
    if parms.deliver_activation_email {
        issuer.tell(&token.id, MailKind::Activation(Box::new(order))).await;
    }
    Ok(axum::Json(answer))
}

/// Complete an activation with what the app shows. ADMIN, HELPDESK.
#[utoipa::path(put, path = "/api/web/v1/tokens/{id}/activation", tag = "Activation", params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")), request_body = ActivateCompleteParms, responses((status = 200, body = ActivateCompleteResult)))]
pub async fn complete(
    State(issuer): State<Arc<Issuer>>,
    key: Helper,
    id: Id,
    body: Json<ActivateCompleteParms>,
) -> Result<axum::Json<ActivateCompleteResult>> {
    let Json(ActivateCompleteParms { registration_code, response }) = body;
    let state = issuer.complete(&key.0.name, &id.0, &registration_code, response.as_deref()).await?;
    let state = match state {
        Completed::Activating => CompleteState::Activating,
        Completed::Active => CompleteState::Active,
    };
    Ok(axum::Json(ActivateCompleteResult { state }))
}

impl ActivateParms {
    fn request(&self) -> OrderRequest {
        let (link, qr_code, typed) = match self.r#type {
            None => (true, true, true),
            Some(ActivationType::Online) => (true, false, false),
            Some(ActivationType::Offline) => (false, true, false),
            Some(ActivationType::Classic) => (false, false, true),
        };
        let mailed = self.deliver_activation_email;
        OrderRequest {
            link,
            qr_code,
            typed,
            confirm: self.confirm_in_portal,
            mailed,
            verifications: self.verifications.as_deref().map(Verification::bits),
            ..OrderRequest::default()
        }
    }
}

fn answer(order: &Activation) -> Result<ActivateResult> {
    let text = |value: &Option<zeroize::Zeroizing<String>>| value.as_ref().map(|value| value.to_string());
    let picture = order.qr_text.as_ref().map(|text| qr::png(text)).transpose()?;
    Ok(ActivateResult {
        activation_address: order.activation_address.clone(),
        serial_number: order.serial_number.clone(),
        activation_code: text(&order.activation_code),
        activation_url: text(&order.qr_text),
        activation_online_url: text(&order.link_app),
        activation_online_http_url: text(&order.link_https),
        activation_qr_code: picture.map(|png| STANDARD.encode(png)),
        activation_password: text(&order.password),
        expires_at: order.expires_at,
    })
}
