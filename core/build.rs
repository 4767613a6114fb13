//! Packs the look-alikes of UTS 39 for the library: the tables of `unicode-security`, in a seventh of their bytes.
//!
//! That crate holds a pointer, a length and a relocation for each of six thousand characters: 350 KB in a phone's
//! library, 50 KB like this. It stays the only source, asked for one character after the other.
//!
//! | Array | What |
//! |---|---|
//! | `FROM` | sorted; the character in the low 21 bits, the length of its prototype in bytes above them |
//! | `START` | where the prototype begins in `PROTOTYPES` |
//! | `PROTOTYPES` | every prototype, decomposed (NFD), each text once |

use std::fmt::Write;

use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let (mut from, mut start, mut prototypes) = (Vec::new(), Vec::<u16>::new(), String::new());
    for c in '\0'..=char::MAX {
        // What decomposes is never looked up, and invisible characters are removed by the caller.
        if !std::iter::once(c).nfd().eq([c]) {
            continue;
        }
        let prototype: String = skeleton(c.encode_utf8(&mut [0; 4])).collect();
        if prototype.is_empty() || prototype.chars().eq([c]) {
            continue;
        }
        let at = prototypes.find(&prototype).unwrap_or_else(|| {
            prototypes.push_str(&prototype);
            prototypes.len() - prototype.len()
        });
        assert!(prototype.len() < 1 << 11, "the length has eleven bits");
        from.push(u32::from(c) | u32::try_from(prototype.len()).expect("short") << 21);
        start.push(u16::try_from(at).expect("the prototypes have grown beyond 64 KB"));
    }
    let mut code = String::new();
    writeln!(code, "static FROM: [u32; {0}] = {from:?};", from.len()).expect("memory");
    writeln!(code, "static START: [u16; {0}] = {start:?};", start.len()).expect("memory");
    writeln!(code, "const PROTOTYPES: &str = {prototypes:?};").expect("memory");
    let folder = std::env::var_os("OUT_DIR").expect("cargo names a folder");
    std::fs::write(std::path::Path::new(&folder).join("lookalikes.rs"), code)
        .expect("the folder can be written to");
}
