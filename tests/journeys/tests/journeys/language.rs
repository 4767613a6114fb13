//! The words of the language: verbs, their arguments, and what may stand beside them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// The verb of a step and its arguments.
pub fn verb_of(step: &Map<String, Value>) -> Result<(&str, &Value), String> {
    let mut found = step.iter().filter(|(key, _)| !BESIDE.contains(&key.as_str()));
    match (found.next(), found.next()) {
        (Some((verb, arguments)), None) => Ok((verb, arguments)),
        _ => Err("a step has exactly one verb".into()),
    }
}

/// Refuses a verb or an argument that nobody knows.
pub fn check_verb(verb: &str, arguments: &Value) -> Result<(), String> {
    let arguments = arguments.as_object().ok_or("arguments are an object")?;
    match verb {
        // The stand refuses what it does not know.
        "issuer" => Ok(()),
        "twice" | "stale" => {
            let (inner, arguments) = verb_of(arguments)?;
            check_verb(inner, arguments)
        }
        _ => {
            let known = VERBS.iter().find(|(known, _)| *known == verb).ok_or(format!("no verb {verb}"))?;
            only(arguments, known.1, verb)
        }
    }
}

/// Refuses a key that is not `known`.
pub fn only(fields: &Map<String, Value>, known: &[&str], what: &str) -> Result<(), String> {
    match fields.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("{what} has no {key}")),
        None => Ok(()),
    }
}

/// Adds the names of all variables in `value`.
pub fn variables_in(value: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => used.extend(text.strip_prefix('$').map(str::to_owned)),
        Value::Array(items) => items.iter().for_each(|item| variables_in(item, used)),
        Value::Object(fields) => fields.values().for_each(|item| variables_in(item, used)),
        _ => {}
    }
}

/// What may stand in a step beside its verb.
const BESIDE: [&str; 5] = ["on", "expect", "error", "take", "note"];

/// Verbs that answer a state and carry its ticket.
pub const INPUTS: [&str; 12] = [
    "password",
    "retry",
    "consent",
    "decline",
    "details",
    "pin_ready",
    "continue_offline",
    "confirmed",
    "cancel",
    "poll",
    "browser_returned",
    "browser_dismissed",
];

/// Verbs and their arguments, as in `README.md`.
pub const VERBS: &[(&str, &[&str])] = &[
    ("open", &["second", "not_a_folder"]),
    ("close", &[]),
    ("kill", &[]),
    ("patch", &["offset", "bytes"]),
    ("pass", &["seconds"]),
    ("jump", &["seconds"]),
    ("reboot", &[]),
    ("lose_keys", &[]),
    ("device_key_fails", &["error"]),
    ("differ", &["a", "b"]),
    ("issuer", &[]),
    ("twice", &[]),
    ("stale", &[]),
    (
        "begin",
        &[
            "text",
            "file",
            "file_text",
            "typed",
            "typed_v1",
            "key",
            "mobile_pass",
            "picture",
            "pick",
            "still",
            "offline",
            "digits",
            "registration_code",
            "device",
        ],
    ),
    ("resume", &["id"]),
    ("contact", &["id", "wish"]),
    ("deletion", &["id"]),
    ("http", &["once", "again", "unheard", "status", "body", "problem"]),
    ("step", &[]),
    ("password", &["password"]),
    ("retry", &[]),
    ("consent", &["name"]),
    ("decline", &[]),
    ("details", &["address", "serial_number", "activation_code"]),
    ("pin_ready", &[]),
    ("continue_offline", &[]),
    ("confirmed", &[]),
    ("cancel", &[]),
    ("poll", &[]),
    ("browser_returned", &[]),
    ("browser_dismissed", &[]),
    ("set_pin", &["pin"]),
    ("unlock", &["pin"]),
    ("change_pin", &["old", "new"]),
    ("lock", &[]),
    ("forget_pin", &[]),
    ("auto_lock", &["seconds"]),
    ("state", &[]),
    ("status", &[]),
    ("identities", &[]),
    ("find", &["name"]),
    ("codes", &["at"]),
    ("next_code", &["id"]),
    ("respond", &["id", "challenge", "otp_pin", "at"]),
    ("resync", &["id"]),
    ("rename", &["id", "name"]),
    ("reorder", &["id", "position"]),
    ("remove", &["id"]),
    ("deletions", &[]),
    ("policy", &["id"]),
    ("clock_view", &[]),
    ("events", &[]),
    ("unlock_requests", &[]),
    ("redeem", &["code", "new_pin"]),
    ("recovery_code", &[]),
    ("takes_recovery_code", &[]),
    ("acknowledge_recovery_code", &[]),
    ("backup", &["password"]),
    ("enable_biometrics", &[]),
    ("unlock_with_biometric", &["wrong"]),
    ("disable_biometrics", &[]),
];
