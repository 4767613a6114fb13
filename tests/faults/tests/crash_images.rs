//! The power fails after every event of every operation; whatever is left opens, with nothing lost.
//!
//! An image is one choice of what survives; the same bytes with the same device keys count once. Whether
//! an image of an operation is complete follows from what the operation had answered by then.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use softtoken_faults::disk::{Disk, Survives};
use softtoken_faults::ops::{self, Op, Stage};
use softtoken_faults::oracle::{Moment, Oracle, quietly};
use softtoken_faults::stream::{self, Event};
use softtoken_faults::world::{Home, Snapshot};
use softtoken_faults::{Dice, THREADS, on_threads};
use softtoken_figures::Effort;

/// One undisturbed run, and the disk after each of its events.
struct Film<'s> {
    op: &'s Op,
    start: Snapshot,
    events: Vec<Event>,
    /// Events before the operation, and when it had answered.
    from: usize,
    answered: usize,
    oracle: Oracle<'s>,
    seen: HashSet<u64>,
    /// Images per event.
    covered: BTreeMap<usize, u64>,
}

#[derive(Default)]
struct Count {
    images: u64,
    repeated: u64,
    second: u64,
    found: BTreeMap<String, u64>,
}

impl<'s> Film<'s> {
    fn new(home: &Home, stage: &'s Stage, op: &'s Op) -> Self {
        let start = stage.starts[&op.start].clone();
        home.put(&start);
        if let Some(pin) = op.open {
            home.start(7_000).unwrap().unlock(pin).unwrap();
        }
        let before = home.take();
        home.put(&start);
        stream::record();
        let token = home.start(7_000).unwrap();
        op.open.into_iter().for_each(|pin| token.unlock(pin).unwrap());
        let from = stream::mark();
        let result = (op.run)(stage, &token);
        let answered = stream::mark();
        drop(token);
        let events = stream::recorded();
        assert!(op.answered(&result), "{}: {result:?}", op.name);
        assert!(answered > from, "{}: no events", op.name);
        let oracle = Oracle::new(stage, op, &before, &home.take());
        let oracle = oracle.unwrap_or_else(|error| panic!("{}: {error}", op.name));
        let (seen, covered) = (HashSet::new(), BTreeMap::new());
        Self { op, start, events, from, answered, oracle, seen, covered }
    }

    /// One image for every event at which something is open, or all that do not depend on luck.
    fn round(&mut self, dice: &mut Option<Dice>, count: &mut Count, goes_on: &dyn Fn(u64) -> bool) {
        let mut disk = Disk::new(&self.start);
        let mut moment = Moment::default();
        for index in 0..=self.events.len() {
            if index >= self.from {
                moment.untouched = index == self.from;
                moment.answered = index >= self.answered;
                for mut survives in choices(dice, &disk) {
                    if goes_on(count.images) {
                        self.show(&disk.image(&mut survives), index, moment, count);
                    }
                }
            }
            let Some(event) = self.events.get(index) else { break };
            disk.apply(event);
            match event {
                Event::Guess if index >= self.from => moment.guesses += 1,
                Event::Issued(counter) => moment.issued = Some(*counter),
                Event::Keys(_) => moment.key_changes += 1,
                _ => {}
            }
        }
        if dice.is_none() {
            for fault in &disk.faults {
                count.complain(self.op, fault);
            }
        }
    }

    fn show(&mut self, image: &Snapshot, index: usize, moment: Moment, count: &mut Count) {
        *self.covered.entry(index).or_default() += 1;
        // The same disk tells more after more was promised.
        if !self.seen.insert(hash(image, &moment)) {
            count.repeated += 1;
            return;
        }
        count.images += 1;
        if let Err(error) = quietly(|| self.oracle.judge(image, moment)) {
            count.complain(self.op, &format!("event {index} of {}: {error}", self.events.len()));
        }
    }

