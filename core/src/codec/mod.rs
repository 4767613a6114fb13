//! Text forms of numbers and bytes: Base32, hexadecimal, decimal codes with a check digit.
//!
//! Every reader is total: any text gives a value or a typed error whose position counts characters
//! (not bytes) of the text as it was given. People copy codes from mails and read them off screens,
//! so separators are dropped wherever they stand: white space and hyphens, also the typographic
//! hyphens that mail programs put in place of the plain one.
//!
//! | Module | Form | Used for |
//! |---|---|---|
//! | [`base32`] | RFC 4648 section 6, forgiving | OTP secrets |
//! | [`hex`] | RFC 4648 section 8, case-free | OTP secrets of mOTP and OCRA, sessions |
//! | [`decimal`] | ISO/IEC 7812 check digit | serial number, activation, registration, reset code |

pub mod base32;
pub mod decimal;
pub mod hex;

/// White space and hyphens: what people put between groups.
pub(crate) fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{2013}')
}

/// A character offset as the errors carry it. Every text is limited far below 2^32 characters.
pub(crate) fn position(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
