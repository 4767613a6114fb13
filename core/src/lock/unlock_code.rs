//! The unlock code: twelve characters and a check character that open a blocked vault.
//!
//! The issuer makes it from the recovery key K_rec that both sides keep, and from the PIN reset code
//! that the blocked app shows ([`UnlockCode::answer`]); a recovery code has the same shape and is
//! random. It is never compared with anything: it decrypts, or it does not. Normative text:
//! `core/PROTOCOL.md` section 10.
//!
//! ```text
//! 60 bits as twelve characters of Crockford's Base32, then one check character, shown XXXX-XXXX-XXXX-X
//! ```

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::codec::decimal::ResetCode;
use crate::codec::{is_separator, position};
use crate::otp::OtpError;
use crate::otp::ocra::{self, OcraSuite};
use crate::random::{NoRandom, Random};
use crate::secret::Key;

/// A well-formed unlock code, wiped on drop. No `Debug`, no `Clone`.
pub struct UnlockCode(Key<12>);

/// Why a text is no unlock code. Nothing is counted then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnlockCodeError {
    /// There is no character in it.
    #[error("the unlock code is empty")]
    Empty,
    /// A character that Crockford's Base32 does not have.
    #[error("the unlock code has a character that cannot be there")]
    BadCharacter {
        /// Characters before it in the text as given.
        position: u32,
    },
    /// Too few characters.
    #[error("the unlock code is too short")]
    TooShort,
    /// Too many characters.
    #[error("the unlock code is too long")]
    TooLong,
    /// The check character does not fit: something was misread.
    #[error("the check character does not fit")]
    CheckCharacter,
}

impl UnlockCode {
    /// Reads a code as people write it: separators anywhere, either case, `O` for 0, `I` and `L` for 1.
    pub fn parse(text: &str) -> Result<Self, UnlockCodeError> {
        let mut values = Zeroizing::new([0_u8; LENGTH]);
        let mut count = 0_usize;
        for (offset, c) in text.chars().enumerate().filter(|(_, c)| !is_separator(*c)) {
            let value = value(c).ok_or(UnlockCodeError::BadCharacter { position: position(offset) })?;
            if let Some(place) = values.get_mut(count) {
                *place = value;
            }
            count = count.saturating_add(1);
        }
        let [body @ .., check] = &*values;
        match count {
            0 => Err(UnlockCodeError::Empty),
            1..LENGTH => Err(UnlockCodeError::TooShort),
            LENGTH if check_value(body) == *check => Ok(Self(Key::new(*body))),
            LENGTH => Err(UnlockCodeError::CheckCharacter),
            _ => Err(UnlockCodeError::TooLong),
        }
    }

    /// The issuer's answer to a PIN reset code: the first 60 bits of the OCRA response of 0 digits.
    ///
    /// `address` in its canonical spelling, `serial` as ten digits.
    pub fn answer(
        recovery_key: &Key<32>,
        reset_code: &ResetCode,
        address: &str,
        serial: &str,
    ) -> Result<Self, OtpError> {
        // The suite is a constant of ours, so it always parses.
        let suite = OcraSuite::parse(SUITE).map_err(|_| OtpError::NeedsSession)?;
        let session: [u8; 32] =
            Sha256::new().chain_update(LABEL).chain_update(address).chain_update(serial).finalize().into();
        let inputs = ocra::Inputs {
            counter: None,
            question: reset_code.digits(),
            pin: None,
            session: Some(&session),
            time: None,
        };
        let response = ocra::respond(&suite, recovery_key.expose(), &inputs)?;
        Ok(Self::from_hex_digits(response.as_str().bytes()))
    }

    /// A random code: a recovery code.
    pub fn draw(random: &Random) -> Result<Self, NoRandom> {
        let bytes = random.key::<12>()?;
        Key::fill_with(|values| {
            for (value, byte) in values.iter_mut().zip(bytes.expose()) {
                *value = byte & 31;
            }
            Ok(())
        })
        .map(Self)
    }

    /// Upper case, in groups of four: what people read and type.
    pub fn shown(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(16));
        for (at, value) in self.0.expose().iter().chain([&check_value(self.0.expose())]).enumerate() {
            if at > 0 && at.is_multiple_of(4) {
                text.push('-');
            }
            text.push(character(*value));
        }
        text
    }

    /// The twelve characters in ASCII: what is stretched.
    pub fn characters(&self) -> Zeroizing<[u8; 12]> {
        let mut characters = Zeroizing::new([0; 12]);
        for (to, value) in characters.iter_mut().zip(self.0.expose()) {
            *to = u8::try_from(character(*value)).unwrap_or_default();
        }
        characters
    }

    /// Five hexadecimal digits hold four characters, the first digits first.
    fn from_hex_digits(digits: impl Iterator<Item = u8>) -> Self {
        let mut bits = digits.take(15).fold(0_u64, |bits, digit| {
            bits.wrapping_shl(4) | u64::from(crate::codec::hex::value(digit) & 15)
        });
        Self(Key::new(std::array::from_fn(|at| {
            let shift = u32::try_from(at).map_or(0, |at| 55_u32.saturating_sub(at.saturating_mul(5)));
            let value = bits.wrapping_shr(shift).to_le_bytes()[0] & 31;
            if at == 11 {
                bits = 0;
            }
            value
        })))
    }
}

