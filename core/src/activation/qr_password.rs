//! The password of a QR code: exactly eight digits, leading zeros count. It has no check digit.

use zeroize::Zeroizing;

use super::state::FieldProblem;
use crate::error::{Part, Problem};
use crate::secret::Key;

/// Number of digits.
pub const DIGITS: usize = 8;

/// Reads what a person has typed. Portals and mails show the digits in groups: spaces and hyphens between them do
/// not count. A position counts them.
pub fn read(typed: &[u8]) -> Result<Key<DIGITS>, FieldProblem> {
    let is_separator = |byte: &u8| matches!(byte, b' ' | b'-');
    if let Some(at) = typed.iter().position(|byte| !byte.is_ascii_digit() && !is_separator(byte)) {
        return Err(bad_character(at));
    }
    let mut digits = Zeroizing::new(Vec::with_capacity(typed.len()));
    digits.extend(typed.iter().copied().filter(|byte| !is_separator(byte)));
    exact(&digits)
}

/// Reads what a machine has written: the digits and nothing else.
pub fn exact(password: &[u8]) -> Result<Key<DIGITS>, FieldProblem> {
    if password.is_empty() {
        return Err(FieldProblem::whole(Part::Password, Problem::Empty));
    }
    if let Some(at) = password.iter().position(|byte| !byte.is_ascii_digit()) {
        return Err(bad_character(at));
    }
    let length = if password.len() < DIGITS { Problem::TooShort } else { Problem::TooLong };
    Key::from_slice(password).ok_or(FieldProblem::whole(Part::Password, length))
}

fn bad_character(at: usize) -> FieldProblem {
    FieldProblem::at(Part::Password, Problem::BadCharacter, u32::try_from(at).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_typed_as_they_are_shown() {
        for typed in ["50244992", "5024 4992", " 5024-4992 ", "50 24 49 92"] {
            assert!(read(typed.as_bytes()).is_ok_and(|key| key.expose() == b"50244992"), "{typed}");
        }
        assert!(exact(b"5024 4992").is_err());
    }

    #[test]
    fn what_cannot_be_right_says_why_and_where() {
        let problem = |typed: &str| read(typed.as_bytes()).err().unwrap();
        assert_eq!(problem("5024 x992"), FieldProblem::at(Part::Password, Problem::BadCharacter, 5));
        assert_eq!(problem(" - "), FieldProblem::whole(Part::Password, Problem::Empty));
        assert_eq!(problem("5024 499"), FieldProblem::whole(Part::Password, Problem::TooShort));
        assert_eq!(problem("5024 49921"), FieldProblem::whole(Part::Password, Problem::TooLong));
    }
}
