//! Names: how they are cleaned up and when two clash.

use proptest::prelude::*;
use sha2::{Digest, Sha256};
use softtoken_core::identity::{IdentityName, MAX_NAME_CHARS, NameError, skeleton};

fn name(text: &str) -> IdentityName {
    IdentityName::new(text).unwrap()
}

#[test]
fn shown_form_is_clean_and_short() {
    for (text, shown) in [
        ("Bank", "Bank"),
        ("  Bank\t of \n\u{a0} Norway ", "Bank of Norway"),
        ("Ba\u{200d}nk\u{200b}", "Bank"),
        ("\u{202e}knaB\u{202c}", "knaB"),
        ("e\u{301}", "é"),
        ("a \u{200b} b", "a b"),
        ("\u{feff}x\u{0}y\u{7f}z\u{ad}", "xyz"),
        ("\u{2800}Bank\u{3164}", "Bank"),
        ("日本　銀行", "日本 銀行"),
    ] {
        assert_eq!(name(text).as_str(), shown, "{text:?}");
    }
    for empty in ["", " ", "\u{200b}", "\t\n", "\u{2800} \u{3164}"] {
        assert_eq!(IdentityName::new(empty), Err(NameError::Empty), "{empty:?}");
    }
    assert!(IdentityName::new(&"é".repeat(64)).is_ok());
    assert_eq!(IdentityName::new(&"é".repeat(65)), Err(NameError::TooLong));
}

#[test]
fn names_that_look_the_same_clash() {
    for other in [
        " bank ",
        "BANK",
        "B\u{430}nk",
        "Ｂａｎｋ",
        "Ba\u{200d}nk",
        "𝐁𝐚𝐧𝐤",
        "ba\u{ad}nk",
        "\u{202e}Bank\u{202c}",
    ] {
        assert!(name("Bank").clashes_with(&name(other)), "{other:?}");
    }
    for (a, b) in [
        ("Straße", "STRASSE"),
        ("ﬁnance", "FINANCE"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("Acme 0", "acme O"),
        ("e\u{301}", "É"),
        ("modern", "rnodern"),
        ("A\u{a0}B", "a  b"),
        ("\u{212a}elvin", "kelvin"),
    ] {
        assert!(name(a).clashes_with(&name(b)), "{a:?} {b:?}");
    }
    for (a, b) in
        [("Bank", "Bank (2)"), ("Bank", "Banks"), ("Ban", "Bank"), ("A B", "AB"), ("Bank (2)", "Bank (3)")]
    {
        assert!(!name(a).clashes_with(&name(b)), "{a:?} {b:?}");
    }
}

#[test]
fn every_character_settles_and_the_tables_are_the_ones_we_know() {
    let mut digest = Sha256::new();
    for c in '\u{0}'..=char::MAX {
        let once = skeleton(&c.to_string());
        assert_eq!(skeleton(&once), once, "U+{:04X}", u32::from(c));
        digest.update(once.as_bytes());
        digest.update([0]);
    }
    // A changed digest means that names in existing vaults may have other skeletons now: a step in
    // the schema ladder must write their tags again.
    let hex: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, SKELETONS);
}

#[test]
fn suggestions_count_up_and_stay_short() {
    let taken = ["Bank", "Bank (2)", "bank (3)"].map(name);
    let is_taken = |n: &IdentityName| taken.iter().any(|t| t.clashes_with(n));
    assert_eq!(IdentityName::suggest(&name("Bank"), is_taken).as_str(), "Bank (4)");
    assert_eq!(IdentityName::suggest(&name("Bank (2)"), is_taken).as_str(), "Bank (4)");
    assert_eq!(IdentityName::suggest(&name("New"), |_| false).as_str(), "New (2)");
    let long = name(&"x".repeat(64));
    let next = IdentityName::suggest(&long, |n| n.as_str().ends_with("(2)"));
    assert_eq!(next.as_str(), format!("{} (3)", "x".repeat(60)));
    let spaced = name(&format!("{} {}", "x".repeat(59), "yyyy"));
    assert_eq!(IdentityName::suggest(&spaced, |_| false).as_str(), format!("{} (2)", "x".repeat(59)));
    assert_eq!(IdentityName::suggest(&name("(7)"), |_| false).as_str(), "(7) (2)");
    assert_eq!(IdentityName::suggest(&name("x (4294967295)"), |_| false).as_str(), "x (4294967295) (2)");
}

#[test]
fn default_name_is_issuer_and_account() {
    for (issuer, account, serial, want) in [
        ("Bank", "ann@x", None, Some("Bank: ann@x")),
        ("Bank", " ", None, Some("Bank")),
        ("\u{200b}", "ann@x", Some("1234567897"), Some("ann@x")),
        ("", "", Some("1234567897"), Some("1234567897")),
        ("", "", Some(" "), None),
        ("", "", None, None),
    ] {
        let got = IdentityName::default_for(issuer, account, serial);
        assert_eq!(got.as_ref().map(IdentityName::as_str), want);
    }
    let long = IdentityName::default_for(&"i".repeat(100), "a", None).unwrap();
    assert_eq!(long.as_str().chars().count(), MAX_NAME_CHARS);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_skeleton_is_its_own_skeleton(text in ".{0,80}") {
        let once = skeleton(&text);
        prop_assert_eq!(skeleton(&once), once);
    }

    #[test]
    fn cleaning_a_clean_name_changes_nothing(text in "\\PC{0,30}[\\s\\u{200b}\\u{301}a-z]{0,30}") {
        if let Ok(first) = IdentityName::new(&text) {
            prop_assert_eq!(IdentityName::new(first.as_str()), Ok(first.clone()));
            prop_assert!((1..=MAX_NAME_CHARS).contains(&first.as_str().chars().count()));
        }
    }

    #[test]
    fn case_width_and_zero_width_never_make_a_new_name(text in "[!-~]{1,30}") {
        let upper = name(&text.to_uppercase());
        let wide: String = text.chars().filter_map(|c| char::from_u32(u32::from(c) + 0xfee0)).collect();
        let split: String = text.chars().flat_map(|c| [c, '\u{200d}']).collect();
        for other in [upper, name(&wide), name(&split)] {
            prop_assert!(name(&text).clashes_with(&other));
        }
    }

    #[test]
    fn a_suggestion_is_a_name_that_is_free(text in "\\PC{1,64}", busy in 0_u32..20) {
        if let Ok(wanted) = IdentityName::new(&text) {
            let seen = std::cell::Cell::new(0);
            let free = IdentityName::suggest(&wanted, |_| { seen.set(seen.get() + 1); seen.get() <= busy });
            prop_assert_eq!(IdentityName::new(free.as_str()), Ok(free));
        }
    }
}

/// SHA-256 over the skeletons of all Unicode scalar values in order, each followed by a zero byte.
const SKELETONS: &str = "e8ff736c4343372a21f4beff4f6cbc97af336974989eb008056c9ebab133a9d5";