    /// The power fails again while the first opening repairs.
    fn again(&mut self, home: &Home, dice: &mut Dice, count: &mut Count) {
        let mut disk = Disk::new(&self.start);
        let index = self.from + usize::try_from(dice.roll()).unwrap_or(0) % (self.answered - self.from + 1);
        self.events[..index].iter().for_each(|event| disk.apply(event));
        let first = disk.image(&mut Survives::Some(Dice(dice.roll()), 512));
        home.put(&first);
        stream::record();
        let opened = home.start(7_100).map(drop);
        let events = stream::recorded();
        if let Err(error) = opened {
            return count.complain(self.op, &format!("event {index}: {error:?}"));
        }
        let mut disk = Disk::new(&first);
        for at in 0..=events.len() {
            let sector = if dice.chance(128) { 512 } else { 4096 };
            let torn = Survives::Some(Dice(dice.roll()), sector);
            for mut survives in [Survives::Nothing, Survives::Everything, torn] {
                let image = disk.image(&mut survives);
                if !self.seen.insert(hash(&image, &Moment { key_changes: u64::MAX, ..Moment::default() })) {
                    count.repeated += 1;
                    continue;
                }
                count.images += 1;
                count.second += 1;
                if let Err(error) = quietly(|| self.oracle.judge(&image, Moment::default())) {
                    count.complain(self.op, &format!("event {index}, then {at} of repairing: {error}"));
                }
            }
            events.get(at).into_iter().for_each(|event| disk.apply(event));
        }
    }
}

impl Count {
    fn complain(&mut self, op: &Op, error: &str) {
        let text = format!("{}: {error}", op.name);
        if self.found.insert(text.clone(), 1 + self.found.get(&text).unwrap_or(&0)).is_none() {
            eprintln!("{text}");
        }
    }
}

fn choices(dice: &mut Option<Dice>, disk: &Disk) -> Vec<Survives> {
    match dice {
        None => vec![Survives::Nothing, Survives::Everything],
        Some(dice) if disk.is_open() => {
            vec![Survives::Some(Dice(dice.roll()), 512), Survives::Some(Dice(dice.roll()), 4096)]
        }
        Some(_) => Vec::new(),
    }
}

fn hash(image: &Snapshot, moment: &Moment) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&image.db, &image.journal, moment).hash(&mut hasher);
    hasher.finish()
}

/// What one thread did with its operations.
#[derive(Default)]
struct Share {
    count: Count,
    operations: u64,
    events: u64,
    pairs: u64,
    vaults: u64,
}

/// Streams, disks and devices are a thread's own; so are its operations.
fn share(effort: &Effort, thread: usize) -> Share {
    let home = Home::new();
    let stage = Stage::new(&home);
    let ops = ops::all().into_iter().filter(|op| !op.sets_aside());
    let ops: Vec<Op> = ops.skip(thread).step_by(THREADS).collect();
    let mut films: Vec<Film<'_>> = ops.iter().map(|op| Film::new(&home, &stage, op)).collect();
    let mut share = Share { operations: films.len() as u64, ..Share::default() };
    let count = &mut share.count;
    let goes_on = |done: u64| effort.goes_on(done * THREADS as u64);
    let mut dice = Dice(effort.seed() + thread as u64);
    for film in &mut films {
        film.round(&mut None, count, &|_| true);
    }
    for film in &films {
        let all = film.from..=film.events.len();
        assert!(all.clone().all(|index| film.covered.contains_key(&index)), "{}: not covered", film.op.name);
        share.events += (film.events.len() - film.from) as u64;
        share.pairs += all.count() as u64;
    }
    for film in &mut films {
        film.again(&home, &mut dice, count);
    }
    let mut idle = 0;
    while goes_on(count.images) && idle < 1_000 {
        let before = count.images;
        for film in &mut films {
            let round = Dice(dice.roll());
            film.round(&mut Some(round), count, &goes_on);
            if effort.is_campaign() {
                film.again(&home, &mut dice, count);
            }
        }
        idle = if count.images == before { idle + 1 } else { 0 };
    }
    share.vaults = films.iter().map(|film| film.oracle.distinct()).sum();
    share
}

#[test]
fn no_power_cut_costs_an_identity_or_gives_a_guess() {
    let effort = Effort::start("crash-images", 50_000, 42_026);
    let shares: Vec<Share> = on_threads(|thread| share(&effort, thread));
    let sum = |of: &dyn Fn(&Share) -> u64| shares.iter().map(of).sum::<u64>();
    for (text, times) in shares.iter().flat_map(|share| &share.count.found) {
        eprintln!("{times} x {text}");
    }
    let violations = sum(&|share| share.count.found.len() as u64);
    effort.end(
        sum(&|share| share.count.images),
        "images",
        &[
            ("operations", sum(&|share| share.operations)),
            ("events", sum(&|share| share.events)),
            ("operation-event pairs", sum(&|share| share.pairs)),
            ("images seen before", sum(&|share| share.count.repeated)),
            ("distinct vaults looked at closely", sum(&|share| share.vaults)),
            ("second power cuts", sum(&|share| share.count.second)),
            ("violations", violations),
        ],
    );
    assert_eq!(violations, 0, "violations");
}
