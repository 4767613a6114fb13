//! Variables, and what is compared: the one matcher of the journeys.

use std::collections::BTreeMap;

use serde_json::Value;

/// What steps have taken from results.
pub type Variables = BTreeMap<String, Value>;

/// `value` with every text `$name` replaced by the variable.
pub fn filled(value: &Value, variables: &Variables) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => match text.strip_prefix('$') {
            Some(name) => variables.get(name).cloned().ok_or_else(|| format!("no variable {name}"))?,
            None => value.clone(),
        },
        Value::Array(items) => items.iter().map(|item| filled(item, variables)).collect::<Result<_, _>>()?,
        Value::Object(fields) => {
            let filled = fields.iter().map(|(name, item)| Ok((name.clone(), filled(item, variables)?)));
            Value::Object(filled.collect::<Result<_, String>>()?)
        }
        _ => value.clone(),
    })
}

/// Where and how `got` is not what is expected; `None` when it is.
pub fn difference(expected: &Value, got: &Value, at: &str) -> Option<String> {
    match (expected, got) {
        (Value::Object(expected), Value::Object(fields)) => expected.iter().find_map(|(name, expected)| {
            let inside = format!("{at}.{name}");
            match fields.get(name) {
                Some(got) => difference(expected, got, &inside),
                None => Some(format!("{inside}: there is no such field")),
            }
        }),
        (Value::Array(expected), Value::Array(items)) if expected.len() == items.len() => {
            let pairs = expected.iter().zip(items).enumerate();
            pairs
                .map(|(at_item, (expected, got))| difference(expected, got, &format!("{at}.{at_item}")))
                .find_map(|one| one)
        }
        (Value::String(shape), Value::String(text)) if shape.starts_with('~') => {
            (!has_shape(text, &shape[1..])).then(|| format!("{at}: expected the shape {shape}, got {text:?}"))
        }
        _ => (expected != got).then(|| format!("{at}: expected {expected}, got {got}")),
    }
}

/// `9` stands for a digit, a last `*` for any rest, everything else for itself.
fn has_shape(text: &str, shape: &str) -> bool {
    let (shape, open) = match shape.strip_suffix('*') {
        Some(shape) => (shape, true),
        None => (shape, false),
    };
    let (text, shape): (Vec<char>, Vec<char>) = (text.chars().collect(), shape.chars().collect());
    let long_enough = if open { text.len() >= shape.len() } else { text.len() == shape.len() };
    let same =
        |(one, wanted): (&char, &char)| if *wanted == '9' { one.is_ascii_digit() } else { one == wanted };
    long_enough && text.iter().zip(&shape).all(same)
}

/// The part of `value` at `path`: names of fields and places in lists between dots; `.` is the whole.
pub fn part(value: &Value, path: &str) -> Option<Value> {
    let mut found = value;
    for name in path.split('.').filter(|name| !name.is_empty()) {
        found = match found {
            Value::Array(items) => items.get(name.parse::<usize>().ok()?)?,
            _ => found.get(name)?,
        };
    }
    Some(found.clone())
}

#[test]
fn what_is_named_must_be_equal_and_nothing_else() {
    let got = serde_json::json!({"a": 1, "b": [{"c": "12-34"}, null], "d": null});
    for right in [
        serde_json::json!({"a": 1}),
        serde_json::json!({"b": [{"c": "~99-99"}, null], "d": null}),
        serde_json::json!({"b": [{"c": "~12*"}, null]}),
    ] {
        assert_eq!(difference(&right, &got, ""), None);
    }
    for wrong in [
        serde_json::json!({"a": 2}),
        serde_json::json!({"e": null}),
        serde_json::json!({"b": [{}]}),
        serde_json::json!({"b": [{"c": "~99-9"}, null]}),
        serde_json::json!({"b": [{"c": "~13*"}, null]}),
        serde_json::json!({"d": {}}),
    ] {
        assert!(difference(&wrong, &got, "").is_some(), "{wrong}");
    }
}
