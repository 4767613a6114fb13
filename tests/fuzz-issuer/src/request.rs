//! One request from bytes: three that choose, a line for the query or a path where they say so, then the body.
//!
//! | Byte | Chooses |
//! |---|---|
//! | 0 | the operation: one of the OpenAPI document's, or one of the other addresses |
//! | 1 | bits 0-2 the id in its path, 3-5 the kind of its body, 6-7 the key |
//! | 2 | bits 0-3 the method, its own mostly, 4 a query follows, 5 a path follows, 6 another host, 7 an hour passes |

use std::sync::LazyLock;

use serde_json::Value;
use softtoken_issuer::rest;

/// Ends a request; it is in no UTF-8.
pub const END: u8 = 0xff;

/// A method at a path.
pub struct Operation {
    pub method: String,
    pub path: String,
    /// Statuses that the OpenAPI document names; none for addresses that it leaves out.
    pub statuses: Vec<u16>,
}

/// What is sent.
pub struct Request<'a> {
    pub operation: &'static Operation,
    /// Another method than the operation's.
    pub other_method: Option<&'static str>,
    /// Which id stands in the path.
    pub id: usize,
    pub content_type: Option<&'static str>,
    /// Which API key is shown.
    pub key: usize,
    pub query: Option<&'a [u8]>,
    pub path: Option<&'a [u8]>,
    pub other_host: bool,
    pub an_hour_passes: bool,
    pub body: &'a [u8],
}

/// Everything that the issuer answers.
pub static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let document = serde_json::to_value(rest::document()).expect("a document");
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in ["get", "put", "post", "delete"] {
            if let Some(operation) = item.get(method) {
                let statuses = statuses(operation);
                all.push(Operation { method: method.to_uppercase(), path: path.clone(), statuses });
            }
        }
    }
    assert!(all.len() >= 15, "{} operations", all.len());
    all.extend(OTHERS.iter().map(|(method, path)| Operation {
        method: (*method).to_owned(),
        path: (*path).to_owned(),
        statuses: Vec::new(),
    }));
    all
});

impl<'a> Request<'a> {
    /// Reads one; `None` for less than three bytes.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let ([operation, who, how], rest) = bytes.split_first_chunk::<3>()?;
        let operation = &OPERATIONS[usize::from(*operation) % OPERATIONS.len()];
        let (line, body) = match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) if how & 0x30 != 0 => (Some(&rest[..end]), &rest[end + 1..]),
            _ => (None, rest),
        };
        Some(Self {
            operation,
            other_method: METHODS.get(usize::from(how & 0xf)).copied(),
            id: usize::from(who & 7),
            content_type: CONTENT_TYPES[usize::from(who >> 3 & 7)],
            key: usize::from(who >> 6),
            query: line.filter(|_| how & 0x20 == 0),
            path: line.filter(|_| how & 0x20 != 0),
            other_host: how & 0x40 != 0,
            an_hour_passes: how & 0x80 != 0,
            body,
        })
    }
}

/// The bytes of a request with its operation's own method, an administrator's key and JSON.
pub fn write(operation: usize, id: u8, body: &str) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(operation).expect("few operations"), id, OWN_METHOD];
    bytes.extend(body.as_bytes());
    bytes
}

fn statuses(operation: &Value) -> Vec<u16> {
    let responses = operation["responses"].as_object().expect("responses");
    responses.keys().map(|status| status.parse().expect("a status")).collect()
}

/// What the document leaves out: the devices' side and the page of the links.
const OTHERS: [(&str, &str); 6] = [
    ("POST", "/softtoken/2/open"),
    ("POST", "/softtoken/2/sealed"),
    ("GET", "/.well-known/softtoken"),
    ("GET", "/a"),
    ("GET", "/api/openapi.json"),
    ("GET", "/"),
];
const METHODS: [&str; 7] = ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"];
/// Behind the methods.
const OWN_METHOD: u8 = 8;
const CONTENT_TYPES: [Option<&str>; 8] = [
    Some("application/json"),
    Some("application/json; charset=utf-8"),
    Some("APPLICATION/JSON"),
    None,
    Some("application/octet-stream"),
    Some("application/x-www-form-urlencoded"),
    Some("multipart/form-data; boundary=x"),
    Some("application/json\u{e9}"),
];
