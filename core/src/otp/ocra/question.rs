//! The question of a challenge as the 128 bytes that enter the HMAC (RFC 6287 section 5.1).

use super::suite::{Question, QuestionKind};
use crate::codec::{hex, position};
use crate::otp::OtpError;

/// Bytes of a question in the message.
const BYTES: usize = 128;

/// `text` as the suite reads it, padded with zeros on the right.
///
/// - `A`: the ASCII characters.
/// - `H`: hexadecimal digits; an odd last digit is the high half of its byte.
/// - `N`: the decimal number written in hexadecimal *from the first byte on*, so that a number with
///   an odd count of hexadecimal digits is shifted by half a byte, as the RFC's reference code does.
///
/// A mutual challenge is two questions one after the other, so twice the suite's length is allowed.
pub(super) fn bytes(question: Question, text: &str) -> Result<[u8; BYTES], OtpError> {
    if text.is_empty() {
        return Err(OtpError::QuestionEmpty);
    }
    if let Some(bad) = text.chars().position(|c| !question.kind.allows(c)) {
        return Err(OtpError::QuestionCharacter { position: position(bad) });
    }
    if text.len() > usize::from(question.max_length).saturating_mul(2) {
        return Err(OtpError::QuestionTooLong);
    }
    Ok(match question.kind {
        QuestionKind::Alphanumeric => filled(text.bytes()),
        QuestionKind::Hex => packed(text.bytes().map(hex::value)),
        QuestionKind::Numeric => {
            let number = nibbles(text);
            let leading = number.iter().take_while(|&&nibble| nibble == 0).count();
            packed(number.into_iter().skip(leading))
        }
    })
}

/// The decimal number of at most 128 digits in hexadecimal, most significant nibble first.
fn nibbles(decimal: &str) -> [u8; BYTES] {
    let mut number = [0_u8; BYTES];
    for digit in decimal.bytes() {
        let mut carry = digit & 15;
        // A number has no more hexadecimal digits than decimal ones.
        for nibble in number.iter_mut().rev().take(decimal.len()) {
            let value = nibble.wrapping_mul(10).wrapping_add(carry);
            *nibble = value & 15;
            carry = value >> 4;
        }
    }
    number
}

/// Two nibbles to a byte, the first one high.
fn packed(nibbles: impl Iterator<Item = u8>) -> [u8; BYTES] {
    let mut nibbles = nibbles;
    filled(std::iter::from_fn(|| nibbles.next().map(|high| high << 4 | nibbles.next().unwrap_or(0))))
}

fn filled(bytes: impl Iterator<Item = u8>) -> [u8; BYTES] {
    let mut out = [0; BYTES];
    for (place, byte) in out.iter_mut().zip(bytes) {
        *place = byte;
    }
    out
}
