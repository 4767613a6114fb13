//! The PIN: from a file, or from a person without echo. A person may try again, a file will not change.

use std::path::Path;

use softtoken_core::error::{Needed, PinProblem};
use softtoken_core::token::TokenState;
use softtoken_core::{SoftToken, TokenError};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::failure::Failure;
use crate::{texts, words};

impl Context {
    /// Opens the token with the PIN of a file or a prompt. A person may try again; a file is tried once.
    pub fn unlock(&mut self, token: &SoftToken) -> Result<(), Failure> {
        if token.state()? == TokenState::Ready {
            return Ok(());
        }
        if let Some(pin) = self.pin_from_file()? {
            return Ok(token.unlock(&pin)?);
        }
        for _ in 1..PROMPTS {
            match token.unlock(self.prompt_pin("PIN: ")?.as_bytes()) {
                Err(
                    wrong @ (TokenError::WrongPin { attempts_left: 1.. } | TokenError::PinRefused { .. }),
                ) => self.ask.say(&texts::sentence(&wrong)),
                other => return Ok(other?),
            }
        }
        Ok(token.unlock(self.prompt_pin("PIN: ")?.as_bytes())?)
    }

    /// True where the PIN can come from somewhere.
    pub fn can_give_pin(&self) -> bool {
        self.pin_file.is_some() || self.ask.is_person()
    }

    /// The present PIN, unchecked.
    pub fn current_pin(&mut self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        match self.pin_from_file()? {
            Some(pin) => Ok(pin),
            None => self.prompt_pin("Present PIN: ").map(into_bytes),
        }
    }

    /// A new PIN: from `file`, else asked twice.
    pub fn new_pin(&mut self, file: Option<&Path>) -> Result<Zeroizing<Vec<u8>>, Failure> {
        if let Some(file) = file {
            return self.secrets.file(file);
        }
        let none = || Failure::needs(Needed::NewPin);
        if !self.ask.is_person() {
            return Err(none());
        }
        loop {
            let first = self.ask.secret("New PIN (at least 4 digits): ").ok_or_else(none)?;
            let second = self.ask.secret("The same PIN again: ").ok_or_else(none)?;
            if *first == *second {
                return Ok(into_bytes(first));
            }
            self.ask.say(&words::pin_problem(PinProblem::Mismatch).1);
        }
    }

    fn pin_from_file(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        self.pin_file.as_deref().map(|file| self.secrets.file(file)).transpose()
    }

    fn prompt_pin(&mut self, prompt: &str) -> Result<Zeroizing<String>, Failure> {
        let asked = if self.ask.is_person() { self.ask.secret(prompt) } else { None };
        asked.ok_or_else(|| Failure::needs(Needed::Pin))
    }
}

fn into_bytes(text: Zeroizing<String>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(text.as_bytes().to_vec())
}

/// A person mistypes; three times in a row is a reason to look at the keyboard.
const PROMPTS: u32 = 3;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::args::Everywhere;
    use crate::ask::Scripted;

    /// A vault with the PIN 4937, closed again, and a person who types `answers`.
    pub(crate) fn vault(answers: &[&'static str]) -> (tempfile::TempDir, Context) {
        let folder = tempfile::tempdir().unwrap();
        let options = Everywhere {
            vault: Some(folder.path().join("vault")),
            keys: Some(folder.path().join("keys")),
            json: false,
            pin_file: None,
            insecure_files: false,
        };
        let context = Context::new(&options, Box::new(Scripted::typing(answers))).ok().unwrap();
        context.open().ok().unwrap().set_pin(b"4937").unwrap();
        (folder, context)
    }

    fn error(context: &mut Context) -> serde_json::Value {
        context.unlocked().err().unwrap().to_json()
    }

    #[test]
    fn a_person_may_mistype_the_pin() {
        let (_folder, mut context) = vault(&["1111", "pin", "4937"]);
        assert!(context.unlocked().is_ok());
    }

    #[test]
    fn three_wrong_pins_in_a_row_end_the_command_and_leave_tries() {
        let (_folder, mut context) = vault(&["1111", "1112", "1113", "4937"]);
        assert_eq!(error(&mut context)["attempts_left"], 2);
        assert!(context.unlocked().is_ok());
    }

    #[test]
    fn a_closed_input_is_no_pin() {
        let (_folder, mut context) = vault(&[]);
        assert_eq!(error(&mut context)["what"], "pin");
    }

    #[test]
    fn a_new_pin_is_asked_until_both_entries_agree() {
        let (_folder, mut context) = vault(&["4937", "4938", "83617", "83617"]);
        let pin = context.new_pin(None).ok().unwrap();
        assert_eq!(pin.as_slice(), b"83617");
    }
}
