//! The payload of a core error as flat JSON fields, and the rows of refused list entries.

use serde_json::{Map, Value, json};
use softtoken_core::TokenError;
use softtoken_core::activation::state::RefusedView;
use softtoken_core::error::PinProblem;
use softtoken_core::identity::IdentityId;

use crate::failure::Failure;
use crate::{stopped, words};

/// The fields of the variant, by their names in the core; enums as `snake_case` words.
pub fn payload(error: &TokenError) -> Map<String, Value> {
    let fields = match error {
        TokenError::ActivationPending { id } => json!({"id": IdentityId(*id).to_hex()}),
        TokenError::DeviceKeyFailed { problem } => json!({"problem": words::device_key_problem(*problem).0}),
        TokenError::InputNeeded { what } => json!({"what": words::needed(*what).0}),
        TokenError::NameTaken { suggestion } => json!({"suggestion": suggestion}),
        TokenError::NotUnderstood { part, problem, position } => json!({
            "part": words::part(*part).0,
            "problem": words::problem(*problem).0,
            "position": position,
        }),
        TokenError::NotYet { feature } => json!({"feature": words::feature(*feature).0}),
        TokenError::PinRefused { problem } => pin_refused(*problem),
        TokenError::ServerRefused { status } => json!({"status": status}),
        TokenError::Stopped { why, since } => json!({"why": stopped::word(*why), "since": since.0}),
        TokenError::Unsupported { what } => json!({"what": words::unsupported(*what).0}),
        TokenError::Untrusted { what } => json!({"what": words::untrusted(*what).0}),
        TokenError::VaultFile { problem } => json!({"problem": words::file_problem(*problem).0}),
        TokenError::VaultTooNew { found, known } => json!({"found": found, "known": known}),
        TokenError::VerificationOpen { kind } => json!({"verification": words::verification(*kind).0}),
        TokenError::VerificationRefused { kind, reason } => json!({
            "verification": words::verification(*kind).0,
            "reason": words::verification_refusal(*reason).0,
        }),
        TokenError::WrongPassword { tries_left } => json!({"tries_left": tries_left}),
        TokenError::WrongPin { attempts_left } => json!({"attempts_left": attempts_left}),
        TokenError::WrongUnlockCode { tries_left } => json!({"tries_left": tries_left}),
        TokenError::AlreadyUsed
        | TokenError::ConsentNeeded
        | TokenError::Declined
        | TokenError::DeviceKeyLost
        | TokenError::Expired
        | TokenError::Internal
        | TokenError::NoNetwork
        | TokenError::NotForThisApp
        | TokenError::PinBlocked
        | TokenError::StaleInput
        | TokenError::Superseded
        | TokenError::UnknownIdentity
        | TokenError::VaultBusy
        | TokenError::VaultDamaged
        | TokenError::VaultExists
        | TokenError::VaultLocked
        | TokenError::Void => Value::Null,
    };
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// `{"entry", "error"}` of one entry that could not be added.
pub fn refused(view: &RefusedView) -> Value {
    json!({"entry": view.entry, "error": Failure::from(view.error.clone()).to_json()})
}

fn pin_refused(problem: PinProblem) -> Value {
    let word = words::pin_problem(problem).0;
    match problem {
        PinProblem::TooShort { min } => json!({"problem": word, "min": min}),
        PinProblem::TooLong { max } => json!({"problem": word, "max": max}),
        PinProblem::NotDigits
        | PinProblem::Repeated
        | PinProblem::Run
        | PinProblem::Date
        | PinProblem::Pattern
        | PinProblem::Common
        | PinProblem::Mismatch => json!({"problem": word}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_lies_flat_beside_kind_and_message() {
        let error = Failure::from(TokenError::WrongPin { attempts_left: 4 }).to_json();
        assert_eq!(
            error,
            json!({"kind": "WrongPin", "message": "Wrong PIN. 4 tries are left.", "attempts_left": 4})
        );
    }

    #[test]
    fn a_refused_entry_names_its_place_and_its_reason() {
        let row = refused(&RefusedView { entry: 3, error: TokenError::NotForThisApp });
        assert_eq!(row["entry"], 3);
        assert_eq!(row["error"]["kind"], "NotForThisApp");
    }
}
