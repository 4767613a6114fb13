//! The unique name of an identity.
//!
//! | Form | Made by | Used for |
//! |---|---|---|
//! | shown | NFC, invisible characters removed, white space collapsed and trimmed, 1 to 64 characters | lists, [`IdentityName::as_str`] |
//! | skeleton | NFKC, full case folding, invisible characters removed, UTS 39 skeleton, until nothing changes | comparing, [`IdentityName::skeleton`] |
//!
//! Two names clash exactly when their skeletons are equal: `Bank`, ` bank `, `BANK`, `Bаnk` with a Cyrillic а.
//! Folding goes first, so look-alikes among capital letters only (a Cyrillic В in `BANK`) are not seen.
//!
//! Case folding and character properties come from ICU4X, which Unicode itself maintains and which
//! `url` brings along anyway. The skeletons in a vault file depend on the tables of these crates: a
//! test holds a digest over all of Unicode, so that an update of a crate cannot change them unnoticed.

use icu_casemap::CaseMapper;
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::UnicodeNormalization;

use super::lookalike::prototypes;

/// A name as the user reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityName(String);

/// Why a text cannot be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing visible is left of it.
    #[error("the name is empty")]
    Empty,
    /// More than [`MAX_NAME_CHARS`] characters.
    #[error("the name is too long")]
    TooLong,
}

impl IdentityName {
    /// Cleans `text` up into its shown form; cleaning a shown form changes nothing.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let shown = tidy(text);
        match shown.chars().count() {
            0 => Err(NameError::Empty),
            1..=MAX_NAME_CHARS => Ok(Self(shown)),
            _ => Err(NameError::TooLong),
        }
    }

    /// The name offered for a new identity: `issuer: account`, else either of them, else the serial
    /// number, cut to 64 characters. `None` when all are empty.
    pub fn default_for(issuer: &str, account: &str, serial: Option<&str>) -> Option<Self> {
        let (issuer, account) = (tidy(issuer), tidy(account));
        let wanted = match (issuer.is_empty(), account.is_empty()) {
            (false, false) => format!("{issuer}: {account}"),
            (false, true) => issuer,
            (true, false) => account,
            (true, true) => tidy(serial?),
        };
        Self::new(&cut(&wanted, MAX_NAME_CHARS)).ok()
    }

    /// A free name close to `wanted`: `Bank (2)`, `Bank (3)`, …, cut in front of the number to stay within 64 characters.
    pub fn suggest(wanted: &Self, taken: impl Fn(&Self) -> bool) -> Self {
        let (base, first) = numbered(&wanted.0);
        for number in first..=u32::MAX {
            let suffix = format!(" ({number})");
            let room = MAX_NAME_CHARS.saturating_sub(suffix.len());
            let candidate = Self(format!("{}{suffix}", cut(base, room)));
            if !taken(&candidate) {
                return candidate;
            }
        }
        wanted.clone()
    }

    /// The name as it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that is compared. Never shown; the skeleton of a skeleton is itself.
    pub fn skeleton(&self) -> String {
        skeleton(&self.0)
    }

    /// True when the two cannot be in one vault.
    pub fn clashes_with(&self, other: &Self) -> bool {
        self.skeleton() == other.skeleton()
    }
}

/// The skeleton of any text: what [`IdentityName::skeleton`] computes.
pub fn skeleton(text: &str) -> String {
    let mut now = one_pass(text);
    for _ in 0..MAX_PASSES {
        let next = one_pass(&now);
        if next == now {
            break;
        }
        now = next;
    }
    now
}

/// One pass is not enough: the UTS 39 prototype of the digit 0 is a capital O, for instance.
fn one_pass(text: &str) -> String {
    let compatible: String = text.nfkc().collect();
    let folded = CaseMapper::new().fold_string(&compatible);
    let visible: String = folded.chars().filter(|c| !is_invisible(*c)).collect();
    let prototypes = prototypes(&visible);
    collapse_spaces(&prototypes)
}

fn tidy(text: &str) -> String {
    // White space first: tab and line feed are control characters too, and separate words.
    let visible: String = collapse_spaces(text).chars().filter(|c| !is_invisible(*c)).collect();
    collapse_spaces(&visible.nfc().collect::<String>())
}

fn collapse_spaces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Controls, bidirectional marks, zero-width and all other characters without a shape of their own.
fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c == BRAILLE_BLANK
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        || matches!(
            CodePointMapData::<GeneralCategory>::new().get(c),
            GeneralCategory::Control | GeneralCategory::Format
        )
}

fn cut(text: &str, chars: usize) -> String {
    let cut: String = text.chars().take(chars).collect();
    cut.trim_end().to_owned()
}

/// `Bank (2)` → `Bank`, 3; `Bank` → `Bank`, 2.
fn numbered(name: &str) -> (&str, u32) {
    name.strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" ("))
        .and_then(|(base, digits)| {
            let number: u32 = digits.parse().ok()?;
            ((2..1_000_000).contains(&number) && !base.is_empty()).then(|| (base, number.saturating_add(1)))
        })
        .unwrap_or((name, 2))
}

/// Longest name, in characters (Unicode scalar values) of the shown form.
pub const MAX_NAME_CHARS: usize = 64;
/// Three passes settle every character of Unicode; the rest is a safety margin.
const MAX_PASSES: usize = 16;
/// Looks like a space and is none by its properties.
const BRAILLE_BLANK: char = '\u{2800}';
