//! `init --keyring` against a true Secret Service: a GNOME Keyring of its own on a bus of its own.
#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{Ended, PIN, Place, ended};

#[test]
fn a_vault_with_its_keys_in_the_key_store_lives_its_life() {
    let Some(desktop) = Desktop::start() else { return };
    let place = Place::fresh();
    desktop.ok(&place, &["init", "--keyring"]);
    assert_eq!(key_files(&place), 0, "no key in a file");
    let link = "otpauth://totp/one?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8";
    let added = desktop.ok(&place, &["add", link, "--yes"]);
    let recovery = added["recovery_code"].as_str().expect("shown with the first identity").to_owned();
    // RFC 6238, appendix B: SHA-1, 59 s.
    assert_eq!(desktop.ok(&place, &["codes", "--at", "59"])["codes"][0]["code"], "94287082");
    let status = desktop.ok(&place, &["status"]);
    assert_eq!((&status["state"], &status["assurance"]), (&"locked".into(), &"software".into()));
    let entries = desktop.keyring_size();
    assert!(entries > 0, "the keys are in the key store");

    let wrong = place.secret("wrong", "111222");
    for left in (0..5).rev() {
        let error = desktop.run(&place, &["list"], &wrong).error(6, "WrongPin");
        assert_eq!(error["attempts_left"], left);
    }
    desktop.fails(&place, &["list"], 7, "PinBlocked");
    let new = place.secret("new", "83051");
    desktop.ok(&place, &["unlock", &recovery, "--new-pin-file", &new]);
    desktop.run(&place, &["list"], &new).json();
    desktop.run(&place, &["list"], &place.secret("pin", PIN)).error(6, "WrongPin");
    assert_eq!(key_files(&place), 0, "never a key in a file");
}

#[test]
fn a_copy_has_no_keys_where_the_key_store_is_another_one() {
    let Some(desktop) = Desktop::start() else { return };
    let Some(other) = Desktop::start() else { return };
    let place = Place::fresh();
    desktop.ok(&place, &["init", "--keyring"]);
    let copy = Place::fresh();
    fs::create_dir(copy.path("vault")).unwrap();
    fs::copy(place.vault_db(), copy.vault_db()).unwrap();
    other.fails(&copy, &["list"], 10, "DeviceKeyLost");
    assert_eq!(other.ok(&copy, &["status"])["state"], "device_key_lost");
    copy.fails(&["list"], 10, "DeviceKeyLost");
    assert!(!copy.path("keys").exists(), "looking writes nothing");
    // On its own desktop it needs no folder of keys: the key store has them all.
    desktop.ok(&copy, &["list"]);
}

#[test]
fn without_the_desktop_session_the_vault_waits_for_it() {
    let Some(desktop) = Desktop::start() else { return };
    let place = Place::fresh();
    desktop.ok(&place, &["init", "--keyring"]);
    let before = fs::read(place.vault_db()).unwrap();
    let error = place.fails(&["list"], 1, "DeviceKeyFailed");
    assert_eq!(error["problem"], "transient");
    assert!(fs::read(place.vault_db()).unwrap() == before, "untouched");
    desktop.ok(&place, &["list"]);
}

#[test]
fn without_a_key_store_no_vault_is_made() {
    let place = Place::fresh();
    let error = place.fails(&["init", "--keyring"], 1, "DeviceKeyFailed");
    assert!(error["message"].as_str().unwrap().contains("--keyring"), "{error}");
    assert_eq!(place.ok(&["status"])["state"], "fresh");
    assert!(!place.path("keys").exists());
    // The way out that the message names.
    place.ok(&["init"]);
    assert!(key_files(&place) > 0);
}

/// Device keys in files, of all vaults.
fn key_files(place: &Place) -> usize {
    let Ok(vaults) = fs::read_dir(place.path("keys")) else { return 0 };
    let files = vaults.flat_map(|vault| fs::read_dir(vault.unwrap().path()).unwrap());
    files.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|end| end == "key")).count()
}

