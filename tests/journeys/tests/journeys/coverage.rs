//! What the journeys must cover together.

use super::journey::{Journey, VERBS};

#[test]
fn the_readme_names_every_verb() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let missing: Vec<_> = VERBS
        .iter()
        .filter(|(verb, _)| !readme.contains(&format!("`{verb}`")))
        .map(|(verb, _)| verb)
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_journey_says_which_rows_it_plays() {
    let numbered =
        |word: &String, letter| word.strip_prefix(letter).is_some_and(|rest| rest.parse::<u8>().is_ok());
    for (name, journey) in Journey::all() {
        assert!(!journey.rows.is_empty() && journey.rows.iter().all(|row| numbered(row, 'R')), "{name}");
        assert!(journey.properties.iter().all(|row| numbered(row, 'P')), "{name}");
    }
}
