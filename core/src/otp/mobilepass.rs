//! Legacy MobilePASS, event-based: a typed code of four groups of five characters is the secret.
//!
//! In each group the fifth character checks the other four: the sum of their ASCII values, each
//! times its place (1 to 4), modulo 32, as a Base32 character. The 16 others are the Base32 text of
//! 10 bytes. Key = SHA-256(those bytes ‖ policy text ‖ four zero bytes); codes are HOTP with
//! HMAC-SHA-256 and six digits, counted from 0. MobilePASS+ is another product: its string is
//! recognised, so that the user can be told, and nothing more.

use base64::Engine;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::spec::strip_ignoring_case;
use crate::codec::base32;
use crate::codec::{is_separator, position};
use crate::secret::{Key, SecretBytes, sha256};

/// The 10 bytes of a MobilePASS activation code.
pub struct MobilePassCode(SecretBytes);

/// Why a text is no MobilePASS activation code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MobilePassError {
    /// There is no character in it.
    #[error("the MobilePASS code is empty")]
    Empty,
    /// A character outside `A–Z0–7`.
    #[error("the MobilePASS code has a character that cannot be there")]
    BadCharacter {
        /// Characters before it in the text as given.
        position: u32,
    },
    /// Fewer than 20 characters.
    #[error("the MobilePASS code is too short")]
    TooShort,
    /// More than 20 characters.
    #[error("the MobilePASS code is too long")]
    TooLong,
    /// The last character of a group does not fit the other four.
    #[error("a check character of the MobilePASS code does not fit")]
    CheckCharacter {
        /// The group, 0 to 3.
        group: u8,
    },
}

impl MobilePassCode {
    /// Reads a typed code: either case, separators anywhere, `0` for `O` and `1` for `I`.
    pub fn parse(text: &str) -> Result<Self, MobilePassError> {
        let characters = characters(text)?;
        let (groups, _) = characters.as_chunks::<5>();
        for (group, characters) in (0..).zip(groups) {
            let [body @ .., check] = characters;
            if check_character(body) != *check {
                return Err(MobilePassError::CheckCharacter { group });
            }
        }
        let mut body = Zeroizing::new(String::with_capacity(CHARACTERS));
        for [a, b, c, d, _] in groups {
            body.extend([a, b, c, d].map(|&byte| char::from(byte)));
        }
        // Sixteen Base32 characters always decode.
        base32::decode(&body).map(Self).map_err(|_| MobilePassError::Empty)
    }

    /// The key for [`CodeSpec::MobilePass`](super::CodeSpec::MobilePass) under the issuer's policy
    /// text, which most issuers leave empty.
    pub fn key(&self, policy: &str) -> Key<32> {
        sha256(&[self.0.expose(), policy.as_bytes(), &[0; 4]])
    }
}

/// True for the Base64 string that enrols MobilePASS+ (`EnrollmentURL=…` and user name inside).
pub fn is_mobilepass_plus(text: &str) -> bool {
    let text = text.trim();
    if text.len() > MAX_PLUS_TEXT {
        return false;
    }
    let engine = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let Ok(bytes) = engine.decode(text).map(Zeroizing::new) else { return false };
    std::str::from_utf8(&bytes)
        .is_ok_and(|text| text.lines().any(|line| strip_ignoring_case(line, "EnrollmentURL=").is_some()))
}

const CHARACTERS: usize = 20;

/// Far above any string of that kind.
const MAX_PLUS_TEXT: usize = 4096;

/// The characters in upper case, without separators, each one of the Base32 alphabet.
fn characters(text: &str) -> Result<Zeroizing<[u8; CHARACTERS]>, MobilePassError> {
    let mut characters = Zeroizing::new([0; CHARACTERS]);
    let mut places = characters.iter_mut();
    let mut any = false;
    for (offset, c) in text.chars().enumerate() {
        let read = match c.to_ascii_uppercase() {
            '0' => b'O',
            '1' => b'I',
            letter @ ('A'..='Z' | '2'..='7') => letter as u8,
            other if is_separator(other) => continue,
            _ => return Err(MobilePassError::BadCharacter { position: position(offset) }),
        };
        *places.next().ok_or(MobilePassError::TooLong)? = read;
        any = true;
    }
    match places.len() {
        0 => Ok(characters),
        _ if any => Err(MobilePassError::TooShort),
        _ => Err(MobilePassError::Empty),
    }
}

fn check_character(body: &[u8]) -> u8 {
    let sum = body.iter().zip(1..).fold(0_u32, |sum, (&byte, place)| {
        // Four bytes times at most four: far from the limit.
        sum.saturating_add(u32::from(byte).saturating_mul(place))
    });
    base32::LETTERS.get((sum % 32) as usize).copied().unwrap_or_default()
}
