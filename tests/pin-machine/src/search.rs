//! Breadth first through all states, and the shortest way to a violation.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use crate::moves::Move;
use crate::world::{At, Invariant, Rules, World};

/// What a search has seen.
#[derive(Debug)]
pub struct Outcome {
    /// Different states visited.
    pub states: usize,
    /// Moves made, to new and to known states.
    pub moves: usize,
    /// Length of the longest shortest way to a state.
    pub depth: usize,
    /// States in which a process is locked out.
    pub lockouts: usize,
    /// States in which a process is open.
    pub open: usize,
    /// The first broken invariant; the search ends there.
    pub violation: Option<Violation>,
}

/// A broken invariant and a shortest way to it.
#[derive(Debug)]
pub struct Violation {
    /// Which one.
    pub invariant: Invariant,
    /// What happened, in order.
    pub trace: Vec<Event>,
}

/// One line of a trace.
#[derive(Debug)]
pub struct Event {
    /// What happened.
    pub what: Move,
    /// The step that a process did.
    step: String,
    guesses: u8,
    fails: u8,
}

/// Visits every state that `rules` allow, or stops at the first violation.
pub fn search(rules: &Rules) -> Outcome {
    let first = World::new().canonical();
    let mut seen = Seen::default();
    seen.insert(fingerprint(&first));
    let mut parents: Vec<(u32, Move)> = vec![(0, Move::Start(0))];
    let mut level = vec![(0_u32, first)];
    let mut outcome = Outcome { states: 1, moves: 0, depth: 0, lockouts: 0, open: 0, violation: None };
    while !level.is_empty() {
        let mut next = Vec::new();
        for (index, world) in &level {
            let mut broken = None;
            world.successors(rules, |what, mut after| {
                outcome.moves += 1;
                after.check(rules);
                let after = after.canonical();
                if !seen.insert(fingerprint(&after)) {
                    return;
                }
                let place = u32::try_from(parents.len()).expect("fewer than 2^32 states");
                parents.push((*index, what));
                broken = broken.or(after.broken.map(|invariant| (invariant, place)));
                let anyone = |at: At| after.processes.iter().any(|process| process.at == at);
                outcome.lockouts += usize::from(anyone(At::Blocked));
                outcome.open += usize::from(anyone(At::Open));
                next.push((place, after));
            });
            if let Some((invariant, place)) = broken {
                outcome.states = parents.len();
                outcome.depth += 1;
                outcome.violation = Some(Violation { invariant, trace: trace(rules, &parents, place) });
                return outcome;
            }
        }
        outcome.depth += usize::from(!next.is_empty());
        level = next;
    }
    outcome.states = parents.len();
    outcome
}

/// The way to state `place`, made again from the beginning.
fn trace(rules: &Rules, parents: &[(u32, Move)], place: u32) -> Vec<Event> {
    let mut moves = Vec::new();
    let mut at = place as usize;
    while at != 0 {
        moves.push(parents[at].1);
        at = parents[at].0 as usize;
    }
    let mut world = World::new().canonical();
    let replay = moves.into_iter().rev().map(|wanted| {
        let before = world;
        before.successors(rules, |what, after| {
            if what == wanted {
                world = after;
            }
        });
        let step = match wanted {
            Move::Step(n) => format!(" ({})", before.processes[usize::from(n)].doing(rules)),
            _ => String::new(),
        };
        let event = Event { what: wanted, step, guesses: world.guesses, fails: world.file.fails };
        world = world.canonical();
        event
    });
    replay.collect()
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{:?} is broken after {} moves:", self.invariant, self.trace.len())?;
        for (n, event) in self.trace.iter().enumerate() {
            let Event { what, step, guesses, fails } = event;
            writeln!(out, "{:4}  {what}{step}  [guesses {guesses}, file says {fails}]", n + 1)?;
        }
        Ok(())
    }
}

/// 128 bits: among 10^7 states the chance that two share one is below 10^-24.
fn fingerprint(world: &World) -> u128 {
    let mut mixer = Mixer { low: 0x9e37_79b9_7f4a_7c15, high: 0xd1b5_4a32_d192_ed03, word: 0, bytes: 0 };
    world.hash(&mut mixer);
    mixer.mix();
    u128::from(mixer.high) << 64 | u128::from(mixer.low)
}

/// Gathers bytes into words and folds each word into two lanes by wide multiplication.
struct Mixer {
    low: u64,
    high: u64,
    word: u64,
    bytes: u32,
}

impl Mixer {
    fn mix(&mut self) {
        let fold = |a: u64, b: u64| {
            let wide = u128::from(a) * u128::from(b);
            (wide >> 64) as u64 ^ wide as u64
        };
        // The length keeps a short last word apart from one with zeros.
        let word = self.word ^ u64::from(self.bytes) << 60;
        let low = fold(self.low ^ word, 0xa076_1d64_78bd_642f) ^ self.high.rotate_left(23);
        self.high = fold(self.high ^ word.rotate_left(32), 0xe703_7ed1_a0b4_28db) ^ self.low.rotate_left(41);
        self.low = low;
        (self.word, self.bytes) = (0, 0);
    }
}

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.low
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u8(*byte));
    }

    fn write_u8(&mut self, byte: u8) {
        self.word = self.word << 8 | u64::from(byte);
        self.bytes += 1;
        if self.bytes == 7 {
            self.mix();
        }
    }

    // Lengths and variant numbers are small.
    fn write_usize(&mut self, number: usize) {
        self.write_u8(number as u8);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u8(number as u8);
    }
}

/// Fingerprints are hashes already.
#[derive(Default)]
struct Taken(u64);

impl Hasher for Taken {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u128(&mut self, fingerprint: u128) {
        self.0 = fingerprint as u64;
    }
}

type Seen = HashSet<u128, BuildHasherDefault<Taken>>;
