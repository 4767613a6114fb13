//! What needs no vault at all: help, completions, wrong arguments, and what a later version will do.

mod support;

use std::process::Command;

use support::Place;

fn softtoken(args: &[&str]) -> support::Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_softtoken"));
    command.args(args).env_clear().stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    support::ended(command.spawn().unwrap(), b"")
}

#[test]
fn help_lists_the_commands_in_groups_without_colours_in_a_pipe() {
    let help = softtoken(&["--help"]);
    assert_eq!(help.code, 0);
    for text in ["Start:", "Codes:", "Vault:", "completions", "--pin-file", "softtoken COMMAND --help"] {
        assert!(help.stdout.contains(text), "{text}");
    }
    assert!(!help.stdout.contains('\u{1b}') && help.stderr.is_empty());
    assert!(help.stdout.lines().all(|line| line.chars().count() <= 100), "{}", help.stdout);
}

#[test]
fn the_version_is_told() {
    let version = softtoken(&["--version"]);
    assert_eq!((version.code, version.stdout.starts_with("softtoken ")), (0, true));
}

#[test]
fn wrong_arguments_exit_with_two_and_repeat_nothing_in_json() {
    for args in [&["--json", "add"][..], &["--json", "nonsense"], &["--json", "codes", "--at", "CANARY"]] {
        let ended = softtoken(args);
        assert_eq!(ended.code, 2, "{args:?}");
        assert_eq!(ended.json()["error"]["kind"], "Usage");
        assert!(!ended.stdout.contains("CANARY"));
    }
    assert_eq!(softtoken(&[]).code, 2);
    assert_eq!(softtoken(&["add", "text", "--manual"]).code, 2, "one front door at a time");
    assert_eq!(softtoken(&["add", "text", "--address", "x"]).code, 2, "--address goes with --manual");
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let script = softtoken(&["completions", shell]);
        assert!(script.code == 0 && script.stdout.contains("change-pin"), "{shell}");
    }
}

#[test]
fn watch_needs_a_terminal_and_has_no_json() {
    let place = Place::with_vault();
    place.fails(&["watch"], 2, "Usage");
    place.fails(&["watch", "--plain"], 2, "Usage");
}

#[test]
fn doctor_finds_nothing_wrong_with_a_new_vault() {
    let place = Place::with_vault();
    let report = place.ok(&["doctor"]);
    assert_eq!((&report["ok"], &report["clock"]["implausible"]), (&true.into(), &false.into()));
    assert_eq!(report["vault"]["state"], "locked");
    assert!(report["findings"].as_array().unwrap().is_empty());
}

#[test]
fn standard_input_is_given_away_once() {
    let place = Place::with_vault();
    let mut command = place.command(&["add", "-", "--yes", "--pin-file", "-"]);
    command.stdin(std::process::Stdio::piped());
    support::ended(command.spawn().unwrap(), support::LINK.as_bytes()).error(2, "Usage");
}
