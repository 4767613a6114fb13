//! Typed values: asks what is missing, shows what is wrong and where, keeps everything else.

use softtoken_core::TokenError;
use softtoken_core::activation::state::{FieldProblem, TypedFields};
use softtoken_core::error::{Needed, Part, Problem};
use zeroize::Zeroizing;

use crate::ask::Ask;
use crate::failure::Failure;
use crate::texts;

/// The same fields with the problems answered; without a person the first problem is the error.
pub fn ask(
    person: &mut dyn Ask,
    mut fields: TypedFields,
    problems: &[FieldProblem],
) -> Result<TypedFields, Failure> {
    if !person.is_person() {
        return Err(first_problem(problems));
    }
    for problem in problems {
        let Some(field) = Field::of(problem.part) else { return Err(first_problem(problems)) };
        let typed = field.text(&fields).to_owned();
        if !is_absent(problem.problem) {
            person.say(&marked(&typed, problem));
        }
        let prompt = format!("{}: ", field.label());
        let line = person.line(&prompt).ok_or_else(|| Failure::needs(Needed::Details))?;
        // An empty line keeps what was typed, so that a single wrong digit elsewhere costs nothing.
        if !line.trim().is_empty() {
            field.set(&mut fields, line.trim());
        }
    }
    Ok(fields)
}

/// The value with a mark under the place that is wrong, and what is wrong.
///
/// The core counts digits of a serial number or activation code, and characters of an address.
pub fn marked(typed: &str, problem: &FieldProblem) -> String {
    let sentence = texts::not_understood(problem.part, problem.problem, problem.position);
    let Some(position) = problem.position else { return sentence };
    let counted = |c: char| problem.part == Part::Address || !is_separator(c);
    let place = typed
        .chars()
        .enumerate()
        .filter(|(_, c)| counted(*c))
        .nth(usize::try_from(position).unwrap_or(usize::MAX))
        .map(|(place, _)| place);
    let swap = problem.problem == Problem::CheckDigit;
    match place {
        Some(place) => {
            let (typed, mark) = (texts::printable(typed), if swap { "^^" } else { "^" });
            format!("  {typed}\n  {}{mark}\n{sentence}", " ".repeat(place))
        }
        None => sentence,
    }
}

fn first_problem(problems: &[FieldProblem]) -> Failure {
    match problems.iter().find(|problem| !is_absent(problem.problem)) {
        Some(FieldProblem { part, problem, position }) => {
            TokenError::NotUnderstood { part: *part, problem: *problem, position: *position }.into()
        }
        None => Failure::needs(Needed::Details),
    }
}

fn is_absent(problem: Problem) -> bool {
    matches!(problem, Problem::Missing | Problem::Empty)
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}')
}

#[derive(Clone, Copy)]
enum Field {
    Address,
    SerialNumber,
    ActivationCode,
}

impl Field {
    fn of(part: Part) -> Option<Self> {
        match part {
            Part::Address => Some(Self::Address),
            Part::SerialNumber => Some(Self::SerialNumber),
            Part::ActivationCode => Some(Self::ActivationCode),
            _ => None,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Address => "Address",
            Self::SerialNumber => "Serial number (10 digits)",
            Self::ActivationCode => "Activation code (16 digits)",
        }
    }

    fn text(self, fields: &TypedFields) -> &str {
        match self {
            Self::Address => &fields.address,
            Self::SerialNumber => &fields.serial_number,
            Self::ActivationCode => &fields.activation_code,
        }
    }

    fn set(self, fields: &mut TypedFields, text: &str) {
        match self {
            Self::Address => fields.address = text.to_owned(),
            Self::SerialNumber => fields.serial_number = text.to_owned(),
            Self::ActivationCode => fields.activation_code = Zeroizing::new(text.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::Scripted;

    fn problem(part: Part, problem: Problem, position: Option<u32>) -> FieldProblem {
        FieldProblem { part, problem, position }
    }

    #[test]
    fn only_what_is_wrong_is_asked_and_the_rest_is_kept() {
        let fields = TypedFields { address: "login.example.com".into(), ..TypedFields::default() };
        let problems = [
            problem(Part::SerialNumber, Problem::Missing, None),
            problem(Part::ActivationCode, Problem::Missing, None),
        ];
        let mut person = Scripted::typing(&["48244-13456", " 1745-7712-6942-8698 "]);
        let fields = ask(&mut person, fields, &problems).ok().unwrap();
        assert_eq!(fields.address, "login.example.com");
        assert_eq!(fields.serial_number, "48244-13456");
        assert_eq!(fields.activation_code.as_str(), "1745-7712-6942-8698");
    }

    #[test]
    fn the_mark_stands_under_the_digit_whatever_separates_the_groups() {
        let text = marked("48244-13465", &problem(Part::SerialNumber, Problem::CheckDigit, Some(8)));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..2], ["  48244-13465", "           ^^"]);
        assert!(lines[2].contains("Did you swap two digits (9 and 10)?"), "{text}");
    }

    #[test]
    fn an_empty_line_keeps_what_was_typed() {
        let fields = TypedFields { serial_number: "123".into(), ..TypedFields::default() };
        let problems = [problem(Part::SerialNumber, Problem::TooShort, None)];
        let fields = ask(&mut Scripted::typing(&[""]), fields, &problems).ok().unwrap();
        assert_eq!(fields.serial_number, "123");
    }

    #[test]
    fn a_script_hears_what_is_wrong_or_that_details_are_missing() {
        let kind = |problems: &[FieldProblem]| {
            ask(&mut Scripted::nobody(), TypedFields::default(), problems).err().unwrap().to_json()
        };
        let missing = problem(Part::Address, Problem::Missing, None);
        assert_eq!(kind(&[missing])["what"], "details");
        let wrong = kind(&[missing, problem(Part::SerialNumber, Problem::CheckDigit, Some(2))]);
        assert_eq!((&wrong["part"], &wrong["position"]), (&"serial_number".into(), &2.into()));
    }
}
