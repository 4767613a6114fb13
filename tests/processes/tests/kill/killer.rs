//! Starts a child, stops it at random moments, and kills it at one of them.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Child;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use super::child::Orders;
use super::deed::{Deed, Line};
use super::known::Story;
use crate::CHILD;
use crate::common::{Dice, again};

/// Where a process died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Death {
    /// Its transaction had begun to write and was not committed.
    InTransaction,
    /// Another one's transaction was still to be rolled back.
    InRecovery,
    Elsewhere,
}

/// Runs one child until its death; `story` has heard all of it then.
pub fn kill(folder: &Path, story: &mut Story, dice: &Dice, seed: u64, opens_only: bool) -> Death {
    let hot = || std::fs::metadata(folder.join("vault.db-journal")).is_ok_and(|journal| journal.len() > 0);
    let found_hot = hot();
    let pin = story.known.pin.unwrap_or(0);
    let recovery = story.recovery.last().cloned().unwrap_or_else(|| "-".to_owned());
    let orders = Orders { folder: folder.to_owned(), seed, pin, recovery, opens_only };
    let mut child = again(TEST, CHILD, &orders.write());
    let lines = listen(&mut child);
    let pid = Pid::from_child(&child);
    // Where it is to die: anywhere, inside a transaction, or behind its end.
    let wanted = match dice.below(8) {
        // It only rolls back, once.
        _ if opens_only => None,
        0 => None,
        1 => Some(false),
        _ => Some(true),
    };
    let said = match story.known.pin {
        _ if opens_only => 1,
        None => 2 + dice.below(3),
        Some(_) => dice.below(20),
    };
    let mut early = Vec::new();
    hear(&lines, &mut early, &mut child, |early| early.len() as u64 >= said);
    if wanted == Some(false) {
        // A PIN that is being changed has most behind the end of its transactions.
        let change = |line: &Line| matches!(line, Line::Begins(Deed::Change { .. }));
        hear(&lines, &mut early, &mut child, |early| early.last().is_some_and(change) || early.len() > 60);
        for _ in 0..dice.below(3) {
            until(&hot, true);
            until(&hot, false);
        }
    }
    spin(dice.below(1_000));
    let end = Instant::now() + LONGEST;
    while let Some(inside) = wanted {
        assert!(Instant::now() < end, "the child writes nothing any more");
        until(&hot, true);
        if inside {
            spin(dice.below(400));
        } else {
            until(&hot, false);
        }
        // Stopped, it cannot leave the place where it is seen.
        kill_process(pid, Signal::STOP).unwrap();
        let (_, status) = waitpid(Some(pid), WaitOptions::UNTRACED).unwrap().unwrap();
        assert!(status.stopped(), "the child ended by itself: {status:?}");
        if hot() == inside {
            break;
        }
        kill_process(pid, Signal::CONT).unwrap();
    }
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9), "{status}");
    let mut recovered = false;
    for line in early.into_iter().chain(lines) {
        match opens_only {
            true => recovered |= matches!(line, Line::Ends(_)),
            false => story.hears(line),
        }
    }
    match (hot(), opens_only) {
        (true, false) => Death::InTransaction,
        (true, true) if found_hot && !recovered => Death::InRecovery,
        (true, true) | (false, _) => Death::Elsewhere,
    }
}

/// The lines of the child, whole ones only, until its end of the pipe is closed.
fn listen(child: &mut Child) -> Receiver<Line> {
    let (sender, lines) = mpsc::channel();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            if let Some(line) = Line::parse(&line) {
                let _ = sender.send(line);
            }
        }
    });
    lines
}

/// Listens until it is enough.
fn hear(lines: &Receiver<Line>, heard: &mut Vec<Line>, child: &mut Child, enough: impl Fn(&[Line]) -> bool) {
    while !enough(heard) {
        match lines.recv_timeout(LONGEST) {
            Ok(line) => heard.push(line),
            Err(silence) => panic!("{silence}: {:?}", child.try_wait()),
        }
    }
}

/// Watches the journal; not for ever, because a child may have nothing to write.
fn until(hot: &impl Fn() -> bool, wanted: bool) {
    let end = Instant::now() + Duration::from_millis(100);
    while hot() != wanted && Instant::now() < end {
        std::thread::yield_now();
    }
}

/// Passes time without giving up the processor for long.
fn spin(micros: u64) {
    let end = Instant::now() + Duration::from_micros(micros);
    while Instant::now() < end {
        std::thread::yield_now();
    }
}

/// The test that becomes the child.
const TEST: &str = "killed_processes_leave_a_vault_that_opens_and_holds_all_that_was_done";
/// No deed takes as long (SECURITY.md, invariant 13).
const LONGEST: Duration = Duration::from_secs(20);
