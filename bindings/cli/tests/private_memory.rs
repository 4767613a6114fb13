//! The running command is not dumped and not read by other programs of its user.
#![cfg(target_os = "linux")]

mod support;

use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// An ordinary user: the kernel keeps nothing from root, so the commands must not run as root.
const SOMEBODY: u32 = 65_534;

struct Running(Child);

impl Running {
    fn start(mut command: Command) -> Self {
        if is_root() {
            command.uid(SOMEBODY).gid(SOMEBODY);
        }
        command.env_clear().current_dir("/").stdin(Stdio::piped());
        Self(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap())
    }

    fn file(&self, name: &str) -> String {
        format!("/proc/{}/{name}", self.0.id())
    }

    /// The kernel gives it to root when a process is not dumpable; only its owner may open it.
    fn owner_of_memory(&self) -> u32 {
        std::fs::metadata(self.file("mem")).unwrap().uid()
    }

    fn longest_core_dump(&self) -> String {
        let limits = std::fs::read_to_string(self.file("limits")).unwrap();
        let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        line.split_whitespace().skip(4).take(2).collect::<Vec<_>>().join(" ")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _gone = self.0.wait();
    }
}

#[test]
fn a_running_command_leaves_no_core_dump_and_its_memory_is_closed() {
    let dumps = getrlimit(Resource::Core);
    setrlimit(Resource::Core, Rlimit { current: dumps.maximum, maximum: dumps.maximum }).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // Where somebody can start it; the folder of the build may be closed to others.
    std::fs::copy(env!("CARGO_BIN_EXE_softtoken"), path("softtoken")).unwrap();
    support::set_mode(folder.path(), 0o755);
    std::fs::create_dir(path("state")).unwrap();
    give_away(&path("state"));

    // A program that does nothing about it: what the test sees of ours is not true of all.
    let mut open = Running::start(Command::new("cat"));
    open.0.stdin.as_mut().unwrap().write_all(b"x").unwrap();
    open.0.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    let me = if is_root() { SOMEBODY } else { std::fs::metadata("/proc/self").unwrap().uid() };
    assert_eq!(open.owner_of_memory(), me);
    let may_dump = dumps.maximum != Some(0);
    assert_eq!(open.longest_core_dump() != "0 0", may_dump);

    let mut command = Command::new(path("softtoken"));
    command.arg("--vault").arg(path("state/vault")).arg("--keys").arg(path("state/keys"));
    command.args(["--json", "--pin-file", "-", "init"]);
    let mut closed = Running::start(command);
    // It waits for its PIN, so it gets there and stays.
    while closed.owner_of_memory() == me {
        assert!(closed.0.try_wait().unwrap().is_none(), "it ended before it closed its memory");
        std::thread::yield_now();
    }
    assert_eq!((closed.owner_of_memory(), closed.longest_core_dump().as_str()), (0, "0 0"));
    assert!(closed.0.try_wait().unwrap().is_none(), "it does not wait for its input");
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

fn give_away(path: &Path) {
    if is_root() {
        chown(path, Some(SOMEBODY), Some(SOMEBODY)).unwrap();
    }
}
