//! Look-alike characters: the prototypes of UTS 39, packed by `build.rs`.
//!
//! The result is that of `unicode_security::confusable_detection::skeleton` for every text without invisible
//! characters; a test compares the two over all of Unicode.

use unicode_normalization::UnicodeNormalization;

/// The UTS 39 skeleton (section 4) of a text whose invisible characters were removed.
pub(super) fn prototypes(visible: &str) -> String {
    let mut out = String::with_capacity(visible.len());
    for c in visible.nfd() {
        match prototype(c) {
            Some(text) => out.push_str(text),
            None => out.push(c),
        }
    }
    out.nfd().collect()
}

fn prototype(c: char) -> Option<&'static str> {
    let index = FROM.binary_search_by_key(&u32::from(c), |entry| entry & CHARACTER).ok()?;
    let length = usize::try_from(FROM.get(index)? >> CHARACTER.count_ones()).ok()?;
    let start = usize::from(*START.get(index)?);
    PROTOTYPES.get(start..start.checked_add(length)?)
}

/// The bits of an entry that hold the character.
const CHARACTER: u32 = 0x1f_ffff;

include!(concat!(env!("OUT_DIR"), "/lookalikes.rs"));

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_security::confusable_detection::skeleton;

    #[test]
    fn every_visible_character_has_the_prototype_of_the_unicode_tables() {
        let mut differ = 0;
        for c in '\0'..=char::MAX {
            let text = c.to_string();
            let wanted: String = skeleton(&text).collect();
            if !wanted.is_empty() {
                assert_eq!(prototypes(&text), wanted, "U+{:04X}", u32::from(c));
                differ += u32::from(wanted != text);
            }
        }
        assert!(differ > 15_000, "only {differ} characters have a prototype or decompose");
    }

    proptest! {
        #[test]
        fn texts_are_as_the_unicode_tables_have_them(text in "\\PC{0,40}|[\\p{M}a-z0Oа-я]{0,40}") {
            let visible: String = text.chars().filter(|c| skeleton(c.encode_utf8(&mut [0; 4])).next().is_some()).collect();
            prop_assert_eq!(prototypes(&visible), skeleton(&visible).collect::<String>());
        }
    }
}
