//! Sentences: the same keys in every language, all of them used, none missing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

#[test]
fn every_language_has_the_same_sentences_with_the_same_values() {
    let (english, german) = (sentences("en"), sentences("de"));
    assert!(english.len() > 80);
    assert_eq!(english, german);
}

#[test]
fn every_sentence_is_used_and_every_used_one_is_there() {
    let keys: BTreeSet<String> = sentences("en").into_iter().map(|(key, _)| key).collect();
    let sources: String =
        files(&source(), "rs").iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    // Keys are written out in the sources; those of errors and notes are made from a code.
    let unused: Vec<_> = keys
        .iter()
        .filter(|key| !sources.contains(&format!("\"{key}\"")))
        .filter(|key| !key.starts_with("error-"))
        .filter(|key| key.strip_prefix("done-").is_none_or(|done| !sources.contains(&format!("\"{done}\""))))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
    let said = Regex::new(r#"\.(?:t|with)\(\s*"([a-z0-9_-]+)""#).unwrap();
    let missing: Vec<_> = said
        .captures_iter(&sources)
        .map(|found| found[1].to_owned())
        .filter(|key| !keys.contains(key))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_code_of_an_error_has_a_sentence_and_a_way_out() {
    let keys: BTreeSet<String> = sentences("en").into_iter().map(|(key, _)| key).collect();
    let errors = fs::read_to_string(source().join("error.rs")).unwrap();
    let codes = Regex::new(r#"=> "([a-z_]+)","#).unwrap();
    let mut seen = 0;
    for code in codes.captures_iter(&errors) {
        for key in [format!("error-{}", &code[1]), format!("error-{}-way", &code[1])] {
            assert!(keys.contains(&key), "{key}");
        }
        seen += 1;
    }
    assert!(seen > 20);
}

/// Key and values of every sentence of a language; a key twice is an error.
fn sentences(language: &str) -> BTreeSet<(String, BTreeSet<String>)> {
    let (key, value) = (Regex::new("^([a-z][a-zA-Z0-9_-]*) =").unwrap(), Regex::new(r"\$([a-z]+)").unwrap());
    let mut found: Vec<(String, BTreeSet<String>)> = Vec::new();
    for path in files(&source().join("portal/texts"), "ftl") {
        if !path.to_str().unwrap().contains(&format!("texts/{language}")) {
            continue;
        }
        for line in fs::read_to_string(path).unwrap().lines().filter(|line| !line.starts_with('#')) {
            if let Some(start) = key.captures(line) {
                found.push((start[1].to_owned(), BTreeSet::new()));
            }
            if let Some((_, values)) = found.last_mut() {
                values.extend(value.captures_iter(line).map(|name| name[1].to_owned()));
            }
        }
    }
    let count = found.len();
    let found: BTreeSet<_> = found.into_iter().collect();
    assert_eq!(found.len(), count, "a sentence is there twice");
    found
}

fn files(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, kind));
        } else if path.extension().is_some_and(|is| is == kind) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}
