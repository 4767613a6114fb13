//! How much each proof of reliability did, in its short form and as a campaign.
//!
//! A proof asks [`Effort`] whether to go on and closes it with what it did. One binary thus serves both:
//!
//! | Variable | Means |
//! |---|---|
//! | `SOFTTOKEN_CAMPAIGN` | the row that runs long; every other row keeps its short form |
//! | `SOFTTOKEN_MINUTES`, `SOFTTOKEN_COUNT` | when that row ends: whichever comes first |
//! | `SOFTTOKEN_SEED` | where randomness starts instead of the row's own fixed seed |
//! | `SOFTTOKEN_FIGURES` | folder that receives `<row>.json`, from which the report is written |
//!
//! A short form that ends before its figure fails: a proof that did not reach its points is no proof.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// A proof under way.
pub struct Effort {
    row: &'static str,
    seed: u64,
    campaign: bool,
    count: u64,
    ends: Option<Instant>,
}

impl Effort {
    /// Starts the proof `row` (lower-case words with hyphens). `short` is the figure of every test run and
    /// `seed` where its randomness starts.
    pub fn start(row: &'static str, short: u64, seed: u64) -> Self {
        let campaign = std::env::var("SOFTTOKEN_CAMPAIGN").is_ok_and(|chosen| chosen == row);
        let seed = number("SOFTTOKEN_SEED").filter(|_| campaign).unwrap_or(seed);
        let minutes = number("SOFTTOKEN_MINUTES").filter(|_| campaign);
        let count = if campaign { number("SOFTTOKEN_COUNT").unwrap_or(u64::MAX) } else { short };
        let ends = minutes.map(|minutes| Instant::now() + Duration::from_secs(minutes.saturating_mul(60)));
        eprintln!("{row}: seed {seed}, {}", if campaign { "campaign" } else { "short form" });
        Self { row, seed, campaign, count, ends }
    }

    /// Where randomness starts.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// True in a campaign: a proof may add what is too slow for every test run.
    pub fn is_campaign(&self) -> bool {
        self.campaign
    }

    /// Whether to do more, after `done`.
    pub fn goes_on(&self, done: u64) -> bool {
        done < self.count && self.ends.is_none_or(|ends| Instant::now() < ends)
    }

    /// Writes down what was done, in `unit`s; `notes` are further counts worth a word in the report.
    ///
    /// # Panics
    /// When a short form did less than its figure.
    pub fn end(self, done: u64, unit: &str, notes: &[(&str, u64)]) {
        let Self { row, seed, campaign, count, .. } = self;
        let notes = notes.iter().map(|&(name, n)| (name.to_owned(), n)).collect();
        let figure = Figure { row: row.to_owned(), done, unit: unit.to_owned(), seed, campaign, notes };
        eprintln!("{row}: {done} {unit}, {:?}", figure.notes);
        if let Some(folder) = std::env::var_os("SOFTTOKEN_FIGURES").map(PathBuf::from) {
            let text = serde_json::to_string(&figure).expect("numbers and names");
            std::fs::create_dir_all(&folder).expect("a folder for the figures");
            std::fs::write(folder.join(format!("{row}.json")), text).expect("a writable folder");
        }
        assert!(campaign || done >= count, "{row}: not covered: {done} of {count} {unit}");
    }
}

/// What a proof did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Which proof.
    pub row: String,
    /// How much.
    pub done: u64,
    /// Of what.
    pub unit: String,
    /// Where its randomness started.
    pub seed: u64,
    /// Long or short form.
    pub campaign: bool,
    /// Further counts by name.
    pub notes: BTreeMap<String, u64>,
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_form_goes_on_until_its_figure() {
        let effort = Effort::start("unit-test", 2, 7);
        assert_eq!((effort.goes_on(0), effort.goes_on(1), effort.goes_on(2)), (true, true, false));
        assert_eq!((effort.seed(), effort.is_campaign()), (7, false));
        effort.end(2, "rounds", &[("extra", 1)]);
    }

    #[test]
    #[should_panic(expected = "not covered: 1 of 2 rounds")]
    fn a_short_form_that_did_too_little_fails() {
        Effort::start("unit-test-short", 2, 7).end(1, "rounds", &[]);
    }
}
