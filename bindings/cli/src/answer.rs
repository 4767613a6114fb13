//! What a finished command says, once for scripts and once for people, and how it is printed.

use std::io::Write;

use serde_json::{Value, json};

use crate::failure::Failure;

/// The end of a command that went well.
pub struct Answer {
    /// The one document of `--json`.
    pub json: Value,
    /// What a person reads; may be empty. May hold ANSI styles, which the printer removes where
    /// they do not belong.
    pub text: String,
}

impl Answer {
    /// Both sides.
    pub fn new(json: Value, text: impl Into<String>) -> Self {
        Self { json, text: text.into() }
    }

    /// `{"ok": true}` and a sentence.
    pub fn ok(text: impl Into<String>) -> Self {
        Self::new(json!({"ok": true}), text)
    }
}

/// Prints the end of a command. A reader that went away (`| head`) is no failure.
pub fn print(result: &Result<Answer, Failure>, as_json: bool) {
    let mut out = anstream::stdout().lock();
    let _gone = match result {
        Ok(answer) if as_json => writeln!(out, "{}", answer.json),
        Ok(answer) if answer.text.is_empty() => Ok(()),
        Ok(answer) => writeln!(out, "{}", answer.text.trim_end_matches('\n')),
        Err(failure) if as_json => writeln!(out, "{}", json!({"error": failure.to_json()})),
        Err(_) => Ok(()),
    };
    let _gone = out.flush();
    if let Err(failure) = result {
        let red = anstyle::AnsiColor::Red.on_default().bold();
        let _gone = writeln!(anstream::stderr(), "{red}error:{red:#} {}", failure.message());
    }
}
