//! The design holds in every state; each wrong order, and each thing the design leans on, is found.

use softtoken_figures::Effort;
use softtoken_pin_machine::{Invariant, Order, Outcome, Rules, search};

#[test]
fn no_crash_no_old_copy_and_no_code_gives_a_sixth_guess_a_false_lockout_or_a_way_back() {
    let effort = Effort::start("pin-machine", 1_000_000, 0);
    let outcome = run("as designed", &Rules::designed());
    assert!(outcome.violation.is_none());
    assert!(outcome.lockouts > 0 && outcome.open > 0, "lockouts and unlocks were not reached");
    let notes = [("moves", outcome.moves), ("lockouts", outcome.lockouts), ("unlocked", outcome.open)];
    effort.end(outcome.states as u64, "states", &notes.map(|(name, count)| (name, count as u64)));
}

#[test]
fn evaluating_before_the_old_key_is_deleted_gives_a_sixth_guess() {
    let rules = Rules { order: Order::EvaluateBeforeDelete, ..Rules::designed() };
    assert_found("evaluate before delete", &rules, Invariant::FiveGuesses);
}

#[test]
fn evaluating_before_the_count_gives_a_sixth_guess() {
    let rules = Rules { order: Order::EvaluateBeforeCount, ..Rules::designed() };
    assert_found("evaluate before the count", &rules, Invariant::FiveGuesses);
}

#[test]
fn deleting_before_the_commit_locks_out_by_a_crash() {
    let rules = Rules { order: Order::DeleteBeforeCommit, ..Rules::designed() };
    assert_found("delete before commit", &rules, Invariant::NoFalseLockout);
}

#[test]
fn a_state_key_that_a_failed_deletion_left_gives_a_third_guess_of_two() {
    let rules = Rules { swept_before_try: false, tries: 2, ..Rules::designed() };
    assert_found("leftover keys deleted at opening only", &rules, Invariant::FiveGuesses);
}

#[test]
fn a_copy_of_the_device_keys_gives_more_guesses_and_a_way_back() {
    let rules = Rules { keys_restored: true, ..Rules::designed() };
    assert_found("device keys restored", &rules, Invariant::NoWayBack);
    let only = Some(Invariant::FiveGuesses);
    let rules = Rules { only, tries: 3, successes: 0, redemptions: 0, ..rules };
    assert_found("device keys restored, guesses of three", &rules, Invariant::FiveGuesses);
}

#[test]
fn two_processes_at_once_need_the_lock_file_or_two_more_checks() {
    let without = Rules {
        lock_removed: true,
        tries: 2,
        successes: 0,
        redemptions: 0,
        only: Some(Invariant::FiveGuesses),
        ..Rules::designed()
    };
    assert_found("lock file removed, guesses of two", &without, Invariant::FiveGuesses);
    let checked = Rules { old_key_checked: true, deletion_tells: true, ..without };
    let outcome = run("lock file removed, old key checked, deletion tells", &checked);
    assert!(outcome.violation.is_none() && outcome.states >= 1_000_000);
}

fn assert_found(name: &str, rules: &Rules, invariant: Invariant) {
    let outcome = run(name, rules);
    assert_eq!(outcome.violation.map(|violation| violation.invariant), Some(invariant), "{name}");
}

fn run(name: &str, rules: &Rules) -> Outcome {
    let outcome = search(rules);
    let Outcome { states, moves, depth, lockouts, open, violation } = &outcome;
    eprintln!(
        "pin machine: {name}: {states} states, {moves} moves, depth {depth}, {lockouts} lockouts, {open} open"
    );
    if let Some(violation) = violation {
        eprintln!("{violation}");
    }
    outcome
}
