//! Several links at once: a text or file with one link on each line, as other apps export them.
//!
//! Blank lines and lines that begin with `#` are skipped; line ends may be LF or CRLF, and a byte
//! order mark may come first. A line that cannot be added is reported by its number and the others
//! are offered. A line may be a page of a migration export; what is refused on it has the line's number.

use super::migration;
use super::otpauth::{self, Parsed};
use super::request::{Offers, Refusal, RefusedEntry};
use crate::error::{Part, Problem, Unsupported};

/// Whether `text` has several lines and a link that the doors to complete accounts read on one of them.
pub fn is_list(text: &str) -> bool {
    let is_link = |line| otpauth::is_ours(line) || migration::is_ours(line);
    text.len() <= MAX_TEXT && text.trim().contains('\n') && without_mark(text).lines().any(is_link)
}

/// [`parse`] for the bytes of a file, which must be UTF-8.
pub fn parse_bytes(bytes: &[u8]) -> Result<Offers, Refusal> {
    if bytes.len() > MAX_TEXT {
        return Err(Refusal::part(Part::Text, Problem::TooLong));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::part(Part::Text, Problem::BadEncoding))?;
    parse(text)
}

/// Reads every line. The places of refused entries are line numbers, counted from 1 over all lines.
pub fn parse(text: &str) -> Result<Offers, Refusal> {
    let too_long = || Refusal::part(Part::Text, Problem::TooLong);
    if text.len() > MAX_TEXT || text.lines().nth(MAX_LINES).is_some() {
        return Err(too_long());
    }
    let mut all = Offers { offers: Vec::new(), refused: Vec::new(), page: None };
    for (number, line) in (1..).zip(without_mark(text).lines().map(str::trim)) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match read(line) {
            Ok(found) => {
                all.offers.extend(found.offers);
                all.refused.extend(found.refused.into_iter().map(|r| RefusedEntry { entry: number, ..r }));
            }
            Err(why) => all.refused.push(RefusedEntry { entry: number, why }),
        }
        if all.offers.len().saturating_add(all.refused.len()) > MAX_ENTRIES {
            return Err(too_long());
        }
    }
    if all.offers.is_empty() && all.refused.is_empty() {
        return Err(Refusal::part(Part::Text, Problem::Empty));
    }
    Ok(all)
}

fn read(line: &str) -> Result<Offers, Refusal> {
    if migration::is_ours(line) {
        return migration::parse(line);
    }
    match otpauth::parse(line)? {
        Parsed::Account(offer) => Ok(Offers { offers: vec![offer], refused: Vec::new(), page: None }),
        // It needs a talk with its server, one at a time.
        Parsed::TwoStep(_) => Err(Refusal::Unsupported(Unsupported::TokenKind)),
    }
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Longest text that is read, in bytes.
pub const MAX_TEXT: usize = 1024 * 1024;
/// Most lines.
pub const MAX_LINES: usize = 10_000;
/// Most entries; a line with a migration page has many.
pub const MAX_ENTRIES: usize = 10_000;
