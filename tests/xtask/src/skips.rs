//! The list of skips that are allowed when `CI=true`: tests/SKIPS.md, a table of names and reasons.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::tally::Skip;

/// Where the list is, from the root of the repository.
pub const FILE: &str = "tests/SKIPS.md";

/// The rows of the list; a row without a reason is an error.
pub fn allowed(root: &Path) -> Result<Vec<Skip>> {
    let path = root.join(FILE);
    parse(&std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?)
}

/// The skips that have no row.
pub fn unlisted<'a>(skips: &'a [Skip], allowed: &[Skip]) -> Vec<&'a Skip> {
    skips.iter().filter(|skip| !allowed.iter().any(|row| row.name == skip.name)).collect()
}

/// Whether this run is one that nobody watches, where an unlisted skip fails it.
pub fn strict() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

fn parse(text: &str) -> Result<Vec<Skip>> {
    let rows = text.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        match cells[..] {
            [name, reason] if !name.is_empty() && !reason.is_empty() => {
                Ok(Skip { name: name.to_owned(), reason: reason.to_owned() })
            }
            _ => bail!("{FILE}: this row needs a name and a reason: {row}"),
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skip(name: &str) -> Skip {
        Skip { name: name.to_owned(), reason: "why".to_owned() }
    }

    #[test]
    fn every_row_of_the_list_has_a_reason() {
        allowed(&crate::setup::root()).unwrap();
    }

    #[test]
    fn a_row_without_a_reason_is_refused() {
        let head = "| Name | Reason |\n|---|---|\n";
        assert_eq!(parse(&format!("{head}| a | why |\n")).unwrap(), [skip("a")]);
        assert!(parse(&format!("{head}| a | |\n")).is_err());
        assert!(parse(&format!("{head}| a |\n")).is_err());
    }

    #[test]
    fn only_a_skip_without_a_row_is_unlisted() {
        let happened = [skip("a"), skip("b")];
        assert_eq!(unlisted(&happened, &[skip("a")]), [&skip("b")]);
        assert!(unlisted(&happened, &[skip("b"), skip("a"), skip("c")]).is_empty());
    }
}
