//! The core's views as the journeys compare them: fields by their names, closed words in `snake_case`.

use std::fmt::Debug;

use serde_json::{Map, Value, json};
use softtoken_core::TokenError;
use softtoken_core::activation::driver::HttpRequest;
use softtoken_core::activation::state::{
    ActivationState, ConsentSummary, EntrySummary, FieldProblem, RefusedView,
};
use softtoken_core::error::PinProblem;
use softtoken_core::identity::{IdentityId, IdentityView, Policy};
use softtoken_core::token::{
    ClockView, CodeSheet, CodeView, ContactState, DeletionView, EventView, NumberedCode, PolicyView,
    ResetRequest, ResyncView, StatusView, TokenState,
};

/// The name of a variant in `snake_case`.
pub fn word(value: impl Debug) -> String {
    let mut word = String::new();
    for letter in variant(value).chars() {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

/// The name of a variant as it is.
pub fn variant(value: impl Debug) -> String {
    let text = format!("{value:?}");
    text.split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
}

/// `{"kind": …}` with the payload flat beside it.
pub fn error(error: &TokenError) -> Value {
    let mut fields = match error {
        TokenError::ActivationPending { id } => json!({"id": IdentityId(*id).to_hex()}),
        TokenError::DeviceKeyFailed { problem } => json!({"problem": word(problem)}),
        TokenError::InputNeeded { what } => json!({"what": word(what)}),
        TokenError::NameTaken { suggestion } => json!({"suggestion": suggestion}),
        TokenError::NotUnderstood { part, problem, position } => {
            json!({"part": word(part), "problem": word(problem), "position": position})
        }
        TokenError::NotYet { feature } => json!({"feature": word(feature)}),
        TokenError::PinRefused { problem: PinProblem::TooShort { min } } => {
            json!({"problem": "too_short", "min": min})
        }
        TokenError::PinRefused { problem: PinProblem::TooLong { max } } => {
            json!({"problem": "too_long", "max": max})
        }
        TokenError::PinRefused { problem } => json!({"problem": word(problem)}),
        TokenError::ServerRefused { status } => json!({"status": status}),
        TokenError::Stopped { why, since } => json!({"why": word(why), "since": since.0}),
        TokenError::Unsupported { what } => json!({"what": word(what)}),
        TokenError::Untrusted { what } => json!({"what": word(what)}),
        TokenError::VaultFile { problem } => json!({"problem": word(problem)}),
        TokenError::VaultTooNew { found, known } => json!({"found": found, "known": known}),
        TokenError::VerificationOpen { kind } => json!({"verification": word(kind)}),
        TokenError::VerificationRefused { kind, reason } => {
            json!({"verification": word(kind), "reason": word(reason)})
        }
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
        | TokenError::Void => json!({}),
    };
    fields["kind"] = variant(error).into();
    fields
}

/// What an activation needs.
pub fn activation(state: &ActivationState) -> Value {
    let (name, mut fields) = match state {
        ActivationState::NeedsPin { rules, exists } => {
            ("NeedsPin", json!({"rules": {"min_digits": rules.min_digits}, "exists": exists}))
        }
        ActivationState::NeedsPassword { of, wrong, tries_left } => {
            ("NeedsPassword", json!({"of": word(of), "wrong": wrong, "tries_left": tries_left}))
        }
        ActivationState::NeedsDetails { fields, problems } => {
            let typed = json!({
                "address": fields.address,
                "serial_number": fields.serial_number,
                "activation_code": fields.activation_code.as_str(),
            });
            ("NeedsDetails", json!({"fields": typed, "problems": list(problems, field_problem)}))
        }
        ActivationState::NeedsConsent { summary: page, name, taken } => {
            ("NeedsConsent", json!({"summary": summary(page), "name": name, "taken": taken}))
        }
        ActivationState::Exchange { request: one } => ("Exchange", json!({"request": request(one)})),
        ActivationState::Verify { id, kind, url, callback, number, device, serial, retry_after, awaited } => {
            (
                "Verify",
                json!({
                    "id": id.to_hex(), "kind": word(kind), "url": url, "callback": callback, "number": number,
                    "device": device, "serial": serial, "retry_after": retry_after, "awaited": awaited,
                }),
            )
        }
        ActivationState::Waiting { id, kind, retry_after } => {
            ("Waiting", json!({"id": id.to_hex(), "kind": word(kind), "retry_after": retry_after}))
        }
        ActivationState::ShowRegistrationCode { id, code, live_code, expires_at, awaited } => (
            "ShowRegistrationCode",
            json!({
                "id": id.to_hex(), "code": code.as_str(),
                "live_code": live_code.as_ref().map(|code| code.as_str()),
                "expires_at": expires_at.map(|time| time.0), "awaited": awaited,
            }),
        ),
        ActivationState::Done { added, refused } => (
            "Done",
            json!({"added": list(added, |id| id.to_hex().into()), "refused": list(refused, refused_view)}),
        ),
        ActivationState::Failed { why, retry } => {
            ("Failed", json!({"why": error(why), "retry": word(retry)}))
        }
    };
    fields["state"] = name.into();
    fields
}

/// What a contact needs.
pub fn contact(state: &ContactState) -> Value {
    let (name, mut fields) = match state {
        ContactState::Exchange { request: one } => ("Exchange", json!({"request": request(one)})),
        ContactState::Done { news } => (
            "Done",
            json!({"news": {
                "id": news.id.to_hex(), "active": news.active, "renewed": news.renewed, "alone": news.alone,
                "policy": policy(&news.policy),
                "needs_pin": news.needs_pin.map(|rules| json!({"min_digits": rules.min_digits})),
                "clock_offset": news.clock_offset,
            }}),
        ),
        ContactState::Ended { end } => ("Ended", json!({"end": word(end)})),
        ContactState::Failed { why, retry } => ("Failed", json!({"why": error(why), "retry": retry})),
    };
    fields["state"] = name.into();
    fields
}

/// What the whole token needs.
pub fn token_state(state: &TokenState) -> Value {
    let mut fields = match state {
        TokenState::Locked { attempts_left, retry_after } => {
            json!({"attempts_left": attempts_left, "retry_after": retry_after})
        }
        TokenState::Blocked { ask } => json!({"ask": list(ask, reset_request)}),
        TokenState::Damaged { kept_at } => {
            json!({"kept_at": kept_at.as_ref().map(|path| path.display().to_string())})
        }
        TokenState::Fresh | TokenState::Ready | TokenState::DeviceKeyLost => json!({}),
    };
    fields["state"] = variant(state).into();
    fields
}

/// `status`.
pub fn status(view: &StatusView) -> Value {
    json!({
        "state": token_state(&view.state), "identities": view.identities, "assurance": word(view.assurance),
        "ask": list(&view.ask, reset_request),
    })
}

/// Whom to ask for an unlock code.
pub fn reset_request(view: &ResetRequest) -> Value {
    json!({"issuer": view.issuer, "serial": view.serial, "reset_code": view.reset_code})
}

/// A line of the list.
pub fn identity(view: &IdentityView) -> Value {
    json!({
        "id": view.id.to_hex(), "name": view.name, "issuer": view.issuer, "account": view.account,
        "serial": view.serial, "kind": view.kind.map(word), "algorithm": view.algorithm.map(word),
        "digits": view.digits, "period": view.period, "state": word(view.state),
        "stopped": view.stopped.map(|stopped| json!({"why": word(stopped.why), "since": stopped.since.0})),
        "badge": view.badge.map(word), "registration_code": view.registration_code,
    })
}

/// A code.
pub fn code(view: &CodeView) -> Value {
    json!({
        "id": view.id.to_hex(), "name": view.name, "code": view.code.as_ref().map(|code| code.as_str()),
        "valid_from": view.valid_from.map(|time| time.0), "valid_until": view.valid_until.map(|time| time.0),
        "next": view.next.as_ref().map(|code| code.as_str()), "counter": view.counter,
    })
}

/// All codes.
pub fn sheet(view: &CodeSheet) -> Value {
    json!({"at": view.at.0, "next_change": view.next_change.0, "codes": list(&view.codes, code)})
}

/// Two codes and their numbers.
pub fn resync(view: &ResyncView) -> Value {
    let numbered = |one: &NumberedCode| json!({"number": one.number, "code": one.code.as_str()});
    json!({"current": numbered(&view.current), "following": numbered(&view.following)})
}

/// What one issuer demands.
pub fn policy_view(view: &PolicyView) -> Value {
    json!({
        "id": view.id.to_hex(), "name": view.name, "issuer": view.issuer, "policy": policy(&view.policy),
    })
}

/// How the clock looks.
pub fn clock(view: &ClockView) -> Value {
    json!({
        "now": view.now.0, "implausible": view.implausible, "jumped": view.jumped,
        "offsets": list(&view.offsets, |(id, seconds)| json!({"id": id.to_hex(), "seconds": seconds})),
    })
}

/// A line of the event log.
pub fn event(view: &EventView) -> Value {
    json!({
        "at": view.at.map(|time| time.0), "event": word(view.event), "number": view.event.number(),
        "name": view.name,
    })
}

/// A deletion that its issuer has not heard of.
pub fn deletion(view: &DeletionView) -> Value {
    json!({
        "id": view.id.to_hex(), "name": view.name, "address": view.address, "serial": view.serial,
        "at": view.at.map(|time| time.0),
    })
}

/// Every item of a list.
pub fn list<T>(items: &[T], one: impl Fn(&T) -> Value) -> Value {
    items.iter().map(one).collect()
}

fn request(request: &HttpRequest) -> Value {
    json!({"kind": word(request.kind), "url": request.url, "max_reply": request.max_reply})
}

fn policy(policy: &Policy) -> Value {
    json!({
        "pin": {"min_digits": policy.pin.min_digits}, "forbid_biometric": policy.forbid_biometric,
        "forbid_backup": policy.forbid_backup, "verify_user": policy.verify_user,
    })
}

fn field_problem(one: &FieldProblem) -> Value {
    json!({"part": word(one.part), "problem": word(one.problem), "position": one.position})
}

fn refused_view(one: &RefusedView) -> Value {
    json!({"entry": one.entry, "error": error(&one.error)})
}

fn summary(page: &ConsentSummary) -> Value {
    let mut fields = Map::new();
    fields.insert("door".into(), word(page.door).into());
    fields.insert("address".into(), json!(page.address));
    fields.insert("serial".into(), json!(page.serial));
    fields.insert("expires_at".into(), json!(page.expires_at.map(|time| time.0)));
    fields.insert("offline".into(), page.offline.into());
    fields.insert("entries".into(), list(&page.entries, entry));
    fields.insert("refused".into(), list(&page.refused, refused_view));
    fields.insert("page".into(), json!(page.page.map(|(index, of)| json!({"index": index, "of": of}))));
    Value::Object(fields)
}

fn entry(one: &EntrySummary) -> Value {
    json!({
        "name": one.name, "taken": one.taken, "issuer": one.issuer, "account": one.account,
        "kind": word(one.kind), "algorithm": one.algorithm.map(word), "digits": one.digits,
        "period": one.period, "badge": one.badge.map(word),
        "warnings": list(&one.warnings, |one| word(one).into()),
    })
}
