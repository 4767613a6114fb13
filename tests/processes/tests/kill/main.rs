//! Real processes killed with SIGKILL, most of them while SQLite has a transaction open.
//!
//! A child does random things with a vault and says so before and after on a pipe. The parent stops it at
//! a random moment, looks whether the journal is in use, and kills it there or lets it go on. Then it
//! opens the vault and compares it with what the child's lines allow (SECURITY.md, *Invariants*):
//!
//! | Invariant | Checked |
//! |---|---|
//! | the vault opens, undamaged | after every kill |
//! | at most five guesses between two successes, over all deaths | by the device, before each evaluation |
//! | the old or the new PIN opens it; a blocked one is opened by a code | after every kill |
//! | blocked only by five tries or a given-up PIN | after every kill |
//! | what was said to be done is there; what was cut off is there or not | names, order, counters |
//! | no event-based code comes twice; names are unique | after every kill |
//!
//! What a kill does not show is what a power cut loses: every write of a killed process reaches the disk.
#![cfg(unix)]

mod check;
mod child;
#[path = "../common/mod.rs"]
mod common;
mod deed;
mod killer;
mod known;
#[path = "../../../../core/tests/vault_common/mod.rs"]
mod vault_common;

use std::collections::BTreeMap;

use common::{Dice, device_key_alias, private_folder};
use softtoken_core::lock::issuer_unlock_code;
use softtoken_core::secret::Key;
use softtoken_core::token::SoftToken;
use softtoken_figures::Effort;

use check::{Way, add_issued, check};
use child::Orders;
use killer::{Death, kill};
use known::Story;

/// Name, address, serial number and K_rec of the identity that an issuer can answer for.
const ISSUED: (&str, &str, &str, u8) = ("Issued", "a.example", "4824413456", 0xaa);
/// Tells the child from the parent.
const CHILD: &str = "SOFTTOKEN_KILLED_CHILD";
/// Kills in one folder.
const KILLS_OF_A_LIFE: u64 = 20;

/// What the issuer answers to the reset code that is shown.
fn issuer_code(token: &SoftToken) -> String {
    let (_, address, serial, key) = ISSUED;
    let reset_code = &token.unlock_requests().unwrap()[0].reset_code;
    issuer_unlock_code(&Key::new([key; 32]), reset_code, address, serial).unwrap().to_string()
}

#[test]
fn killed_processes_leave_a_vault_that_opens_and_holds_all_that_was_done() {
    if let Ok(orders) = std::env::var(CHILD) {
        return child::run(Orders::read(&orders));
    }
    let effort = Effort::start("kill-9", 300, 4_009);
    let dice = Dice::seeded(effort.seed());
    let (mut kills, mut deaths) = (0, BTreeMap::<Death, u64>::new());
    let (mut ways, mut lives, mut slowest) = (BTreeMap::<String, u64>::new(), 0, 0);
    let (mut done, mut cut_off) = (BTreeMap::<String, u64>::new(), BTreeMap::<String, u64>::new());
    while effort.goes_on(kills) {
        let folder = tempfile::tempdir().unwrap();
        let (mut story, mut issued) = (Story::default(), false);
        lives += 1;
        for _ in 0..KILLS_OF_A_LIFE {
            if !effort.goes_on(kills) {
                break;
            }
            let mut die = |opens_only| {
                let seed = effort.seed().wrapping_add(kills);
                let death = kill(folder.path(), &mut story, &dice, seed, opens_only);
                kills += 1;
                *deaths.entry(death).or_default() += 1;
                death
            };
            // Some of the dead leave a transaction, and the next one dies while it rolls that back.
            if die(false) == Death::InTransaction && dice.below(5) == 0 {
                die(true);
            }
            let (way, took) = check(folder.path(), &mut story, &dice);
            *ways.entry(format!("{way:?}")).or_default() += 1;
            slowest = slowest.max(u64::try_from(took.as_millis()).unwrap());
            if !issued && way != Way::NoVault {
                add_issued(folder.path(), &mut story.known);
                issued = true;
            }
        }
        merge(&mut done, story.done);
        merge(&mut cut_off, story.cut_off);
    }
    eprintln!("done {done:?}\ncut off {cut_off:?}\nopened {ways:?}");
    let of = |death| deaths.get(&death).copied().unwrap_or(0);
    let (inside, recovering) = (of(Death::InTransaction), of(Death::InRecovery));
    assert!(inside * 2 >= kills, "not covered: {inside} of {kills} inside a transaction");
    assert!(recovering > 0, "not covered: none while it rolled back");
    let missing: Vec<_> = KINDS.iter().filter(|kind| !done.contains_key(**kind)).collect();
    assert!(missing.is_empty(), "not covered: never done {missing:?}");
    for way in [Way::NoVault, Way::Pin, Way::NewPin, Way::Code] {
        let opened = ways.get(&format!("{way:?}")).copied().unwrap_or(0);
        assert!(opened > 0, "not covered: never opened by {way:?}");
    }
    effort.end(
        kills,
        "kills",
        &[
            ("inside a transaction", inside),
            ("while rolling back", recovering),
            ("vaults", lives),
            ("deeds done", done.values().sum()),
            ("deeds cut off", cut_off.values().sum()),
            ("slowest opening, ms", slowest),
        ],
    );
}

fn merge(into: &mut BTreeMap<String, u64>, from: BTreeMap<String, u64>) {
    for (name, count) in from {
        *into.entry(name).or_default() += count;
    }
}

/// Every kind of deed.
const KINDS: [&str; 17] = [
    "acknowledge",
    "add",
    "change",
    "create",
    "forget",
    "join",
    "lock",
    "move",
    "next",
    "remove",
    "rename",
    "reopen",
    "reset",
    "twice",
    "unlock",
    "wrong",
    "wrong-code",
];
