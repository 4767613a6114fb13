//! Call n of disk, device or memory fails, once and from then on, for n = 1, 2, … until nothing fails.
//!
//! After each fault: the answer is a typed error that fits the fault; what a killed process would leave at
//! that moment is judged; and when the fault was a single one the same process does it again, and what it
//! leaves then is judged too.

mod loops;

use std::collections::{BTreeMap, BTreeSet};

use softtoken_faults::ops::{self, Op, Stage};
use softtoken_faults::stream::{self, Class, Fault, How};
use softtoken_faults::world::Home;
use softtoken_faults::{Dice, THREADS, on_threads};
use softtoken_figures::Effort;

use loops::Loops;

const KINDS: &[(Class, How)] = &[
    (Class::Open, How::Error),
    (Class::Access, How::Error),
    (Class::Read, How::Error),
    (Class::Write, How::Error),
    (Class::Write, How::Full),
    (Class::Write, How::Short),
    (Class::Sync, How::Error),
    (Class::Truncate, How::Error),
    (Class::Delete, How::Error),
    (Class::Key, How::Error),
    (Class::Key, How::Done),
    (Class::Malloc, How::Error),
];

/// So many allocations of each operation fail, evenly spread; a campaign then goes through all of them.
const ALLOCATIONS: u64 = 8;

/// Pairs of faults that a campaign draws before it looks at the next operation.
const PAIRS: u64 = 400;

/// What one thread did with its operations.
#[derive(Default)]
struct Share {
    single: u64,
    pairs: u64,
    /// Operations of which every allocation has failed, once or from then on.
    sweeps: u64,
    operations: u64,
    kinds: BTreeMap<&'static str, u64>,
    found: BTreeMap<String, u64>,
}

impl Share {
    fn end(&mut self, loops: Loops) {
        for (text, times) in loops.found {
            *self.found.entry(text).or_insert(0) += times;
        }
    }
}

fn share(effort: &Effort, thread: usize) -> Share {
    let home = Home::new();
    let stage = Stage::new(&home);
    let ops: Vec<Op> = ops::all().into_iter().skip(thread).step_by(THREADS).collect();
    let mut share = Share { operations: ops.len() as u64, ..Share::default() };
    let mut opened = BTreeSet::new();
    for op in &ops {
        let mut loops = Loops::begin(&home, &stage, op);
        let mut points = 0;
        for opening in [true, false] {
            // Opening is the same for all operations that begin alike.
            if opening && (op.open.is_some() || !opened.insert(op.start)) {
                continue;
            }
            for &(class, how) in KINDS {
                for sticky in [false, true] {
                    let step = step(&home, &stage, op, class, opening);
                    let faults = (0..).map(|n| Fault { class, how, at: 1 + n * step, sticky });
                    let times = faults.take_while(|fault| loops.strike(&[*fault], opening)).count() as u64;
                    *share.kinds.entry(class_name(class)).or_insert(0) += times;
                    points += times;
                }
            }
        }
        assert!(points > 0, "{}: not covered: nothing could fail", op.name);
        share.single += points;
        share.end(loops);
    }
    if effort.is_campaign() {
        campaign(effort, &home, &stage, &ops, Dice(effort.seed() + thread as u64), &mut share);
    }
    share
}

/// Pairs of faults in operations drawn by lot, and between them every allocation of one operation after the other.
fn campaign(effort: &Effort, home: &Home, stage: &Stage, ops: &[Op], mut dice: Dice, share: &mut Share) {
    let mut sweeps = ops.iter().flat_map(|op| [(op, false), (op, true)]);
    while effort.goes_on((share.single + share.pairs) * THREADS as u64) {
        let op = &ops[usize::try_from(dice.roll()).unwrap_or(0) % ops.len()];
        let mut loops = Loops::begin(home, stage, op);
        for _ in 0..PAIRS {
            let mut draw = || {
                let (class, how) = KINDS[usize::try_from(dice.roll()).unwrap_or(0) % KINDS.len()];
                let most = if class == Class::Malloc { 2_000 } else { 40 };
                Fault { class, how, at: 1 + dice.roll() % most, sticky: dice.chance(64) }
            };
            share.pairs += u64::from(loops.strike(&[draw(), draw()], false));
        }
        share.end(loops);
        let Some((op, sticky)) = sweeps.next() else { continue };
        let mut loops = Loops::begin(home, stage, op);
        let faults = (1..).map(|at| Fault { class: Class::Malloc, how: How::Error, at, sticky });
        let goes_on = |fault: &Fault| effort.goes_on(0) && loops.strike(&[*fault], false);
        let times = faults.take_while(goes_on).count() as u64;
        *share.kinds.entry(class_name(Class::Malloc)).or_insert(0) += times;
        share.single += times;
        share.sweeps += u64::from(effort.goes_on(0));
        share.end(loops);
    }
}

#[test]
fn no_fault_costs_an_identity_or_gives_a_guess() {
    let effort = Effort::start("faults", 4_000, 42_027);
    let shares: Vec<Share> = on_threads(|thread| share(&effort, thread));
    let sum = |of: &dyn Fn(&Share) -> u64| shares.iter().map(of).sum::<u64>();
    for (text, times) in shares.iter().flat_map(|share| &share.found) {
        eprintln!("{times} x {text}");
    }
    let violations = sum(&|share| share.found.len() as u64);
    let mut notes = vec![
        ("operations", sum(&|share| share.operations)),
        ("operations with every allocation", sum(&|share| share.sweeps)),
        ("pairs of faults", sum(&|share| share.pairs)),
        ("violations", violations),
    ];
    for name in shares.iter().flat_map(|share| share.kinds.keys()).collect::<BTreeSet<_>>() {
        notes.push((name, sum(&|share| share.kinds.get(name).copied().unwrap_or(0))));
    }
    effort.end(sum(&|share| share.single + share.pairs), "faults", &notes);
    assert_eq!(violations, 0, "violations");
}

/// Every call, but for allocations and for what takes Argon2id at its full cost: there it skips.
fn step(home: &Home, stage: &Stage, op: &Op, class: Class, opening: bool) -> u64 {
    if class != Class::Malloc && !op.is_slow() {
        return 1;
    }
    if op.is_slow() && class != Class::Malloc {
        return 4;
    }
    home.put(&stage.starts[&op.start]);
    let count = |work: &mut dyn FnMut()| {
        stream::arm(&[Fault { class, how: How::Error, at: u64::MAX, sticky: false }]);
        work();
        let seen = stream::seen();
        stream::disarm();
        seen
    };
    let calls = if opening {
        count(&mut || drop(home.start(7_000)))
    } else {
        let token = home.start(7_000).expect("it opens");
        op.open.into_iter().for_each(|pin| token.unlock(pin).expect("it unlocks"));
        count(&mut || drop((op.run)(stage, &token)))
    };
    (calls / if op.is_slow() { 2 } else { ALLOCATIONS }).max(1)
}

fn class_name(class: Class) -> &'static str {
    match class {
        Class::Open => "opening a file",
        Class::Access => "looking for a file",
        Class::Read => "reading",
        Class::Write => "writing, disk full, short",
        Class::Sync => "syncing",
        Class::Truncate => "truncating",
        Class::Delete => "deleting",
        Class::Key => "device key",
        Class::Malloc => "allocation",
    }
}
