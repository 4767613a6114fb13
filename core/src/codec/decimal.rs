//! Decimal codes with a check digit, as people read them out on the telephone.
//!
//! The last digit is the Luhn digit of those before it (ISO/IEC 7812-1 annex B, "modulus 10"). It
//! catches every single wrong digit and every swap of neighbours but 09 for 90.
//!
//! | Type | Digits | Shown | Secret |
//! |---|---|---|---|
//! | [`SerialNumber`] | 10 | 5-5 | no |
//! | [`ActivationCode`] | 16 | 4-4-4-4 | yes |
//! | [`RegistrationCode`] | 10 | 5-5 | until it is used |
//! | [`ResetCode`] | 9 | plain | no |
//!
//! A value of these types is well-formed: after `parse` nothing can fail.

use zeroize::Zeroizing;

use super::{is_separator, position};
use crate::secret::Key;

/// Why a text is not such a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// There is no digit in it.
    #[error("the code is empty")]
    Empty,
    /// Something else than digits, hyphens and white space.
    #[error("the code has a character that cannot be there")]
    BadCharacter {
        /// Characters before it in the text as given.
        position: u32,
    },
    /// Too few digits.
    #[error("the code is too short")]
    TooShort,
    /// Too many digits.
    #[error("the code is too long")]
    TooLong,
    /// The check digit does not fit: a digit is wrong.
    #[error("the check digit does not fit")]
    CheckDigit {
        /// Digits before the first pair of neighbours whose swap would make it fit, if there is one:
        /// "did you swap two digits?".
        swap: Option<u32>,
    },
}

macro_rules! decimal_code {
    ($(#[$meta:meta])* $name:ident($store:ident<$digits:literal>), group $group:literal, $shown:ty) => {
        $(#[$meta])*
        pub struct $name($store<$digits>);

        impl $name {
            /// Number of digits, the check digit included.
            pub const DIGITS: usize = $digits;

            /// Reads a code as people write it: hyphens and white space anywhere.
            pub fn parse(text: &str) -> Result<Self, DecimalError> {
                $store::fill_with(|digits| parse(text, digits)).map(Self)
            }

            /// The code that says `value`, its check digit added; `None` when `value` has too many digits.
            pub fn from_value(value: u64) -> Option<Self> {
                $store::fill_with(|digits| write(value, digits).ok_or(())).ok().map(Self)
            }

            /// The digits, check digit included, without separators.
            pub fn digits(&self) -> &str {
                // Only ASCII digits are ever stored, so the fallback is never taken.
                std::str::from_utf8(self.0.expose()).unwrap_or_default()
            }

            /// The digits in groups, as they are shown.
            pub fn grouped(&self) -> $shown {
                grouped(self.0.expose(), $group).into()
            }

            /// The number without its check digit.
            pub fn value(&self) -> u64 {
                value(self.0.expose())
            }
        }
    };
}

decimal_code! {
    /// The serial number of a soft token at its issuer.
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    SerialNumber(Plain<10>), group 5, String
}
decimal_code! {
    /// The activation code: the issuer's half of an activation's secret.
    ActivationCode(Key<16>), group 4, Zeroizing<String>
}
decimal_code! {
    /// The registration code: what the app tells the portal, secret until the portal has it.
    RegistrationCode(Key<10>), group 5, Zeroizing<String>
}
decimal_code! {
    /// The PIN reset code: a challenge that the user reads out to the issuer; no secret.
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    ResetCode(Plain<9>), group 9, String
}

/// The digits of a code that is no secret, with the two verbs of [`Key`].
#[derive(Clone, PartialEq, Eq, Hash)]
struct Plain<const N: usize>([u8; N]);

impl<const N: usize> Plain<N> {
    fn fill_with<E>(fill: impl FnOnce(&mut [u8; N]) -> Result<(), E>) -> Result<Self, E> {
        let mut digits = [0; N];
        fill(&mut digits)?;
        Ok(Self(digits))
    }

    fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> std::fmt::Debug for Plain<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&grouped(&self.0, N))
    }
}

fn parse(text: &str, digits: &mut [u8]) -> Result<(), DecimalError> {
    let mut count = 0_usize;
    for (offset, c) in text.chars().enumerate() {
        if is_separator(c) {
            continue;
        }
        if !c.is_ascii_digit() {
            return Err(DecimalError::BadCharacter { position: position(offset) });
        }
        if let Some(place) = digits.get_mut(count) {
            *place = c as u8;
        }
        count += 1;
    }
    match count {
        0 => Err(DecimalError::Empty),
        n if n < digits.len() => Err(DecimalError::TooShort),
        n if n > digits.len() => Err(DecimalError::TooLong),
        _ if fits(digits) => Ok(()),
        _ => Err(DecimalError::CheckDigit { swap: repairing_swap(digits) }),
    }
}

fn write(value: u64, digits: &mut [u8]) -> Option<()> {
    let (check, body) = digits.split_last_mut()?;
    let mut rest = value;
    for place in body.iter_mut().rev() {
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    *check = b'0' + (10 - luhn_sum(body, true) % 10) % 10;
    (rest == 0).then_some(())
}

fn value(digits: &[u8]) -> u64 {
    let body = digits.split_last().map_or(digits, |(_, body)| body);
    body.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

fn grouped(digits: &[u8], size: usize) -> String {
    let mut shown = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.iter().enumerate() {
        if at > 0 && at.is_multiple_of(size) {
            shown.push('-');
        }
        shown.push(char::from(*digit));
    }
    shown
}

fn fits(digits: &[u8]) -> bool {
    luhn_sum(digits, false).is_multiple_of(10)
}

/// The Luhn sum of at most 16 digits; every second digit counts double, from the right, beginning
/// with the last one when `double_last` is set.
fn luhn_sum(digits: &[u8], double_last: bool) -> u8 {
    let weigh = |(at, digit): (usize, &u8)| match (digit - b'0', (at % 2 == 0) == double_last) {
        (d, false) => d,
        (d, true) if d < 5 => d * 2,
        (d, true) => d * 2 - 9,
    };
    digits.iter().rev().enumerate().map(weigh).sum()
}

fn repairing_swap(digits: &mut [u8]) -> Option<u32> {
    (1..digits.len())
        .find(|&at| {
            digits.swap(at - 1, at);
            let repaired = fits(digits);
            digits.swap(at - 1, at);
            repaired
        })
        .map(|at| position(at - 1))
}
