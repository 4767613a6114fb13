//! The issuer as a program of its own: started, stopped, killed, started again.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::rest::Rest;

/// An issuer with a folder of its own, on plain http on this machine.
pub struct Issuer {
    program: PathBuf,
    settings: PathBuf,
    address: String,
    key: String,
    child: Option<Child>,
}

impl Issuer {
    /// Makes settings, keys and database in `folder` and starts it; `more` are further lines of settings.
    pub fn start(program: &Path, folder: &Path, more: &str) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        // Free a moment ago; whoever takes it in between makes the start fail, not lie.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let settings = folder.join("issuer.toml");
        let text = format!(
            "address = '{address}'\nlisten = '{address}'\ndatabase = 'issuer.db'\nkeys = 'keys'\n{more}"
        );
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.open(&settings)?.write_all(text.as_bytes())?;
        let mut issuer =
            Self { program: program.to_owned(), settings, address, key: String::new(), child: None };
        issuer.key = issuer.say(&["api-key", "create", "journeys"])?.trim().to_owned();
        issuer.resume()?;
        Ok(issuer)
    }

    /// Starts it again after [`kill`](Self::kill).
    pub fn resume(&mut self) -> Result<()> {
        let mut child = self.command(&["serve"]).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().context("no output")?;
        let mut lines = BufReader::new(output).lines();
        let first = lines.next().transpose()?.unwrap_or_default();
        self.child = Some(child);
        ensure!(first.starts_with("serving "), "the issuer does not start: {first}");
        std::thread::spawn(move || lines.for_each(drop));
        Ok(())
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _gone = child.kill();
            let _gone = child.wait();
        }
    }

    /// Runs another command of the program beside it, and returns what it prints.
    pub fn say(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command(arguments).stderr(Stdio::piped()).output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!("{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(said)
    }

    /// A command of the program with its settings.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--settings").arg(&self.settings).args(arguments).stdin(Stdio::null());
        command
    }

    /// Memory of the running program, in KiB.
    pub fn resident_kib(&self) -> Result<u64> {
        let child = self.child.as_ref().context("it does not run")?;
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no memory")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// Its interface for programs.
    pub fn rest(&self) -> Rest {
        Rest::new(&format!("http://{}", self.address), &self.key)
    }

    /// Its address, as devices know it.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its settings file.
    pub fn settings(&self) -> &Path {
        &self.settings
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.kill();
    }
}
