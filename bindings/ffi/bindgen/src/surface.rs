//! x
use crate::Language;
/// x
pub fn surface(_language: Language, _source: &str) -> String {
    String::new()
}
