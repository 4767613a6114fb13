//! Which new passwords are refused, each with its reason: what is tried first against every account.

use caseless::default_case_fold_str;
use zeroize::Zeroizing;

use super::password::{LEAST, MOST};

/// The key of the sentence that says why `password` is none for the user of this name.
pub(super) fn refused(name: &str, password: &str, again: &str) -> Option<&'static str> {
    let length = password.chars().count();
    let folded = Zeroizing::new(default_case_fold_str(password));
    let name = default_case_fold_str(name);
    let has_name = name.chars().count() >= NAME_LEAST && folded.contains(&name);
    let reasons = [
        (length < LEAST, "password-short"),
        (length > MOST, "password-long"),
        (has_name, "password-has-name"),
        (folded.contains(PRODUCT), "password-has-product"),
        (is_common(&folded), "password-common"),
        (password != again, "password-differs"),
    ];
    reasons.into_iter().find(|(wrong, _)| *wrong).map(|(_, key)| key)
}

/// Few different characters, a row of neighbours, or a common word with digits and signs around it.
fn is_common(folded: &str) -> bool {
    let mut characters: Vec<char> = folded.chars().collect();
    let row = |step: fn(u32, u32) -> bool| {
        folded.chars().zip(folded.chars().skip(1)).filter(|(a, b)| step(*a as u32, *b as u32)).count()
    };
    let neighbours = row(|a, b| a.abs_diff(b) == 1 || (a.min(b) == '0' as u32 && a.max(b) == '9' as u32));
    let is_row = neighbours.saturating_add(2) >= characters.len();
    characters.sort_unstable();
    characters.dedup();
    let word = folded.trim_matches(|c: char| !c.is_alphabetic());
    characters.len() < DIFFERENT || is_row || COMMON.contains(&folded) || COMMON.contains(&word)
}

/// A name of fewer characters is in many good passwords.
const NAME_LEAST: usize = 3;
const PRODUCT: &str = "softtoken";
/// Different characters of a password.
const DIFFERENT: usize = 5;
/// Commonest passwords, and words that are made passwords by digits after them; in small letters.
const COMMON: &[&str] = &[
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "abc",
    "abcd",
    "abcdef",
    "administrator",
    "asdfghjkl",
    "baseball",
    "changeme",
    "computer",
    "dragon",
    "football",
    "fussball",
    "geheim",
    "hallo",
    "hallowelt",
    "iloveyou",
    "internet",
    "letmein",
    "master",
    "monkey",
    "p@ssw0rd",
    "passw0rd",
    "password",
    "passwort",
    "princess",
    "q1w2e3r4t5",
    "q1w2e3r4t5y6",
    "qwerty",
    "qwertyuiop",
    "qwertz",
    "qwertzuiop",
    "schatz",
    "secret",
    "sommer",
    "starwars",
    "summer",
    "sunshine",
    "superman",
    "trustno",
    "welcome",
    "willkommen",
    "winter",
    "zaq12wsx",
];

#[cfg(test)]
mod tests {
    use super::refused;

    #[test]
    fn each_weakness_has_its_reason() {
        for (password, reason) in [
            ("correct horse battery", None),
            ("Tr0ub4dor&3x", None),
            ("short one", Some("password-short")),
            ("MARIANNEk47!x", Some("password-has-name")),
            ("my SoftToken 7", Some("password-has-product")),
            ("Password2027!", Some("password-common")),
            ("1234567890", Some("password-common")),
            ("9876543210", Some("password-common")),
            ("abcdefghijklm", Some("password-common")),
            ("aaaaaaaaaaab", Some("password-common")),
            ("1Q2W3E4R5T", Some("password-common")),
        ] {
            assert_eq!(refused("marianne", password, password), reason, "{password}");
        }
        assert_eq!(refused("marianne", &"aé9!x".repeat(26), ""), Some("password-long"));
        assert_eq!(refused("marianne", "correct horse battery", ""), Some("password-differs"));
        assert_eq!(refused("al", "always a good password", "always a good password"), None);
    }
}
