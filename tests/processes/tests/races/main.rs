//! Two processes race for one vault, and sixteen threads share one token.
//!
//! | Race | Both | Expected |
//! |---|---|---|
//! | to open | open at once | one has it, the other hears `VaultBusy` at once |
//! | to make | open a folder without a vault | the same; the vault is made once |
//! | at the end | one leaves while the other opens | the other has it or hears `VaultBusy`, and has it the next time |
//!
//! Whoever has the vault uses up one event-based code: if two ever had it, a code would come twice.

#[path = "../common/mod.rs"]
mod common;
mod threads;
mod worker;

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout};

use common::{Dice, PINS, again, device_key_alias, folder_in_memory, private_folder};
use softtoken_figures::Effort;

/// Tells a worker from the parent.
const CHILD: &str = "SOFTTOKEN_RACING_CHILD";
const TEST: &str = "two_processes_race_for_a_vault_and_one_has_it";
/// Races in one folder.
const RACES_OF_A_FOLDER: u64 = 25;

#[test]
fn two_processes_race_for_a_vault_and_one_has_it() {
    if std::env::var_os(CHILD).is_some() {
        return worker::run();
    }
    let effort = Effort::start("races", 1_000, 4_010);
    let dice = Dice::seeded(effort.seed());
    let mut workers = [Worker::start(), Worker::start()];
    let (mut races, mut slowest, mut made, mut overtaken, mut wins) = (0, 0, 0, 0, [0, 0]);
    while effort.goes_on(races) {
        let folder = folder_in_memory();
        let mut next = 0;
        for race in 0..RACES_OF_A_FOLDER {
            let open = format!("open {}", folder.path().display());
            let first = usize::try_from(dice.below(2)).unwrap();
            workers[first].say(&open);
            workers[1 - first].say(&open);
            let answers = [workers[0].hear(), workers[1].hear()];
            let winner = answers.iter().position(|answer| answer == "won").expect("one of them has it");
            slowest = slowest.max(busy(&answers[1 - winner]));
            wins[winner] += 1;
            made += u64::from(race == 0);
            next = workers[winner].uses(next);
            races += 1;
            if dice.below(3) == 0 {
                // The other one comes while this one leaves.
                workers[winner].say("leave");
                workers[1 - winner].say(&open);
                assert_eq!(workers[winner].hear(), "left");
                let mut answer = workers[1 - winner].hear();
                if answer == "won" {
                    overtaken += 1;
                } else {
                    slowest = slowest.max(busy(&answer));
                    workers[1 - winner].say(&open);
                    answer = workers[1 - winner].hear();
                }
                assert_eq!(answer, "won", "nobody has it");
                next = workers[1 - winner].uses(next);
                races += 1;
            }
            workers.iter_mut().for_each(Worker::leaves);
        }
        left_alone(folder.path());
    }
    assert!(wins[0] > 0 && wins[1] > 0 && overtaken > 0, "not covered: {wins:?} {overtaken}");
    drop(workers);
    let rounds = threads::churn(effort.is_campaign());
    effort.end(
        races,
        "races",
        &[
            ("vaults made in a race", made),
            ("taken over while the other left", overtaken),
            ("slowest refusal, µs", slowest),
            ("steps of 16 threads", rounds),
        ],
    );
}

/// How long the refusal took.
fn busy(answer: &str) -> u64 {
    let micros = answer.strip_prefix("busy ").unwrap_or_else(|| panic!("{answer}: two have it, or worse"));
    micros.parse().unwrap()
}

/// Nothing was set aside on the way.
fn left_alone(folder: &Path) {
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["keys", "vault.db", "vault.db-journal", "vault.lock"]);
}

struct Worker {
    child: Child,
    orders: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Worker {
    fn start() -> Self {
        let mut child = again(TEST, CHILD, "1");
        let orders = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, orders, answers }
    }

    fn say(&mut self, order: &str) {
        self.orders.as_mut().unwrap().write_all(format!("{order}\n").as_bytes()).unwrap();
    }

    /// The next answer; what the test runner says is passed over.
    fn hear(&mut self) -> String {
        const WORDS: [&str; 5] = ["won", "busy", "used", "left", "failed"];
        let mut lines = self.answers.by_ref().map(Result::unwrap);
        lines.find(|line| WORDS.contains(&line.split(' ').next().unwrap_or_default())).expect("an answer")
    }

    /// Uses up one code; gives the counter after it.
    fn uses(&mut self, next: u64) -> u64 {
        self.say(&format!("use {}", PINS[0]));
        assert_eq!(self.hear(), format!("used {next}"));
        next + 1
    }

    fn leaves(&mut self) {
        self.say("leave");
        assert_eq!(self.hear(), "left");
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.child.wait();
    }
}
