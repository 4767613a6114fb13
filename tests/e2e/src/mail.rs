//! A real mail server on loopback (aiosmtpd, in Python), and what arrived there.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::{number, text};

/// The mail server. It ends with this value.
pub struct MailServer {
    child: Child,
    lines: Receiver<String>,
    port: u16,
}

/// One mail.
pub struct Mail(Value);

impl MailServer {
    /// Starts it with a Python that has aiosmtpd; without one, `$SOFTTOKEN_PYTHON`, else `python3`.
    pub fn start(python: Option<&Path>) -> Result<Self> {
        let python = python.map(|path| path.as_os_str().to_owned()).or(std::env::var_os("SOFTTOKEN_PYTHON"));
        let mut command = Command::new(python.unwrap_or("python3".into()));
        command.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start Python")?;
        let output = child.stdout.take().context("no output")?;
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut server = Self { child, lines, port: 0 };
        let first = server.line().context("no mail server; `cargo xtask test` prepares Python's aiosmtpd")?;
        server.port = u16::try_from(number(&first, "port")?)?;
        Ok(server)
    }

    /// Where an issuer reaches it, as a setting: with a user and a password.
    pub fn url(&self) -> String {
        format!("smtp://issuer:mail-password@127.0.0.1:{}", self.port)
    }

    /// The next mail, also one that is still on its way.
    pub fn next(&self) -> Result<Mail> {
        Ok(Mail(self.line().context("no mail arrived")?))
    }

    /// The next mail, if one arrives so soon.
    pub fn next_within(&self, patience: Duration) -> Result<Option<Mail>> {
        match self.lines.recv_timeout(patience) {
            Ok(line) => Ok(Some(Mail(serde_json::from_str(&line)?))),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(gone) => Err(gone.into()),
        }
    }

    /// The next mail that tells how to activate; others on the way to it are dropped.
    pub fn next_activation(&self) -> Result<Mail> {
        loop {
            let mail = self.next()?;
            if mail.value("This activation ends").is_ok() {
                return Ok(mail);
            }
        }
    }

    fn line(&self) -> Result<Value> {
        Ok(serde_json::from_str(&self.lines.recv_timeout(PATIENCE)?)?)
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

impl Mail {
    /// The first recipient.
    pub fn to(&self) -> Result<&str> {
        self.0["to"][0].as_str().context("a mail to nobody")
    }

    /// The subject.
    pub fn subject(&self) -> Result<&str> {
        text(&self.0, "subject")
    }

    /// True when the issuer signed in at the mail server.
    pub fn is_signed_in(&self) -> bool {
        self.0["signed_in"] == true
    }

    /// The plain text.
    pub fn text(&self) -> Result<&str> {
        text(&self.0, "text")
    }

    /// The text for people who see pictures.
    pub fn html(&self) -> Result<&str> {
        text(&self.0, "html")
    }

    /// The whole mail as it came.
    pub fn raw(&self) -> Result<&str> {
        text(&self.0, "raw")
    }

    /// The first picture, as it would be saved.
    pub fn picture(&self) -> Result<Vec<u8>> {
        let data = self.0["pictures"][0]["data"].as_str().context("a mail without a picture")?;
        Ok(STANDARD.decode(data)?)
    }

    /// The rest of the line that begins with `label`.
    pub fn value(&self, label: &str) -> Result<&str> {
        let value = self.text()?.lines().find_map(|line| line.strip_prefix(label)?.strip_prefix(": "));
        value.map(str::trim).with_context(|| format!("no {label} in the mail"))
    }

    /// The links in the text, in their order.
    pub fn links(&self) -> Result<Vec<&str>> {
        let is_link = |word: &&str| word.contains("/a#2.");
        Ok(self.text()?.split_whitespace().filter(is_link).collect())
    }
}

const SCRIPT: &str = include_str!("../smtp_sink.py");
const PATIENCE: Duration = Duration::from_secs(60);
