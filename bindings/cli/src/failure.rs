//! What ends a command early: the kind and payload that scripts read, the sentence that people
//! read, and the exit code. Holds nothing of what the user typed or scanned.

use std::path::Path;

use serde_json::{Map, Value, json};
use softtoken_core::TokenError;
use softtoken_core::error::Needed;

use crate::{error_json, exit_code, texts};

/// Why a command ended early.
pub struct Failure {
    kind: &'static str,
    code: u8,
    message: String,
    payload: Map<String, Value>,
}

impl Failure {
    /// The arguments do not fit together.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { kind: "Usage", code: exit_code::USAGE, message: message.into(), payload: Map::new() }
    }

    /// A file that the user named cannot be used.
    pub fn file(path: &Path, fault: FileFault) -> Self {
        let (word, why) = fault.words();
        let path = texts::printable(&path.to_string_lossy());
        let payload = Map::from_iter([("problem".to_owned(), json!(word)), ("file".to_owned(), json!(path))]);
        let code = if fault == FileFault::OpenToOthers { exit_code::USAGE } else { exit_code::OTHER };
        Self { kind: "File", code, message: format!("{path} {why}"), payload }
    }

    /// Something only a person can supply.
    pub fn needs(what: Needed) -> Self {
        TokenError::InputNeeded { what }.into()
    }

    /// The same failure with one more field in its JSON.
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.payload.insert(field.to_owned(), value.into());
        self
    }

    /// The same failure with another sentence.
    pub fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// The same failure with another sentence where its `problem` is this one.
    pub fn saying_of(self, problem: &str, message: &str) -> Self {
        if self.payload.get("problem").is_some_and(|word| word == problem) {
            self.saying(message)
        } else {
            self
        }
    }

    /// One line for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The process's exit code.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// `{"kind", "message", …payload}`.
    pub fn to_json(&self) -> Value {
        let mut fields = Map::new();
        fields.insert("kind".into(), json!(self.kind));
        fields.insert("message".into(), json!(self.message));
        fields.extend(self.payload.clone());
        Value::Object(fields)
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        let (kind, code) = exit_code::verdict(&error);
        Self { kind, code, message: texts::sentence(&error), payload: error_json::payload(&error) }
    }
}

/// What is wrong with a file that the user named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFault {
    /// There is no such file.
    Missing,
    /// It exists and cannot be read or written.
    NoAccess,
    /// It holds a secret and others may read it.
    OpenToOthers,
    /// Larger than anything that belongs there.
    TooLarge,
    /// Not UTF-8.
    NotText,
    /// Any other failure.
    Other,
}

impl FileFault {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Missing => ("missing", "does not exist."),
            Self::NoAccess => ("no_access", "cannot be opened. Check its permissions."),
            Self::OpenToOthers => (
                "open_to_others",
                "holds a secret and others may read it. Use `chmod 600`, or --insecure-files.",
            ),
            Self::TooLarge => ("too_large", "is too large."),
            Self::NotText => ("not_text", "is not a text file."),
            Self::Other => ("other", "cannot be read."),
        }
    }
}

impl From<std::io::Error> for FileFault {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::Missing,
            std::io::ErrorKind::PermissionDenied => Self::NoAccess,
            std::io::ErrorKind::FileTooLarge => Self::TooLarge,
            std::io::ErrorKind::InvalidData => Self::NotText,
            _ => Self::Other,
        }
    }
}
