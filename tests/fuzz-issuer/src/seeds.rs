//! Inputs to start from: every operation with a good body and a bad one, by every key, and a few whole stories.

use serde_json::{Value, json};

use crate::request::{END, OPERATIONS, write};
use crate::world::PSKC;

/// Seeds of the target `rest`.
pub fn rest() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (at, operation) in OPERATIONS.iter().enumerate() {
        let body = body(&operation.path, &operation.method);
        for id in 0..8 {
            seeds.push(write(at, id, &body));
        }
        // Helpdesk, an application, nobody; another kind of body; another method; half of the body.
        for (who, how) in [(0x40, 8), (0x80, 8), (0xc0, 8), (0x18, 8), (0x20, 8), (0, 4), (0, 5), (0, 0x48)] {
            let mut seed = write(at, 0, &body);
            (seed[1], seed[2]) = (who, how);
            seeds.push(seed);
        }
        seeds.push(write(at, 0, &body[..body.len() / 2]));
        seeds.push(write(at, 5, ""));
        let mut queried = write(at, 2, "tokenId=0123456789abcdef0123456789abcdef&limit=10&from=1\n");
        queried[2] |= 0x10;
        seeds.push(queried);
    }
    seeds.push(story(&[("changestate", r#"{"state":"INACTIVE"}"#), ("activation", "{}"), ("rekey", "")]));
    seeds.push(story(&[
        ("activation", r#"{"type":"ONLINE"}"#),
        ("activation", r#"{"registrationCode":"0000000000"}"#),
    ]));
    seeds
}

/// Requests to the addresses that end so, one after the other.
fn story(parts: &[(&str, &str)]) -> Vec<u8> {
    let find = |end: &str, body: &str| {
        let method = if body.contains("state") || body.contains("registrationCode") { "PUT" } else { "POST" };
        let at = OPERATIONS.iter().position(|one| one.path.ends_with(end) && one.method == method);
        write(at.expect("an operation"), 0, body)
    };
    parts.iter().map(|(end, body)| find(end, body)).collect::<Vec<_>>().join(&END)
}

/// What the operation takes.
fn body(path: &str, method: &str) -> String {
    let end = path.rsplit('/').next().unwrap_or_default();
    let document: Value = match (end, method) {
        ("users", "POST") => json!({ "userId": "chris", "email": "chris@example.test" }),
        ("find" | "userid", _) => json!({ "userId": "anna" }),
        ("changestate", _) => json!({ "state": "ACTIVE" }),
        ("unlock", _) => json!({ "unlockChallenge": "123456782" }),
        // Typed values cost a tenth of a second: this one has none.
        ("activation", "POST") => json!({ "type": "ONLINE", "confirmInPortal": true }),
        ("activation", "PUT") => json!({ "registrationCode": "0000000000", "response": "12345678" }),
        ("complete", _) => json!({ "userId": "anna", "response": "123456" }),
        ("{authenticator}", _) => json!({ "userId": "anna" }),
        ("reset", _) => json!({ "response": "123456", "nextResponse": "654321" }),
        ("pskc", _) => json!({ "file": PSKC }),
        ("assign", _) => json!({ "serialNumber": "HW-1", "response": "123456" }),
        _ => return String::new(),
    };
    document.to_string()
}
