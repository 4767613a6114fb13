//! What counts as a PIN.
//!
//! Any decimal digits of Unicode are taken for the digits they are, so that a keyboard of another
//! script gives the same PIN. [`Pin::new`] is the rule for entering; [`Pin::check`] is the stricter
//! rule for choosing.

use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;
use zeroize::Zeroizing;

use super::weak;
use crate::error::PinProblem;
use crate::identity::{MAX_PIN_DIGITS, MIN_PIN_DIGITS, PinRules};

/// A PIN of 4 to 12 ASCII digits, wiped on drop. No `Debug`, no `Clone`.
pub struct Pin {
    /// On the heap: a move would leave a copy on the stack.
    digits: Box<Zeroizing<[u8; MAX_PIN_DIGITS as usize]>>,
    length: usize,
}

impl Pin {
    /// Reads UTF-8 bytes; the caller wipes its own buffer.
    pub fn new(entered: &[u8]) -> Result<Self, PinProblem> {
        let text = std::str::from_utf8(entered).map_err(|_| PinProblem::NotDigits)?;
        let mut pin = Self { digits: Box::default(), length: 0 };
        let mut too_long = false;
        for c in text.chars() {
            let digit = ascii_digit(c).ok_or(PinProblem::NotDigits)?;
            match pin.digits.get_mut(pin.length) {
                Some(place) => {
                    *place = digit;
                    pin.length = pin.length.saturating_add(1);
                }
                None => too_long = true,
            }
        }
        if too_long {
            return Err(PinProblem::TooLong { max: MAX_PIN_DIGITS });
        }
        if pin.length < usize::from(MIN_PIN_DIGITS) {
            return Err(PinProblem::TooShort { min: MIN_PIN_DIGITS });
        }
        Ok(pin)
    }

    /// Whether it may be chosen: long enough for the rules and not among the first that a thief tries.
    pub fn check(&self, rules: &PinRules) -> Result<(), PinProblem> {
        let min = rules.min_digits.clamp(MIN_PIN_DIGITS, MAX_PIN_DIGITS);
        if self.length < usize::from(min) {
            return Err(PinProblem::TooShort { min });
        }
        weak::problem(self.digits()).map_or(Ok(()), Err)
    }

    /// How many digits: 4 to 12.
    pub(crate) fn len(&self) -> u8 {
        u8::try_from(self.length).unwrap_or(MAX_PIN_DIGITS)
    }

    /// ASCII digits.
    pub(crate) fn digits(&self) -> &[u8] {
        self.digits.get(..self.length).unwrap_or_default()
    }
}

/// The ASCII digit of the same value, for every decimal digit of Unicode (general category Nd).
fn ascii_digit(c: char) -> Option<u8> {
    if c.is_ascii() {
        return u8::try_from(c).ok().filter(u8::is_ascii_digit);
    }
    // Mathematical digits stand in several tens without a gap; NFKC takes them apart.
    let code = u32::from(c);
    if let Some(offset) = code.checked_sub(MATHEMATICAL).filter(|offset| *offset < 50) {
        return value_to_ascii(offset.checked_rem(10)?);
    }
    // Elsewhere ten digits stand together, 0 first (Unicode stability policy), and a new ten begins
    // at a multiple of ten from the start of an unbroken run.
    is_decimal(code).then_some(())?;
    let before = (1..MAX_RUN).take_while(|back| code.checked_sub(*back).is_some_and(is_decimal)).count();
    value_to_ascii(u32::try_from(before).ok()?.checked_rem(10)?)
}

fn value_to_ascii(value: u32) -> Option<u8> {
    u8::try_from(value).ok()?.checked_add(b'0')
}

fn is_decimal(code: u32) -> bool {
    CodePointMapData::<GeneralCategory>::new().get32(code) == GeneralCategory::DecimalNumber
}

/// First of the five tens of mathematical digits (bold, double-struck, sans-serif, …).
const MATHEMATICAL: u32 = 0x1d7ce;
/// Longer than any unbroken run of decimal digits.
const MAX_RUN: u32 = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization;

    fn digits(text: &str) -> Result<Vec<u8>, PinProblem> {
        Pin::new(text.as_bytes()).map(|pin| pin.digits().to_vec())
    }

    #[test]
    fn digits_of_every_script_are_the_same_pin() {
        for text in ["7294", "７２９４", "٧٢٩٤", "۷۲۹۴", "७२९४", "𝟕𝟐𝟗𝟒", "𝟽𝟸𝟿𝟺", "7２٩४"]
        {
            assert_eq!(digits(text), Ok(b"7294".to_vec()), "{text}");
        }
    }

    #[test]
    fn every_decimal_digit_of_unicode_has_its_value() {
        let mut run = 0_u32;
        let mut seen = 0;
        for c in '\u{0}'..=char::MAX {
            if is_decimal(u32::from(c)) {
                assert_eq!(
                    ascii_digit(c),
                    Some(b'0' + u8::try_from(run % 10).unwrap()),
                    "U+{:04X}",
                    u32::from(c)
                );
                let compatible: String = c.nfkc().collect();
                if compatible.is_ascii() {
                    assert_eq!(compatible.as_bytes(), [ascii_digit(c).unwrap()], "U+{:04X}", u32::from(c));
                }
                run += 1;
                seen += 1;
            } else {
                assert_eq!(run % 10, 0, "a broken ten before U+{:04X}", u32::from(c));
                run = 0;
                assert_eq!(ascii_digit(c), None);
            }
        }
        assert!(seen >= 700, "{seen}");
    }

    #[test]
    fn anything_else_is_refused_with_the_reason() {
        for (text, problem) in [
            ("", PinProblem::TooShort { min: 4 }),
            ("729", PinProblem::TooShort { min: 4 }),
            ("1234567890123", PinProblem::TooLong { max: 12 }),
            ("72 94", PinProblem::NotDigits),
            ("72a4", PinProblem::NotDigits),
            ("-729", PinProblem::NotDigits),
            ("①②③④", PinProblem::NotDigits),
            ("1234567890123x", PinProblem::NotDigits),
        ] {
            assert_eq!(digits(text), Err(problem), "{text}");
        }
        assert!(matches!(Pin::new(b"72\xff4"), Err(PinProblem::NotDigits)));
        assert!(digits("729401836502").is_ok());
    }

    #[test]
    fn rules_of_the_issuer_hold_for_a_new_pin() {
        let check = |text: &str, min| Pin::new(text.as_bytes()).unwrap().check(&PinRules { min_digits: min });
        assert_eq!(check("7294", 4), Ok(()));
        assert_eq!(check("7294", 6), Err(PinProblem::TooShort { min: 6 }));
        assert_eq!(check("729403", 6), Ok(()));
        assert_eq!(check("7294", 0), Ok(()));
        assert_eq!(check("72940183650", 99), Err(PinProblem::TooShort { min: 12 }));
        assert_eq!(check("1111", 4), Err(PinProblem::Repeated));
        assert_eq!(check("240384", 4), Err(PinProblem::Date));
        assert_eq!(check("111111", 8), Err(PinProblem::TooShort { min: 8 }));
    }
}