/// A message bus and a key store that nobody else sees; both end with this.
struct Desktop {
    home: tempfile::TempDir,
    bus: Running,
    _keyring: Option<Running>,
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.0.kill().and_then(|()| self.0.wait());
    }
}

impl Desktop {
    /// `None`, loudly, where the programs are missing.
    fn start() -> Option<Self> {
        if let Some(missing) = PROGRAMS.into_iter().find(|program| on_path(program).is_none()) {
            eprintln!("skipped: key-store: there is no {missing}");
            return None;
        }
        let home = tempfile::tempdir().unwrap();
        support::set_mode(home.path(), 0o700);
        let configuration = home.path().join("bus.conf");
        // No service is started on demand, and none of the real desktop is seen.
        let text = format!(
            "<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>\
             <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\
             <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
            home.path().join("bus").display()
        );
        fs::write(&configuration, text).unwrap();
        let mut bus = Command::new(on_path("dbus-daemon")?);
        bus.arg("--nofork").arg("--config-file").arg(configuration);
        bus.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let bus = Running(bus.spawn().unwrap());
        let mut desktop = Self { home, bus, _keyring: None };
        desktop.wait_for("org.freedesktop.DBus");
        let mut keyring = Command::new(on_path("gnome-keyring-daemon")?);
        keyring.args(["--unlock", "--foreground", "--components=secrets"]);
        desktop.surround(&mut keyring).env("HOME", desktop.home.path());
        keyring.env("XDG_RUNTIME_DIR", desktop.home.path());
        keyring.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut keyring = Running(keyring.spawn().unwrap());
        keyring.0.stdin.take().unwrap().write_all(b"desktop password").unwrap();
        desktop._keyring = Some(keyring);
        desktop.wait_for("org.freedesktop.secrets");
        Some(desktop)
    }

    fn surround<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let bus = format!("unix:path={}", self.home.path().join("bus").display());
        command.env_clear().env("DBUS_SESSION_BUS_ADDRESS", bus)
    }

    /// Asks until the name has an owner; every question takes a few milliseconds.
    fn wait_for(&mut self, name: &str) {
        let begun = Instant::now();
        loop {
            let mut ask = Command::new(on_path("dbus-send").unwrap());
            ask.args(["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/"]);
            ask.arg("org.freedesktop.DBus.NameHasOwner").arg(format!("string:{name}"));
            let answer = self.surround(&mut ask).output().unwrap();
            if String::from_utf8_lossy(&answer.stdout).contains("boolean true") {
                return;
            }
            assert!(self.bus.0.try_wait().unwrap().is_none(), "the bus ended");
            assert!(begun.elapsed() < PATIENCE, "{name} did not come up");
        }
    }

    /// The command in this desktop's session.
    fn run(&self, place: &Place, args: &[&str], pin_file: &str) -> Ended {
        let mut command = place.command(args);
        self.surround(&mut command).arg("--pin-file").arg(pin_file);
        ended(command.spawn().unwrap(), b"")
    }

    fn ok(&self, place: &Place, args: &[&str]) -> serde_json::Value {
        let ended = self.run(place, args, place.path("pin").to_str().unwrap());
        assert_eq!(ended.code, 0, "{args:?}: {} {}", ended.stdout, ended.stderr);
        ended.json()
    }

    fn fails(&self, place: &Place, args: &[&str], code: i32, kind: &str) -> serde_json::Value {
        self.run(place, args, place.path("pin").to_str().unwrap()).error(code, kind)
    }

    fn keyring_size(&self) -> u64 {
        let file = self.home.path().join(".local/share/keyrings/login.keyring");
        fs::metadata(file).map_or(0, |file| file.len())
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(program))
        .find(|path: &PathBuf| Path::is_file(path))
}

const PROGRAMS: [&str; 3] = ["dbus-daemon", "dbus-send", "gnome-keyring-daemon"];
/// Far more than the tenth of a second that it takes on an idle machine.
const PATIENCE: Duration = Duration::from_secs(60);