/// Luhn's rule over 32 values instead of ten: every wrong character and every swap of neighbours but
/// 0 and Z changes it.
fn check_value(body: &[u8]) -> u8 {
    let sum = body.iter().rev().enumerate().fold(0_u8, |sum, (at, &value)| {
        let weighed = if at.is_multiple_of(2) { value.wrapping_mul(2) } else { value };
        sum.wrapping_add(weighed >> 5).wrapping_add(weighed & 31) & 31
    });
    32_u8.wrapping_sub(sum) & 31
}

fn value(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = ALPHABET.iter().position(|letter| char::from(*letter) == c)?;
    u8::try_from(place).ok()
}

fn character(value: u8) -> char {
    char::from(ALPHABET.get(usize::from(value & 31)).copied().unwrap_or_default())
}

/// The 32 characters of Crockford's Base32 in the order of their values.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// With the check character.
const LENGTH: usize = 13;
/// HMAC-SHA256 of a nine-digit question and 64 bytes of session, not truncated.
const SUITE: &str = "OCRA-1:HOTP-SHA256-0:QN09-S064";
/// Begins the input of the session hash.
const LABEL: &[u8] = b"softtoken/2 unlock";

/// The issuer's side of an unlock: the code for a PIN reset code, as the user reads it out.
///
/// Tests only, until there is an issuer. `None` when the reset code is none. `address` in its canonical spelling, `serial` as ten digits.
#[cfg(any(test, feature = "testing"))]
pub fn issuer_unlock_code(
    recovery_key: &Key<32>,
    reset_code: &str,
    address: &str,
    serial: &str,
) -> Option<Zeroizing<String>> {
    let reset_code = ResetCode::parse(reset_code).ok()?;
    Some(UnlockCode::answer(recovery_key, &reset_code, address, serial).ok()?.shown())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Result<String, UnlockCodeError> {
        UnlockCode::parse(text).map(|code| code.shown().to_string())
    }

    fn some_codes() -> impl Iterator<Item = String> {
        let random = Random::seeded(3);
        (0..200).map(move |_| UnlockCode::draw(&random).unwrap().shown().to_string())
    }

    #[test]
    fn what_is_shown_reads_back_however_it_is_typed() {
        for shown in some_codes() {
            assert_eq!(shown.len(), 16, "{shown}");
            assert_eq!(code(&shown), Ok(shown.clone()));
            assert_eq!(code(&shown.to_lowercase().replace('-', " ")), Ok(shown.clone()));
            assert_eq!(code(&shown.replace('0', "o").replace('1', "L")), Ok(shown.clone()));
            assert_eq!(code(&shown.replace('1', "i").replace('-', "")), Ok(shown));
        }
    }

    #[test]
    fn every_wrong_character_and_nearly_every_swap_is_noticed() {
        for shown in some_codes().take(20) {
            let plain: Vec<u8> = shown.bytes().filter(|b| *b != b'-').collect();
            for at in 0..LENGTH {
                for letter in ALPHABET.iter().filter(|letter| **letter != plain[at]) {
                    let mut wrong = plain.clone();
                    wrong[at] = *letter;
                    let wrong = String::from_utf8(wrong).unwrap();
                    assert_eq!(code(&wrong), Err(UnlockCodeError::CheckCharacter), "{shown} {wrong}");
                }
                let pair = [plain[at], *plain.get(at + 1).unwrap_or(&plain[at])];
                if pair[0] != pair[1] && !pair.iter().all(|c| b"0Z".contains(c)) {
                    let mut swapped = plain.clone();
                    swapped.swap(at, at + 1);
                    let swapped = String::from_utf8(swapped).unwrap();
                    assert_eq!(code(&swapped), Err(UnlockCodeError::CheckCharacter), "{shown} {swapped}");
                }
            }
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_reason() {
        assert_eq!(code(" - "), Err(UnlockCodeError::Empty));
        assert_eq!(code("0000-0000-0000"), Err(UnlockCodeError::TooShort));
        assert_eq!(code("0000-0000-0000-0"), Ok("0000-0000-0000-0".to_owned()));
        assert_eq!(code("0000-0000-0000-00"), Err(UnlockCodeError::TooLong));
        assert_eq!(code("000U"), Err(UnlockCodeError::BadCharacter { position: 3 }));
        assert_eq!(code("00-é"), Err(UnlockCodeError::BadCharacter { position: 3 }));
    }

    #[test]
    fn the_first_sixty_bits_fill_twelve_characters() {
        let code = UnlockCode::from_hex_digits(b"0123456789abcdefff".iter().copied());
        assert_eq!(code.characters().as_slice(), b"04HMASW9NF6Y");
    }
}
