//! The `softtoken` command as a script sees it: arguments and secret files in, one JSON document out.

use std::fs::{OpenOptions, create_dir_all};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The PIN of every token here; not one that the command refuses as weak.
pub const PIN: &str = "5927";

/// One token: a folder with its vault, keys and secret files.
pub struct Token {
    program: PathBuf,
    folder: PathBuf,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; -1 when it was killed.
    pub code: i32,
    /// Its one document.
    pub json: Value,
}

impl Token {
    /// The token in `folder`; a new folder gets a vault by `init`.
    pub fn open(program: &Path, folder: &Path) -> Result<Self> {
        let token = Self { program: program.to_owned(), folder: folder.to_owned() };
        if !folder.exists() {
            create_dir_all(folder)?;
            token.secret_file("pin", PIN)?;
            token.run(["init"])?;
        }
        Ok(token)
    }

    /// A path inside the token's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A file that only its owner can read: the command refuses others.
    pub fn secret_file(&self, name: &str, secret: &str) -> Result<PathBuf> {
        let path = self.path(name);
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        file.write_all(secret.as_bytes())?;
        Ok(path)
    }

    /// Runs the command and returns its JSON; an error document becomes an error.
    pub fn run<I>(&self, arguments: I) -> Result<Value>
    where
        I: IntoIterator,
        I::Item: Into<std::ffi::OsString>,
    {
        let arguments: Vec<_> = arguments.into_iter().map(Into::into).collect();
        let verb = arguments.first().map(|verb| verb.to_string_lossy().into_owned()).unwrap_or_default();
        let ended = self.try_run(arguments, "")?;
        if ended.code != 0 {
            bail!("`softtoken {verb}` ({}): {}", ended.code, ended.json["error"]);
        }
        Ok(ended.json)
    }

    /// Adds an identity from typed values: address, serial number, activation code.
    pub fn add_typed(&self, name: &str, [address, serial, code]: [&str; 3], more: &[&str]) -> Result<Value> {
        let values = ["--address", address, "--serial-number", serial, "--activation-code", code];
        self.run([&["add", "--manual", "--yes", "--name", name], &values[..], more].concat())
    }

    /// Runs the command with something on standard input, however it ends.
    pub fn try_run<I>(&self, arguments: I, input: &str) -> Result<Ended>
    where
        I: IntoIterator,
        I::Item: Into<std::ffi::OsString>,
    {
        let mut child = self.spawn(arguments)?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that does not read its input may have closed it.
            let _gone = stdin.write_all(input.as_bytes());
        }
        Self::ended(&child.wait_with_output()?)
    }

    /// Starts the command; its input and outputs are pipes.
    pub fn spawn<I>(&self, arguments: I) -> Result<Child>
    where
        I: IntoIterator,
        I::Item: Into<std::ffi::OsString>,
    {
        self.spawn_with(arguments, &[])
    }

    /// The same in another environment.
    pub fn spawn_with<I>(&self, arguments: I, environment: &[(&str, &str)]) -> Result<Child>
    where
        I: IntoIterator,
        I::Item: Into<std::ffi::OsString>,
    {
        let mut command = self.command();
        command.envs(environment.iter().copied());
        command.arg("--json").args(arguments.into_iter().map(Into::into));
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        piped.spawn().with_context(|| format!("cannot start {}", self.program.display()))
    }

    /// The document of a command that has ended.
    pub fn ended(output: &Output) -> Result<Ended> {
        let said = String::from_utf8_lossy(&output.stdout);
        let json = serde_json::from_str(&said).with_context(|| {
            format!("no JSON document ({}): {}", output.status, String::from_utf8_lossy(&output.stderr))
        })?;
        Ok(Ended { code: output.status.code().unwrap_or(-1), json })
    }

    /// The live view, on our own terminal, until the user leaves it.
    pub fn watch(&self) -> Result<()> {
        let status = self.command().arg("watch").status()?;
        anyhow::ensure!(status.success(), "`softtoken watch` ended with {status}");
        Ok(())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--vault").arg(self.path("vault")).arg("--keys").arg(self.path("keys"));
        command.arg("--pin-file").arg(self.path("pin"));
        command
    }
}
