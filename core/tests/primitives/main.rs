//! Published vectors on the primitives that the core uses, in the crates it uses them from.
//!
//! Every set reports how many of its vectors passed; the last one writes the figure of all. A set that
//! is missing or shorter than it should be leaves no figure, and the run says that it is not covered.

mod rfc;
mod wycheproof;

use std::collections::BTreeMap;
use std::sync::Mutex;

use ring::hkdf::KeyType;
use softtoken_figures::Effort;

/// Says that the set `what` passed with `done` vectors; `not_offered` ones are of a kind that the
/// interface cannot express.
fn report(what: &str, done: usize, not_offered: usize) {
    eprintln!("vectors: {what} {done} rows, {not_offered} that the interface cannot express");
    let mut sets = REPORTED.lock().unwrap();
    sets.insert(what.to_owned(), (done as u64, not_offered as u64));
    if sets.len() < SETS {
        return;
    }
    let sum = |of: fn(&(u64, u64)) -> u64| sets.values().map(of).sum::<u64>();
    let (done, not_offered) = (sum(|set| set.0), sum(|set| set.1));
    let notes = [("sets", sets.len() as u64), ("not expressible", not_offered)];
    Effort::start("vectors", VECTORS, 0).end(done, "vectors", &notes);
}

/// How many sets there are, and vectors in all of them.
const SETS: usize = 18;
const VECTORS: u64 = 2296;

static REPORTED: Mutex<BTreeMap<String, (u64, u64)>> = Mutex::new(BTreeMap::new());

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
