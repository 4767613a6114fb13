//! tests/reliability/campaigns.json: the longest campaign of every proof.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// Where the records are, from the root of the repository.
pub const FILE: &str = "tests/reliability/campaigns.json";

/// A campaign that ended well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    /// How much.
    pub done: u64,
    /// Of what.
    pub unit: String,
    /// How long it ran.
    pub minutes: u64,
    /// Where its randomness started.
    pub seed: u64,
    /// What it ran on: a short hash, with `+changes` where the tree had some.
    pub commit: String,
    /// When it ended, as in 2026-01-31.
    pub date: String,
    /// Further counts by name.
    #[serde(default)]
    pub notes: BTreeMap<String, u64>,
}

/// Campaigns by the name of their row.
pub type Campaigns = BTreeMap<String, Campaign>;

/// The campaigns so far; none where there is no file yet.
pub fn load(root: &Path) -> Result<Campaigns> {
    let path = root.join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).with_context(|| format!("cannot read {FILE}")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Campaigns::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {FILE}")),
    }
}

/// Notes `campaign` unless a longer one is there; tells whether it did.
pub fn keep(root: &Path, row: &str, campaign: Campaign) -> Result<bool> {
    let mut all = load(root)?;
    if all.get(row).is_some_and(|longest| longest.done > campaign.done) {
        return Ok(false);
    }
    all.insert(row.to_owned(), campaign);
    let path = root.join(FILE);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&path, serde_json::to_string_pretty(&all)? + "\n")?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_campaign_stays() {
        let root = tempfile::tempdir().unwrap();
        assert!(load(root.path()).unwrap().is_empty());
        let campaign = |done, seed| Campaign {
            done,
            unit: "images".to_owned(),
            minutes: 3,
            seed,
            commit: "012345678".to_owned(),
            date: "2026-01-31".to_owned(),
            notes: BTreeMap::new(),
        };
        assert!(keep(root.path(), "a", campaign(10, 1)).unwrap());
        assert!(!keep(root.path(), "a", campaign(9, 2)).unwrap());
        assert!(keep(root.path(), "b", campaign(1, 3)).unwrap());
        assert!(keep(root.path(), "a", campaign(10, 4)).unwrap());
        let all = load(root.path()).unwrap();
        assert_eq!(all.values().map(|kept| kept.seed).collect::<Vec<_>>(), [4, 3]);
    }

    #[test]
    fn the_records_of_the_tree_belong_to_rows_that_have_campaigns() {
        for row in load(&crate::setup::root()).unwrap().keys() {
            let known = crate::reliability::registry::find(row);
            assert!(known.is_some_and(|row| row.campaign.is_some()), "{row}");
        }
    }
}
