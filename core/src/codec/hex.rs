//! Hexadecimal text (RFC 4648 section 8), either case in, lower case out.
//!
//! Strict: no separators, no `0x`, two digits for each byte. Texts that people type are Base32 or
//! decimal; hexadecimal comes from files and links only.

use zeroize::Zeroizing;

use super::position;
use crate::secret::SecretBytes;

/// Why a text is not hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HexError {
    /// There is nothing in it.
    #[error("the hexadecimal text is empty")]
    Empty,
    /// A character outside `0–9a–fA–F`.
    #[error("the hexadecimal text has a character that cannot be there")]
    BadCharacter {
        /// Characters before it.
        position: u32,
    },
    /// An odd number of digits.
    #[error("the hexadecimal text has an odd number of digits")]
    OddLength,
    /// More than [`MAX_BYTES`] bytes.
    #[error("the hexadecimal text is too long")]
    TooLong,
}

/// Most bytes that a text may hold.
pub const MAX_BYTES: usize = 1024;

/// The bytes of `text`.
pub fn decode(text: &str) -> Result<SecretBytes, HexError> {
    if text.is_empty() {
        return Err(HexError::Empty);
    }
    if text.len() > MAX_BYTES * 2 {
        return Err(HexError::TooLong);
    }
    if let Some(bad) = text.chars().position(|c| !c.is_ascii_hexdigit()) {
        return Err(HexError::BadCharacter { position: position(bad) });
    }
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return Err(HexError::OddLength) };
    Ok(SecretBytes::new(pairs.iter().map(|&[high, low]| value(high) << 4 | value(low)).collect()))
}

/// `bytes` as lower-case hexadecimal text.
pub fn encode(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().saturating_mul(2)));
    for byte in bytes {
        text.push(char::from(digit(byte >> 4)));
        text.push(char::from(digit(byte & 15)));
    }
    text
}

/// The value of a hexadecimal digit; callers have checked that it is one.
pub(crate) fn value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20).wrapping_sub(b'a').wrapping_add(10),
    }
}

/// The lower-case digit of `nibble`, 0 to 15.
pub(crate) fn digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + (nibble & 15) - 10 }
}
