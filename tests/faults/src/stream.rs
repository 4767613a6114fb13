//! One stream of events per thread, and the fault that is armed on it.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use softtoken_core::testing::KeyCopy;

/// The two files that a power cut can tear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileId {
    Db = 0,
    Journal = 1,
}

#[derive(Clone)]
pub enum Event {
    /// A handle on the file was opened; it is created when it was not there.
    Open(FileId),
    Write(FileId, usize, Vec<u8>),
    Truncate(FileId, usize),
    Sync(FileId),
    /// The folder's entries are durable.
    SyncFolder,
    Delete(FileId, bool),
    /// The device keys after a call that changed them: durable.
    Keys(Arc<KeyCopy>),
    /// The device evaluated a PIN's key.
    Guess,
    /// The caller was given the code of this counter.
    Issued(u64),
}

/// What can fail, each counted on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Open,
    Access,
    Read,
    Write,
    Sync,
    Truncate,
    Delete,
    Key,
    Malloc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Nothing was done.
    Error,
    /// Nothing was done: the disk is full.
    Full,
    /// Half of it was done.
    Short,
    /// It was done and the answer got lost.
    Done,
}

/// Call `at` (from 1) of `class` fails, and with `sticky` all later ones too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub class: Class,
    pub how: How,
    pub at: u64,
    pub sticky: bool,
}

#[derive(Clone, Copy)]
struct Armed {
    fault: Fault,
    seen: u64,
    fired: u64,
}

thread_local! {
    static ARMED: [Cell<Option<Armed>>; 2] = const { [Cell::new(None), Cell::new(None)] };
    static EVENTS: RefCell<Option<Vec<Event>>> = const { RefCell::new(None) };
    static GUESSES: Cell<u64> = const { Cell::new(0) };
}

/// Arms at most two faults; the older ones are gone.
pub fn arm(faults: &[Fault]) {
    ARMED.with(|armed| {
        for (n, place) in armed.iter().enumerate() {
            place.set(faults.get(n).map(|fault| Armed { fault: *fault, seen: 0, fired: 0 }));
        }
    });
}

/// Disarms; how often each fault struck.
pub fn disarm() -> [u64; 2] {
    ARMED.with(|armed| [0, 1].map(|n: usize| armed[n].take().map_or(0, |one| one.fired)))
}

/// Calls that the first fault has let pass or struck.
pub fn seen() -> u64 {
    ARMED.with(|armed| armed[0].get().map_or(0, |one| one.seen))
}

/// Asked by everything that can fail, before it does anything.
pub fn strikes(class: Class) -> Option<How> {
    ARMED.with(|armed| {
        let mut struck = None;
        for place in armed {
            let Some(mut one) = place.get().filter(|one| one.fault.class == class) else { continue };
            one.seen += 1;
            if one.seen == one.fault.at || (one.fault.sticky && one.seen > one.fault.at) {
                one.fired += 1;
                struck = Some(one.fault.how);
            }
            place.set(Some(one));
        }
        struck
    })
}

pub fn record() {
    EVENTS.set(Some(Vec::new()));
}

/// Ends the recording.
pub fn recorded() -> Vec<Event> {
    EVENTS.take().unwrap_or_default()
}

/// Events so far.
pub fn mark() -> usize {
    EVENTS.with_borrow(|events| events.as_ref().map_or(0, Vec::len))
}

pub fn happened(event: impl FnOnce() -> Event) {
    EVENTS.with_borrow_mut(|events| {
        if let Some(events) = events {
            events.push(event());
        }
    });
}

pub fn guessed() {
    GUESSES.set(GUESSES.get() + 1);
    happened(|| Event::Guess);
}

/// PIN evaluations since the last call.
pub fn take_guesses() -> u64 {
    GUESSES.replace(0)
}
