//! The core's views as JSON: field names are stable, `snake_case`, and those of the documentation.

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use softtoken_core::identity::{Badge, CodeKind, IdentityView};
use softtoken_core::otp::Algorithm;
use softtoken_core::ports::AssuranceLevel;
use softtoken_core::token::{
    CodeSheet, CodeView, NumberedCode, PolicyView, ResetRequest, StatusView, TokenState,
};

/// An identity as lists show it.
#[derive(Serialize)]
pub struct Identity<'a> {
    id: String,
    name: &'a str,
    issuer: &'a str,
    account: &'a str,
    kind: Option<&'static str>,
    algorithm: Option<&'static str>,
    digits: Option<u8>,
    period: Option<u32>,
    state: &'static str,
    badge: Option<&'static str>,
    registration_code: Option<&'a str>,
}

impl<'a> From<&'a IdentityView> for Identity<'a> {
    fn from(view: &'a IdentityView) -> Self {
        Self {
            id: view.id.to_hex(),
            name: &view.name,
            issuer: &view.issuer,
            account: &view.account,
            kind: view.kind.map(CodeKind::name),
            algorithm: view.algorithm.map(Algorithm::name),
            digits: view.digits,
            period: view.period,
            state: view.state.name(),
            badge: view.badge.map(Badge::name),
            registration_code: view.registration_code.as_deref(),
        }
    }
}

/// One identity.
pub fn identity(view: &IdentityView) -> Value {
    json!(Identity::from(view))
}

/// Several identities.
pub fn identities<'a>(views: impl IntoIterator<Item = &'a IdentityView>) -> Value {
    views.into_iter().map(identity).collect()
}

/// One row of `codes`.
pub fn code(view: &CodeView) -> Value {
    json!({
        "id": view.id.to_hex(),
        "name": view.name,
        "code": view.code.as_ref().map(|code| code.as_str()),
        "valid_from": view.valid_from.map(|time| time.0),
        "valid_until": view.valid_until.map(|time| time.0),
        "next": view.next.as_ref().map(|code| code.as_str()),
    })
}

/// `codes`.
pub fn sheet(sheet: &CodeSheet) -> Value {
    let codes: Vec<Value> = sheet.codes.iter().map(code).collect();
    json!({"at": sheet.at.0, "next_change": sheet.next_change.0, "codes": codes})
}

/// A code and its step or counter.
pub fn numbered(code: &NumberedCode) -> Value {
    json!({"number": code.number, "code": code.code.as_str()})
}

/// One row of `policy`.
pub fn policy(view: &PolicyView) -> Value {
    json!({
        "id": view.id.to_hex(),
        "name": view.name,
        "issuer": view.issuer,
        "min_pin_digits": view.policy.pin.min_digits,
        "forbid_biometric": view.policy.forbid_biometric,
        "forbid_backup": view.policy.forbid_backup,
        "verify_user": view.policy.verify_user,
    })
}

/// `status`; every field is always there.
pub fn status(view: &StatusView) -> Value {
    let (mut attempts_left, mut retry_after, mut kept_at) = (None, None, None);
    match &view.state {
        TokenState::Locked { attempts_left: attempts, retry_after: seconds } => {
            (attempts_left, retry_after) = (Some(*attempts), Some(*seconds));
        }
        TokenState::Blocked { .. } => attempts_left = Some(0),
        TokenState::Damaged { kept_at: path } => kept_at = path.as_deref().map(Path::to_string_lossy),
        TokenState::Fresh | TokenState::Ready | TokenState::DeviceKeyLost => {}
    }
    json!({
        "state": token_state(&view.state),
        "attempts_left": attempts_left,
        "retry_after": retry_after,
        "ask": view.ask.iter().map(reset_request).collect::<Vec<_>>(),
        "kept_at": kept_at,
        "identities": view.identities,
        "assurance": assurance(view.assurance),
    })
}

fn token_state(state: &TokenState) -> &'static str {
    match state {
        TokenState::Fresh => "fresh",
        TokenState::Blocked { .. } => "blocked",
        TokenState::Locked { .. } => "locked",
        TokenState::Ready => "ready",
        TokenState::Damaged { .. } => "damaged",
        TokenState::DeviceKeyLost => "device_key_lost",
    }
}

/// A PIN reset code and whom to tell it.
pub fn reset_request(request: &ResetRequest) -> Value {
    json!({"issuer": request.issuer, "serial": request.serial, "reset_code": request.reset_code})
}

fn assurance(level: AssuranceLevel) -> &'static str {
    match level {
        AssuranceLevel::Software => "software",
        AssuranceLevel::Tee => "tee",
        AssuranceLevel::StrongBox => "strongbox",
        AssuranceLevel::SecureEnclave => "secure_enclave",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use softtoken_core::identity::{IdentityId, IdentityState};

    #[test]
    fn an_identity_has_exactly_the_documented_fields() {
        let view = IdentityView {
            id: IdentityId([0xab; 16]),
            name: "Bank: alice".into(),
            issuer: "Bank".into(),
            account: "alice".into(),
            serial: None,
            kind: Some(CodeKind::Totp),
            algorithm: Some(Algorithm::Sha256),
            digits: Some(8),
            period: Some(30),
            state: IdentityState::Pending,
            stopped: None,
            badge: Some(Badge::Legacy),
            registration_code: Some("12211-49352".into()),
        };
        let expected = json!({
            "id": "ab".repeat(16), "name": "Bank: alice", "issuer": "Bank", "account": "alice",
            "kind": "totp", "algorithm": "SHA256", "digits": 8, "period": 30, "state": "pending",
            "badge": "legacy", "registration_code": "12211-49352",
        });
        assert_eq!(identity(&view), expected);
    }

    #[test]
    fn a_fresh_status_has_all_fields() {
        let view = StatusView {
            state: TokenState::Fresh,
            identities: 0,
            assurance: AssuranceLevel::Software,
            ask: Vec::new(),
        };
        let expected = json!({
            "state": "fresh", "attempts_left": null, "retry_after": null, "ask": [], "kept_at": null,
            "identities": 0, "assurance": "software",
        });
        assert_eq!(status(&view), expected);
    }
}
