//! tests/RELIABILITY.md: one row a proof.
//!
//! The same tree gives the same text. A cell of figures that depend on timing is therefore written once,
//! and again only when more than the numbers after its first one differ.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use softtoken_figures::Figure;

use super::Figures;
use super::record::{self, Campaign, Campaigns};
use super::registry::{ROWS, Row};

/// Where the report is, from the root of the repository.
pub const FILE: &str = "tests/RELIABILITY.md";

/// Writes the report; without `figures` the cells of the test run stay as they are.
pub fn write(root: &Path, figures: Option<&Figures>) -> Result<()> {
    let path = root.join(FILE);
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let text = render(&before, figures, &record::load(root)?);
    if text != before {
        std::fs::write(&path, text)?;
    }
    Ok(())
}

fn render(before: &str, figures: Option<&Figures>, campaigns: &Campaigns) -> String {
    let rows = ROWS.iter().map(|row| {
        let old = old_cell(before, row.title);
        let cell = figures.map(|figures| figures.get(row.name).map_or(MISSING.to_owned(), run_cell));
        let short = match (cell, old) {
            (Some(new), Some(old)) if row.varies && same_but_numbers(&new, old) => old.to_owned(),
            (Some(new), _) => new,
            (None, old) => old.unwrap_or(MISSING).to_owned(),
        };
        let long = campaign_cell(row, campaigns.get(row.name));
        format!("| {} | `{}` | {short} | {long} |\n", row.title, row.name)
    });
    HEAD.to_owned() + &rows.collect::<String>()
}

/// What the test run says of the row called `title` in the report as it was.
fn old_cell<'a>(before: &'a str, title: &str) -> Option<&'a str> {
    let row = before.lines().find_map(|line| line.strip_prefix("| ")?.strip_prefix(title))?;
    row.strip_prefix(" | ")?.split(" | ").nth(1)
}

fn run_cell(figure: &Figure) -> String {
    let Figure { done, unit, notes, seed, .. } = figure;
    format!("{} {unit}{}, seed {seed}", grouped(*done), noted(notes))
}

fn campaign_cell(row: &Row, campaign: Option<&Campaign>) -> String {
    let Some(goal) = &row.campaign else { return "–".to_owned() };
    let Some(Campaign { done, unit, minutes, seed, commit, date, notes }) = campaign else {
        return format!("not run yet; goal {}", goal.text);
    };
    format!(
        "{} {unit}{} in {minutes} min, seed {seed}, commit {commit}, {date}; goal {}",
        grouped(*done),
        noted(notes),
        goal.text
    )
}

fn noted(notes: &BTreeMap<String, u64>) -> String {
    let notes: Vec<_> = notes.iter().map(|(name, count)| format!("{} {name}", grouped(*count))).collect();
    if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) }
}

/// Thousands apart: 1,234,567.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Whether both cells begin with the same count and say the same words after it.
fn same_but_numbers(one: &str, other: &str) -> bool {
    let (first, rest) = one.split_once(' ').unwrap_or((one, ""));
    let (other_first, other_rest) = other.split_once(' ').unwrap_or((other, ""));
    first == other_first && words(rest) == words(other_rest)
}

/// The text without its numbers: `(1,234 open)` is `( open)`.
fn words(text: &str) -> String {
    text.replace(|c: char| c.is_ascii_digit() || c == ',', "")
}

const MISSING: &str = "not covered";
const HEAD: &str = "\
# Reliability

Written by the run, not by hand: `cargo xtask test` writes what every run did, `cargo xtask campaign NAME`
what the longest campaign did (`--list` names them). Numbers that depend on timing are those of the run
that wrote them first. A proof that did not reach its figure fails the run.

| What | Name | In every test run | Longest campaign |
|---|---|---|---|
";

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(row: &str, done: u64, note: u64) -> Figures {
        let notes = BTreeMap::from([("open, half".to_owned(), note), ("shut".to_owned(), 1)]);
        let figure =
            Figure { row: row.to_owned(), done, unit: "turns".to_owned(), seed: 7, campaign: false, notes };
        Figures::from([(row.to_owned(), figure)])
    }

    fn line<'a>(report: &'a str, name: &str) -> &'a str {
        report.lines().find(|line| line.contains(&format!("| `{name}` |"))).unwrap()
    }

    #[test]
    fn a_second_run_leaves_no_difference() {
        let campaigns = Campaigns::new();
        let first = render("", Some(&figures("races", 1000, 1234)), &campaigns);
        let row = "| 1,000 turns (1,234 open, half, 1 shut), seed 7 |";
        assert!(line(&first, "races").contains(row), "{first}");
        assert!(line(&first, "faults").contains("| not covered | not run yet; goal pairs of faults |"));
        assert_eq!(render(&first, Some(&figures("races", 1000, 99)), &campaigns), first);
        assert_eq!(render(&first, None, &campaigns), first);
        assert_ne!(render(&first, Some(&figures("races", 1001, 1234)), &campaigns), first);
    }

    #[test]
    fn a_figure_that_should_repeat_is_always_written() {
        let first = render("", Some(&figures("faults", 1000, 1234)), &Campaigns::new());
        let second = render(&first, Some(&figures("faults", 1000, 1235)), &Campaigns::new());
        assert!(line(&second, "faults").contains("1,235 open"));
    }

    #[test]
    fn the_longest_campaign_is_told_with_its_seed_and_commit() {
        let campaign = Campaign {
            done: 50_000,
            unit: "kills".to_owned(),
            minutes: 30,
            seed: 3,
            commit: "0123456".to_owned(),
            date: "2026-01-31".to_owned(),
            notes: BTreeMap::new(),
        };
        let report = render("", None, &Campaigns::from([("kill-9".to_owned(), campaign)]));
        let cell = "| 50,000 kills in 30 min, seed 3, commit 0123456, 2026-01-31; goal 50,000 kills |";
        assert!(line(&report, "kill-9").ends_with(cell), "{report}");
        assert!(line(&report, "vectors").ends_with("| – |"));
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([7, 999, 1000, 1_234_567].map(grouped), ["7", "999", "1,000", "1,234,567"]);
    }
}
