//! The password of a QR code: exactly eight digits, leading zeros count. It has no check digit.

use super::state::FieldProblem;
use crate::error::{Part, Problem};
use crate::secret::Key;

/// Number of digits.
pub const DIGITS: usize = 8;

/// Reads a password; nothing is trimmed, because a secret is taken as it is.
pub fn read(password: &[u8]) -> Result<Key<DIGITS>, FieldProblem> {
    if password.is_empty() {
        return Err(FieldProblem::whole(Part::Password, Problem::Empty));
    }
    if let Some(at) = password.iter().position(|byte| !byte.is_ascii_digit()) {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        return Err(FieldProblem::at(Part::Password, Problem::BadCharacter, at));
    }
    let length = if password.len() < DIGITS { Problem::TooShort } else { Problem::TooLong };
    Key::from_slice(password).ok_or(FieldProblem::whole(Part::Password, length))
}
