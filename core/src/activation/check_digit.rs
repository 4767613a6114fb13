//! What is wrong with a typed value, in the terms of the screens: part, problem, position.
//!
//! The check digit itself is the business of [`crate::codec::decimal`]. Here its answer becomes a
//! [`FieldProblem`], whose position lets a screen ask "did you swap two digits?": for
//! [`Problem::CheckDigit`] it counts digits, for every other problem characters of the text as given.

use super::request::Refusal;
use super::state::FieldProblem;
use crate::codec::decimal::DecimalError;
use crate::error::{Part, Problem};

impl FieldProblem {
    /// A problem of the part as a whole.
    pub fn whole(part: Part, problem: Problem) -> Self {
        Self { part, problem, position: None }
    }

    /// A problem at one place of the part.
    pub fn at(part: Part, problem: Problem, position: u32) -> Self {
        Self { part, problem, position: Some(position) }
    }

    /// What a decimal code's reader found, said of `part`.
    pub fn of_code(part: Part, error: DecimalError) -> Self {
        let (problem, position) = match error {
            DecimalError::Empty => (Problem::Empty, None),
            DecimalError::BadCharacter { position } => (Problem::BadCharacter, Some(position)),
            DecimalError::TooShort => (Problem::TooShort, None),
            DecimalError::TooLong => (Problem::TooLong, None),
            DecimalError::CheckDigit { swap } => (Problem::CheckDigit, swap),
        };
        Self { part, problem, position }
    }
}

impl From<FieldProblem> for Refusal {
    fn from(FieldProblem { part, problem, position }: FieldProblem) -> Self {
        Self::NotUnderstood { part, problem, position }
    }
}
