//! The end of a run: a table of the suites, and one plain line that machines read.

use std::time::Duration;

use crate::tally::{Skip, Tally};

/// One suite in the table.
pub struct Row {
    name: String,
    passed: usize,
    failed: usize,
    skipped: usize,
    seconds: f64,
}

impl Row {
    pub fn new(name: &str, tally: &Tally, took: Duration) -> Self {
        Self {
            name: name.to_owned(),
            passed: tally.passed,
            failed: tally.failed,
            skipped: tally.skips.len(),
            seconds: took.as_secs_f64(),
        }
    }

    /// True when nothing failed.
    pub fn went_well(&self) -> bool {
        self.failed == 0
    }

    /// A row for failures that belong to no suite.
    pub fn failures(name: &str, failed: usize) -> Self {
        Self { name: name.to_owned(), passed: 0, failed, skipped: 0, seconds: 0.0 }
    }
}

/// Prints the table, the skips and the closing line; true if nothing failed.
pub fn print(rows: &[Row], skips: &[Skip]) -> bool {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    println!("\n{:width$}  passed  failed  skipped  seconds", "suite");
    for row in rows {
        println!(
            "{:width$}  {:6}  {:6}  {:7}  {:7.1}{}",
            row.name,
            row.passed,
            row.failed,
            row.skipped,
            row.seconds,
            if row.failed > 0 { "  FAILED" } else { "" }
        );
    }
    for skip in skips {
        println!("SKIPPED {}: {}", skip.name, skip.reason);
    }
    println!("{}", closing_line(rows));
    rows.iter().all(Row::went_well)
}

fn closing_line(rows: &[Row]) -> String {
    let sum = |of: fn(&Row) -> usize| rows.iter().map(of).sum::<usize>();
    format!(
        "{} passed, {} failed, {} skipped",
        sum(|row| row.passed),
        sum(|row| row.failed),
        sum(|row| row.skipped)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_sums_all_rows() {
        let row = |passed, failed, skipped| Row { passed, failed, skipped, ..Row::failures("a", 0) };
        assert_eq!(closing_line(&[row(1, 0, 2), row(40, 3, 0)]), "41 passed, 3 failed, 2 skipped");
    }
}
