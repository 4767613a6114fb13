//! Links taken apart: scheme, place and parameters, each percent-decoded once and strictly.
//!
//! A general URL parser is no help here: labels come with raw spaces and raw UTF-8, secrets with raw
//! padding, `#` belongs to the text, and positions in errors must count the characters that were
//! written. Decoded texts may be secrets, so they are wiped on drop.

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::request::Refusal;
use crate::error::{Part, Problem};

/// `scheme://place?query`, borrowed and not yet decoded.
pub(super) struct Link<'a> {
    /// The scheme as written.
    pub(super) scheme: &'a str,
    /// What stands between `://` and the first `?`.
    pub(super) place: &'a str,
    /// What follows the first `?`.
    pub(super) query: Query<'a>,
}

impl<'a> Link<'a> {
    /// `None` when `text` is no link with `://`.
    pub(super) fn split(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        if !is_scheme(scheme) {
            return None;
        }
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        Some(Self { scheme, place, query: Query(query) })
    }

    /// Whether the scheme is `name`, without case: QR codes in alphanumeric mode are upper case.
    pub(super) fn has_scheme(&self, name: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(name)
    }

    /// The place up to the first `/`, and what follows it.
    pub(super) fn host_and_path(&self) -> (&'a str, &'a str) {
        self.place.split_once('/').unwrap_or((self.place, ""))
    }
}

/// The parameters of a link. The first of two with the same name wins; names have no case.
pub(super) struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    /// The value as written; an empty text for a name without `=`.
    pub(super) fn raw(&self, name: &str) -> Option<&'a str> {
        self.pairs().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The decoded value; `+` is a space, as in forms.
    pub(super) fn text(&self, name: &str, part: Part) -> Result<Option<Zeroizing<String>>, Refusal> {
        self.raw(name).map(|raw| decode(raw, b' ', part)).transpose()
    }

    /// The value as a number; an empty value counts as none.
    pub(super) fn number(&self, name: &str, part: Part) -> Result<Option<u64>, Refusal> {
        let Some(text) = self.text(name, part)?.filter(|text| !text.is_empty()) else { return Ok(None) };
        if let Some(bad) = text.chars().position(|c| !c.is_ascii_digit()) {
            return Err(Refusal::at(part, Problem::BadCharacter, position(bad)));
        }
        text.parse().map(Some).map_err(|_| Refusal::part(part, Problem::OutOfRange))
    }

    /// Whether a flag is set: `true` in any case, or `1`.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.raw(name).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
    }

    /// Whether a parameter's name begins with `prefix`.
    pub(super) fn has_prefix(&self, prefix: &str) -> bool {
        self.pairs().any(|(key, _)| {
            key.split_at_checked(prefix.len()).is_some_and(|(head, _)| head.eq_ignore_ascii_case(prefix))
        })
    }

    fn pairs(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        // At the first `=` only: Base32 and Base64 values come with raw padding.
        self.0.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }
}

/// `text` percent-decoded once, with `plus` in place of a raw `+`. A broken escape is an error, and
/// so is anything but UTF-8.
pub(super) fn decode(text: &str, plus: u8, part: Part) -> Result<Zeroizing<String>, Refusal> {
    let bad = || Refusal::part(part, Problem::BadEncoding);
    // The library lets broken escapes through.
    if text.split('%').skip(1).any(|after| !begins_with_hex_pair(after)) {
        return Err(bad());
    }
    // The whole capacity at once: a growing vector would leave copies of a secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    for (at, piece) in text.split('+').enumerate() {
        if at > 0 {
            bytes.push(plus);
        }
        bytes.extend(percent_decode_str(piece));
    }
    String::from_utf8(std::mem::take(&mut bytes)).map(Zeroizing::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        bad()
    })
}

/// The scheme of `text`, if it begins like a URI of any kind (`mailto:x` too, but no `Note: x`).
pub(super) fn scheme_of(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    (is_scheme(scheme) && rest.starts_with(|c: char| !c.is_whitespace())).then_some(scheme)
}

/// A character offset as errors carry it; every text here is far below 2^32 characters.
pub(super) fn position(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// RFC 3986 section 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn begins_with_hex_pair(text: &str) -> bool {
    text.as_bytes().first_chunk::<2>().is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
}
