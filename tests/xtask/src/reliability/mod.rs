//! What was done for reliability: how much in every test run, how much in the longest campaign.
//!
//! `cargo xtask test` empties the folder of figures, lets every proof write its own, and ends by writing
//! tests/RELIABILITY.md. A proof without a figure fails the run. `cargo xtask campaign` runs one proof
//! long, and notes a campaign that ended well in tests/reliability/campaigns.json.

mod campaign;
mod record;
mod registry;
mod report;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use softtoken_figures::Figure;

pub use campaign::{Options, run as campaign};

/// Figures by the name of their row.
type Figures = BTreeMap<String, Figure>;

/// An empty folder where the proofs of a run leave their figures.
pub fn empty_folder(name: &str) -> Result<PathBuf> {
    let folder = std::env::current_exe()?.with_file_name(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Writes the report from the figures in `folder`, and returns the names of the rows that have none. A run
/// with failures (not `well`) has no figures to be proud of: the report stays as it is.
pub fn write_down(root: &Path, folder: &Path, well: bool) -> Result<Vec<&'static str>> {
    let figures = read(folder)?;
    if well {
        report::write(root, Some(&figures))?;
    }
    let covered = |name: &str| figures.get(name).is_some_and(|figure| figure.done > 0);
    Ok(registry::ROWS.iter().map(|row| row.name).filter(|name| !covered(name)).collect())
}

fn read(folder: &Path) -> Result<Figures> {
    let mut figures = Figures::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let text = std::fs::read_to_string(&path)?;
        let figure: Figure =
            serde_json::from_str(&text).with_context(|| format!("{} is no figure", path.display()))?;
        figures.insert(figure.row.clone(), figure);
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_covered_by_its_figure_only() {
        let (root, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir_all(root.path().join("tests")).unwrap();
        let figure = r#"{"row":"faults","done":9,"unit":"faults","seed":1,"campaign":false,"notes":{}}"#;
        std::fs::write(folder.path().join("faults.json"), figure).unwrap();
        let nothing = figure.replace("faults", "races").replace('9', "0");
        std::fs::write(folder.path().join("races.json"), nothing).unwrap();
        let missing = write_down(root.path(), folder.path(), true).unwrap();
        assert_eq!(missing.len(), registry::ROWS.len() - 1);
        assert!(!missing.contains(&"faults") && missing.contains(&"races"));
        let report = std::fs::read_to_string(root.path().join(report::FILE)).unwrap();
        assert!(report.contains("| 9 faults, seed 1 |"), "{report}");
    }

    #[test]
    fn a_file_that_is_no_figure_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("faults.json"), "{").unwrap();
        assert!(read(folder.path()).is_err());
    }
}
