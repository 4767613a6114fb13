//! The kits' texts are written once, in the string catalogue of the Swift kit; the Kotlin kit has copies.
//!
//! `cargo xtask texts` writes `texts_LANGUAGE.properties` beside the Kotlin kit's classes. A plural is one line a
//! form (`key.one`, `key.other`), a placeholder is `{name}` in both.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

const CATALOGUE: &str = "ios/Sources/SoftTokenKit/Resources/Localizable.xcstrings";
const PROPERTIES: &str = "android/kit/src/main/resources/org/softtoken/kit";
const LANGUAGES: [&str; 2] = ["de", "en"];
/// The plural forms of both languages (CLDR).
const FORMS: [&str; 2] = ["one", "other"];

/// Writes the Kotlin kit's copies.
pub fn write(root: &Path) -> Result<bool> {
    for (file, content) in copies(root)? {
        std::fs::create_dir_all(file.parent().unwrap_or(root))?;
        std::fs::write(&file, content)?;
        println!("wrote {}", file.strip_prefix(root).unwrap_or(&file).display());
    }
    Ok(true)
}

/// What each copy has to hold.
fn copies(root: &Path) -> Result<Vec<(PathBuf, String)>> {
    let catalogue = std::fs::read_to_string(root.join(CATALOGUE))?;
    let catalogue: Value = serde_json::from_str(&catalogue).context(CATALOGUE)?;
    let strings = catalogue["strings"].as_object().context("no strings")?;
    let mut texts = BTreeMap::<&str, BTreeMap<String, &str>>::new();
    for (key, entry) in strings {
        for (language, text) in localizations(key, entry)? {
            texts.entry(language).or_default().extend(text);
        }
    }
    Ok(texts
        .into_iter()
        .map(|(language, lines)| {
            (root.join(PROPERTIES).join(format!("texts_{language}.properties")), properties(&lines))
        })
        .collect())
}

/// Key and text of one entry, by language: all languages have it, in the same form, with the same placeholders.
fn localizations<'a>(key: &str, entry: &'a Value) -> Result<Vec<(&'static str, BTreeMap<String, &'a str>)>> {
    let mut found = Vec::new();
    for language in LANGUAGES {
        let there = &entry["localizations"][language];
        let mut lines = BTreeMap::new();
        if let Some(text) = there["stringUnit"]["value"].as_str() {
            lines.insert(key.to_owned(), text);
        }
        for form in FORMS {
            if let Some(text) = there["variations"]["plural"][form]["stringUnit"]["value"].as_str() {
                lines.insert(format!("{key}.{form}"), text);
            }
        }
        found.push((language, lines));
    }
    let shape = |lines: &BTreeMap<String, &str>| -> Vec<(String, BTreeSet<String>)> {
        // "One try" needs no number.
        let names =
            |key: &str, text| if key.ends_with(".one") { BTreeSet::new() } else { placeholders(text) };
        lines.iter().map(|(key, text)| (key.clone(), names(key, text))).collect()
    };
    let first = found.first().map(|(_, lines)| shape(lines)).unwrap_or_default();
    ensure!(first.len() == 1 || first.len() == FORMS.len(), "{key}: a language or a plural form is missing");
    for (language, lines) in &found {
        ensure!(
            shape(lines) == first,
            "{key}: {language} has other forms or placeholders than {}",
            LANGUAGES[0]
        );
    }
    Ok(found)
}

fn placeholders(text: &str) -> BTreeSet<String> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
}

fn properties(lines: &BTreeMap<String, &str>) -> String {
    let mut file =
        String::from("# Written by `cargo xtask texts` from the string catalogue of the Swift kit.\n");
    for (key, text) in lines {
        file += &format!("{key}={}\n", text.replace('\\', "\\\\").replace('\n', "\\n"));
    }
    file
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_kotlin_kit_has_the_texts_of_the_catalogue() {
        for (file, content) in copies(&crate::setup::root()).unwrap() {
            let there = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(there == content, "{} is old: run `cargo xtask texts`", file.display());
        }
    }

    /// bindings/ERRORS.md has a row for every error of the shared table, and quotes its sentence.
    #[test]
    fn the_page_of_errors_quotes_the_texts() {
        let root = crate::setup::root();
        let page = std::fs::read_to_string(root.join("bindings/ERRORS.md")).unwrap();
        let shared = std::fs::read(root.join("tests/journeys/texts/errors.json")).unwrap();
        let shared: Vec<Value> = serde_json::from_slice(&shared).unwrap();
        let mut sentences = BTreeMap::<&str, Vec<&str>>::new();
        for row in &shared {
            let kind = row["error"]["kind"].as_str().unwrap();
            sentences.entry(kind).or_default().push(row["en"].as_str().unwrap());
        }
        let mut rows = BTreeMap::new();
        for line in page.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<&str> = line.split(" | ").collect();
            rows.insert(cells[0].trim_matches(['|', ' ', '`']), cells[2]);
        }
        assert_eq!(rows.keys().collect::<Vec<_>>(), sentences.keys().collect::<Vec<_>>());
        for (kind, says) in rows.into_iter().filter(|(_, says)| *says != "–" && !says.starts_with("by ")) {
            let quoted = |text: &&str| says.split('…').all(|piece| text.contains(piece.trim()));
            assert!(sentences[kind].iter().any(quoted), "{kind}: {says}");
        }
    }

    #[test]
    fn a_missing_language_form_or_placeholder_is_named() {
        let unit = |text: &str| json!({"stringUnit": {"state": "translated", "value": text}});
        let entry = |de: Value, en: Value| json!({"localizations": {"de": de, "en": en}});
        let plural = |one: &str, other: &str| json!({"variations": {"plural": {"one": unit(one), "other": unit(other)}}});
        let problem = |entry: Value| localizations("key", &entry).unwrap_err().to_string();
        assert!(localizations("key", &entry(unit("{a} ja"), unit("yes {a}"))).is_ok());
        assert!(localizations("key", &entry(plural("eins", "{count}"), plural("1", "{count}"))).is_ok());
        assert!(problem(entry(json!({}), unit("yes"))).contains("missing"));
        assert!(problem(entry(unit("{a}"), unit("{b}"))).contains("placeholders"));
        assert!(problem(entry(plural("eins", "viele"), plural("1", "{count}"))).contains("placeholders"));
        assert!(problem(entry(plural("eins", "viele"), unit("many"))).contains("other forms"));
    }
}
