//! Talking with a person: on standard error and the terminal, so that standard output stays clean.
//!
//! There is a person when standard error is a terminal and there is one to read from: standard
//! input, or the controlling terminal when standard input carries a text.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write};

use zeroize::Zeroizing;

/// A person, or nobody.
pub trait Ask {
    /// False in scripts: then nothing may be asked.
    fn is_person(&self) -> bool;
    /// Shows a text, which may hold ANSI styles.
    fn say(&mut self, text: &str);
    /// Asks for a line; `None` when the person closed the input.
    fn line(&mut self, prompt: &str) -> Option<Zeroizing<String>>;
    /// Asks for a secret, without echo.
    fn secret(&mut self, prompt: &str) -> Option<Zeroizing<String>>;

    /// Asks a question; everything but a yes is a no.
    fn agrees(&mut self, question: &str) -> bool {
        let answer = self.line(&format!("{question} [y/N] "));
        answer.is_some_and(|answer| matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }
}

/// The terminal this process runs on, if any.
pub struct Terminal {
    input: Option<Box<dyn BufRead>>,
}

impl Terminal {
    /// Finds out whether there is a person.
    pub fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { input: None };
        }
        if std::io::stdin().is_terminal() {
            return Self { input: Some(Box::new(BufReader::new(std::io::stdin()))) };
        }
        let controlling = if cfg!(unix) { File::open("/dev/tty").ok() } else { None };
        Self { input: controlling.map(|tty| Box::new(BufReader::new(tty)) as Box<dyn BufRead>) }
    }
}

impl Ask for Terminal {
    fn is_person(&self) -> bool {
        self.input.is_some()
    }

    fn say(&mut self, text: &str) {
        let _gone = writeln!(anstream::stderr(), "{text}");
    }

    fn line(&mut self, prompt: &str) -> Option<Zeroizing<String>> {
        let input = self.input.as_mut()?;
        let mut out = anstream::stderr();
        write!(out, "{prompt}").and_then(|()| out.flush()).ok()?;
        let mut line = Zeroizing::new(String::new());
        match input.read_line(&mut line) {
            Ok(0) | Err(_) => {
                let _gone = writeln!(out);
                None
            }
            Ok(_) => Some(line),
        }
    }

    fn secret(&mut self, prompt: &str) -> Option<Zeroizing<String>> {
        self.input.as_ref()?;
        rpassword::prompt_password(prompt).ok().map(Zeroizing::new)
    }
}

/// A person who follows a script, for tests.
#[cfg(test)]
#[derive(Default)]
pub struct Scripted {
    /// What the person types, in this order; `None` of them left is a closed input.
    pub answers: std::collections::VecDeque<&'static str>,
    /// Everything that was shown or asked.
    pub seen: std::rc::Rc<std::cell::RefCell<Vec<String>>>,
    /// Nobody is there.
    pub absent: bool,
}

#[cfg(test)]
impl Scripted {
    /// Types `answers`.
    pub fn typing(answers: &[&'static str]) -> Self {
        Self { answers: answers.iter().copied().collect(), ..Self::default() }
    }

    /// A script without a terminal.
    pub fn nobody() -> Self {
        Self { absent: true, ..Self::default() }
    }
}

#[cfg(test)]
impl Ask for Scripted {
    fn is_person(&self) -> bool {
        !self.absent
    }

    fn say(&mut self, text: &str) {
        self.seen.borrow_mut().push(text.to_owned());
    }

    fn line(&mut self, prompt: &str) -> Option<Zeroizing<String>> {
        assert!(!self.absent, "asked nobody: {prompt}");
        self.seen.borrow_mut().push(prompt.to_owned());
        self.answers.pop_front().map(|answer| Zeroizing::new(format!("{answer}\n")))
    }

    fn secret(&mut self, prompt: &str) -> Option<Zeroizing<String>> {
        self.line(prompt).map(|line| Zeroizing::new(line.trim_end().to_owned()))
    }
}
