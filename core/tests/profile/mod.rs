//! What the tests of the activation profile share: vector files, hexadecimal, refusals as one line.
#![allow(dead_code, unused_imports, reason = "each test file uses its part")]

#[path = "../doors_support/mod.rs"]
mod doors_support;

pub use doors_support::{text, vectors};
use serde_json::Value;
use softtoken_core::activation::request::Refusal;
use softtoken_core::activation::state::FieldProblem;

/// The rows of one section, their number printed.
pub fn rows<'a>(file: &'a Value, name: &str, section: &str) -> &'a [Value] {
    let rows = file[section].as_array().unwrap();
    assert!(!rows.is_empty(), "{section}");
    eprintln!("vectors: {name} {} rows ({section})", rows.len());
    rows
}

pub fn number(row: &Value, member: &str) -> u64 {
    row[member].as_u64().unwrap_or_else(|| panic!("{member} in {row}"))
}

pub fn unhex(hex: &str) -> Vec<u8> {
    softtoken_core::codec::hex::decode(hex).unwrap_or_else(|_| panic!("hex: {hex}")).expose().to_vec()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A refusal in the words of the `expect` lines of vectors and bad files.
pub fn line(refusal: impl Into<Refusal>) -> String {
    doors_support::describe(&refusal.into())
}

/// The problems of several fields, one line each.
pub fn lines(problems: Vec<FieldProblem>) -> Vec<String> {
    problems.into_iter().map(line).collect()
}
