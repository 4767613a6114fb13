//! Base32 (RFC 4648 section 6) as OTP secrets come: lower case, grouped, with or without padding.
//!
//! Reading drops separators and trailing `=`, ignores the case and ignores bits that do not fill a
//! byte (issuers cut keys at any length). Everything else outside `A–Z2–7` is an error with its
//! position: a key is never repaired in silence. [`decode_typed`] is the one exception, for keys
//! that were typed by hand. Writing gives upper case without padding.

use zeroize::Zeroizing;

use super::{is_separator, position};
use crate::secret::SecretBytes;

/// Why a text is not Base32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Base32Error {
    /// There is not one whole byte in it.
    #[error("the key is empty")]
    Empty,
    /// A character outside `A–Z2–7`.
    #[error("the key has a character that cannot be there")]
    BadCharacter {
        /// Characters before it in the text as given.
        position: u32,
    },
    /// More than [`MAX_BYTES`] bytes.
    #[error("the key is too long")]
    TooLong,
}

/// The 32 characters in the order of their values.
pub(crate) const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Most bytes that a text may hold; the longest HMAC key in use has 128.
pub const MAX_BYTES: usize = 1024;

/// The bytes of `text`. Separators, trailing `=` and leftover bits are dropped, case does not matter.
pub fn decode(text: &str) -> Result<SecretBytes, Base32Error> {
    decode_with(text, |c| c)
}

/// [`decode`] for a key typed by hand: `1` is read as `I` and `0` as `O`, which look alike
/// (`8` is not read as `B`). Never for links and QR codes, where `0` and `1` mean a damaged text.
pub fn decode_typed(text: &str) -> Result<SecretBytes, Base32Error> {
    decode_with(text, |c| match c {
        '0' => 'O',
        '1' => 'I',
        other => other,
    })
}

/// `bytes` as Base32 in upper case, without padding.
pub fn encode(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().div_ceil(5).saturating_mul(8)));
    for chunk in bytes.chunks(5) {
        let bits =
            chunk.iter().zip([32, 24, 16, 8, 0]).fold(0_u64, |bits, (&b, at)| bits | u64::from(b) << at);
        let letters = (chunk.len() * 8).div_ceil(5);
        for at in [35, 30, 25, 20, 15, 10, 5, 0].into_iter().take(letters) {
            text.push(letter(bits >> at));
        }
    }
    text
}

fn decode_with(text: &str, repair: impl Fn(char) -> char) -> Result<SecretBytes, Base32Error> {
    // The whole capacity at once: a growing vector would leave copies of the key behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len().min(MAX_BYTES * 2) * 5 / 8));
    let (mut bits, mut held) = (0_u32, 0_u32);
    let mut padding = None;
    for (offset, c) in text.chars().enumerate() {
        if is_separator(c) {
            continue;
        }
        if c == '=' {
            padding.get_or_insert(offset);
            continue;
        }
        if let Some(padding) = padding {
            return Err(Base32Error::BadCharacter { position: position(padding) });
        }
        let five = value(repair(c)).ok_or(Base32Error::BadCharacter { position: position(offset) })?;
        bits = bits << 5 | five;
        held += 5;
        if held >= 8 {
            held -= 8;
            if bytes.len() == MAX_BYTES {
                return Err(Base32Error::TooLong);
            }
            bytes.push((bits >> held & 0xff) as u8);
            bits &= (1 << held) - 1;
        }
    }
    if bytes.is_empty() { Err(Base32Error::Empty) } else { Ok(SecretBytes::new(std::mem::take(&mut bytes))) }
}

fn value(c: char) -> Option<u32> {
    let c = c.to_ascii_uppercase();
    match c {
        'A'..='Z' => Some(u32::from(c) - u32::from('A')),
        '2'..='7' => Some(u32::from(c) - u32::from('2') + 26),
        _ => None,
    }
}

fn letter(bits: u64) -> char {
    // Five bits are always in the alphabet.
    char::from(LETTERS.get((bits & 31) as usize).copied().unwrap_or_default())
}
