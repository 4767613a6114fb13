//! Runs the real command in a place of its own, as a script does: no terminal, answers in JSON.
#![allow(dead_code)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A folder with vault, keys and secret files.
pub struct Place {
    folder: tempfile::TempDir,
}

/// How a command ended.
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    /// Nothing there yet.
    pub fn fresh() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        place.secret("pin", PIN);
        place
    }

    /// With a vault whose PIN is in the file `pin`.
    pub fn with_vault() -> Self {
        let place = Self::fresh();
        place.ok(&["init"]);
        place
    }

    /// A path in the place.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn vault_db(&self) -> PathBuf {
        self.path("vault").join("vault.db")
    }

    /// Writes a file that only its owner may read.
    pub fn secret(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        set_mode(&path, 0o600);
        path.to_str().unwrap().to_owned()
    }

    /// The command with vault, keys and JSON, but without PIN.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_softtoken"));
        command.arg("--vault").arg(self.path("vault")).arg("--keys").arg(self.path("keys"));
        command.arg("--json").args(args);
        command.env_clear().current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Without a PIN file.
    pub fn run_without_pin(&self, args: &[&str]) -> Ended {
        ended(self.command(args).spawn().unwrap(), b"")
    }

    /// With the right PIN.
    pub fn run(&self, args: &[&str]) -> Ended {
        self.run_with_input(args, b"")
    }

    /// With the right PIN and something on standard input.
    pub fn run_with_input(&self, args: &[&str], input: &[u8]) -> Ended {
        let mut command = self.command(args);
        command.arg("--pin-file").arg(self.path("pin")).stdin(Stdio::piped());
        ended(command.spawn().unwrap(), input)
    }

    /// For people: no JSON.
    pub fn text(&self, args: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_softtoken"));
        command.arg("--vault").arg(self.path("vault")).arg("--keys").arg(self.path("keys"));
        command.arg("--pin-file").arg(self.path("pin")).args(args).env_clear().stdin(Stdio::null());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs what must succeed, and returns its document.
    pub fn ok(&self, args: &[&str]) -> Value {
        let ended = self.run(args);
        assert_eq!(ended.code, 0, "{args:?}: {} {}", ended.stdout, ended.stderr);
        ended.json()
    }

    /// Runs what must fail with `code` and `kind`, and returns the error.
    pub fn fails(&self, args: &[&str], code: i32, kind: &str) -> Value {
        self.run(args).error(code, kind)
    }

    /// The names in the list.
    pub fn names(&self) -> Vec<String> {
        let list = self.ok(&["list"]);
        let identities = list["identities"].as_array().unwrap();
        identities.iter().map(|identity| identity["name"].as_str().unwrap().to_owned()).collect()
    }

    /// A TOTP identity made from the key of RFC 6238.
    pub fn add_rfc6238(&self, name: &str) -> Value {
        let key = ["add", "--key", RFC_KEY, "--digits", "8", "--name", name, "--yes"];
        self.ok(&key)["added"][0].clone()
    }
}

impl Ended {
    /// The one document on standard output.
    pub fn json(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "one line of JSON: {:?}", self.stdout);
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The error, after a look at the exit code, the kind and the line for people.
    pub fn error(&self, code: i32, kind: &str) -> Value {
        assert_eq!(self.code, code, "{} {}", self.stdout, self.stderr);
        let error = self.json()["error"].clone();
        assert_eq!(error["kind"], kind, "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.ends_with(['.', '?']) && message.len() > 10, "no sentence: {message}");
        assert_eq!(self.stderr.trim_end(), format!("error: {message}"), "one line for people");
        error
    }
}

/// Waits for the end of a child that reads `input`.
pub fn ended(mut child: Child, input: &[u8]) -> Ended {
    if let Some(mut stdin) = child.stdin.take() {
        // A command that does not read its input may have closed it.
        let _gone = stdin.write_all(input);
    }
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[cfg(unix)]
pub fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
pub fn set_mode(_path: &Path, _mode: u32) {}

/// The PIN in the file `pin`.
pub const PIN: &str = "493751";
/// RFC 6238 and RFC 4226: the ASCII text 12345678901234567890.
pub const RFC_KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
/// The same as a link, 6 digits.
pub const LINK: &str = "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example";
