//! A flow in a process of its own, which stands still to be looked at: whenever the token is locked, and
//! after the flow.
//!
//! Both sides talk through pipes without buffers of their own: a buffer that lives as long as the
//! process would keep what went through it.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use zeroize::Zeroizing;

use crate::flows::play;
use crate::world::{Ledger, World};

/// Everything on the stage happens again with this seed.
pub const SEED: u64 = 20;

/// The process that is looked at. Arguments are the flow and the folder, standard input begins with one
/// line that has the unlock code.
pub fn perform() {
    std::panic::set_hook(Box::new(|_| {}));
    let mut arguments = std::env::args().skip(1);
    let (flow, folder) = (arguments.next().expect("a flow"), arguments.next().expect("a folder"));
    let told = line();
    let told = (!told.is_empty()).then_some(told);
    {
        let world = World::new(Path::new(&folder), SEED, &Ledger::new(false), || stand_still(LOCKED));
        drop(play(&flow, &world, told));
    }
    stand_still(ENDED);
}

/// Starts `program`, and calls `look` with the process each time it stands still; says how often.
///
/// # Panics
/// When the flow fails there.
pub fn watch(program: &str, flow: &str, folder: &Path, told: &str, mut look: impl FnMut(&Child)) -> u64 {
    let mut command = Command::new(program);
    command.arg(flow).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the stage");
    let mut tell = child.stdin.take().expect("a pipe");
    let mut hear = child.stdout.take().expect("a pipe");
    writeln!(tell, "{told}").expect("it listens");
    let (mut said, mut looks) = ([0], 0);
    while said != ENDED {
        hear.read_exact(&mut said).unwrap_or_else(|_| panic!("{flow} failed on the stage"));
        look(&child);
        looks += 1;
        tell.write_all(b"\n").expect("it waits");
    }
    assert!(child.wait().expect("it ends").success());
    looks
}

const LOCKED: [u8; 1] = *b"l";
const ENDED: [u8; 1] = *b"e";

fn stand_still(state: [u8; 1]) {
    let mut output = File::options().write(true).open("/proc/self/fd/1").expect("a pipe");
    output.write_all(&state).expect("somebody waits");
    let mut input = File::open("/proc/self/fd/0").expect("a pipe");
    input.read_exact(&mut [0]).expect("seen");
}

fn line() -> Zeroizing<String> {
    let mut input = File::open("/proc/self/fd/0").expect("a pipe");
    let (mut line, mut byte) = (Zeroizing::new(String::with_capacity(64)), [0]);
    while input.read_exact(&mut byte).is_ok() && byte != *b"\n" {
        line.push(char::from(byte[0]));
    }
    line
}
