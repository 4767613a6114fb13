//! What the journeys must cover together: rows, errors, verbs, languages' share of live ones.

use std::collections::BTreeSet;

use serde_json::Value;
use softtoken_core::TokenError;

use super::journey::Journey;
use super::language::VERBS;
use super::views;

#[test]
fn the_readme_names_every_verb() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let named = |verb: &str| readme.contains(&format!("`{verb}`"));
    let missing: Vec<_> = VERBS.iter().map(|(verb, _)| verb).filter(|verb| !named(verb)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_verb_is_in_some_journey() {
    let text: String = steps().map(|step| step.to_string()).collect();
    let played = |verb: &str| text.contains(&format!("\"{verb}\":{{"));
    let missing: Vec<_> = VERBS.iter().map(|(verb, _)| verb).filter(|verb| !played(verb)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_journey_says_which_rows_it_plays_and_every_row_of_a_phone_is_played() {
    let mut played = BTreeSet::new();
    let numbered =
        |word: &String, letter| word.strip_prefix(letter).is_some_and(|rest| rest.parse::<u8>().is_ok());
    for (name, journey) in Journey::all() {
        assert!(!journey.rows.is_empty() && journey.rows.iter().all(|row| numbered(row, 'R')), "{name}");
        assert!(journey.properties.iter().all(|row| numbered(row, 'P')), "{name}");
        played.extend(journey.rows);
    }
    let missing: Vec<_> = ROWS.iter().filter(|row| !played.contains(**row)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn there_are_enough_journeys_and_enough_of_them_live() {
    let all = Journey::all();
    let live = all.iter().filter(|(_, journey)| journey.live).count();
    assert!(all.len() >= 36 && live >= 12, "{} journeys, {live} live", all.len());
}

#[test]
fn every_error_is_expected_somewhere_or_has_a_reason_why_not() {
    let mut expected = BTreeSet::new();
    steps().for_each(|step| kinds(&step, &mut expected));
    for kind in every_kind() {
        let excused = UNREACHABLE.iter().any(|(one, _)| *one == kind);
        assert_ne!(expected.contains(&kind), excused, "{kind}: expected by a journey, or excused");
    }
}

/// Every step, as it is in its file.
fn steps() -> impl Iterator<Item = Value> {
    Journey::all().into_iter().flat_map(|(_, journey)| journey.steps).map(Value::Object)
}

/// The kinds of all errors that are expected in `value`.
fn kinds(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| kinds(item, found)),
        Value::Object(fields) => {
            for (name, field) in fields {
                if let (true, Some(kind)) =
                    (["error", "why"].contains(&name.as_str()), field["kind"].as_str())
                {
                    found.insert(kind.to_owned());
                }
                kinds(field, found);
            }
        }
        _ => {}
    }
}

/// One error of each variant; a new variant does not compile until `after` knows it.
fn every_kind() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut next = Some(TokenError::AlreadyUsed);
    while let Some(error) = next {
        assert!(all.insert(views::variant(&error)), "{error:?} comes twice");
        next = after(&error);
    }
    all
}

fn after(error: &TokenError) -> Option<TokenError> {
    use softtoken_core::error::*;
    Some(match error {
        TokenError::AlreadyUsed => TokenError::ConsentNeeded,
        TokenError::ConsentNeeded => TokenError::Declined,
        TokenError::Declined => TokenError::DeviceKeyLost,
        TokenError::DeviceKeyLost => TokenError::Expired,
        TokenError::Expired => TokenError::Internal,
        TokenError::Internal => TokenError::NoNetwork,
        TokenError::NoNetwork => TokenError::NotForThisApp,
        TokenError::NotForThisApp => TokenError::PinBlocked,
        TokenError::PinBlocked => TokenError::StaleInput,
        TokenError::StaleInput => TokenError::Superseded,
        TokenError::Superseded => TokenError::UnknownIdentity,
        TokenError::UnknownIdentity => TokenError::VaultBusy,
        TokenError::VaultBusy => TokenError::VaultDamaged,
        TokenError::VaultDamaged => TokenError::VaultExists,
        TokenError::VaultExists => TokenError::VaultLocked,
        TokenError::VaultLocked => TokenError::Void,
        TokenError::Void => TokenError::ActivationPending { id: [0; 16] },
        TokenError::ActivationPending { .. } => {
            TokenError::DeviceKeyFailed { problem: DeviceKeyProblem::Transient }
        }
        TokenError::DeviceKeyFailed { .. } => TokenError::InputNeeded { what: Needed::Pin },
        TokenError::InputNeeded { .. } => TokenError::NameTaken { suggestion: String::new() },
        TokenError::NameTaken { .. } => {
            TokenError::NotUnderstood { part: Part::Text, problem: Problem::Empty, position: None }
        }
        TokenError::NotUnderstood { .. } => TokenError::NotYet { feature: Feature::Push },
        TokenError::NotYet { .. } => TokenError::PinRefused { problem: PinProblem::Run },
        TokenError::PinRefused { .. } => TokenError::ServerRefused { status: 500 },
        TokenError::ServerRefused { .. } => {
            TokenError::Stopped { why: StopReason::Deleted, since: softtoken_core::time::UnixTime(0) }
        }
        TokenError::Stopped { .. } => TokenError::Unsupported { what: Unsupported::Md5 },
        TokenError::Unsupported { .. } => TokenError::Untrusted { what: Untrusted::Reply },
        TokenError::Untrusted { .. } => TokenError::VaultFile { problem: FileProblem::Full },
        TokenError::VaultFile { .. } => TokenError::VaultTooNew { found: 0, known: 0 },
        TokenError::VaultTooNew { .. } => TokenError::VerificationOpen { kind: VerificationKind::Face },
        TokenError::VerificationOpen { .. } => TokenError::VerificationRefused {
            kind: VerificationKind::Face,
            reason: VerificationRefusal::Other,
        },
        TokenError::VerificationRefused { .. } => TokenError::WrongPassword { tries_left: None },
        TokenError::WrongPassword { .. } => TokenError::WrongPin { attempts_left: 0 },
        TokenError::WrongPin { .. } => TokenError::WrongUnlockCode { tries_left: 0 },
        TokenError::WrongUnlockCode { .. } => return None,
    })
}

/// Rows of the product that a phone has.
const ROWS: [&str; 21] = [
    "R1", "R2", "R3", "R5", "R6", "R7", "R8", "R9", "R10", "R11", "R13", "R14", "R15", "R16", "R17", "R18",
    "R19", "R21", "R23", "R24", "R25",
];

/// Errors that no journey can reach, and why.
const UNREACHABLE: [(&str, &str); 2] = [
    (
        "Declined",
        "said to a message 3 whose nonce is not the one committed to, which this device never sends; a declined rekey \
         ends as a refresh",
    ),
    ("Internal", "a fault of ours: whoever knows a way to it has found a bug, and repairs that"),
];
